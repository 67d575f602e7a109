"""A small organisation cut out of the founding company, and a desk from which to call its twin."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.faults import Fault, Faults
from sandbox.founding import build
from sandbox.salesforce import TWIN
from sandbox.store import Store
from tests.sandbox.quickbooks_online.desk import InProcess
from tests.vendors.exchange import RecordingApp

ROOT = "/services/data/v59.0"
MARK = "Plumbline_Id__c"


def cut(whole: Company) -> Company:
    """Six customers of the people who sell, three of them with work, and what hangs on them."""
    sold = [one for one in whole.customers if "hubspot" in one.seen_by]
    served = {job.customer for job in whole.jobs}
    chosen = [*[one for one in sold if one.key in served][:3], *[one for one in sold if one.key not in served][:3]]
    keys = {one.key for one in chosen}
    jobs = [one for one in whole.jobs if one.customer in keys]
    names = {one.key for one in jobs}
    return replace(
        whole,
        customers=chosen,
        sites=[one for one in whole.sites if one.customer in keys],
        jobs=jobs,
        appointments=[one for one in whole.appointments if one.job in names],
        invoices=(), payments=(), products=(), busy=whole.busy[:4],
    )  # fmt: skip


COMPANY = cut(build(1))


@dataclass(slots=True)
class Counter:
    """A seeded twin and a client that speaks JSON to it; every exchange is recorded."""

    store: Store = field(default_factory=lambda: Store(clock=Clock(COMPANY.now, ticker=lambda: 0.0), faults=Faults()))
    app: RecordingApp = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        TWIN.seed(COMPANY, self.store)
        self.app = RecordingApp(Starlette(routes=[Mount("/salesforce", routes=list(TWIN.routes(self.store)))]))
        headers = {"Authorization": f"Bearer {TWIN.credentials['access_token']}"}
        base = "http://127.0.0.1/salesforce"
        self.http = httpx.Client(transport=InProcess(self.app), base_url=base, headers=headers)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """The answer to a call below the version's path, which must have this status."""
        told = {"json": body} if body is not None else {}
        answer = self.http.request(method, f"{ROOT}{path}", **told, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer

    def found(self, statement: str, *, bin: bool = False) -> list[dict[str, Any]]:
        """What a query finds."""
        records: list[dict[str, Any]] = self.ask("GET", "/queryAll" if bin else "/query", params={"q": statement})[
            "records"
        ]
        return records

    def where(self, kind: str, name: str, value: str, *, bin: bool = False) -> list[dict[str, Any]]:
        """Records with this value in a field."""
        shown = "Id, MasterRecordId" if kind == "Account" else "Id"
        return self.found(f"SELECT {shown} FROM {kind} WHERE {name} = '{value}'", bin=bin)  # noqa: S608 - our own words

    def code(self, method: str, path: str, body: Any = None, *, status: int = 400, **more: Any) -> str:
        """The code of a refusal."""
        (told,) = self.ask(method, path, body, status=status, **more)
        return str(told["errorCode"])

    def made(self, kind: str, **fields: Any) -> str:
        id: str = self.ask("POST", f"/sobjects/{kind}", fields, status=201)["id"]
        return id

    def window(self, kind: str, which: str, **span: float) -> Any:
        """What changed, or was deleted, in a span up to a minute from now."""
        now = self.store.clock.now()
        stamps = {"start": now - timedelta(**span), "end": now + timedelta(minutes=1)}
        asked = {name: at.strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in stamps.items()}
        return self.ask("GET", f"/sobjects/{kind}/{which}", params=asked)

    def pass_time(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="salesforce", kind=kind, **{"times": 1, **more}))

"""A desk from which to call Xero's twin over the books of the small company."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.store import Store
from sandbox.xero import TWIN
from tests.sandbox.quickbooks_online.desk import COMPANY, NOW, InProcess
from tests.vendors.exchange import RecordingApp

HEAD = {
    "Authorization": f"Bearer {TWIN.credentials['access_token']}", "xero-tenant-id": TWIN.credentials["tenant_id"],
    "Accept": "application/json",
}  # fmt: skip


@dataclass(slots=True)
class Desk:
    """A seeded twin and a client that speaks JSON to it; every exchange is recorded."""

    store: Store = field(default_factory=lambda: Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults()))
    app: RecordingApp = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        TWIN.seed(COMPANY, self.store)
        self.app = RecordingApp(Starlette(routes=[Mount("/xero", routes=list(TWIN.routes(self.store)))]))
        self.http = httpx.Client(transport=InProcess(self.app), base_url="http://127.0.0.1/xero", headers=HEAD)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """The answer to a call of the books, which must have this status; one record is put into its envelope."""
        name, _, id = path.partition("/")
        if body is not None and name not in body and not (name == "Payments" and id):
            body = {name: [body]}
        content = None if body is None else json.dumps(body).encode()
        headers = more.pop("headers", {}) | ({"Content-Type": "application/json"} if content else {})
        answer = self.http.request(method, f"/api.xro/2.0/{path}", params=more, content=content, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer

    def rows(self, name: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", name, **query)[name]
        return found

    def made(self, name: str, **members: Any) -> dict[str, Any]:
        record: dict[str, Any] = self.ask("PUT", name, {name: [members]})[name][0]
        return record

    def refused(self, method: str, path: str, body: Any, **more: Any) -> list[str]:
        """What a write that breaks a rule is told."""
        told = self.ask(method, path, body, status=400, **more)
        return [one["Message"] for element in told["Elements"] for one in element.get("ValidationErrors", ())]

    def pass_time(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def person(self, name: str = "Ann Lee") -> dict[str, Any]:
        return next(one for one in self.store.all("contacts") if one["Name"] == name)

    def bill(self, number: str) -> dict[str, Any]:
        (found,) = self.rows("Invoices", InvoiceNumbers=number, page=1)
        return found

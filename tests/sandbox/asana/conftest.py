"""A small company of two technicians and three jobs, and its Asana on a clock that only moves when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.asana import TWIN
from sandbox.clock import Clock
from sandbox.company import Company, Job, Technician
from sandbox.faults import Fault, Faults
from sandbox.store import Store
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
GIVEN = TWIN.credentials
JOBS, VISITS, WORKSPACE = (GIVEN[name] for name in ("jobs", "assignments", "workspace"))


def technician(number: int, *, active: bool) -> Technician:
    return Technician(
        key=f"tech{number}",
        given_name=f"Tech{number}",
        family_name="Ito",
        email=f"tech{number}@acme.example.com",
        phone="+15125550100",
        active=active,
    )


def job(number: int, status: str) -> Job:
    return Job(
        key=f"job-{number}",
        number=number,
        customer="c1",
        site="s1",
        title=f"Job {number}",
        instructions="Dog in the yard",
        status=status,
        total=Decimal(100),
        created_at=NOW - timedelta(days=9),
        completed_at=None,
    )


@pytest.fixture(scope="session")
def company() -> Company:
    nothing: dict[str, Any] = dict.fromkeys(
        ("customers", "sites", "products", "appointments", "invoices", "payments", "busy"), ()
    )
    return Company(
        seed=1,
        name="Acme Heating & Air",
        time_zone="America/Chicago",
        currency="USD",
        now=NOW,
        jobs=(job(1, "new"), job(2, "completed"), job(3, "paused")),
        technicians=(technician(1, active=True), technician(2, active=True), technician(3, active=False)),
        **nothing,
    )


@dataclass(slots=True, kw_only=True)
class Office:
    """The twin over its store; ``call`` sends one request with the app's token unless told otherwise."""

    store: Store
    app: RecordingApp
    runner: asyncio.Runner
    token: str | None = None

    def call(self, method: str, path: str, data: Any = None, **more: Any) -> httpx.Response:
        """Any request under the API's path; ``data`` goes into the envelope, ``more`` are query parameters."""
        body = {} if data is None else {"json": {"data": data}}
        return self.send(method, f"/api/1.0{path}", params=more, **body)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self._send(method, path, more))

    async def _send(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://asana.test", headers=headers) as client:
            return await client.request(method, path, **more)

    def data(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        """The data of an answer that must be a good one."""
        answer = self.call(method, path, data, **more)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def refusal(self, method: str, path: str, data: Any = None, **more: Any) -> tuple[int, str]:
        answer = self.call(method, path, data, **more)
        return answer.status_code, str(answer.json()["errors"][0]["message"])

    def make(self, **members: Any) -> Any:
        return self.data("POST", "/tasks", {"workspace": WORKSPACE, "projects": [VISITS], **members})

    def later(self, **length: float) -> None:
        self.store.clock.advance(timedelta(**length))

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="asana", kind=kind, **{"times": 1, **more}))

    def sign_in(self) -> None:
        form = {name: GIVEN[name] for name in ("client_id", "client_secret", "refresh_token")}
        told = self.send("POST", "/-/oauth_token", data={"grant_type": "refresh_token", **form}).json()
        self.token = told["access_token"]


@pytest.fixture
def office(company: Company) -> Iterator[Office]:
    """Every answer of a test is held against the vendor's description at its end, where that is at hand."""
    store = Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults(), base_url="http://asana.test")
    TWIN.seed(company, store)
    app = RecordingApp(Starlette(routes=TWIN.routes(store)), system="asana")
    with asyncio.Runner() as runner:
        one = Office(store=store, app=app, runner=runner)
        one.sign_in()
        yield one
    if (VENDORS / "asana").exists():
        said = [one for one in app.recording if one.path.startswith("/api/1.0")]
        assert [line for line in problems_of(said) if ": answer" in line] == []

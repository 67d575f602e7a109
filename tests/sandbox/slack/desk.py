"""A small company's Slack on a clock that only moves when a test says so, and somebody who calls it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from sandbox.clock import Clock
from sandbox.company import Company, Technician
from sandbox.faults import Fault, Faults
from sandbox.slack import TWIN
from sandbox.store import Store
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
GIVEN = TWIN.credentials
CHANNEL = GIVEN["channel"]
NOTHING: dict[str, Any] = dict.fromkeys(
    ("customers", "sites", "products", "jobs", "appointments", "invoices", "payments", "busy"), ()
)


def technician(number: int, *, active: bool) -> Technician:
    return Technician(
        key=f"tech{number}",
        given_name=f"Tech{number}",
        family_name="Ito",
        email=f"tech{number}@acme.example.com",
        phone="+15125550100",
        active=active,
    )


COMPANY = Company(
    seed=1,
    name="Acme Heating & Air",
    time_zone="America/Chicago",
    currency="USD",
    now=NOW,
    technicians=(technician(1, active=True), technician(2, active=False)),
    **NOTHING,
)


@dataclass(slots=True, kw_only=True)
class Desk:
    """The twin over its store; ``call`` sends a form with the app's token unless told otherwise."""

    store: Store
    app: RecordingApp
    runner: asyncio.Runner
    token: str = GIVEN["token"]

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self._send(method, path, more))

    async def _send(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://slack.test", headers=headers) as client:
            return await client.request(method, path, **more)

    def call(self, name: str, **given: Any) -> Any:
        """What a method answers, by a form."""
        return self.send("POST", f"/api/{name}", data=given).json()

    def error(self, name: str, **given: Any) -> str:
        """The error that a method answers with."""
        told = self.call(name, **given)
        assert told["ok"] is False
        return str(told["error"])

    def post(self, text: str = "hello", **given: Any) -> str:
        """Say something in the channel; its stamp."""
        told = self.call("chat.postMessage", channel=CHANNEL, text=text, **given)
        assert told["ok"], told
        return str(told["ts"])

    def texts(self, **given: Any) -> list[str]:
        return [one["text"] for one in self.call("conversations.history", channel=CHANNEL, **given)["messages"]]

    def later(self, **length: float) -> None:
        self.store.clock.advance(timedelta(**length))

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="slack", kind=kind, **{"times": 1, **more}))


@contextlib.contextmanager
def opened() -> Iterator[Desk]:
    """Every answer is held against the vendor's description at the end, where that is at hand."""
    clock = Clock(NOW, ticker=lambda: 0.0)
    store = Store(clock=clock, faults=Faults(), base_url="http://slack.test", headroom=10)
    TWIN.seed(COMPANY, store)
    app = RecordingApp(Starlette(routes=TWIN.routes(store)), system="slack")
    with asyncio.Runner() as runner:
        yield Desk(store=store, app=app, runner=runner)
    if (VENDORS / "slack").exists():
        said = [one for one in app.recording if one.path.startswith("/api/")]
        assert [line for line in problems_of(said) if ": answer" in line] == []

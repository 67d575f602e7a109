"""The twin in process, its clock standing still; every answer of it is held against the vendor's description."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.estate import Served
from sandbox.faults import Fault
from sandbox.google_calendar.credentials import ACCESS_TOKEN
from tests.sandbox.google_calendar.jwt import assertion
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
TECH = "tech2@bluebonnet.example.com"
OTHER = "tech3@bluebonnet.example.com"
V3 = "/google_calendar/calendar/v3"


@dataclass(slots=True)
class Api:
    """Calls of the API by the dispatcher, unless ``token`` says somebody else."""

    app: RecordingApp
    served: Served
    clock: Clock
    token: str | None = ACCESS_TOKEN

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **more.pop("headers", {})}
        return asyncio.run(self._send(method, path, headers, more))

    async def _send(self, method: str, path: str, headers: dict[str, str], more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(method, path, headers=headers, **more)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.send("GET", V3 + path, params=query)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def write(self, method: str, path: str, body: object = None, status: int = 200, **more: Any) -> Any:
        answer = self.send(method, V3 + path, json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        """Status and reason of a refusal in the vendor's envelope."""
        sent = {} if body is None else {"json": body}
        answer = self.send(method, V3 + path, **sent, **more)
        error = answer.json()["error"]
        assert error["code"] == answer.status_code
        assert error["message"] == error["errors"][0]["message"]
        return answer.status_code, error["errors"][0]["reason"]

    def create(self, calendar: str = TECH, **members: Any) -> dict[str, Any]:
        event: dict[str, Any] = self.write("POST", f"/calendars/{calendar}/events", visit(**members))
        return event

    def token_of(self, user: str) -> str:
        """An access token of another user or of the service account itself, as the token endpoint gives it."""
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion(sub=user)}
        answer = self.send("POST", "/google_calendar/token", data=form)
        return str(answer.json()["access_token"])

    def fault(self, kind: str, **more: Any) -> None:
        self.served.store.faults.add(Fault(system="google_calendar", kind=kind, **{"times": 1, **more}))


def visit(**members: Any) -> dict[str, Any]:
    """A body for a new event: an hour on a Monday morning, in the company's zone."""
    zone = "America/Chicago"
    return {
        "summary": "Furnace tune-up",
        "start": {"dateTime": "2026-03-16T09:00:00-05:00", "timeZone": zone},
        "end": {"dateTime": "2026-03-16T10:00:00-05:00", "timeZone": zone},
        **members,
    }


@pytest.fixture
def api() -> Iterator[Api]:
    clock = Clock(NOW, ticker=lambda: 0.0)
    app = build_app(1, clock=clock, only=["google_calendar"])
    recorder = RecordingApp(inner=app)
    yield Api(app=recorder, served=app.state.estate.served["google_calendar"], clock=clock)
    if VENDORS.is_dir():
        assert [line for line in problems_of(recorder.recording) if ": answer" in line] == []

"""The declarations: example records, the account, what refusals mean, webhooks."""

from __future__ import annotations

import json
import socketserver
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors import registry
from connectors.asana import CONNECTOR
from connectors.asana.boards import API
from connectors.asana.hooks import HOOKS
from connectors.hooks import Delivery
from models.errors import Gone, Rejected, Unreachable
from tests.connectors.asana.conftest import GIVEN, canonical
from tests.connectors.desk import Desk, march

FOLDER = Path(__file__).parents[3] / "connectors" / "asana"


def pages_of(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "pages" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_it_contradicts_itself_nowhere() -> None:
    assert registry.load("asana") is CONNECTOR


def test_the_example_jobs_read_as_they_should() -> None:
    first, second = (canonical("job", one) for one in pages_of("jobs"))
    assert (first["number"], first["status"], first["core_ref"]) == ("2041", "in_progress", "job_0123456789abcdef")
    assert (second["number"], second["status"], second["core_ref"]) == (None, "completed", None)


def test_the_example_assignments_read_as_they_should() -> None:
    first, second = (canonical("assignment", one) for one in pages_of("assignments"))
    assert (first["starts_at"], first["ends_at"]) == (march(9, 14), march(9, 16, 30))
    assert (first["technician"], first["place"]) == ("1211440844472302", "12 Elm St, Austin, 78701")
    assert (first["all_day"], first["starts_on"]) == (False, None)
    assert (second["all_day"], second["starts_on"], second["ends_on"]) == (True, date(2026, 3, 10), date(2026, 3, 12))
    assert (second["status"], second["place"], second["starts_at"]) == ("canceled", None, None)


def test_the_account_is_the_workspace(desk: Desk) -> None:
    assert CONNECTOR.account is not None
    assert CONNECTOR.account(desk.api).id == GIVEN["workspace"]


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (402, "Custom fields are only available to premium users.", Rejected),
        (400, "offset: Your pagination token has expired.", Gone),
    ],
)
def test_what_its_refusals_mean(status: int, message: str, kind: type[Exception]) -> None:
    assert CONNECTOR.judge is not None
    problem = CONNECTOR.judge("asana", status, {}, {"errors": [{"message": message}]})
    assert isinstance(problem, kind)
    assert message in str(problem)


def test_an_answer_of_somebody_else_is_not_believed() -> None:
    assert CONNECTOR.judge is not None
    assert isinstance(CONNECTOR.judge("asana", 200, {}, {"items": []}), Unreachable)
    assert CONNECTOR.judge("asana", 200, {}, {"data": []}) is None
    assert CONNECTOR.judge("asana", 404, {}, {"errors": []}) is None


def _call(headers: dict[str, str], body: bytes = b"") -> Delivery:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    return Delivery(
        method="POST", url="https://hooks.whitfield.example/asana", headers=headers, body=body, received_at=at
    )


def test_the_handshake_gives_the_secret_back_and_keeps_it() -> None:
    assert HOOKS.confirm is not None
    welcome = HOOKS.confirm(_call({"x-hook-secret": "5ec7e7"}))
    assert welcome is not None
    assert (welcome.status, dict(welcome.headers), welcome.secret) == (200, {"x-hook-secret": "5ec7e7"}, "5ec7e7")
    assert HOOKS.confirm(_call({"x-hook-signature": "ab"}, b'{"events":[]}')) is None


class _Receiver(BaseHTTPRequestHandler):
    """Answers a call as the declaration says, and keeps what it brought."""

    secrets: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        assert HOOKS.confirm is not None
        welcome = HOOKS.confirm(_call({name.lower(): value for name, value in self.headers.items()}))
        assert welcome is not None
        self.secrets.append(welcome.secret)
        self.send_response(welcome.status)
        for name, value in {**welcome.headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def test_a_subscription_is_confirmed_as_declared(desk: Desk) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        body = {"resource": GIVEN["jobs"], "target": f"http://127.0.0.1:{server.server_address[1]}/"}
        answer = desk.api.request("POST", f"{API}/webhooks", json={"data": body})
        server.shutdown()
        thread.join()
    assert answer.headers["x-hook-secret"] == _Receiver.secrets[-1]
    assert len(desk.served.store.all("webhooks")) == 1


def test_an_event_touches_its_task_on_both_boards() -> None:
    events = [
        {"action": "changed", "resource": {"gid": "7", "resource_type": kind}} for kind in ("task", "story", "task")
    ]
    touched = HOOKS.touched({}, json.dumps({"events": events}).encode())
    assert list(touched) == [("jobs", "7"), ("assignments", "7")]
    assert list(HOOKS.touched({}, b'{"events":[]}')) == []  # the heartbeat

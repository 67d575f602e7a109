from __future__ import annotations

from datetime import timedelta

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.store import Store
from tests.sandbox.quickbooks_online.desk import NOW, Desk, refusal


def still() -> Desk:
    """A desk whose clock stands unless it is moved."""
    return Desk(store=Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults()))


def statuses(desk: Desk, calls: int) -> list[int]:
    return [desk.get("/customer/1").status_code for _ in range(calls)]


def test_ten_requests_a_second() -> None:
    desk = still()
    assert statuses(desk, 11) == [200] * 10 + [429]
    refused = desk.get("/customer/1")
    assert refusal(refused) == (429, "3001")
    assert refused.json()["Fault"]["type"] == "SERVICE"
    assert "Retry-After" not in refused.headers
    desk.store.clock.advance(timedelta(seconds=1))
    assert statuses(desk, 1) == [200]


def test_five_hundred_requests_a_minute() -> None:
    desk = still()
    for _ in range(50):
        assert statuses(desk, 10) == [200] * 10
        desk.store.clock.advance(timedelta(seconds=1))
    assert statuses(desk, 1) == [429]
    desk.store.clock.advance(timedelta(seconds=10))
    assert statuses(desk, 1) == [200]


def test_forty_batches_a_minute() -> None:
    desk = still()
    body = {"BatchItemRequest": [{"bId": "1", "Query": "select count(*) from Item"}]}
    for _ in range(40):
        assert desk.post("/batch", body).status_code == 200
        desk.store.clock.advance(timedelta(seconds=0.2))
    assert refusal(desk.post("/batch", body)) == (429, "3001")
    assert statuses(desk, 1) == [200]


def test_no_limit_while_switched_off() -> None:
    desk = still()
    desk.fault("unlimited")
    assert statuses(desk, 30) == [200] * 30

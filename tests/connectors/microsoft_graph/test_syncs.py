"""Whole syncs from the office's files into technicians' mailboxes: nothing twice, and nothing for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.microsoft_graph.company import COMPANY

FILES: dict[str, list[dict[str, Any]]] = {
    "crew": [{"id": n, "name": f"Tech {n}", "mail": f"{n}@acme.example.com"} for n in ("tech1", "tech2")],
    "visits": [
        {"id": n, "title": f"Visit {n}", "note": "Gate <4711> & dog\nring  twice", "start": f"2026-03-1{n}T18:00Z",
         "end": f"2026-03-1{n}T19:30Z", "zone": "America/Chicago", "status": "scheduled"}
        for n in "234"
    ],
    "going": [{"id": n, "visit": n, "who": "tech1"} for n in "234"],
}  # fmt: skip
MAPS = [
    {"resource": "crew", "to": "technician", "fields": {"name": {"text": "name"}, "email": {"email": "mail"}}},
    {"resource": "visits", "to": "appointment", "fields": {
        "title": {"text": "title"}, "instructions": {"text": "note"}, "starts_at": {"instant": "start"},
        "ends_at": {"instant": "end"}, "time_zone": {"zone": "zone"}, "status": {"text": "status"}}},
    {"resource": "going", "to": "assignment", "fields": {
        "appointment": {"ref": "visit"}, "technician": {"ref": "who"}}},
]  # fmt: skip


def told(office: Office) -> dict[str, dict[str, Any]]:
    """Our events by what they call the visit; fails when there are two of one name."""
    ours = [one for one in office.store.all("events") if (one["transactionId"] or "").startswith("plumbline:")]
    named = {one["subject"].title(): one for one in ours}
    assert len(named) == len(ours)
    return named


def whose(event: dict[str, Any]) -> str:
    return str(event["organizer"]["emailAddress"]["address"]).partition("@")[0]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, handoffs = tmp_path_factory.mktemp("syncs"), {"assignment": {"window": {"past": "0d", "future": "7d"}}}
    with offices.opened("microsoft_graph", folder, files=FILES, maps=MAPS, handoffs=handoffs, company=COMPANY) as one:
        yield one


def test_lost_answers_make_nothing_twice(office: Office) -> None:
    """The answer to the first batch is lost, and texts are kept in capitals."""
    office.fault("rewritten_values", form="upper")
    office.fault("dropped_answer", path="batch$", times=1)
    office.sync()
    assert office.wanted() == []
    assert sorted(told(office)) == ["Visit 2", "Visit 3", "Visit 4"]
    assert {whose(one) for one in told(office).values()} == {"tech1"}
    office.store.faults.clear()

"""Whole syncs from the office's files into the dispatch channel: nothing twice, nothing for ever, and no surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import TWIN
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.connectors.slack.conftest import CHANNEL

DOMAIN = "bluebonnet.example.com"
FILES: dict[str, list[dict[str, Any]]] = {
    "crew": [{"id": n, "name": f"Tech {n}", "mail": f"{n}@{DOMAIN}"} for n in ("tech1", "tech2")],
    "visits": [
        {"id": n, "title": f"Visit {n}", "note": "Gate <4711> & dog\nring  twice", "start": f"2026-03-1{n}T15:00Z",
         "end": f"2026-03-1{n}T16:30Z", "status": "scheduled"}
        for n in "234"
    ],
    "going": [{"id": n, "visit": n, "who": "tech1"} for n in "234"],
}  # fmt: skip
MAPS = [
    {"resource": "crew", "to": "technician", "fields": {"name": {"text": "name"}, "email": {"email": "mail"}}},
    {"resource": "visits", "to": "appointment", "fields": {
        "title": {"text": "title"}, "instructions": {"text": "note"}, "starts_at": {"instant": "start"},
        "ends_at": {"instant": "end"}, "status": {"text": "status"}}},
    {"resource": "going", "to": "assignment", "fields": {
        "appointment": {"ref": "visit"}, "technician": {"ref": "who"}}},
]  # fmt: skip


def told(office: Office) -> dict[str, dict[str, Any]]:
    """Our messages by what they call the visit; fails when there are two of one name."""
    ours = [one for one in office.store.all("messages") if "metadata" in one]
    named = {one["metadata"]["event_payload"]["title"]: one for one in ours}
    assert len(named) == len(ours)
    return named


def others(office: Office) -> list[dict[str, Any]]:
    return [one for one in office.store.all("messages") if "metadata" not in one]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, handoffs = tmp_path_factory.mktemp("syncs"), {"assignment": {"window": {"past": "0d", "future": "7d"}}}
    with offices.opened("slack", folder, files=FILES, maps=MAPS, handoffs=handoffs) as one:
        yield one


def test_lost_answers_post_nothing_twice(office: Office) -> None:
    """Every answer to a post is lost, and texts are kept in capitals."""
    theirs = others(office)
    office.fault("rewritten_values", form="upper")
    office.fault("dropped_answer", path="/chat.postMessage$", times=3)
    office.sync()
    assert office.wanted() == []
    assert sorted(told(office)) == ["Visit 2", "Visit 3", "Visit 4"]
    technician = next(one for one in office.store.all("users") if one["profile"].get("email") == f"tech1@{DOMAIN}")
    assert all(f"<@{technician['id']}>".upper() in one["text"] for one in told(office).values())
    assert others(office) == theirs
    office.store.faults.clear()


def test_a_change_of_the_day_is_told_in_the_same_message(office: Office) -> None:
    before = told(office)
    moved = FILES["visits"][1] | {"start": "2026-03-13T17:00Z", "end": "2026-03-13T18:00Z"}
    canceled = FILES["visits"][2] | {"status": "canceled"}
    office.say(
        visits=[FILES["visits"][0], moved, canceled], going=[FILES["going"][0] | {"who": "tech2"}, *FILES["going"][1:]]
    )
    office.fault("dropped_answer", path="/chat.update$", times=1)
    office.sync()
    after = told(office)
    assert sorted(after) == ["Visit 2", "Visit 3"]
    assert {name: one["ts"] for name, one in after.items()} == {name: before[name]["ts"] for name in after}
    assert "Fri 2026-03-13 12:00 to 13:00 CDT" in after["Visit 3"]["text"]
    assert (
        after["Visit 2"]["metadata"]["event_payload"]["technician"]
        != before["Visit 2"]["metadata"]["event_payload"]["technician"]
    )


def test_a_message_that_a_person_deletes_is_a_question_and_not_posted_again_at_once(office: Office) -> None:
    gone = told(office)["Visit 2"]
    TWIN.remove(office.store, "messages", f"{CHANNEL}:{gone['ts']}")
    assert office.wanted(hours=25) == []
    assert sorted(told(office)) == ["Visit 3"]

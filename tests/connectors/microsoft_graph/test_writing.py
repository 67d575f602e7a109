"""Writing: one event an assignment whatever is lost, no event that somebody changed, and twenty at once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.microsoft_graph.dialect import MARKER, code_of, kept, moments
from connectors.spec import Written
from models.errors import Ambiguous, Gone, Rejected, Stale, Transient
from tests.connectors.desk import Desk, march
from tests.connectors.microsoft_graph.conftest import CORE, canonical, outgoing, technician, visit, with_settings

SAID = ("title", "instructions", "starts_at", "ends_at", "time_zone", "place", "technician_email")
# Zones at both ends of the world and of the clock, with their Windows names and without.
ZONES = ("Pacific/Kiritimati", "Pacific/Niue", "America/Chicago", "America/Detroit", "Asia/Kathmandu", "Europe/Berlin",
         "Australia/Lord_Howe", "America/St_Johns", "UTC")  # fmt: skip


def ours(desk: Desk) -> list[dict[str, Any]]:
    return [one for one in desk.store.all("events") if (one["transactionId"] or "").startswith("plumbline:")]


def send(desk: Desk, *messages: Any) -> list[Written | Exception]:
    many = desk.writing("assignment").many
    assert many is not None
    return list(many(desk.api, messages))


def test_what_is_made_reads_back(desk: Desk) -> None:
    told = visit(desk)
    made = desk.create("assignment", told, core_id=CORE)
    row = canonical(made.record)
    assert {name: row[name] for name in SAID} == {name: told[name] for name in SAID}
    assert (row["all_day"], row["technician"]) == (False, technician(desk)["id"])
    fetched = desk.fetch("assignment", made.id)
    assert fetched is not None
    assert (fetched.version, canonical(fetched.record)) == (made.version, row)
    (event,) = ours(desk)
    assert (event["attendees"], event["showAs"], event["originalStartTimeZone"]) == (
        [],
        "busy",
        "Central Standard Time",
    )
    assert event["singleValueExtendedProperties"] == [{"id": MARKER, "value": CORE}]


@pytest.mark.parametrize("zone", ZONES)
def test_story_45_whole_days_are_dates_in_every_zone(zone: str) -> None:
    first, last = date(2026, 3, 28), date(2026, 3, 30)
    sides = [{"dateTime": f"{day}T00:00:00.0000000", "timeZone": zone} for day in (first, "2026-03-31")]
    when = kept("m", {"id": "e", "isAllDay": True, "start": sides[0], "end": sides[1]})["when"]
    assert when == {"starts_on": first.isoformat(), "ends_on": last.isoformat()}


@pytest.mark.parametrize("zone", ZONES)
def test_story_45_a_wall_time_is_the_same_instant_in_every_zone(zone: str) -> None:
    """Also in the hours that a clock skips or shows twice."""
    for month, day in ((3, 8), (3, 29), (4, 5), (10, 25), (11, 1)):
        for hour in range(24):
            at = march(8, hour, 30).replace(month=month, day=day)
            start, end = moments(at, at, ZoneInfo(zone))
            when = kept("m", {"id": "e", "start": start, "end": end})["when"]
            assert when["starts_at"] == when["ends_at"] == f"{at.isoformat()}+00:00"


def test_whole_days_are_written_from_midnight_to_midnight(desk: Desk) -> None:
    days = {"all_day": True, "starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 21)}
    made = desk.create("assignment", visit(desk, starts_at=None, ends_at=None, **days), core_id=CORE)
    row = canonical(made.record)
    assert {name: row[name] for name in days} == days
    assert row["starts_at"] is None
    timed = {"all_day": False, "starts_at": march(20, 14), "ends_at": march(20, 15), "starts_on": None, "ends_on": None}
    changed = desk.update("assignment", made.id, timed, desired=visit(desk) | timed, version=made.version)
    row = canonical(changed.record)
    assert {name: row[name] for name in timed} == timed


def test_what_has_no_time_or_no_mailbox_is_not_written(desk: Desk) -> None:
    for told, said in (
        (visit(desk, starts_at=None), "has no start"),
        (visit(desk, time_zone="Mars/Olympus"), "is no time zone"),
        (visit(desk, technician_email=None), "names no mailbox"),
        (visit(desk, technician_email="nobody@bluebonnet.example.com"), "there is no mailbox nobody@"),
    ):
        with pytest.raises(Rejected, match=said):
            desk.create("assignment", told, core_id=CORE)
    assert ours(desk) == []
    private = visit(desk, technician_email="kim@home.example")
    named = with_settings(desk, mailbox_of={"kim@home.example": technician(desk)["mail"]})
    assert named.create("assignment", private, core_id=CORE).id.startswith(technician(desk)["id"])


def test_story_11_a_create_that_is_sent_again_makes_nothing(desk: Desk) -> None:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    again = desk.create("assignment", visit(desk), core_id=CORE)
    assert (again.id, again.version, len(ours(desk))) == (made.id, made.version, 1)


def test_a_lost_answer_is_found_by_the_marker(desk: Desk) -> None:
    desk.fault("dropped_answer", method="POST", path="/events$")
    with pytest.raises(Transient):
        desk.create("assignment", visit(desk), core_id=CORE)
    found = desk.find("assignment", visit(desk), core_id=CORE)
    assert found is not None
    assert found.id == f"{technician(desk)['id']}/{ours(desk)[0]['id']}"
    assert desk.find("assignment", visit(desk), core_id="asg_fedcba9876543210") is None


def test_the_answer_to_a_key_whose_event_was_deleted_says_so(desk: Desk) -> None:
    """The push sees that it is gone and takes another key."""
    made = desk.create("assignment", visit(desk), core_id=CORE)
    desk.remove("events", ours(desk)[0]["id"])
    again = desk.create("assignment", visit(desk), core_id=CORE)
    assert (again.id, again.record, ours(desk)) == (made.id, None, [])
    assert desk.fetch("assignment", made.id) is None


def test_texts_are_changed_alone_and_may_be_empty(desk: Desk) -> None:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    changed = desk.update(
        "assignment", made.id, {"instructions": None, "place": None}, desired=visit(desk), version=made.version
    )
    row = canonical(changed.record)
    assert (row["title"], row["instructions"], row["place"]) == (visit(desk)["title"], None, None)
    sent = json.loads(next(one for one in desk.recording if one.method == "PATCH").request_body)
    assert sent == {"body": {"contentType": "text", "content": ""}, "location": {"displayName": ""}}


def test_nothing_lands_on_what_somebody_changed(desk: Desk) -> None:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    desk.edit("events", ours(desk)[0]["id"], subject="Boiler, with Kim")
    with pytest.raises(Stale):
        desk.update("assignment", made.id, {"title": "Boiler"}, desired=visit(desk), version=made.version)
    with pytest.raises(Stale):
        desk.delete("assignment", made.id, version=made.version)
    with pytest.raises(Stale, match="not known"):
        desk.update("assignment", made.id, {"title": "Boiler"}, desired=visit(desk))
    assert ours(desk)[0]["subject"] == "Boiler, with Kim"


def test_a_deletion_is_done_when_nothing_is_left(desk: Desk) -> None:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    for _ in range(2):
        assert desk.delete("assignment", made.id, version=made.version).id == made.id
    assert ours(desk) == []
    with pytest.raises(Gone):
        desk.update("assignment", made.id, {"title": "Boiler"}, desired=visit(desk), version=made.version)


def test_a_mailbox_that_is_locked_is_no_deletion_and_one_that_is_gone_is(desk: Desk) -> None:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    who = technician(desk)["id"]
    for key in [key for key, _ in desk.store.items("calendars") if key.startswith(who)]:
        desk.store.delete("calendars", key)  # the licence lapsed
    for act in (lambda: desk.fetch("assignment", made.id), lambda: desk.delete("assignment", made.id, version="x")):
        with pytest.raises(Rejected, match="no such mailbox"):
            act()
    desk.remove("users", who)
    assert desk.fetch("assignment", made.id) is None
    assert desk.delete("assignment", made.id, version="x").id == made.id
    fetch_many = desk.writing("assignment").fetch_many
    assert fetch_many is not None
    assert fetch_many(desk.api, [made.id]) == {}


def moving(desk: Desk) -> tuple[Written, dict[str, Any]]:
    made = desk.create("assignment", visit(desk), core_id=CORE)
    return made, {"technician_email": technician(desk, 1)["mail"]}


def test_story_48_another_technician_has_it_and_the_first_has_not(desk: Desk) -> None:
    made, other = moving(desk)
    moved = desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
    assert moved.id.startswith(technician(desk, 1)["id"])
    assert canonical(moved.record)["technician_email"] == other["technician_email"]
    assert len(ours(desk)) == 1


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_story_48_a_move_that_is_cut_off_is_finished_by_doing_it_again(desk: Desk, method: str) -> None:
    made, other = moving(desk)
    desk.fault("dropped_answer", method=method, path="/events")
    with pytest.raises(Transient):
        desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
    assert len(ours(desk)) >= 1
    if method == "POST":
        moved = desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
        assert moved.id == f"{technician(desk, 1)['id']}/{ours(desk)[0]['id']}"
    assert len(ours(desk)) == 1


def test_story_48_what_somebody_changed_is_not_moved(desk: Desk) -> None:
    made, other = moving(desk)
    desk.edit("events", ours(desk)[0]["id"], subject="Boiler, with Kim")
    with pytest.raises(Stale):
        desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
    assert desk.sent("POST", "/events") == 1  # nothing flickers in the other mailbox
    desk.fault("not_found", method="GET", path="/events/")
    with pytest.raises(Gone):
        desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
    assert [one["subject"] for one in ours(desk)] == ["Boiler, with Kim"]


def test_story_48_a_move_that_was_taken_back_can_be_done_again(desk: Desk) -> None:
    made, other = moving(desk)
    for _ in range(2):
        desk.fault("forbidden", status=412, method="DELETE")
        with pytest.raises(Stale):
            desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
        assert [f"{technician(desk)['id']}/{one['id']}" for one in ours(desk)] == [made.id]
    moved = desk.update("assignment", made.id, other, desired=visit(desk), version=made.version)
    assert [f"{technician(desk, 1)['id']}/{one['id']}" for one in ours(desk)] == [moved.id]


def visits(desk: Desk, count: int, **members: Any) -> list[Any]:
    """Creates in the first technician's mailbox."""
    return [outgoing("create", visit(desk, **members), core_id=f"asg_{n:016x}") for n in range(count)]


def test_twenty_go_in_one_call_though_a_mailbox_does_four_at_once(desk: Desk) -> None:
    answers = send(desk, *visits(desk, 20))
    assert [type(one) for one in answers] == [Written] * 20
    assert len(ours(desk)) == 20
    assert desk.sent("POST", "/$batch") == 1
    sent = json.loads(next(one for one in desk.recording if one.path.endswith("$batch")).request_body)["requests"]
    assert [one.get("dependsOn") for one in sent[:6]] == [None, None, None, None, ["0"], ["1"]]
    again = send(desk, *visits(desk, 20))
    assert [one.id for one in again if isinstance(one, Written)] == [
        one.id for one in answers if isinstance(one, Written)
    ]
    assert len(ours(desk)) == 20


def test_one_that_is_refused_holds_no_other_up(desk: Desk) -> None:
    """What depended on it is asked again."""
    messages = visits(desk, 9)
    far = messages[0].change
    messages[0] = replace(messages[0], change=replace(far, desired={**far.desired, "ends_at": march(1, 1)}))
    messages.append(outgoing("create", visit(desk, technician_email="nobody@x.example"), core_id="asg_ffff"))
    messages.append(outgoing("create", visit(desk, technician_email=None), core_id="asg_eeee"))
    answers = send(desk, *messages)
    assert [type(one) for one in answers] == [Rejected, *[Written] * 8, Rejected, Rejected]
    assert len(ours(desk)) == 8


def test_changes_go_together_each_with_its_version(desk: Desk) -> None:
    made = [one for one in send(desk, *visits(desk, 3)) if isinstance(one, Written)]
    desk.edit("events", ours(desk)[1]["id"], subject="Boiler, with Kim")
    desk.remove("events", ours(desk)[2]["id"])
    messages = [
        outgoing("update", {"title": f"Boiler {n}"}, desired=visit(desk), target_id=one.id, version=one.version)
        for n, one in enumerate(made)
    ]
    moved = outgoing("update", {"technician_email": technician(desk, 1)["mail"]}, desired=visit(desk),
                     target_id=made[1].id, version=None)  # fmt: skip
    answers = send(desk, *messages, moved)
    assert [type(one) for one in answers] == [Written, Stale, Gone, Stale]
    assert sorted(one["subject"] for one in ours(desk)) == ["Boiler 0", "Boiler, with Kim"]


def test_many_are_fetched_in_one_call(desk: Desk) -> None:
    made = [one.id for one in send(desk, *visits(desk, 3)) if isinstance(one, Written)]
    desk.remove("events", ours(desk)[2]["id"])
    desk.recording.exchanges.clear()
    fetch_many = desk.writing("assignment").fetch_many
    assert fetch_many is not None
    assert list(fetch_many(desk.api, made)) == made[:2]
    assert (desk.sent("POST", "/$batch"), len(desk.recording)) == (1, 1)


def test_a_mailbox_that_is_asked_too_often_inside_a_batch_is_throttled_there(desk: Desk) -> None:
    first = send(desk, *visits(desk, 1))
    desk.store.bag["per_mailbox"] = 3
    answers = send(desk, *visits(desk, 4)[1:])
    waits = [one.wait for one in answers if isinstance(one, Transient)]
    assert isinstance(first[0], Written)
    assert len(waits) >= 1
    assert all(wait and wait > 0 for wait in waits)


def test_a_batch_whose_answer_is_lost_may_be_sent_again_when_it_only_makes(desk: Desk) -> None:
    made = [one for one in send(desk, *visits(desk, 2)) if isinstance(one, Written)]
    updates = [outgoing("update", {"title": "x"}, desired=visit(desk), target_id=one.id, version=one.version)
               for one in made]  # fmt: skip
    desk.fault("dropped_answer", path="batch")
    with pytest.raises(Ambiguous):
        send(desk, *updates)
    desk.fault("dropped_answer", path="batch")
    with pytest.raises(Transient):
        send(desk, *visits(desk, 2))
    assert len(ours(desk)) == 2


def test_a_code_is_found_in_any_body() -> None:
    assert [code_of(one) for one in (None, [], {"error": "x"}, {"error": {"code": "y"}})] == ["", "", "", "y"]

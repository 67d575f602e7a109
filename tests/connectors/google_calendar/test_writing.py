"""Writing assignments: made once, changed only as seen, moved, deleted, revived; read back as they were meant."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.google_calendar.writing import event_id
from models.errors import Ambiguous, Gone, Rejected, Stale
from tests.connectors.google_calendar.conftest import (
    CORE,
    OTHER,
    TECH,
    VISIT,
    WRITE,
    Calendars,
    at,
    canonical,
    outgoing,
    refusal,
    scripted,
)

ALL_DAY = {
    "starts_at": None,
    "ends_at": None,
    "all_day": True,
    "starts_on": date(2026, 3, 16),
    "ends_on": date(2026, 3, 17),
}


def test_what_was_written_reads_back_as_it_was_meant(calendars: Calendars) -> None:
    made = calendars.create()
    assert made.id == f"{TECH}/{event_id(CORE)}"
    meant = {**VISIT, "starts_on": None, "ends_on": None, "status": "scheduled", "core_ref": CORE}
    assert canonical(made) == meant
    assert canonical(WRITE.fetch(calendars.api, made.id)) == meant
    (read,) = [record for page in calendars.read() for record in page.records if record["id"] == event_id(CORE)]
    assert read == made.record


def test_times_are_sent_as_wall_time_with_zone_and_nobody_is_invited(calendars: Calendars) -> None:
    calendars.create(starts_at=at("2026-03-02T15:00"), ends_at=at("2026-03-02T16:00"))
    (post,) = calendars.sent("POST")
    body = json.loads(post.request_body)
    assert body["start"] == {"dateTime": "2026-03-02T09:00:00-06:00", "timeZone": "America/Chicago"}
    assert post.query == (("sendUpdates", "none"),)


def test_an_all_day_visit_ends_on_its_last_day(calendars: Calendars) -> None:
    made = calendars.create(**ALL_DAY)
    seen = canonical(made)
    assert {name: seen[name] for name in ALL_DAY} == ALL_DAY
    assert made.record is not None
    assert made.record["end"] == {"date": "2026-03-18"}


def test_a_visit_changes_between_times_and_whole_days(calendars: Calendars) -> None:
    made = calendars.create()
    whole = calendars.update(made, **ALL_DAY)
    assert {name: canonical(whole)[name] for name in ALL_DAY} == ALL_DAY
    timed = calendars.update(whole, all_day=False, starts_at=VISIT["starts_at"])
    assert canonical(timed)["starts_at"] == VISIT["starts_at"]
    assert canonical(timed)["starts_on"] is None


def test_a_second_create_takes_over_the_first(calendars: Calendars) -> None:
    made = calendars.create()
    assert calendars.create() == made
    assert calendars.find() == made


def test_a_create_whose_answer_was_lost_is_made_once(calendars: Calendars) -> None:
    calendars.fault("dropped_answer", method="POST", path="events", times=1)
    made = calendars.create()
    assert sum(id.endswith(event_id(CORE)) for id in calendars.alive()) == 1
    assert calendars.find() == made


def test_a_create_over_an_event_that_says_something_else_is_stale(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.edit(made.id, summary="Moved by hand")
    with pytest.raises(Stale, match="something else"):
        calendars.create()
    assert calendars.find() is None


def test_a_deleted_event_is_revived_by_a_create(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.remove(made.id)
    assert (WRITE.fetch(calendars.api, made.id), calendars.find()) == (None, None)
    revived = calendars.create(title="Furnace tune-up, second try")
    assert revived.id == made.id
    assert canonical(revived)["title"] == "Furnace tune-up, second try"
    assert revived.id in calendars.alive()


def test_an_update_sends_what_moved_and_its_precondition(calendars: Calendars) -> None:
    made = calendars.create()
    after = calendars.update(made, title="Furnace repair")
    assert canonical(after)["title"] == "Furnace repair"
    (patch,) = calendars.sent("PATCH")
    assert patch.request_header("if-match") == made.version
    assert json.loads(patch.request_body) == {
        "summary": "Furnace repair",
        "extendedProperties": {"private": {"plumbline": CORE}},
    }
    assert after.version != made.version


def test_nothing_is_changed_or_deleted_that_moved_on(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.edit(made.id, summary="Edited by hand")
    with pytest.raises(Stale):
        calendars.update(made, title="Furnace repair")
    with pytest.raises(Stale):
        calendars.delete(made)
    assert canonical(WRITE.fetch(calendars.api, made.id))["title"] == "Edited by hand"


def test_without_a_version_nothing_is_sent(calendars: Calendars) -> None:
    made = calendars.create()
    change = outgoing("delete", to=made)
    unseen = outgoing("update", to=type(made)(id=made.id), title="x")
    assert change.change.version == made.version
    with pytest.raises(Stale, match="not known"):
        WRITE.update(calendars.api, unseen)  # type: ignore[misc]
    assert calendars.sent("PATCH") == []


def test_a_delete_is_done_once_and_stays_done(calendars: Calendars) -> None:
    made = calendars.create()
    assert calendars.delete(made).id == made.id
    assert made.id not in calendars.alive()
    assert calendars.delete(made).record is None


def test_a_delete_whose_answer_was_lost_is_done(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.fault("dropped_answer", method="DELETE", times=1)
    assert calendars.delete(made).id == made.id
    assert made.id not in calendars.alive()


def test_another_technicians_address_moves_the_event(calendars: Calendars) -> None:
    made = calendars.create()
    moved = calendars.update(made, technician_email=OTHER)
    assert moved.id == f"{OTHER}/{event_id(CORE)}"
    assert canonical(moved)["technician_email"] == OTHER
    assert {id for id in calendars.alive() if id.endswith(event_id(CORE))} == {moved.id}


def test_the_calendar_may_be_named_by_the_stack(calendars: Calendars) -> None:
    calendars.api.settings["calendar_of"] = {TECH: OTHER}  # type: ignore[index]
    assert calendars.create().id.startswith(OTHER)


def test_a_calendar_out_of_sight_is_no_deletion(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.remove(TECH, "calendars")
    with pytest.raises(Gone):
        WRITE.fetch(calendars.api, made.id)
    with pytest.raises(Gone):
        calendars.delete(made)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"technician_email": None}, "names no calendar"),
        ({"technician_email": "nobody@bluebonnet.example.com"}, "nobody@bluebonnet.example.com is not there"),
        ({"starts_at": None, "ends_at": None}, "has no start"),
        ({"time_zone": "Texas/Austin"}, "is no time zone"),
    ],
)
def test_what_cannot_be_shown_is_rejected_with_the_reason(
    calendars: Calendars, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(Rejected, match=said):
        calendars.create(**values)


def test_an_event_without_an_end_takes_no_time_and_one_without_a_zone_the_companys(calendars: Calendars) -> None:
    seen = canonical(calendars.create(ends_at=None, time_zone=None))
    assert (seen["ends_at"], seen["time_zone"]) == (VISIT["starts_at"], "America/Chicago")


def test_a_text_kept_in_another_form_is_taken_over_all_the_same(calendars: Calendars) -> None:
    calendars.fault("rewritten_values")
    made = calendars.create(title="  Furnace tune-up ")
    assert calendars.create(title="  Furnace tune-up ").id == made.id
    assert canonical(made)["title"] == "Furnace tune-up"


def test_an_event_of_somebody_else_under_our_id_is_left_alone() -> None:
    taken = {"kind": "calendar#event", "id": event_id(CORE), "status": "confirmed", "etag": '"1"'}

    def script(request: httpx.Request) -> httpx.Response:
        return refusal(409, "duplicate") if request.method == "POST" else httpx.Response(200, json=taken)

    with scripted(script) as api, pytest.raises(Rejected, match="our marker"):
        WRITE.create(api, outgoing("create"))  # type: ignore[misc]


@pytest.mark.parametrize("reason", ["forbiddenForNonOrganizer", "forbiddenForServiceAccounts", "requiredAccessLevel"])
def test_a_refusal_of_one_event_is_no_refusal_of_our_credentials(reason: str) -> None:
    with scripted(lambda _: refusal(403, reason)) as api, pytest.raises(Rejected):
        WRITE.create(api, outgoing("create"))  # type: ignore[misc]


def test_a_change_whose_answer_was_lost_is_not_sent_again(calendars: Calendars) -> None:
    made = calendars.create()
    calendars.fault("dropped_answer", method="PATCH", times=1)
    with pytest.raises(Ambiguous):
        calendars.update(made, title="Furnace repair")
    assert canonical(WRITE.fetch(calendars.api, made.id))["title"] == "Furnace repair"

"""Recurring events of Google Calendar as the days that people see, by the vendor's own instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.google_calendar import BUSY, CONNECTOR
from connectors.google_calendar.reading import record_id
from connectors.google_calendar.series import event_id
from connectors.spec import Page
from models.errors import Gone
from sandbox.google_calendar.series import find_instance
from tests.connectors.google_calendar.conftest import CORE, TECH, Calendars, rows, scripted

SERIES = f"{TECH}/gym0000001"
EVENTS = {"kind": "calendar#events"}
AT = {"timeZone": "America/Chicago"}
GYM: Mapping[str, Any] = {
    "kind": "calendar#event", "id": "gym0000001", "status": "confirmed", "summary": "Gym", "etag": '"1"',
    "start": {"dateTime": "2026-03-02T07:30:00-06:00", **AT}, "end": {"dateTime": "2026-03-02T08:30:00-06:00", **AT},
    "recurrence": ["RRULE:FREQ=WEEKLY"], "created": "2026-03-01T00:00:00.000Z", "updated": "2026-03-01T00:00:00.000Z",
    "creator": {"email": TECH, "self": True}, "organizer": {"email": TECH, "self": True}, "eventType": "default",
    "iCalUID": "gym0000001@google.com", "sequence": 0, "reminders": {"useDefault": True},
    "htmlLink": "https://www.google.com/calendar/event?eid=gym",
}  # fmt: skip


def put(calendars: Calendars, **changes: Any) -> None:
    calendars.store.clock.advance(timedelta(minutes=1))
    calendars.store.put("events", SERIES, {**GYM, **changes})
    calendars.edit(SERIES)


def change_day(calendars: Calendars, suffix: str, **changes: Any) -> None:
    """A person changes one day of the series."""
    stored = calendars.store.get("events", SERIES)
    assert stored is not None
    day = find_instance(stored, suffix)
    assert day is not None
    calendars.store.put("events", f"{SERIES}_{suffix}", {**day, **changes})
    calendars.edit(f"{SERIES}_{suffix}")


def days(pages: list[Page]) -> dict[str, str]:
    """Place in the series -> start, of the newest record of the series."""
    records = [record for page in pages for record in page.records if record_id(record) == SERIES]
    found = rows(records[-1:], BUSY)
    assert [row["broken"] for row in found] == [None] * len(found)
    assert {row["series"] for row in found} <= {"gym0000001"}
    return {row["source_id"].removeprefix(f"{SERIES}_"): row["starts_at"].isoformat() for row in found}


def at(pages: list[Page]) -> Mapping[str, Any]:
    assert pages[-1].cursor is not None
    return pages[-1].cursor


def test_story_46_a_series_is_its_days_and_every_edit_of_one_or_all_arrives(calendars: Calendars) -> None:
    put(calendars)
    pages = calendars.read(calendars=[TECH])
    before = days(pages)
    assert len(before) == 16
    assert before["20260309T123000Z"] == "2026-03-09T12:30:00"  # the clocks went forward on the 8th
    moved = {"dateTime": "2026-03-17T18:00:00-05:00", **AT}, {"dateTime": "2026-03-17T19:00:00-05:00", **AT}
    change_day(calendars, "20260316T123000Z", start=moved[0], end=moved[1])
    pages = calendars.read(at(pages))
    assert days(pages) == {**before, "20260316T123000Z": "2026-03-17T23:00:00"}
    change_day(calendars, "20260323T123000Z", status="cancelled")
    pages = calendars.read(at(pages))
    assert set(days(pages)) == set(before) - {"20260323T123000Z"}
    assert not any(page.deleted for page in pages)
    put(calendars, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    pages = calendars.read(at(pages))
    assert {"20260302T133000Z", "20260309T123000Z"} <= set(days(pages))
    assert not {"20260330T123000Z", "20260406T123000Z"} & set(days(pages))
    calendars.remove(SERIES)
    pages = calendars.read(at(pages))
    assert {id for page in pages for id in page.deleted} == {SERIES}


def test_an_unending_series_moves_on_with_the_clock(calendars: Calendars) -> None:
    put(calendars)
    before = at(calendars.read(calendars=[TECH]))
    calendars.store.clock.advance(timedelta(days=6))
    assert not any(page.records for page in calendars.read(before))
    calendars.store.clock.advance(timedelta(days=2))
    pages = calendars.read(before)
    assert max(days(pages)) == "20260622T123000Z"
    assert not any(page.full for page in pages)
    assert not any(page.records for page in calendars.read(at(pages)))


def test_a_cursor_of_before_series_were_expanded_is_read_again_whole(calendars: Calendars) -> None:
    before = dict(at(calendars.read(calendars=[TECH])))
    del before["until"]
    with pytest.raises(Gone):
        calendars.read(before)


def answers(instances: list[dict[str, Any]], items: list[dict[str, Any]]) -> Any:
    """A Google whose list has these items, whose series have these instances, and that knows no series by itself."""

    def script(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/instances"):
            return httpx.Response(200, json={**EVENTS, "items": instances})
        if not request.url.path.endswith("/events"):
            return httpx.Response(404, json={"error": {"code": 404, "message": "Not Found"}})
        return httpx.Response(200, json={**EVENTS, "items": items, "nextSyncToken": "t1"})

    return script


def read(script: Any) -> list[dict[str, Any]]:
    with scripted(script, calendars=["a@b.c"]) as api:
        pages = list(CONNECTOR.resources[0].read(api, {}))
    return [record for page in pages for record in page.records]


def day(suffix: str, **more: Any) -> dict[str, Any]:
    plain = {name: value for name, value in GYM.items() if name != "recurrence"}
    return {
        **plain,
        "id": f"{GYM['id']}_{suffix}",
        "recurringEventId": GYM["id"],
        "originalStartTime": GYM["start"],
        **more,
    }


def test_a_day_whose_series_nobody_shared_stands_alone() -> None:
    (record,) = read(answers([], [day("20260302T133000Z")]))
    (row,) = rows([record], BUSY)
    assert (row["source_id"], row["series"]) == ("a@b.c/gym0000001_20260302T133000Z", None)


def test_a_series_that_nobody_can_mean_is_set_aside_with_the_reason() -> None:
    many = [day(f"2026030{n % 9 + 1}T{n:06}Z") for n in range(2001)]
    (record,) = read(answers(many, [dict(GYM)]))
    (row,) = rows([record], BUSY)
    assert "repeats more than 2000 times" in row["broken"]


def test_of_our_own_event_only_the_days_that_a_person_added_take_time() -> None:
    private = {"private": {"plumbline": CORE}}
    mine = {**GYM, "id": event_id(CORE), "extendedProperties": private}
    later = {"dateTime": "2026-03-09T07:30:00-05:00", **AT}
    instances = [
        {**day("20260302T133000Z"), "extendedProperties": private},
        {**day("20260309T123000Z", originalStartTime=later, start=later), "extendedProperties": private},
    ]
    (record,) = read(answers(instances, [mine]))
    assert [one["id"] for one in record["instances"]] == ["gym0000001_20260309T123000Z"]
    once = {name: value for name, value in mine.items() if name != "recurrence"}
    (record,) = read(answers([], [once]))
    assert record["instances"] == []

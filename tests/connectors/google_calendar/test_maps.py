"""The maps over example pages: which events are visits of ours, and what the rest takes of a technician's time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors import registry
from connectors.google_calendar import ASSIGNMENT, BUSY, CONNECTOR
from connectors.google_calendar.series import raw
from connectors.spec import Account
from tests.connectors.google_calendar.conftest import ZONE, Calendars, at, rows, scripted

PAGE = Path(__file__).parents[3] / "connectors" / "google_calendar" / "pages" / "events.json"
EVENTS: list[dict[str, Any]] = json.loads(PAGE.read_text(encoding="utf-8"))
MARIA = "maria.lopez@acme-heating.example.com"


def busy(**changes: Any) -> dict[str, Any]:
    """The example of a plain event of a person, changed, as busy time."""
    plain = next(event for event in EVENTS if event.get("summary") == "Vacation")
    (row,) = rows([raw(str(plain["calendarId"]), {**plain, **changes})], BUSY)
    assert row["broken"] is None
    return row


def test_every_event_is_read_by_exactly_one_map() -> None:
    assignments, others = rows(EVENTS, ASSIGNMENT), rows(EVENTS, BUSY)
    assert (len(assignments), len(others)) == (2, 8)
    assert {row["source_id"] for row in assignments} == {f"{e['calendarId']}/{e['id']}" for e in EVENTS[:2]}
    days = {f"{e['calendarId']}/{day['id']}" for e in EVENTS for day in e["instances"]}
    assert {row["source_id"] for row in others} == days
    reasons = [row["broken"] for row in (*assignments, *others) if row["broken"]]
    assert len(reasons) == 1
    assert "the series repeats more than 2000 times" in reasons[0]


def test_a_visit_of_ours_is_an_assignment() -> None:
    timed, whole = rows(EVENTS, ASSIGNMENT)
    assert timed["core_ref"] == "asg_5d1e0c7a9b3f42688e01c2d4"
    assert (timed["starts_at"], timed["ends_at"]) == (at("2026-03-16T14:00"), at("2026-03-16T15:30"))
    assert (timed["time_zone"], timed["all_day"], timed["starts_on"]) == (ZONE, False, None)
    assert (timed["technician_email"], timed["status"]) == (MARIA, "scheduled")
    assert timed["instructions"] == "Gate code 4711.\nFilter 16x25x1 in the van."
    assert (whole["all_day"], whole["starts_at"]) == (True, None)
    assert (whole["starts_on"], whole["ends_on"]) == (date(2026, 3, 18), date(2026, 3, 19))


def test_what_takes_time_blocks_and_what_does_not_is_kept_too() -> None:
    assert {row["title"]: row["blocks"] for row in rows(EVENTS, BUSY) if not row["broken"]} == {
        "School pick-up": True,
        "School pick-up (early)": True,
        "Vacation": True,
        "Day off": True,
        "Heat pump product training": False,
        "Van due at car wash": False,
        None: True,
    }


def test_a_day_of_a_series_keeps_its_series_and_its_place_in_it() -> None:
    days = {row["title"]: row for row in rows(EVENTS, BUSY) if row["series"] and not row["broken"]}
    moved = days["School pick-up (early)"]
    assert moved["recurrence"] == "RRULE:FREQ=WEEKLY;BYDAY=TH\nEXDATE;TZID=America/Chicago:20260312T150000"
    assert (moved["series"], moved["occurrence"]) == ("6k1m0v3s8qj2c4e7g9h5", "2026-03-19T15:00:00-05:00")
    assert (moved["starts_at"], moved["calendar"]) == (at("2026-03-19T18:00"), MARIA)
    whole = days["Day off"]
    assert (whole["occurrence"], whole["starts_on"], whole["ends_on"]) == (
        "2026-03-20",
        date(2026, 3, 20),
        date(2026, 3, 20),
    )


def test_a_persons_copy_of_our_event_is_busy_time() -> None:
    copy = raw(MARIA, {**EVENTS[0], "id": "0copy0by0a0person"})
    assert rows([copy], ASSIGNMENT) == []
    assert [row["blocks"] for row in rows([copy], BUSY)] == [True]


@pytest.mark.parametrize(
    ("changes", "blocks"),
    [
        ({"eventType": "workingLocation"}, False),
        ({"eventType": "outOfOffice"}, True),
        ({"attendees": [{"email": "x@y.example", "self": True, "responseStatus": "declined"}]}, False),
        ({"attendees": [{"email": "x@y.example", "self": True, "responseStatus": "accepted"}]}, True),
        ({"attendees": [{"email": "x@y.example", "responseStatus": "declined"}]}, True),
    ],
)
def test_kinds_and_answers_decide_whether_it_blocks(changes: dict[str, Any], blocks: bool) -> None:
    assert busy(**changes)["blocks"] is blocks


def test_an_unknown_zone_breaks_the_row() -> None:
    odd = {**EVENTS[0], "start": {"dateTime": "2026-03-16T09:00:00-05:00", "timeZone": "Central"}}
    (row,) = rows([odd], ASSIGNMENT)
    assert "time_zone: 'Central' cannot be read as zone" in row["broken"]


def test_the_connector_is_found_and_agrees_with_itself() -> None:
    assert registry.load("google_calendar") is CONNECTOR


def test_the_account_is_the_user_we_act_as(calendars: Calendars) -> None:
    assert CONNECTOR.account is not None
    mail = "dispatch@bluebonnet.example.com"
    assert CONNECTOR.account(calendars.api) == Account(id=mail, name=mail, time_zone=ZONE)


def test_requests_go_to_googles_own_addresses_when_nothing_else_is_said() -> None:
    asked: list[str] = []

    def script(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"kind": "calendar#calendar", "id": "a@b.c", "summary": "a@b.c"})

    with scripted(script) as api:
        assert CONNECTOR.account is not None
        CONNECTOR.account(api)
    assert asked == ["https://www.googleapis.com/calendar/v3/calendars/primary"]

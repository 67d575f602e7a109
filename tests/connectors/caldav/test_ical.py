"""iCalendar text to members and back: zones, days, series, and anything that a client ever stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from connectors.caldav import ical, zones
from tests.connectors.caldav.test_reading import EVENT
from tests.vendors.webdav import calendar_problems

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
ZONES = (
    "America/Chicago",
    "America/St_Johns",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")))
MOVED = (
    "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260311T150000Z\r\nRECURRENCE-ID:20260319T150000Z\r\n"
    "DTSTART:20260320T150000Z\r\nSUMMARY:moved\r\nEND:VEVENT\r\n"
)


def read(start: str, zone: str = "America/Chicago", **more: str) -> dict[str, Any]:
    lines = "\r\n".join([start, *(f"{name.upper()}:{value}" for name, value in more.items())])
    return ical.members(EVENT.format(uid="a", summary="x", start=lines), zone)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART:20260312T150000Z", {"dateTime": "2026-03-12T15:00:00+00:00", "timeZone": "UTC"}),
        (
            "DTSTART;TZID=America/Chicago:20260312T100000",
            {"dateTime": "2026-03-12T10:00:00-05:00", "timeZone": "America/Chicago"},
        ),
        (
            "DTSTART;TZID=Central Standard Time:20260312T100000",
            {"dateTime": "2026-03-12T10:00:00-05:00", "timeZone": "America/Chicago"},
        ),
        (
            'DTSTART;TZID="tzone://Microsoft/Custom":20260312T100000',
            {"dateTime": "2026-03-12T10:00:00", "timeZone": "tzone://Microsoft/Custom"},
        ),
        ("DTSTART:20260312T100000", {"dateTime": "2026-03-12T10:00:00-05:00", "timeZone": None, "floating": True}),
        ("DTSTART;VALUE=DATE:20260312", {"date": "2026-03-12"}),
        ("DTSTART:20260312", {"date": "2026-03-12"}),
    ],
)
def test_a_start_keeps_its_zone(start: str, expected: dict[str, Any]) -> None:
    assert read(start)["start"] == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260312", {"date": "2026-03-13", "last": "2026-03-12"}),
        ("DTSTART;VALUE=DATE:20260312\r\nDTEND;VALUE=DATE:20260314", {"date": "2026-03-14", "last": "2026-03-13"}),
        ("DTSTART;VALUE=DATE:20260312\r\nDTEND;VALUE=DATE:20260312", {"date": "2026-03-12", "last": "2026-03-12"}),
        ("DTSTART;VALUE=DATE:20260312\r\nDURATION:P2D", {"date": "2026-03-14", "last": "2026-03-13"}),
        ("DTSTART:20260312T150000Z", None),
        ("DTSTART:20260312T150000Z\r\nDURATION:PT45M", {"dateTime": "2026-03-12T15:45:00+00:00", "timeZone": "UTC"}),
        (
            "DTSTART;TZID=America/Chicago:20260307T120000\r\nDURATION:P1D",  # a day of 23 hours
            {"dateTime": "2026-03-08T12:00:00-05:00", "timeZone": "America/Chicago"},
        ),
        (
            "DTSTART;TZID=America/Chicago:20260307T120000\r\nDURATION:PT23H",
            {"dateTime": "2026-03-08T12:00:00-05:00", "timeZone": "America/Chicago"},
        ),
    ],
)
def test_an_end_is_what_the_standard_says(start: str, expected: dict[str, Any] | None) -> None:
    assert read(start)["end"] == expected


def test_series_keep_their_lines() -> None:
    found = read(
        "DTSTART;TZID=America/Chicago:20260302T073000", rrule="FREQ=WEEKLY;BYDAY=MO", exdate="20260309T133000Z"
    )
    assert found["recurrence"] == "RRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE:20260309T133000Z"


@pytest.mark.parametrize(
    ("more", "blocks"),
    [({}, True), ({"transp": "OPAQUE"}, True), ({"transp": "TRANSPARENT"}, False), ({"status": "CANCELLED"}, False)],
)
def test_free_and_cancelled_events_do_not_block(more: dict[str, str], blocks: bool) -> None:
    assert read("DTSTART:20260312T150000Z", **more)["blocks"] is blocks


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ("LOCATION:x", "no DTSTART"),
        ("DTSTART:nonsense", "DTSTART"),
        ("DTSTART:20260312T150000Z\r\nDTEND:nonsense", "DTEND"),
        ("DTSTART:20260312T150000Z\r\nDTEND;VALUE=DATE:20260313", "starts at a time and ends on a day"),
        ("DTSTART;VALUE=DATE:20260312\r\nDTEND:20260312T150000Z", "starts on a day and ends at a time"),
    ],
)
def test_what_cannot_be_read_says_why(start: str, says: str) -> None:
    found = read(start)
    assert says in found["problem"]
    assert (found["ours"], found["foreign"]) == (False, True)


def test_an_event_of_ours_that_was_broken_is_still_ours() -> None:
    assert ical.members("BEGIN:VCALENDAR\r\nUID:plumbline-asg_1\r\nnonsense", "UTC")["ours"] is True


def test_a_task_is_nobodys_event() -> None:
    task = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    assert ical.members(task, "UTC") == {"uid": "t", "ours": False, "foreign": False, "instances": []}


def test_the_series_itself_counts_and_not_its_moved_instances() -> None:
    text = EVENT.format(uid="a", summary="weekly", start="DTSTART:20260312T150000Z\r\nRRULE:FREQ=WEEKLY")
    whole = text.replace("BEGIN:VEVENT", f"{MOVED}BEGIN:VEVENT", 1)
    assert ical.members(whole, "UTC")["summary"] == "weekly"


instants = st.datetimes(datetime(2015, 1, 1), datetime(2037, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


@given(
    instants,
    st.sampled_from(ZONES),
    st.integers(1, 3000),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))),
)
def test_what_is_composed_reads_back(start: datetime, zone: str, minutes: int, summary: str) -> None:
    end = start + timedelta(minutes=minutes)
    begin = {"dateTime": start.isoformat(), "timeZone": zone}
    told = {"summary": summary, "start": begin, "end": {"dateTime": end.isoformat()}}
    text = ical.compose("plumbline-asg_1", told, NOW)
    found = ical.members(text, "UTC")
    assert (found["summary"], found["core"], found["start"]["timeZone"]) == (summary, "asg_1", zone)
    assert datetime.fromisoformat(found["start"]["dateTime"]) == start
    assert datetime.fromisoformat(found["end"]["dateTime"]) == end
    assert calendar_problems(text.encode(), "text") == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2015, 2026, 2037])
def test_a_described_zone_has_the_offsets_of_the_database(zone: str, year: int) -> None:
    told = Component.from_ical(zones.described(zone, year)).subcomponents
    periods = sorted(
        ((one["DTSTART"].dt, one["TZOFFSETFROM"].td, one["TZOFFSETTO"].td) for one in told),
        key=lambda one: one[0] - one[1],
    )
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        plain = at.replace(tzinfo=None)
        offset = next(to for onset, before, to in reversed(periods) if onset - before <= plain)
        assert offset == at.astimezone(ZoneInfo(zone)).utcoffset(), at
        at += timedelta(hours=1)


def test_zones_that_names_tell_are_read_once_and_all_others_with_their_event() -> None:
    told = {"summary": "a", "start": {"dateTime": "2026-03-12T15:00:00Z", "timeZone": "America/Chicago"}}
    text = ical.compose("plumbline-asg_1", told, NOW)
    rest, found = zones.taken_out(text)
    assert ("VTIMEZONE" in rest, [str(one["TZID"]) for one in found]) == (False, ["America/Chicago"])
    assert zones.taken_out(text)[1][0] is found[0]
    for strange in (text.replace("TZID:America/Chicago", "TZID:Head office"), text.replace("END:STANDARD", "STANDARD")):
        assert zones.taken_out(strange) == (strange, [])


def test_an_amended_event_counts_up_and_keeps_its_zone_description_once() -> None:
    told = {"summary": "a", "start": {"dateTime": "2026-03-12T15:00:00Z", "timeZone": "America/Chicago"}}
    text = ical.compose("plumbline-asg_1", told, NOW)
    later = ical.amend(text, {"summary": "b", "location": None}, NOW + timedelta(hours=1))
    (found,) = Calendar.from_ical(later).walk("VEVENT")
    assert (str(found["SUMMARY"]), int(found["SEQUENCE"])) == ("b", 1)
    assert found["CREATED"].dt == NOW
    assert found["LAST-MODIFIED"].dt == NOW + timedelta(hours=1)
    assert later.count("BEGIN:VTIMEZONE") == 1
    with pytest.raises(ValueError, match="neither a time nor a day"):
        ical.compose("plumbline-asg_1", {"summary": "a"}, NOW)


@given(st.text(max_size=300))
def test_any_text_is_an_event_or_a_problem(text: str) -> None:
    found = ical.members(text, "UTC")
    assert {"ours", "foreign"} <= set(found)

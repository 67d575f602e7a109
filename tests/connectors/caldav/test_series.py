"""Recurring events become the days that people see, and every edit of a day or of the whole series arrives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar

from connectors.caldav import BUSY, ical, series
from connectors.horizon import Span
from connectors.zone_names import iana
from tests.connectors.caldav.conftest import NOW, Desk, outgoing
from tests.connectors.caldav.test_reading import EVENT, deleted, records

SAMPLES = Path(__file__).parents[3].parent / "shared" / "data"
SPAN = Span(since=datetime(2026, 2, 25, tzinfo=UTC), until=datetime(2026, 6, 16, tzinfo=UTC))
WEEKLY = (
    "DTSTART;TZID=America/Chicago:20260302T073000\r\nDTEND;TZID=America/Chicago:20260302T083000\r\nRRULE:FREQ=WEEKLY"
)
DAY = (
    "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260311T150000Z\r\nRECURRENCE-ID;TZID=America/Chicago:{planned}\r\n"
    "DTSTART;TZID=America/Chicago:{start}\r\nDURATION:PT{minutes}M\r\n{more}END:VEVENT\r\n"
)


def whole(start: str = WEEKLY, *days: str, uid: str = "gym") -> str:
    return EVENT.format(uid=uid, summary="Gym", start=start).replace("END:VCALENDAR", f"{''.join(days)}END:VCALENDAR")


def moved(planned: str, start: str, minutes: int = 60, more: str = "", uid: str = "gym") -> str:
    return DAY.format(uid=uid, planned=planned, start=start, minutes=minutes, more=more)


def times(text: str, span: Span = SPAN) -> dict[str, str]:
    """planned -> start of each day"""
    told = ical.members(text, "America/Chicago", span)
    return {one["planned"]: one["start"].get("dateTime") or one["start"]["date"] for one in told["instances"]}


def test_a_series_is_the_days_of_the_span_whatever_the_clocks_do() -> None:
    found = times(whole())
    assert len(found) == 16
    assert {datetime.fromisoformat(start).strftime("%H:%M %a") for start in found.values()} == {"07:30 Mon"}
    assert {"20260302T133000Z", "20260309T123000Z"} <= set(found)  # the clocks change on 8 March


def test_story_46_a_moved_day_leaves_nothing_behind_and_keeps_its_name() -> None:
    found = times(whole(WEEKLY, moved("20260316T073000", "20260318T180000")))
    assert len(found) == 16
    assert found["20260316T123000Z"] == "2026-03-18T18:00:00-05:00"


@pytest.mark.parametrize(
    ("start", "days", "count"),
    [
        (f"{WEEKLY}\r\nEXDATE;TZID=America/Chicago:20260316T073000", (), 15),
        (f"{WEEKLY}\r\nRDATE;TZID=America/Chicago:20260317T073000", (), 17),
        (f"{WEEKLY};COUNT=3", (), 3),
        (f"{WEEKLY};UNTIL=20260316T123000Z", (), 3),
        (WEEKLY, (moved("20260316T073000", "20260316T073000", more="STATUS:CANCELLED\r\n"),), 15),
        ("DTSTART;VALUE=DATE:20260302\r\nRRULE:FREQ=MONTHLY", (), 4),
    ],
)
def test_rules_additions_and_exceptions_count(start: str, days: tuple[str, ...], count: int) -> None:
    assert len(times(whole(start, *days))) == count


def test_a_whole_day_of_a_series_is_a_date() -> None:
    assert list(times(whole("DTSTART;VALUE=DATE:20260302\r\nRRULE:FREQ=WEEKLY;COUNT=2")).items()) == [
        ("20260302", "2026-03-02"),
        ("20260309", "2026-03-09"),
    ]


def test_a_day_that_came_without_its_series_counts_alone() -> None:
    alone = whole().replace(
        EVENT[EVENT.index("BEGIN:VEVENT") : EVENT.index("END:VCALENDAR")].format(
            uid="gym", summary="Gym", start=WEEKLY
        ),
        moved("20260316T073000", "20260317T073000"),
    )
    assert times(alone) == {"20260316T123000Z": "2026-03-17T07:30:00-05:00"}


@pytest.mark.parametrize(
    ("rule", "says"),
    [("FREQ=SECONDLY", "every minute or second"), ("FREQ=HOURLY", "more than 2000"), ("FREQ=NEVER", "RRULE")],
)
def test_what_nobody_can_mean_is_set_aside_with_the_reason(rule: str, says: str) -> None:
    told = ical.members(whole(WEEKLY.replace("FREQ=WEEKLY", rule)), "America/Chicago", SPAN)
    assert says in told["problem"]
    assert [one["problem"] for one in told["instances"]] == [told["problem"]]


def test_story_44_a_series_with_an_unknown_zone_in_any_of_its_days_is_named_and_not_expanded(desk: Desk) -> None:
    text = whole(f'{WEEKLY}\r\nEXDATE;TZID="tzone://Microsoft/Custom":20260316T073000')
    told = ical.members(text, "America/Chicago", SPAN)
    (row,) = desk.rows(BUSY, [{"href": "/a/b.ics", "etag": "1", "calendar": "/a/", "ics": text, **told}])
    assert "time_zone: 'tzone://Microsoft/Custom' cannot be read as zone" in row["broken"]


def test_of_our_own_event_only_the_days_that_a_person_added_take_time() -> None:
    assert ical.members(whole(uid="plumbline-asg_1"), "America/Chicago", SPAN)["instances"][0]["planned"] == (
        "20260309T123000Z"
    )
    once = whole(WEEKLY.removesuffix("\r\nRRULE:FREQ=WEEKLY"), uid="plumbline-asg_1")
    assert ical.members(once, "America/Chicago", SPAN)["instances"] == []


def test_story_46_ten_thousand_edits_of_days_leave_as_many_visible_as_before() -> None:
    draw, first, edits = random.Random(46), datetime(2026, 3, 2, 7, 30), 0  # noqa: DTZ001 - wall times
    planned = [first + timedelta(days=n) for n in range(100)]
    start = WEEKLY.replace("FREQ=WEEKLY", "FREQ=DAILY;COUNT=100")
    while edits < 10_000:
        to = {day: day.replace(hour=draw.randrange(9, 23)) + timedelta(days=draw.randrange(3)) for day in planned}
        days = [moved(f"{d:%Y%m%dT%H%M%S}", f"{t:%Y%m%dT%H%M%S}", draw.randrange(15, 300)) for d, t in to.items()]
        draw.shuffle(days)
        found = times(whole(start, *days))
        assert len(found) == 100
        assert sorted(datetime.fromisoformat(one).replace(tzinfo=None) for one in found.values()) == sorted(to.values())
        assert not set(to).intersection(datetime.fromisoformat(one).replace(tzinfo=None) for one in found.values())
        edits += len(days)


def test_story_46_edits_of_one_day_and_of_the_whole_series_arrive(desk: Desk) -> None:
    def visible(text: str | None, cursor: Any) -> tuple[dict[str, datetime], Any]:
        if text is not None:
            desk.put("dispatch/tech1/gym.ics", text)
        pages = desk.read(cursor)
        mine = [record for href, record in records(pages).items() if href == "/dispatch/tech1/gym.ics"]
        rows = desk.rows(BUSY, mine)
        assert {(row["series"], row["blocks"], row["broken"]) for row in rows} <= {("gym", True, None)}
        return {row["source_id"].partition("#")[2]: row["starts_at"] for row in rows}, pages[-1].cursor

    start = f"{WEEKLY};COUNT=3"
    before, cursor = visible(whole(start), desk.read()[-1].cursor)
    assert sorted(before) == ["20260302T133000Z", "20260309T123000Z", "20260316T123000Z"]
    one, cursor = visible(whole(start, moved("20260316T073000", "20260317T090000")), cursor)
    assert one == {**before, "20260316T123000Z": datetime(2026, 3, 17, 14)}  # noqa: DTZ001 - canonical instants
    fewer, cursor = visible(whole(f"{WEEKLY};COUNT=2"), cursor)
    assert sorted(fewer) == ["20260302T133000Z", "20260309T123000Z"]
    desk.remove("dispatch/tech1/gym.ics")
    assert deleted(desk.read(cursor)) == {"/dispatch/tech1/gym.ics"}


def test_an_unending_series_moves_on_with_the_clock(desk: Desk) -> None:
    desk.put("dispatch/tech1/gym.ics", whole())
    cursor = desk.read()[-1].cursor
    desk.clock.now = NOW + timedelta(days=7)
    assert records(desk.read(cursor)) == {}
    desk.clock.now = NOW + timedelta(days=8)
    pages = desk.read(cursor)
    assert list(records(pages)) == ["/dispatch/tech1/gym.ics"]
    assert not any(page.full for page in pages)
    days = [one["planned"] for one in records(pages)["/dispatch/tech1/gym.ics"]["instances"]]
    assert days[0] == "20260309T123000Z"
    assert days[-1] == "20260622T123000Z"
    assert records(desk.read(pages[-1].cursor)) == {}


def test_a_cursor_of_before_series_were_expanded_is_read_again_whole(desk: Desk) -> None:
    from models.errors import Gone

    cursor: Any = dict(desk.read()[-1].cursor or {})
    del cursor["until"]
    with pytest.raises(Gone):
        desk.read(cursor)


def test_our_writes_are_told_without_taking_time(desk: Desk) -> None:
    assert desk.write.create is not None
    written = desk.write.create(desk.api, outgoing("create"))
    assert written.record is not None
    assert written.record["instances"] == []


# --- calendars of others -------------------------------------------------------------------------------------


def samples() -> list[Path]:
    files = sorted(SAMPLES.glob("ics_*/**/*.ics"))
    if not files:
        pytest.skip("no calendar samples: ../shared/data/ics_collective and ics_libical are absent")
    return files


def spans(text: str) -> Iterator[Span]:
    """A span around the first day of the event, where it has one."""
    start = ical.members(text, "America/Chicago").get("start")
    if start is not None:
        day = datetime.combine(
            date.fromisoformat((start.get("dateTime") or start["date"])[:10]), datetime.min.time(), UTC
        )
        yield Span(since=day - timedelta(days=14), until=day + timedelta(days=97))


def test_every_sample_is_read_or_set_aside_with_a_reason_and_expands_as_the_library_says() -> None:
    read, aside, nothing, expanded = 0, 0, 0, 0
    for file in samples():
        text = file.read_text(encoding="utf-8", errors="replace")
        for span in list(spans(text)) or [SPAN]:
            told = ical.members(text, "America/Chicago", span)
            if told.get("problem"):
                aside += 1
                assert [one["problem"] for one in told["instances"]] == [told["problem"]], file.name
            elif "start" not in told:
                nothing += 1
                assert not told["instances"], file.name
            else:
                read += 1
                expanded += _as_the_library_says(text, told, span, file.name)
    assert (read + aside + nothing) == len(samples())
    assert (read, expanded) >= (60, 10)


def _as_the_library_says(text: str, told: dict[str, Any], span: Span, name: str) -> bool:
    calendar = Calendar.from_ical(text)
    if not series.recurs(calendar) or series.unknown_zone(calendar) is not None:
        assert len(told["instances"]) == 1, name
        return False
    theirs = list(recurring_ical_events.of(calendar).between(span.since, span.until))
    mine = [one["start"] for one in told["instances"]]
    assert sorted(map(_instant, theirs)) == sorted(one.get("dateTime") or one["date"] for one in mine), name
    return True


def _instant(day: Any) -> str:
    at = day["DTSTART"].dt
    if not isinstance(at, datetime):
        return str(at.isoformat())
    tzid = day["DTSTART"].params.get("TZID")
    zone = ZoneInfo(str(iana(tzid))) if tzid else UTC if at.tzinfo else ZoneInfo("America/Chicago")
    return (at if at.tzinfo is not None and not tzid else at.replace(tzinfo=zone)).isoformat()

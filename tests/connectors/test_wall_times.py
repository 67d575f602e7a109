"""Wall times and whole days survive writing and reading, in every zone, at every change of its clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from benchmarks.zones import AROUND, GOOGLE, ICALENDAR, INSTANT, MODEL, points, shifted, zones
from connectors.caldav import ASSIGNMENT, ical
from connectors.google_calendar import BUSY
from connectors.google_calendar.series import raw
from connectors.horizon import Span
from models.fields import encode_record
from pipelines.decoding import Decoder

STAMP = datetime(2026, 3, 1, tzinfo=ZoneInfo("UTC"))
FORTY = zones()[::14][:40]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(MODEL) as found:
        yield found


def test_story_43_no_wall_time_is_shifted_at_changes_of_any_zone(decoder: Decoder) -> None:
    found = points(zones(), sample=True)
    assert {zone for zone, _ in found} == set(zones())
    assert len(found) > 2400
    assert (shifted(GOOGLE, found, decoder), shifted(INSTANT, found, decoder)) == (0, 0)


def test_story_43_icalendar_shifts_nothing_in_any_zone(decoder: Decoder) -> None:
    """At a change of each zone, and around one of some: the rest is the benchmark's, because each text is parsed."""
    found = points(zones(), sample=True)
    at_change = list(dict(reversed(found[AROUND.index(timedelta()) :: len(AROUND)])).items())
    assert len(at_change) == len(zones())
    assert shifted(ICALENDAR, [*at_change, *points(zones()[::12], sample=True)], decoder) == 0


@pytest.mark.parametrize("zone", ["America/Chicago", "Europe/London", "Australia/Sydney"])
def test_story_43_a_series_stands_at_its_wall_time_while_two_regions_change_their_clocks(zone: str) -> None:
    span = Span(
        since=STAMP, until=STAMP + timedelta(days=60)
    )  # the United States change on 8 March, Europe on the 29th
    told = {"summary": "Stand-up", "start": {"dateTime": "2026-03-02T15:30:00Z", "timeZone": zone}}
    text = ical.compose("standup", told, STAMP).replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=50\r\nSUMMARY", 1)
    days = [datetime.fromisoformat(one["start"]["dateTime"]) for one in ical.members(text, "UTC", span)["instances"]]
    assert len(days) == 50
    assert len({day.timetz().replace(tzinfo=None) for day in days}) == 1
    assert {day.date() - days[0].date() for day in days} == {timedelta(days=n) for n in range(50)}
    assert len({day.utcoffset() for day in days}) == 2


def test_story_45_a_whole_day_is_a_date_and_keeps_it_in_forty_zones(decoder: Decoder) -> None:
    assert len(FORTY) == 40
    first, last = date(2026, 3, 8), date(2026, 3, 10)
    values = {"all_day": True, "starts_on": first, "ends_on": last}
    text = ical.compose("plumbline-a", encode_record(ASSIGNMENT.fields, values), STAMP)
    told = {f"/{zone}": {"href": f"/{zone}", "etag": "1", **ical.members(text, zone)} for zone in FORTY}
    rows = decoder.decode("caldav", ASSIGNMENT, told)
    assert [(row["starts_on"], row["ends_on"], row["starts_at"]) for row in rows.values()] == [(first, last, None)] * 40

    event = {"etag": "1", "start": {"date": "2026-03-08"}, "end": {"date": "2026-03-11"}}
    events = {
        zone: raw("a@b.c", {**event, "id": zone, "start": {**event["start"], "timeZone": zone}}) for zone in FORTY
    }  # type: ignore[dict-item]
    rows = decoder.decode("google_calendar", BUSY, events)
    assert [(row["starts_on"], row["ends_on"], row["starts_at"]) for row in rows.values()] == [(first, last, None)] * 40

"""A time zone's rules as a VTIMEZONE, for servers and clients that do not know it by name (RFC 5545 3.6.5).

The generator of the calendar library states the onset of daylight time in the time that begins; RFC 5545 wants it in
the time that ends, and an hour of each spring would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

# Shorter than any time between two changes of one zone: the closest are a month apart.
STEP = timedelta(days=7)


@cache
def described(tzid: str, year: int) -> Timezone:
    """The zone's rules around a year; all of them since 1970 would be longer than any event."""
    zone = Timezone()
    zone.add("TZID", tzid)
    start, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 2, 1, 1, tzinfo=UTC)
    rules = ZoneInfo(tzid)
    zone.add_component(_period(rules, start, start))
    for onset in _transitions(rules, start, end):
        zone.add_component(_period(rules, onset, onset - timedelta(seconds=1)))
    return zone


def _period(rules: ZoneInfo, onset: datetime, before: datetime) -> TimezoneStandard | TimezoneDaylight:
    """The rule that begins at an instant, whose onset is told in the local time until then."""
    old, new = before.astimezone(rules), onset.astimezone(rules)
    period = TimezoneDaylight() if new.dst() else TimezoneStandard()
    offset = old.utcoffset() or timedelta()
    period.add("DTSTART", onset.replace(tzinfo=None) + offset)
    period.add("TZOFFSETFROM", offset)
    period.add("TZOFFSETTO", new.utcoffset() or timedelta())
    period.add("TZNAME", new.tzname())
    return period


def _transitions(rules: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants at which the zone's offset or name changes, to the second."""
    day = start
    while day < end:
        if _state(rules, day) != _state(rules, day + STEP):
            yield _between(rules, day, day + STEP)
        day += STEP


def _between(rules: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second of the new state between two instants."""
    old = _state(rules, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _state(rules, middle) == old else (low, middle)
    return high


def _state(rules: ZoneInfo, at: datetime) -> tuple[timedelta | None, str | None]:
    local = at.astimezone(rules)
    return local.utcoffset(), local.tzname()

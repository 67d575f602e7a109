"""A time zone's rules as a VTIMEZONE, for servers and clients that do not know it by name (RFC 5545 3.6.5).

The generator of the calendar library states the onset of daylight time in the time that begins; RFC 5545 wants it in
the time that ends, and an hour of each spring would be wrong.

A zone is the longest part of most events, and the same in thousands of them: each is written and read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from icalendar import Component, Timezone, TimezoneDaylight, TimezoneStandard

from connectors.zone_names import known

_ZONE = re.compile(r"^BEGIN:VTIMEZONE\r?\n.*?^END:VTIMEZONE\r?\n", re.MULTILINE | re.DOTALL)
# Shorter than any time between two changes of one zone: the closest are a month apart.
STEP = timedelta(days=7)


def taken_out(text: str) -> tuple[str, list[Component]]:
    """A calendar's text without the zones that are known by their names, and these."""
    found: list[Component] = []

    def take(match: re.Match[str]) -> str:
        zone = _read(match.group())
        if zone is None:
            return match.group()
        found.append(zone)
        return ""

    return _ZONE.sub(take, text), found


@lru_cache(maxsize=500)
def _read(text: str) -> Component | None:
    """A zone by its text; None when its name says nothing, or it cannot be read."""
    try:
        zone = Component.from_ical(text)
    except ValueError:
        return None
    return zone if isinstance(zone, Timezone) and str(zone.get("TZID")) in known() else None


@cache
def described(tzid: str, year: int) -> str:
    """The zone's rules around a year; all of them since 1970 would be longer than any event."""
    zone = Timezone()
    zone.add("TZID", tzid)
    start, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 2, 1, 1, tzinfo=UTC)
    rules = ZoneInfo(tzid)
    zone.add_component(_period(rules, start, start))
    for onset in _transitions(rules, start, end):
        zone.add_component(_period(rules, onset, onset - timedelta(seconds=1)))
    return str(zone.to_ical().decode())


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

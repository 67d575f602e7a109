"""The days of a recurring event inside a span, as the library for iCalendar recurrence gives them (RFC 5545 3.8.5).

A moved day keeps the id that the series had planned it under (RECURRENCE-ID), a called-off one is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import recurring_ical_events
from icalendar import Component

from connectors.horizon import MOST, Span
from connectors.zone_names import iana

LINES = ("RRULE", "RDATE", "EXDATE")
_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")
_ENDLESS = frozenset({"SECONDLY", "MINUTELY"})


def recurs(calendar: Component) -> bool:
    """Whether the object holds a series, or days that were taken out of one."""
    names = (*LINES, "RECURRENCE-ID")
    return any(name in event for event in calendar.walk("VEVENT") for name in names)


def occurrences(calendar: Component, span: Span) -> list[tuple[str, Component]]:
    """(recurrence id, event) of each day in the span. ValueError when it repeats beyond all measure."""
    for event in calendar.walk("VEVENT"):
        if _ENDLESS & _frequencies(event):
            raise ValueError("the event repeats every minute or second, which is no time that a person keeps")
    found = recurring_ical_events.of(calendar).between(span.since, span.until)
    days = [(recurrence_id(event), event) for event in islice(found, MOST + 1) if event.get("STATUS") != "CANCELLED"]
    if len(days) > MOST:
        raise ValueError(
            f"the event repeats more than {MOST} times from {span.since:%Y-%m-%d} to {span.until:%Y-%m-%d}"
        )
    return sorted(days, key=lambda day: day[0])


def recurrence_id(event: Component) -> str:
    """When the series had planned this day: ``yyyymmdd``, UTC ``yyyymmddThhmmssZ``, or a floating wall time."""
    at = event.get("RECURRENCE-ID", event["DTSTART"]).dt
    if not isinstance(at, datetime):
        return f"{at:%Y%m%d}"
    return f"{at:%Y%m%dT%H%M%S}" if at.tzinfo is None else f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def unknown_zone(calendar: Component) -> str | None:
    """The first zone among the events' times that nobody knows; None when all are known."""
    return next((name for name in _zones(calendar) if iana(name) is None), None)


def _zones(calendar: Component) -> Iterator[str]:
    for event in calendar.walk("VEVENT"):
        for name in _TIMES:
            values = event.get(name, [])
            for value in values if isinstance(values, list) else [values]:
                if tzid := value.params.get("TZID"):
                    yield str(tzid)


def _frequencies(event: Component) -> set[str]:
    rules = event.get("RRULE", [])
    return {str(one) for rule in (rules if isinstance(rules, list) else [rules]) for one in rule.get("FREQ", ())}

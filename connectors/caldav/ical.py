"""One calendar object: iCalendar text to flat members and back (RFC 5545; facts: VEVENT fields).

Members of an event, as they stand in a record:

    summary, description, location, status   texts
    start, end     {"dateTime": ISO with offset, "timeZone": TZID} or {"date": first day}; an end also has
                   "last", its last day inclusive, beside the exclusive "date". A wall time in a zone that nobody
                   knows has no offset, and keeps the zone's name, so that its map sets it aside
    allDay, blocks flags; recurrence: the lines of a series
    ours, foreign  whose event it is, by UID; both false for what is no event (a task, a note)
    core           our id, of our own events
    problem        why the text cannot be read; nothing else of the event then
    instances      the stretches of time that it takes of others' calendars, none for an event of ours: the event
                   itself, or the days of a series inside a span. Each has ``start``, ``end``, ``allDay``, ``blocks``,
                   ``summary`` and ``key``, which tells it from the others of its event: empty, or ``#`` and the
                   instant for which the series had planned it, which is ``planned``
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, GloballyUniqueTZIDGuessed
from icalendar.parser import Contentline

from connectors.caldav import series, zones
from connectors.horizon import Span
from connectors.zone_names import iana, known

PREFIX = "plumbline-"
PRODID = "-//Plumbline//Calendar//EN"
# Where a wall time is ambiguous it is written as UTC, and its zone is kept here.
ZONE = "X-PLUMBLINE-TZID"
TEXTS = ("summary", "description", "location", "status")
TAKEN = ("start", "end", "allDay", "blocks", "summary")
# Tells whose it is even where the text cannot be parsed.
_OURS = re.compile(rf"^UID:{PREFIX}", re.MULTILINE | re.IGNORECASE)


def members(text: str, company_zone: str, span: Span | None = None) -> dict[str, Any]:
    """What a calendar object says; floating times are wall times of the company's zone. Never raises.

    Without a span a series counts as one event, the first.
    """
    try:
        calendar = _parsed(text)
        event = _master(calendar)
        if event is None:
            return {"uid": _uid(calendar), "ours": False, "foreign": False, "instances": []}
        told = _of_event(event, company_zone)
        return told | {"instances": _instances(calendar, event, told, company_zone, span)}
    except Exception as problem:  # noqa: BLE001 - the parser meets any text a client stored; none may stop the rest
        ours, why = _OURS.search(text) is not None, str(problem) or type(problem).__name__
        taken = [] if ours else [{"key": "", "problem": why}]
        return {"problem": why, "ours": ours, "foreign": not ours, "instances": taken}


def _instances(
    calendar: Component, event: Component, told: Mapping[str, Any], company_zone: str, span: Span | None
) -> list[dict[str, Any]]:
    """The time it takes. Of an event of ours only the days that a person's rule added: the first is our assignment."""
    strange = series.unknown_zone(calendar)
    if span is None or strange is not None or not series.recurs(calendar):
        one = {"key": "", **{name: told[name] for name in TAKEN}}
        if strange is not None:
            one["start"] = {**one["start"], "timeZone": strange}
        return [] if told["ours"] else [one]
    first = series.recurrence_id(event) if told["ours"] else None
    return [
        {"key": f"#{planned}", "planned": planned, **{n: v for n, v in _time(day, company_zone).items() if n in TAKEN}}
        for planned, day in series.occurrences(calendar, span)
        if planned != first
    ]


def compose(uid: str, told: Mapping[str, Any], now: datetime) -> str:
    """A new object with one event that says what the members tell."""
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    event = Event()
    event.add("UID", uid)
    event.add("CREATED", now)
    calendar.add_component(event)
    return _finished(calendar, event, told, now, sequence=0)


def amend(text: str, told: Mapping[str, Any], now: datetime) -> str:
    """The object with the told members changed and all else (alarms, guests) kept. ValueError when unreadable."""
    calendar = _parsed(text)
    event = _master(calendar)
    if event is None:
        raise ValueError("there is no event in it")
    return _finished(calendar, event, told, now, sequence=int(event.get("SEQUENCE", 0)) + 1)


def _finished(calendar: Component, event: Component, told: Mapping[str, Any], now: datetime, *, sequence: int) -> str:
    for name in TEXTS:
        if name in told:
            _set(event, name.upper(), told[name])
    if "start" in told or "end" in told or "DTSTART" not in event:
        _set_times(event, told.get("start") or {}, told.get("end") or {})
    _set(event, "DTSTAMP", now)
    _set(event, "LAST-MODIFIED", now)
    _set(event, "SEQUENCE", sequence)
    return _with_zones(calendar, event)


def _set(event: Component, name: str, value: Any) -> None:
    event.pop(name, None)
    if value is not None:
        event.add(name, value)


def _set_times(event: Component, start: Mapping[str, Any], end: Mapping[str, Any]) -> None:
    for name in ("DTSTART", "DTEND", "DURATION", ZONE):
        event.pop(name, None)
    if start.get("dateTime"):
        zone = start.get("timeZone") or "UTC"
        _set_moment(event, "DTSTART", str(start["dateTime"]), zone)
        if end.get("dateTime"):
            _set_moment(event, "DTEND", str(end["dateTime"]), zone)
        return
    if not start.get("date"):
        raise ValueError("it has neither a time nor a day")
    first = date.fromisoformat(str(start["date"]))
    last = date.fromisoformat(str(end.get("last") or start["date"]))
    event.add("DTSTART", first)
    event.add("DTEND", last + timedelta(days=1))


def _set_moment(event: Component, name: str, instant: str, zone: str) -> None:
    """A wall time with its zone, or UTC in the hour that a clock runs through twice: a wall time means the first.

    What stands as UTC keeps the zone's name beside it; the library writes zones that never differ from it so too.
    """
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).replace(microsecond=0)
    event.add(name, local.astimezone(UTC) if zone == "UTC" or local.fold else local)
    if zone != "UTC" and event[name].to_ical().endswith(b"Z"):
        _set(event, ZONE, zone)


def _with_zones(calendar: Component, event: Component) -> str:
    """The text, with every zone described that is used: some servers insist on it (facts: VEVENT fields)."""
    missing = calendar.get_missing_tzids() & known()
    year, text = event["DTSTART"].dt.year, str(calendar.to_ical().decode())
    first = text.index("BEGIN:", 1)  # the head ends where its first component begins
    return text[:first] + "".join(zones.described(tzid, year) for tzid in sorted(missing)) + text[first:]


def _parsed(text: str) -> Component:
    with warnings.catch_warnings():
        # The parser guesses at vendors' own zone names and says so; we keep the name and guess nothing.
        warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
        rest, described = zones.taken_out(text.removeprefix("\ufeff"))
        found = Calendar.from_ical(rest)
    if found.name != "VCALENDAR":
        raise ValueError(f"it is a {found.name}, no VCALENDAR")
    found.subcomponents[:0] = described
    return found


def _master(calendar: Component) -> Component | None:
    """The event itself, as against its moved instances; the first of these where they came alone."""
    events = calendar.walk("VEVENT")
    return next((one for one in events if "RECURRENCE-ID" not in one), events[0] if events else None)


def _uid(calendar: Component) -> str | None:
    return next((str(one["UID"]) for one in calendar.walk() if "UID" in one and one.name != "VCALENDAR"), None)


def _of_event(event: Component, company_zone: str) -> dict[str, Any]:
    uid = str(event.get("UID", ""))
    if not uid:
        raise ValueError("the event has no UID")
    ours = uid.startswith(PREFIX)
    return {
        "uid": uid,
        **{name: _text(event, name.upper()) for name in TEXTS},
        **_time(event, company_zone),
        "recurrence": "\n".join(_series(event)) or None,
        "ours": ours,
        "foreign": not ours,
        "core": uid.removeprefix(PREFIX) if ours else None,
    }


def _time(event: Component, company_zone: str) -> dict[str, Any]:
    """What an event, or one day of a series, takes: when, what it is called, and whether it blocks."""
    start = _moment(event, "DTSTART", company_zone)
    if start is None:
        raise ValueError("the event has no DTSTART")
    return {
        "summary": _text(event, "SUMMARY"),
        "start": start,
        "end": _end(event, start, company_zone),
        "allDay": "date" in start,
        "blocks": _text(event, "TRANSP") != "TRANSPARENT" and _text(event, "STATUS") != "CANCELLED",
    }


def _text(event: Component, name: str) -> str | None:
    """A text property; the first where it stands twice."""
    value = event.get(name)
    value = value[0] if isinstance(value, list) else value
    return None if value is None else str(value).replace("\r\n", "\n")


def _moment(event: Component, name: str, company_zone: str) -> dict[str, Any] | None:
    value = event.get(name)
    value = value[0] if isinstance(value, list) else value
    if value is None:
        return None
    if not isinstance(value.dt, datetime):
        return {"date": value.dt.isoformat()}
    return _spelled(value.dt, value.params.get("TZID"), _text(event, ZONE), company_zone)


def _spelled(at: datetime, tzid: str | None, kept: str | None, company_zone: str) -> dict[str, Any]:
    plain = at.replace(tzinfo=None)
    zone = iana(str(tzid)) if tzid else None
    if zone is not None:
        return {"dateTime": plain.replace(tzinfo=ZoneInfo(zone)).isoformat(), "timeZone": zone}
    if tzid:
        return {"dateTime": plain.isoformat(), "timeZone": str(tzid)}
    if at.tzinfo is not None:
        return {"dateTime": at.astimezone(UTC).isoformat(), "timeZone": kept or "UTC"}
    return {"dateTime": plain.replace(tzinfo=ZoneInfo(company_zone)).isoformat(), "timeZone": None, "floating": True}


def _end(event: Component, start: Mapping[str, Any], company_zone: str) -> dict[str, Any] | None:
    """DTEND, or what DURATION makes of the start; a day without either lasts one day (RFC 5545 3.6.1)."""
    end = _moment(event, "DTEND", company_zone)
    if end is None and "DURATION" in event:
        end = _after(event["DTSTART"], event["DURATION"].dt, _text(event, ZONE), company_zone)
    if "date" not in start:
        if end is not None and "date" in end:
            raise ValueError("the event starts at a time and ends on a day")
        return end
    if end is not None and "date" not in end:
        raise ValueError("the event starts on a day and ends at a time")
    first = date.fromisoformat(start["date"])
    after = date.fromisoformat(end["date"]) if end is not None else first + timedelta(days=1)
    return {"date": after.isoformat(), "last": max(first, after - timedelta(days=1)).isoformat()}


def _after(start: Any, duration: timedelta, kept: str | None, company_zone: str) -> dict[str, Any]:
    """The moment a duration after a start: its days are days of the calendar, its hours are exact (RFC 5545 3.3.6)."""
    at = start.dt + timedelta(days=duration.days)
    if not isinstance(at, datetime):
        return {"date": at.isoformat()}
    rest = duration - timedelta(days=duration.days)
    at = at + rest if at.tzinfo is None else (at.astimezone(UTC) + rest).astimezone(at.tzinfo)
    return _spelled(at, start.params.get("TZID"), kept, company_zone)


def _series(event: Component) -> list[str]:
    """The lines that make a series, unfolded, as they stand."""
    found = [(name, event[name]) for name in series.LINES if name in event]
    single = [(name, one) for name, value in found for one in (value if isinstance(value, list) else [value])]
    return [str(Contentline.from_parts(name, value.params, value)) for name, value in single]

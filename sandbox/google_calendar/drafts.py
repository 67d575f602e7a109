"""What a client or a person wrote, made into an event as the vendor keeps it, or refused.

Vendor facts: facts sections "Streams" (event fields), "Writes", "Idempotency, markers, concurrency".
"""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google_calendar.dialect import CalendarError, invalid, required
from sandbox.google_calendar.series import rules_of
from sandbox.google_calendar.shapes import EVENT, check
from sandbox.google_calendar.times import known_zone, moment, parse_date, parse_time, show_time

Record = dict[str, Any]

_FIELDS = (
    "anyoneCanAddSelf attachments attendees attendeesOmitted birthdayProperties colorId conferenceData description end "
    "eventLabelId eventType extendedProperties focusTimeProperties gadget guestsCanInviteOthers guestsCanModify "
    "guestsCanSeeOtherGuests location outOfOfficeProperties recurrence reminders sequence source "
    "start status summary transparency visibility workingLocationProperties"
)
WRITABLE = frozenset(_FIELDS.split())
_DEFAULTS = {
    "transparency": "opaque",
    "visibility": "default",
    "guestsCanInviteOthers": True,
    "guestsCanSeeOtherGuests": True,
    "guestsCanModify": False,
    "anyoneCanAddSelf": False,
    "attendeesOmitted": False,
}
_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"),
}
_ANSWERS = ("needsAction", "declined", "tentative", "accepted")
_ID = re.compile(r"[a-v0-9]{5,1024}")
_MAX_KEY, _MAX_VALUE, _MAX_PROPERTIES, _MAX_BYTES = 44, 1024, 300, 32 * 1024


def check_id(id: object) -> str:
    """A client's own id: characters a-v and 0-9, 5 to 1024 of them (facts: Idempotency)."""
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise invalid("Invalid resource id value.")
    return id


def merge(old: Record, patch: Record) -> Record:
    """JSON merge patch: null clears, objects merge, arrays are replaced whole."""
    merged = dict(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            below = merged.get(name)
            merged[name] = merge(below if isinstance(below, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def settle(body: Record, *, calendar: str, zone: str) -> Record:
    """The writable part of an event, checked and in the vendor's form (defaults left out, times in ``zone``)."""
    check(body, EVENT)
    event = {name: value for name, value in body.items() if name in WRITABLE and value not in (None, "", [], {})}
    for name, allowed in _CHOICES.items():
        if name in event and event[name] not in allowed:
            raise invalid(f"Invalid value for: {event[name]} is not a valid value")
    if event.get("sequence", 0) < 0:
        raise invalid("Invalid sequence value.")
    event |= _times(event, zone)
    if "recurrence" in event:
        _check_recurrence(event)
    if "attendees" in event:
        event["attendees"] = _attendees(event["attendees"], calendar)
    if "extendedProperties" in event:
        event["extendedProperties"] = _properties(event["extendedProperties"])
    event["reminders"] = _reminders(event.get("reminders"))
    event.setdefault("status", "confirmed")
    event.setdefault("eventType", "default")
    return {
        name: value for name, value in event.items() if value != _DEFAULTS.get(name, ...) and value not in ("", {}, [])
    }


def _times(event: Record, zone: str) -> Record:
    times = {}
    for name in ("start", "end"):
        if event.get(name) is None:
            raise required(f"Missing {name} time.")
        times[name] = _when(event[name], name, zone, recurring="recurrence" in event)
    if ("date" in times["start"]) != ("date" in times["end"]):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    start, end = moment(times["start"], zone), moment(times["end"], zone)
    if end < start or ("date" in times["start"] and end == start):
        message = "The specified time range is empty."
        raise CalendarError(400, "timeRangeEmpty", message, domain="calendar", at=("parameter", "timeMax"))
    return times


def _when(value: Record, name: str, zone: str, *, recurring: bool) -> Record:
    named = value.get("timeZone")
    if named is not None and not known_zone(named):
        raise invalid(f"Invalid time zone definition for {name} time.")
    if value.get("date") is not None:
        if value.get("dateTime") is not None or parse_date(value["date"]) is None:
            raise invalid(f"Invalid {name} time.")
        return {"date": value["date"]}
    at = parse_time(value.get("dateTime"))
    if at is None:
        raise invalid(f"Invalid {name} time.") if "dateTime" in value else required(f"Missing {name} time.")
    if named is None and (recurring or at.tzinfo is None):
        raise required(f"Missing time zone definition for {name} time.")
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(str(named)))
    return {"dateTime": show_time(at, zone), "timeZone": named or zone}


def _check_recurrence(event: Record) -> None:
    # A rule of every minute is more instances than a calendar shows.
    if any("FREQ=SECONDLY" in line or "FREQ=MINUTELY" in line for line in event["recurrence"]):
        raise invalid("Invalid recurrence rule.")
    try:
        rules_of(event)
    except (ValueError, TypeError, KeyError):
        raise invalid("Invalid recurrence rule.") from None


def _attendees(given: list[Record], calendar: str) -> list[Record]:
    attendees: dict[str, Record] = {}
    for one in given:
        email = one.get("email")
        if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            raise invalid("Invalid attendee email.")
        if one.get("responseStatus", "needsAction") not in _ANSWERS:
            raise invalid("Invalid attendee response status.")
        kept = {name: value for name, value in one.items() if value not in (None, "", False) and name != "self"}
        attendees[email.lower()] = {"responseStatus": "needsAction", **kept}
        if email.lower() == calendar.lower():
            attendees[email.lower()]["self"] = True
    return list(attendees.values())


def _properties(given: Record) -> Record:
    kept: Record = {}
    for side in ("private", "shared"):
        values = {name: value for name, value in (given.get(side) or {}).items() if value is not None}
        for name, value in values.items():
            if len(name) > _MAX_KEY or len(value) > _MAX_VALUE:
                raise invalid("Invalid extended property.")
        if values:
            kept[side] = values
    sizes = [len(name.encode()) + len(value.encode()) for side in kept.values() for name, value in side.items()]
    if len(sizes) > _MAX_PROPERTIES or sum(sizes) > _MAX_BYTES:
        raise invalid("Too many extended properties.")
    return kept


def _reminders(given: Record | None) -> Record:
    if not given or given.get("useDefault"):
        if given and given.get("overrides"):
            message = "Cannot specify both default reminders and overrides at the same time."
            raise CalendarError(400, "cannotUseDefaultRemindersAndSpecifyOverride", message, domain="calendar")
        return {"useDefault": True}
    overrides = given.get("overrides") or []
    for one in overrides:
        minutes = one.get("minutes")
        if one.get("method") not in ("email", "popup") or minutes is None or not 0 <= minutes <= 40320:
            raise invalid("Invalid reminder override.")
    if len(overrides) > 5:
        raise invalid("Too many override reminders.")
    return {"useDefault": False, "overrides": overrides} if overrides else {"useDefault": False}


def is_newer(given: Record, before: Record) -> bool:
    """Whether a body's own iCalendar sequence, if it has one, is not behind the stored one."""
    last = int(before.get("sequence", 0))
    return int(given.get("sequence", last)) >= last

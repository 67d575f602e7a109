"""How a stored event looks to one caller: zone of the answer, hidden details, left-out attendees."""

from __future__ import annotations

import base64
from typing import Any

from sandbox.google_calendar.access import Opened, at_least
from sandbox.google_calendar.dialect import Call, number
from sandbox.google_calendar.times import shown

Record = dict[str, Any]

_HEAD = ("kind", "etag", "id", "status")
_FREE_BUSY = (
    *_HEAD,
    "created",
    "updated",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "transparency",
    "iCalUID",
    "sequence",
    "eventType",
    "organizer",
)


def show(event: Record, calendar: Opened, call: Call, zone: str) -> Record:
    """The whole event as this caller may see it, times in ``zone``."""
    visible = _veiled(event, calendar.role)
    if "maxAttendees" in call.query:
        visible = _fewer_attendees(visible, number(call, "maxAttendees", default=1, top=2**31))
    return _in_zone(visible, zone)


def bare(event: Record, zone: str) -> Record:
    """A cancelled entry with only what the vendor promises for it (discovery: Event.status)."""
    kept = ("recurringEventId", "originalStartTime") if "recurringEventId" in event else ()
    return _in_zone({name: event[name] for name in (*_HEAD, *kept) if name in event}, zone)


def html_link(id: str, calendar: str) -> str:
    """The address of an event in the web interface."""
    eid = base64.urlsafe_b64encode(f"{id} {calendar}".encode()).decode().rstrip("=")
    return f"https://www.google.com/calendar/event?eid={eid}"


def reminders_of(role: str) -> list[Record]:
    """The default reminders that the caller has on a calendar: a pop-up for owners, none for the rest."""
    return [{"method": "popup", "minutes": 30}] if role == "owner" else []


def _veiled(event: Record, role: str) -> Record:
    hidden = event.get("visibility") in ("private", "confidential")
    if at_least(role, "writer") or (at_least(role, "reader") and not hidden):
        return event
    kept = {name: event[name] for name in _FREE_BUSY if name in event}
    return {**kept, "visibility": "private"}


def _fewer_attendees(event: Record, most: int) -> Record:
    attendees = event.get("attendees", [])
    if len(attendees) <= most:
        return event
    own = [one for one in attendees if one.get("self")]
    return {**event, "attendees": own, "attendeesOmitted": True}


def _in_zone(event: Record, zone: str) -> Record:
    times: Record = {name: shown(event[name], zone) for name in ("start", "end", "originalStartTime") if name in event}
    return {**event, **times}

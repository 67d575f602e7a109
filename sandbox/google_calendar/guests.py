"""Invited people's copies of an event: one on each guest's own calendar here, under the same id.

The organizer decides the shared part; a guest decides the answer, the reminders and what is private to the copy
(facts sections "Writes", replace; "Limits and errors", forbiddenForNonOrganizer).
"""

from __future__ import annotations

from typing import Any

from sandbox.google_calendar import shelf
from sandbox.google_calendar.dialect import CalendarError
from sandbox.google_calendar.stamps import stamp_event
from sandbox.google_calendar.views import html_link
from sandbox.store import Store

Record = dict[str, Any]

_OWN = ("reminders", "colorId", "transparency", "visibility")
_STAMPS = ("etag", "updated", "created", "htmlLink", "sequence", "creator", "organizer")


def is_copy(calendar: str, event: Record) -> bool:
    """Whether this event is organized somewhere else."""
    organizer = event.get("organizer", {}).get("email", calendar)
    return bool(organizer != calendar)


def spread(store: Store, calendar: str, event: Record, before: Record | None) -> None:
    """Make every guest's copy agree with the organizer's event, or the organizer's event with a guest's answer."""
    if is_copy(calendar, event):
        _answer(store, calendar, event)
        return
    invited = _guests(store, calendar, event)
    for guest in invited | _guests(store, calendar, before or {}):
        copy = shelf.event(store, guest, event["id"])
        if guest in invited:
            _put(store, guest, _copied(guest, event, copy), copy)
        elif copy is not None and copy["status"] != "cancelled":
            _put(store, guest, {**copy, "status": "cancelled"}, copy)


def check(calendar: str, before: Record, after: Record) -> None:
    """Refuse with 403 when a guest's copy would change in what belongs to the organizer."""
    if is_copy(calendar, before) and _shared(calendar, before) != _shared(calendar, after):
        message = "Shared properties can only be changed by the organizer of the event."
        raise CalendarError(403, "forbiddenForNonOrganizer", message, domain="calendar")


def _guests(store: Store, calendar: str, event: Record) -> set[str]:
    emails = {one["email"] for one in event.get("attendees", [])}
    return {email for email in emails if email != calendar and store.get("calendars", email) is not None}


def _copied(guest: str, event: Record, copy: Record | None) -> Record:
    own = {name: copy[name] for name in _OWN if copy is not None and name in copy}
    shared = {name: value for name, value in event.items() if name not in (*_OWN, "extendedProperties")}
    properties = {"shared": event.get("extendedProperties", {}).get("shared")}
    properties["private"] = (copy or {}).get("extendedProperties", {}).get("private")
    properties = {side: values for side, values in properties.items() if values}
    organizer = {name: value for name, value in event["organizer"].items() if name != "self"}
    creator = {name: value for name, value in event["creator"].items() if name != "self"}
    return {
        **shared,
        **({"extendedProperties": properties} if properties else {}),
        "reminders": {"useDefault": True},
        **own,
        "creator": creator,
        "organizer": organizer,
        "attendees": _seen_by(guest, event),
        "htmlLink": html_link(event["id"], guest),
    }


def _seen_by(guest: str, event: Record) -> list[Record]:
    without = [{name: value for name, value in one.items() if name != "self"} for one in event["attendees"]]
    return [{**one, "self": True} if one["email"] == guest else one for one in without]


def _answer(store: Store, guest: str, copy: Record) -> None:
    organizer = copy["organizer"]["email"]
    event = shelf.event(store, organizer, copy["id"])
    answer = next((one for one in copy.get("attendees", []) if one["email"] == guest), None)
    if event is None or answer is None or event["status"] == "cancelled":
        return
    said = {name: value for name, value in answer.items() if name != "self"}
    if copy["status"] == "cancelled":
        said["responseStatus"] = "declined"
    attendees = [said if one["email"] == guest else one for one in event.get("attendees", [])]
    if attendees != event.get("attendees"):
        _put(store, organizer, {**event, "attendees": attendees}, event)


def _put(store: Store, calendar: str, event: Record, before: Record | None) -> None:
    store.put("events", shelf.key(calendar, event["id"]), stamp_event(store, event, before))


def _shared(calendar: str, event: Record) -> Record:
    shared = {name: value for name, value in event.items() if name not in (*_OWN, *_STAMPS, "status")}
    shared["extendedProperties"] = event.get("extendedProperties", {}).get("shared")
    shared["attendees"] = [one for one in event.get("attendees", []) if one["email"] != calendar]
    return shared

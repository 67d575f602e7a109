"""Calendars themselves: get, insert, update, patch, delete, clear (facts section "Streams", one calendar)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from sandbox.google_calendar import shelf
from sandbox.google_calendar.access import open_calendar
from sandbox.google_calendar.dialect import Call, check_match, invalid, nothing, reply, required
from sandbox.google_calendar.drafts import merge
from sandbox.google_calendar.sharing import grant, subscribe
from sandbox.google_calendar.stamps import fresh, make_id
from sandbox.google_calendar.times import known_zone
from sandbox.store import Store

Record = dict[str, Any]

_WRITABLE = ("summary", "description", "location", "timeZone", "labelProperties", "workingHours")


def get_calendar(call: Call) -> Response:
    return reply(call, open_calendar(call).record)


def insert_calendar(call: Call) -> Response:
    """``POST calendars``: a secondary calendar that the caller owns and sees in its list."""
    number = str(call.store.next_id("calendars"))
    id = f"c_{make_id('calendar', number, length=52)}@group.calendar.google.com"
    body = {"timeZone": "UTC", **_checked(call.body)}
    record = fresh(call.store, {"kind": "calendar#calendar", "id": id, **body, "dataOwner": call.caller.email})
    call.store.put("calendars", id, record)
    grant(call.store, id, {"type": "user", "value": call.caller.email}, "owner")
    subscribe(call.store, call.caller.email, id, {})
    return reply(call, record)


def update_calendar(call: Call) -> Response:
    return _change(call, lambda _record: call.body)


def patch_calendar(call: Call) -> Response:
    return _change(call, lambda record: merge(record, call.body))


def delete_calendar(call: Call) -> Response:
    """``DELETE calendars/{calendarId}``: secondary calendars only."""
    calendar = open_calendar(call, "owner")
    if is_primary(call.store, calendar.id):
        raise invalid("A primary calendar cannot be deleted. Use clear instead.")
    drop(call.store, calendar.id)
    return nothing()


def clear_calendar(call: Call) -> Response:
    """``POST calendars/{calendarId}/clear``: removes every event of a primary calendar for good."""
    calendar = open_calendar(call, "owner")
    if not is_primary(call.store, calendar.id):
        raise invalid("Only a primary calendar can be cleared.")
    for id in shelf.changes(call.store, "events", calendar.id):
        call.store.delete("events", shelf.key(calendar.id, id))
    return nothing()


def is_primary(store: Store, calendar: str) -> bool:
    """Whether a calendar belongs to a user of the directory."""
    return shelf.user(store, calendar) is not None


def drop(store: Store, calendar: str) -> None:
    """Remove a calendar with its events and rules; it leaves a deleted entry in everybody's list."""
    with store.lock:
        for collection in ("events", "acl"):
            for id in shelf.changes(store, collection, calendar):
                store.delete(collection, shelf.key(calendar, id))
        for entry in store.all("calendar_list"):
            if entry["id"] == calendar:
                gone = fresh(store, {**entry, "deleted": True})
                store.put("calendar_list", shelf.key(entry["user"], calendar), gone)
        store.delete("calendars", calendar)


def _change(call: Call, body: Callable[[Record], Record]) -> Response:
    calendar = open_calendar(call, "owner")
    check_match(call, calendar.record["etag"])
    kept = {name: value for name, value in calendar.record.items() if name not in _WRITABLE}
    changed = {"timeZone": calendar.zone, **kept, **_checked(body(calendar.record))}
    record = call.store.put("calendars", calendar.id, fresh(call.store, changed))
    return reply(call, record)


def _checked(body: Record) -> Record:
    kept = {name: body[name] for name in _WRITABLE if body.get(name) not in (None, "")}
    if not isinstance(kept.get("summary"), str):
        raise required("Missing title.")
    if "timeZone" in kept and not known_zone(kept["timeZone"]):
        raise invalid("Invalid time zone value.")
    return kept

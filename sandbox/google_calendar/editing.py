"""A person at work in the vendor's own web interface: what an edit moves, what a deletion leaves."""

from __future__ import annotations

from typing import Any

from sandbox.google_calendar.calendars import drop
from sandbox.google_calendar.dialect import CalendarError
from sandbox.google_calendar.drafts import settle
from sandbox.google_calendar.guests import spread
from sandbox.google_calendar.reading import find
from sandbox.google_calendar.sharing import grant, hide
from sandbox.google_calendar.stamps import fresh, stamp_event
from sandbox.google_calendar.times import show_stamp
from sandbox.google_calendar.views import html_link
from sandbox.google_calendar.writing import cancel
from sandbox.store import Store

Record = dict[str, Any]

_IDENTITY = (
    "kind",
    "id",
    "created",
    "creator",
    "organizer",
    "iCalUID",
    "htmlLink",
    "recurringEventId",
    "originalStartTime",
    "privateCopy",
    "locked",
)


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as the vendor keeps it after a person's edit; ValueError for one that it would not take.

    An event that is new to the calendar must say whose it is: ``organizer.email`` names the calendar.
    """
    if collection == "mails":
        return record
    if collection != "events":
        return fresh(store, record)
    calendar, before = _before(store, record)
    zone = (store.get("calendars", calendar) or {}).get("timeZone", "UTC")
    try:
        settled = settle(record, calendar=calendar, zone=zone)
    except CalendarError as refused:
        raise ValueError(str(refused)) from refused
    kept = {**_new(store, record, calendar), **{name: record[name] for name in _IDENTITY if name in record}}
    stamped = stamp_event(store, {**settled, **kept}, before)
    spread(store, calendar, stamped, before)
    return stamped


def remove(store: Store, collection: str, id: str) -> None:
    """Delete one record as the web interface does: events and rules leave a tombstone, users a deleted user."""
    owner, _, own = id.partition("/")
    if collection == "events":
        event = find(store, owner, own)
        if event is not None and event["status"] != "cancelled":
            cancel(store, owner, event)
    elif collection == "calendars":
        drop(store, id)
    elif collection == "acl":
        rule = store.get(collection, id)
        if rule is not None:
            grant(store, owner, rule["scope"], "none")
    elif collection == "calendar_list":
        entry = store.get(collection, id)
        if entry is not None:
            hide(store, entry)
    elif collection == "users":
        _remove_user(store, id)
    else:
        store.delete(collection, id)


def _remove_user(store: Store, id: str) -> None:
    user = store.get("users", id)
    if user is not None:
        store.put("users", id, fresh(store, {**user, "deletionTime": show_stamp(store.clock.now())}))
        drop(store, user["primaryEmail"])


def _before(store: Store, record: Record) -> tuple[str, Record | None]:
    """The calendar of an edited event and the event before the edit, known by the ETag that the edit still carries.

    ETags are unique here, while an id can be on several calendars (copies of guests, entries left by a move).
    """
    for key, event in store.items("events"):
        if event["id"] == record.get("id") and event["etag"] == record.get("etag"):
            return key.partition("/")[0], event
    calendar, id = record.get("organizer", {}).get("email"), record.get("id")
    if not calendar or not id:
        raise ValueError("a new event needs an id and, as organizer.email, the id of its calendar")
    return str(calendar), None


def _new(store: Store, record: Record, calendar: str) -> Record:
    return {
        "kind": "calendar#event",
        "iCalUID": f"{record['id']}@google.com",
        "htmlLink": html_link(record["id"], calendar),
        "created": show_stamp(store.clock.now()),
        "creator": {"email": calendar, "self": True},
        "organizer": {"email": calendar, "self": True},
    }

"""Writing events: insert, update, patch, delete, import, move.

Vendor facts: facts sections "Writes" and "Idempotency, markers, concurrency".
"""

from __future__ import annotations

import base64
from typing import Any

from starlette.responses import Response

from sandbox.google_calendar import guests, mails, shelf
from sandbox.google_calendar.access import Opened, open_calendar
from sandbox.google_calendar.dialect import (
    CalendarError,
    Call,
    check_match,
    conflict,
    gone,
    invalid,
    needs_role,
    not_found,
    nothing,
    reply,
    required,
)
from sandbox.google_calendar.drafts import check_id, is_newer, merge, settle
from sandbox.google_calendar.reading import find
from sandbox.google_calendar.stamps import make_id, stamp_event
from sandbox.google_calendar.times import show_stamp
from sandbox.google_calendar.views import html_link, show
from sandbox.respelling import Members, respelled
from sandbox.store import Store

Record = dict[str, Any]

_RESPELT = Members(texts=frozenset({"summary", "location"}), notes=frozenset({"description"}))
_KEPT = (
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


def insert_event(call: Call) -> Response:
    """``POST calendars/{calendarId}/events``: 200 with the event; 409 when the id is or was taken."""
    calendar = open_calendar(call, "writerWithoutPrivateAccess")
    event = _drafted(call, calendar, _rewritten(call))
    if event["eventType"] == "fromGmail":
        message = "Events of this type cannot be created."
        raise CalendarError(400, "eventTypeRestriction", message, domain="calendar")
    if "id" in call.body and "iCalUID" in call.body:
        raise invalid("Only one of id and iCalUID may be given.")
    id = check_id(call.body["id"]) if "id" in call.body else _new_id(call.store, calendar.id)
    uid = call.body.get("iCalUID", f"{id}@google.com")
    if shelf.event(call.store, calendar.id, id) is not None:
        raise conflict()
    if "iCalUID" in call.body and _by_uid(call.store, calendar.id, uid) is not None:
        raise conflict()
    event |= _identity(call, calendar, id, uid)
    event = keep(call.store, calendar.id, event, None)
    mails.send(call, event, "invitation")
    return reply(call, show(event, calendar, call, calendar.zone))


def update_event(call: Call) -> Response:
    """``PUT .../events/{eventId}``: what is left out is cleared; a deleted event comes back unless said otherwise."""
    calendar, before = _found(call)
    return _changed(call, calendar, before, _rewritten(call))


def patch_event(call: Call) -> Response:
    """``PATCH .../events/{eventId}``: JSON merge patch, arrays replaced whole."""
    calendar, before = _found(call)
    return _changed(call, calendar, before, merge(before, _rewritten(call)))


def delete_event(call: Call) -> Response:
    """``DELETE .../events/{eventId}``: 204, and 410 the second time."""
    calendar, before = _found(call)
    if before["status"] == "cancelled":
        raise gone()
    _check_private(calendar, before)
    event = cancel(call.store, calendar.id, before)
    mails.send(call, event, "cancellation")
    return nothing()


def import_event(call: Call) -> Response:
    """``POST .../events/import``: a private copy by iCalUID; the same iCalUID again changes it."""
    calendar = open_calendar(call, "writerWithoutPrivateAccess")
    uid = call.body.get("iCalUID")
    if not isinstance(uid, str) or not uid:
        raise required("Missing iCalUID.")
    event = _drafted(call, calendar, {**_rewritten(call), "eventType": "default"})
    before = _by_uid(call.store, calendar.id, uid)
    if before is not None and not is_newer(call.body, before):
        raise _stale_sequence()
    organizer = _imported_organizer(call.body.get("organizer"), calendar)
    if before is None:
        event |= {**_identity(call, calendar, _imported_id(uid), uid), "organizer": organizer}
    else:
        event |= {**{name: before[name] for name in _KEPT if name in before}, "organizer": organizer}
    event = keep(call.store, calendar.id, event, before, spreading=False)
    return reply(call, show(event, calendar, call, calendar.zone))


def move_event(call: Call) -> Response:
    """``POST .../events/{eventId}/move?destination=``: a new organizer, and a cancelled entry left behind."""
    calendar, before = _found(call)
    if "destination" not in call.query:
        raise CalendarError(400, "required", "Required parameter: destination", at=("parameter", "destination"))
    target = open_calendar(call, "writer", call.query["destination"])
    if before["status"] == "cancelled":
        raise gone()
    _check_movable(calendar, before)
    there = shelf.event(call.store, target.id, before["id"])
    if there is not None and there["status"] != "cancelled":
        raise conflict()
    exceptions = _exceptions(call.store, calendar.id, before)
    cancel(call.store, calendar.id, before, spreading=False)
    event = keep(call.store, target.id, _rehomed(before, target), there)
    for one in exceptions:
        keep(call.store, target.id, _rehomed(one, target), shelf.event(call.store, target.id, one["id"]))
    mails.send(call, event, "update")
    return reply(call, show(event, target, call, target.zone))


def keep(store: Store, calendar: str, event: Record, before: Record | None, *, spreading: bool = True) -> Record:
    """Stamp and store one event, and bring the copies on its guests' calendars up to date."""
    with store.lock:
        stamped = stamp_event(store, event, before)
        store.put("events", shelf.key(calendar, stamped["id"]), stamped)
        if spreading:
            guests.spread(store, calendar, stamped, before)
        if before is not None and before["status"] == "cancelled" and stamped["status"] != "cancelled":
            # A series that comes back brings its exceptions back into sight.
            for other in _exceptions(store, calendar, stamped):
                store.put("events", shelf.key(calendar, other["id"]), stamp_event(store, other, other))
        return stamped


def cancel(store: Store, calendar: str, event: Record, *, spreading: bool = True) -> Record:
    """Make an event a tombstone; with a series its own exceptions go too, and an instance becomes an exception."""
    with store.lock:
        cancelled = keep(store, calendar, {**event, "status": "cancelled"}, event, spreading=spreading)
        for other in _exceptions(store, calendar, event):
            if other["status"] != "cancelled":
                keep(store, calendar, {**other, "status": "cancelled"}, other, spreading=spreading)
        return cancelled


def _exceptions(store: Store, calendar: str, master: Record) -> list[Record]:
    """The stored exceptions of a series, cancelled instances among them; none for a single event."""
    if "recurrence" not in master:
        return []
    held = shelf.held(store, "events", calendar)
    return [event for _, event in held if event.get("recurringEventId") == master["id"]]


def _rehomed(event: Record, target: Opened) -> Record:
    """An event as its new calendar keeps it."""
    kept = {name: event[name] for name in _KEPT if name in event}
    owner = {"email": target.id, "self": True}
    link = html_link(event["id"], target.id)
    return {**kept, **settle(event, calendar=target.id, zone=target.zone), "organizer": owner, "htmlLink": link}


def _found(call: Call) -> tuple[Opened, Record]:
    """The calendar and the event of the path, when the caller may write it and If-Match fits."""
    calendar = open_calendar(call, "writerWithoutPrivateAccess")
    event = find(call.store, calendar.id, call.ids["eventId"])
    if event is None:
        raise not_found()
    check_match(call, event["etag"])
    return calendar, event


def _drafted(call: Call, calendar: Opened, body: Record) -> Record:
    event = settle(body, calendar=calendar.id, zone=calendar.zone)
    if call.caller.robot and "attendees" in event:
        message = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
        raise CalendarError(403, "forbiddenForServiceAccounts", message, domain="calendar")
    _check_private(calendar, event)
    return event


def _changed(call: Call, calendar: Opened, before: Record, body: Record) -> Response:
    if body.get("id", before["id"]) != before["id"]:
        raise invalid("Invalid resource id value.")
    if body.get("eventType", before["eventType"]) != before["eventType"]:
        raise CalendarError(400, "eventTypeRestriction", "The event type cannot be changed.", domain="calendar")
    if not is_newer(body, before):
        raise _stale_sequence()
    _check_private(calendar, before)
    settled = _drafted(call, calendar, {"eventType": before["eventType"], **body})
    event = {**settled, **{name: before[name] for name in _KEPT if name in before}}
    if event["status"] == "cancelled" and before["status"] != "cancelled":
        event = cancel(call.store, calendar.id, before)
        mails.send(call, event, "cancellation")
    else:
        guests.check(calendar.id, before, event)
        event = keep(call.store, calendar.id, event, before)
        mails.send(call, event, "update")
    return reply(call, show(event, calendar, call, calendar.zone))


def _identity(call: Call, calendar: Opened, id: str, uid: str) -> Record:
    creator: Record = {"email": call.caller.email}
    if call.caller.email == calendar.id:
        creator["self"] = True
    return {
        "kind": "calendar#event",
        "id": id,
        "iCalUID": uid,
        "htmlLink": html_link(id, calendar.id),
        "created": show_stamp(call.store.clock.now()),
        "creator": creator,
        "organizer": {"email": calendar.id, "self": True},
    }


def _new_id(store: Store, calendar: str) -> str:
    return make_id("event", calendar, str(store.next_id(f"events of {calendar}")))


def _imported_id(uid: str) -> str:
    return "_" + base64.b32hexencode(uid.encode()).decode().lower().rstrip("=")


def _imported_organizer(given: object, calendar: Opened) -> Record:
    email = given.get("email") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(email, str) or email == calendar.id:
        return {"email": calendar.id, "self": True}
    return {name: given[name] for name in ("email", "displayName") if name in given}


def _by_uid(store: Store, calendar: str, uid: str) -> Record | None:
    imported = shelf.event(store, calendar, _imported_id(uid))
    if imported is not None:
        return imported
    for _, event in shelf.held(store, "events", calendar):
        if event.get("iCalUID") == uid and "recurringEventId" not in event:
            return event
    return None


def _check_movable(calendar: Opened, event: Record) -> None:
    if "recurringEventId" in event:
        message = "Cannot change the organizer of an instance."
        raise CalendarError(400, "cannotChangeOrganizerOfInstance", message, domain="calendar")
    if event["organizer"]["email"] != calendar.id:
        message = "Cannot change the organizer of an event that is organized elsewhere."
        raise CalendarError(403, "forbiddenForNonOrganizer", message, domain="calendar")
    if event["eventType"] != "default":
        raise CalendarError(400, "eventTypeRestriction", "Events of this type cannot be moved.", domain="calendar")


def _check_private(calendar: Opened, event: Record) -> None:
    if calendar.role == "writerWithoutPrivateAccess" and event.get("visibility") in ("private", "confidential"):
        raise needs_role("writer")


def _stale_sequence() -> CalendarError:
    return invalid(
        "Invalid sequence value. The specified sequence number is below the current sequence number of the resource."
        " Re-fetch the resource and use its sequence number on the following request."
    )


def _rewritten(call: Call) -> Record:
    """What was sent as it is; under ``rewritten_values`` in the fault's form, else as an editor of HTML leaves it."""
    body = call.body
    fault = call.store.faults.take("rewritten_values", call.method, call.path)
    if fault is None:
        return body
    if fault.form is not None:
        spelt: Record = respelled(body, fault.form, _RESPELT)
        return spelt
    tidied = {name: body[name].strip() for name in ("summary", "location") if isinstance(body.get(name), str)}
    if isinstance(body.get("description"), str):
        tidied["description"] = body["description"].strip().replace("\n", "<br>")
    return {**body, **tidied}

"""Assignments into technicians' calendars: one event each, under an id that we derive from the core id.

Google refuses a second event with the same id, also after the first was deleted (Idempotency, markers, concurrency):
so a create may be sent again, and a deleted one is revived. Nobody is sent an invitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.answers import planned_version
from connectors.google_calendar.series import API, MARKER, event_id, events_of, raw
from connectors.schedule import TIMES, Days, aware, moves, shown_time, zone_of
from connectors.spec import Api, Outgoing, Record, Written
from models.change import Change
from models.days import day_after
from models.errors import Gone, Rejected, Stale

QUIET = {"sendUpdates": "none"}
EXTRA = (*TIMES, "technician_email")


def create(api: Api, outgoing: Outgoing) -> Written:
    """Make the event; one that is there already is taken over or revived.

    Rejected: no such calendar, or somebody else's event. Stale: it is ours, but says something else.
    """
    calendar, body = _calendar(api, outgoing.change), _whole(api, outgoing)
    answer = api.request("POST", events_of(calendar), params=QUIET, json=body, accept=(404, 409), repeatable=True)
    if answer.status == 404:
        said = f"calendar {calendar} is not there or not shared with us; share it, or name another in 'calendar_of'"
        raise Rejected(api.system, said)
    return _take_over(api, calendar, body) if answer.status == 409 else _written(calendar, answer.json())


def _take_over(api: Api, calendar: str, body: Record) -> Written:
    found = api.request("GET", events_of(calendar, body["id"])).json()
    if found["status"] == "cancelled":
        revived = {**body, "status": "confirmed"}
        shown = {"If-Match": found["etag"]}
        answer = api.request("PUT", events_of(calendar, body["id"]), params=QUIET, json=revived, headers=shown)
        return _written(calendar, answer.json())
    if _marker(found) != _marker(body):
        raise Rejected(api.system, f"event {found['id']} in {calendar} does not carry our marker; delete it there")
    if _content(found) != _content(body):
        raise Stale(api.system, f"event {found['id']} in {calendar} is there already and says something else")
    return _written(calendar, found)


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The event of a create whose answer was lost. One that says something else is left to the next read."""
    calendar, body = _calendar(api, outgoing.change), _whole(api, outgoing)
    found = fetch(api, f"{calendar}/{body['id']}")
    if found is None or found.record is None:
        return None
    same = _marker(found.record) == _marker(body) and _content(found.record) == _content(body)
    return found if same else None


def fetch(api: Api, target_id: str) -> Written | None:
    """The event as it is now; None when it was deleted. Gone when its whole calendar is out of our sight."""
    calendar, event = _split(target_id)
    try:
        found = api.request("GET", events_of(calendar, event)).json()
    except Gone:
        _see(api, calendar)
        return None
    return None if found["status"] == "cancelled" else _written(calendar, found)


def update(api: Api, outgoing: Outgoing) -> Written:
    """Change what moved, unless the event moved on; then bring it to the calendar it belongs in.

    The move comes last because Google takes no precondition for it: the change before it has proven the version.
    """
    change = outgoing.change
    calendar, event = _split(str(change.target_id))
    body = {**outgoing.record, **_mark(change)}
    if moves(change):
        # A changed event keeps what is not named: the other kind of time has to be emptied.
        empty = {"date": None, "dateTime": None, "timeZone": None}
        body |= {side: {**empty, **time} for side, time in _times(api, change).items()}
    answer = api.request("PATCH", events_of(calendar, event), params=QUIET, json=body, headers=_shown(change))
    there = _named(api, change) or calendar
    return _written(calendar, answer.json()) if there == calendar else move(api, str(change.target_id), there)


def move(api: Api, target_id: str, calendar: str) -> Written:
    """Bring an event into another calendar, under the same event id; a deleted one stays behind (Writes)."""
    path = f"{events_of(*_split(target_id))}/move"
    return _written(calendar, api.request("POST", path, params={**QUIET, "destination": calendar}).json())


def delete(api: Api, outgoing: Outgoing) -> Written:
    """Delete the event that the change was planned against; what is deleted already counts as done."""
    change = outgoing.change
    target_id = str(change.target_id)
    calendar, event = _split(target_id)
    try:
        api.request("DELETE", events_of(calendar, event), params=QUIET, headers=_shown(change))
    except Gone:
        _see(api, calendar)
    except Stale:
        if fetch(api, target_id) is not None:
            raise
    return Written(id=target_id)


def _see(api: Api, calendar: str) -> None:
    """Gone when the calendar is not to be seen: Google says "not found" of its events then too (Limits and errors)."""
    api.request("GET", f"{API}/calendars/{quote(calendar, safe='')}")


def _shown(change: Change) -> Mapping[str, str]:
    return {"If-Match": planned_version(change)}


def _named(api: Api, change: Change) -> str | None:
    """The calendar that the stack says this assignment belongs in; None when the assignment does not tell."""
    value = change.desired.get(api.settings["calendar_by"])
    return api.settings["calendar_of"].get(value, value) if value else None


def _calendar(api: Api, change: Change) -> str:
    calendar = _named(api, change)
    if not calendar or "@" not in calendar:  # every calendar id is an address (Streams)
        by = api.settings["calendar_by"]
        raise Rejected(api.system, f"{change.core_id}: {by} {calendar!r} names no calendar; set it, or 'calendar_of'")
    return calendar


def _whole(api: Api, outgoing: Outgoing) -> dict[str, Any]:
    """The whole event for a create."""
    said = {name: value for name, value in outgoing.record.items() if value is not None}
    change = outgoing.change
    return {"id": event_id(change.core_id), **said, **_times(api, change), **_mark(change)}


def _mark(change: Change) -> dict[str, Any]:
    return {"extendedProperties": {"private": {MARKER: change.core_id}}}


def _marker(event: Record) -> str | None:
    private = event.get("extendedProperties", {}).get("private", {})
    return str(private[MARKER]) if MARKER in private else None


def _times(api: Api, change: Change) -> dict[str, dict[str, str]]:
    """``start`` and ``end``; Google wants both."""
    time = shown_time(change)
    if isinstance(time, Days):
        return {"start": _day(time.first), "end": _day(day_after(time.last))}
    zone = zone_of(api, change)
    return {"start": moment(time.start, zone), "end": moment(time.end, zone)}


def _day(day: date) -> dict[str, str]:
    return {"date": day.isoformat()}


def moment(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    """A UTC instant as wall time with its offset, and the zone beside it."""
    wall = aware(at).astimezone(zone)
    return {"dateTime": wall.isoformat(timespec="seconds"), "timeZone": zone.key}


def _content(event: Record) -> tuple[Any, ...]:
    """What an event says, in a form in which the same thing is equal however it is spelled."""
    texts = (str(event.get(name) or "").strip() for name in ("summary", "description", "location"))
    times = (event[side] for side in ("start", "end"))
    return (*texts, *(time.get("date") or datetime.fromisoformat(time["dateTime"]) for time in times))


def _written(calendar: str, event: Record) -> Written:
    return Written(id=f"{calendar}/{event['id']}", version=event["etag"], record=raw(calendar, event))


def _split(target_id: str) -> tuple[str, str]:
    calendar, _, event = target_id.rpartition("/")
    return calendar, event

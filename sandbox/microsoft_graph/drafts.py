"""What a client or a person wrote, made into an event as it is kept, or refused (facts: Writes, Time)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.microsoft_graph.dialect import Failure, bad, guid, opaque, stamp
from sandbox.microsoft_graph.series import checked
from sandbox.microsoft_graph.times import day, named, shown, wall
from sandbox.respelling import Members, respelled
from sandbox.store import Store
from sandbox.twin import Record

PLACE = "calendar@odata.navigationLink"
MEMBERS = Members(texts=frozenset({"subject", "displayName"}), notes=frozenset({"content"}))
_TYPES: dict[str, type | tuple[type, ...]] = {
    "subject": str, "body": dict, "start": dict, "end": dict, "location": dict, "locations": list, "attendees": list,
    "isAllDay": bool, "isReminderOn": bool, "reminderMinutesBeforeStart": int, "showAs": str, "sensitivity": str,
    "importance": str, "categories": list, "recurrence": dict, "responseRequested": bool, "transactionId": str,
    "singleValueExtendedProperties": list, "isOnlineMeeting": bool, "onlineMeetingProvider": str,
    "allowNewTimeProposals": bool, "hideAttendees": bool, "originalStartTimeZone": str, "originalEndTimeZone": str,
}  # fmt: skip
_IGNORED = ("id", "changeKey", "createdDateTime", "lastModifiedDateTime", "bodyPreview", "iCalUId", "isCancelled",
            "isOrganizer", "hasAttachments", "organizer", "responseStatus", "seriesMasterId", "type", "webLink",
            "isDraft", "originalStart", "cancelledOccurrences", "onlineMeeting", "onlineMeetingUrl")  # fmt: skip
_CHOICES = {
    "showAs": ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
    "sensitivity": ("normal", "personal", "private", "confidential"),
    "importance": ("low", "normal", "high"),
}


def accepted(body: Record) -> Record:
    """The members of a body that may be written. Raises Failure 400 for unknown ones and for other types."""
    kept = {}
    for name, value in body.items():
        if "@odata" in name or name in _IGNORED:
            continue
        if name not in _TYPES:
            raise bad(f"The property '{name}' does not exist on type 'microsoft.graph.event'.", "RequestBodyRead")
        if _TYPES[name] is bool and value in ("true", "false"):  # client packages write these too
            value = value == "true"  # noqa: PLW2901 - the same value under its own type
        if value is not None and not isinstance(value, _TYPES[name]):
            raise bad(f"Cannot convert a value to target type of '{name}'.", "RequestBodyRead")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise bad(f"Requested value '{value}' was not found.", "RequestBodyRead")
        kept[name] = value
    return kept


def blank(owner: Record, id: str, now: datetime) -> Record:
    """An event of a mailbox before anything was said about it."""
    address = {"name": owner["displayName"], "address": owner["mail"]}
    return {
        "id": id, "createdDateTime": stamp(now), "categories": [], "transactionId": None, "isAllDay": False,
        "iCalUId": "040000008200E00074C5B7101A82E008" + guid("uid", id).replace("-", "").upper() + "00000000",
        "reminderMinutesBeforeStart": 15, "isReminderOn": True, "hasAttachments": False, "subject": "",
        "importance": "normal", "sensitivity": "normal", "isCancelled": False, "isOrganizer": True,
        "isDraft": False, "responseRequested": True, "seriesMasterId": None, "showAs": "busy",
        "type": "singleInstance", "hideAttendees": False, "allowNewTimeProposals": True, "isOnlineMeeting": False,
        "webLink": f"https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item",
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"}, "recurrence": None,
        "body": {"contentType": "text", "content": ""}, "location": _location({}), "locations": [], "attendees": [],
        "organizer": {"emailAddress": address}, "singleValueExtendedProperties": [],
    }  # fmt: skip


def settled(before: Record, said: Record, *, edit: bool = False) -> Record:
    """The event after what was said of it. Raises Failure 400.

    edit  a person changed the kept record, whose times are in UTC: the zone stays unless they name another
    """
    event = {**before, **{name: value for name, value in said.items() if name not in ("start", "end")}}
    event["subject"] = event.get("subject") or ""
    if said.get("body") is not None:
        kind = str(said["body"].get("contentType") or "text").lower()
        event["body"] = {"contentType": kind, "content": said["body"].get("content") or ""}
    if "location" in said:
        event["location"] = _location(said["location"] or {})
        event["locations"] = [event["location"]] if event["location"]["displayName"] else []
    if said.get("attendees"):
        event["attendees"] = [_attendee(one) for one in said["attendees"]]
    event["singleValueExtendedProperties"] = _properties(before, said)
    event |= _times(before, said, all_day=bool(event.get("isAllDay")), edit=edit)
    if event.get("recurrence") and event["type"] in ("singleInstance", "seriesMaster"):
        start = datetime.fromisoformat(event["start"]["dateTime"]).date()
        event |= {"recurrence": checked(event["recurrence"], start), "type": "seriesMaster"}
    return event


def _location(given: Record) -> Record:
    name = given.get("displayName") or ""
    return {"locationType": "default", "uniqueIdType": "private", **given} | {"displayName": name}


def _attendee(given: Record) -> Record:
    if not (given.get("emailAddress") or {}).get("address"):
        raise bad("At least one recipient is not valid.", "ErrorInvalidRecipients")
    return {"type": "required", "status": {"response": "none", "time": "0001-01-01T00:00:00Z"}, **given}


def _properties(before: Record, said: Record) -> list[Record]:
    """Extended properties by their ids: those that are named are set, the others stay."""
    given = said.get("singleValueExtendedProperties") or ()
    named_ = {one["id"]: one for one in before.get("singleValueExtendedProperties") or ()}
    for one in given:
        if not isinstance(one.get("id"), str) or not isinstance(one.get("value"), str):
            raise bad("The property id or value is not valid.", "ErrorInvalidPropertySet")
        named_[one["id"]] = {"id": one["id"], "value": one["value"]}
    return list(named_.values())


def _times(before: Record, said: Record, *, all_day: bool, edit: bool) -> Record:
    given = {side: said.get(side) or before.get(side) for side in ("start", "end")}
    if None in given.values():
        raise bad("Start and end are required.", "ErrorPropertyValidationFailure")
    walls = {side: wall(value, side) for side, value in given.items()}
    zones = {side: str((value or {}).get("timeZone") or "UTC") for side, value in given.items()}
    if walls["end"] < walls["start"] and zones["start"] == zones["end"]:
        raise bad("The end date is earlier than the start date.", "ErrorCalendarEndDateIsEarlierThanStartDate")
    told = {}
    for side, name in zones.items():
        member = f"original{side.capitalize()}TimeZone"
        stays = side not in said or (edit and name == "UTC")
        named(name)
        told[member] = str(before.get(member) or name) if stays else name
    if all_day:
        _check_midnights(walls, zones)
        return {**told, **{side: day(at.date()) for side, at in walls.items()}}
    instants = {side: at.replace(tzinfo=at.tzinfo or named(zones[side])).astimezone(UTC) for side, at in walls.items()}
    return {**told, **{side: shown(at) for side, at in instants.items()}}


def _check_midnights(walls: dict[str, datetime], zones: dict[str, str]) -> None:
    midnights = all(at.time() == datetime.min.time() for at in walls.values())
    if not midnights or zones["start"] != zones["end"] or walls["end"] - walls["start"] < timedelta(days=1):
        message = "The Event.Start property for an all-day event needs to be set to midnight."
        raise bad(message, "ErrorPropertyValidationFailure")


def stamped(store: Store, event: Record) -> Record:
    """The event under a new change key."""
    key = opaque("version", event["id"], str(store.next_id("versions")), kind="key")
    now = stamp(store.clock.now())
    return {**event, "@odata.etag": f'W/"{key}"', "changeKey": key, "lastModifiedDateTime": now}


def spelled(store: Store, method: str, path: str, body: Any) -> Any:
    """The body as a system with a spelling of its own takes it (fault ``rewritten_values``)."""
    fault = store.faults.take("rewritten_values", method, path)
    return body if fault is None else respelled(body, fault.form or "trim", MEMBERS)


def conflict() -> Failure:
    message = (
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item."
    )
    return Failure(status=412, code="ErrorIrresolvableConflict", message=message)

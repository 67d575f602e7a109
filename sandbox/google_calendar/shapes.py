"""The JSON types of request bodies (the vendor's discovery document), so that a wrong one is refused, not tripped over.

A shape is a type, a list holding the shape of its elements, or a mapping from member names to shapes, in which
``*`` stands for every name. Members that are not named are ignored as the vendor ignores them; null is always fine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.google_calendar.dialect import invalid

_WHEN = {"date": str, "dateTime": str, "timeZone": str}
_REMINDER = {"method": str, "minutes": int}
_ANY_OBJECT: Mapping[str, Any] = {}
_PERSON = {"email": str, "displayName": str}

EVENT: Mapping[str, Any] = {
    **dict.fromkeys(
        ("id", "iCalUID", "summary", "description", "location", "colorId", "eventLabelId", "status", "transparency",
         "visibility", "eventType"), str
    ),
    **dict.fromkeys(
        ("anyoneCanAddSelf", "attendeesOmitted", "guestsCanInviteOthers", "guestsCanModify",
         "guestsCanSeeOtherGuests"), bool
    ),
    **dict.fromkeys(
        ("conferenceData", "outOfOfficeProperties", "focusTimeProperties", "workingLocationProperties",
         "birthdayProperties", "gadget"), _ANY_OBJECT
    ),
    "sequence": int,
    "start": _WHEN,
    "end": _WHEN,
    "recurrence": [str],
    "organizer": _PERSON,
    "attendees": [
        {**_PERSON, "responseStatus": str, "comment": str, "optional": bool, "resource": bool, "additionalGuests": int}
    ],
    "attachments": [{"fileUrl": str, "title": str, "mimeType": str}],
    "extendedProperties": {"private": {"*": str}, "shared": {"*": str}},
    "reminders": {"useDefault": bool, "overrides": [_REMINDER]},
    "source": {"title": str, "url": str},
}  # fmt: skip
CALENDAR: Mapping[str, Any] = {
    "summary": str, "description": str, "location": str, "timeZone": str, "labelProperties": {}, "workingHours": {},
}  # fmt: skip
RULE: Mapping[str, Any] = {"role": str, "scope": {"type": str, "value": str}}
ENTRY: Mapping[str, Any] = {
    "id": str, "summaryOverride": str, "colorId": str, "backgroundColor": str, "foregroundColor": str,
    "hidden": bool, "selected": bool, "defaultReminders": [_REMINDER],
    "notificationSettings": {"notifications": [{"type": str, "method": str}]},
}  # fmt: skip
FREE_BUSY: Mapping[str, Any] = {
    "timeMin": str, "timeMax": str, "timeZone": str, "groupExpansionMax": int, "calendarExpansionMax": int,
    "items": [{"id": str}],
}  # fmt: skip


def check(value: object, shape: Any, at: str = "") -> None:
    """Refuse with 400 a body with a value of another type; ``at`` is the path to the value so far."""
    if value is None:
        return
    if isinstance(shape, Mapping):
        _check_members(value, shape, at)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise invalid(f"Invalid value at '{at}': a list is expected.")
        for number, one in enumerate(value):
            if one is None:
                raise invalid(f"Invalid value at '{at}[{number}]': null is none.")
            check(one, shape[0], f"{at}[{number}]")
    elif type(value) is not shape:
        raise invalid(f"Invalid value at '{at}' ({shape.__name__}).")


def _check_members(value: object, shape: Mapping[str, Any], at: str) -> None:
    if not isinstance(value, dict):
        raise invalid(f"Invalid value at '{at}': an object is expected.")
    for name, one in value.items():
        inner = shape.get(name, shape.get("*"))
        if inner is not None:
            check(one, inner, f"{at}.{name}".lstrip("."))

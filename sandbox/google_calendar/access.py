"""Who may do what to a calendar: effective roles out of the sharing rules (facts section "Writes", share)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.google_calendar import shelf
from sandbox.google_calendar.dialect import Call, needs_role, not_found
from sandbox.store import Store

Record = dict[str, Any]

ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A calendar that the caller may use, with the caller's role on it."""

    id: str
    zone: str
    role: str
    record: Record


def role_of(store: Store, calendar: str, email: str) -> str:
    """The best role that any sharing rule gives to this address."""
    domain = email.rpartition("@")[2]
    rules = [store.get("acl", shelf.key(calendar, id)) for id in (f"user:{email}", f"domain:{domain}", "default")]
    return max((rule["role"] for rule in rules if rule is not None), key=ROLES.index, default="none")


def at_least(role: str, wanted: str) -> bool:
    return ROLES.index(role) >= ROLES.index(wanted)


def open_calendar(call: Call, need: str = "freeBusyReader", id: str | None = None) -> Opened:
    """The calendar of the path (``primary`` being the caller's own).

    Refuses with 404 for a calendar that the caller cannot see, with 403 for one where the role is too low.
    """
    id = call.ids["calendarId"] if id is None else id
    id = call.caller.email if id == "primary" else id
    record = call.store.get("calendars", id)
    role = role_of(call.store, id, call.caller.email)
    if record is None or role == "none":
        raise not_found()
    if not at_least(role, need):
        raise needs_role(need)
    return Opened(id=id, zone=record.get("timeZone", "UTC"), role=role, record=record)

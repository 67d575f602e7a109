"""Sharing rules of a calendar, and the list of calendars that a user sees.

Vendor facts: facts sections "Streams" (sharing, calendars the user sees) and "Writes" (share, subscribe).
Sharing alone puts a calendar into nobody's list.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.google_calendar import mails, shelf
from sandbox.google_calendar.access import ROLES, at_least, open_calendar, role_of
from sandbox.google_calendar.dialect import (
    CalendarError,
    Call,
    check_match,
    choice,
    flag,
    invalid,
    not_found,
    nothing,
    reply,
    required,
)
from sandbox.google_calendar.drafts import merge
from sandbox.google_calendar.listing import Row, cut, open_round
from sandbox.google_calendar.stamps import collection_etag, fresh
from sandbox.google_calendar.views import reminders_of
from sandbox.store import Store

Record = dict[str, Any]

_SCOPES = ("default", "user", "group", "domain")
_PERSONAL = (
    "summaryOverride",
    "colorId",
    "backgroundColor",
    "foregroundColor",
    "hidden",
    "selected",
    "defaultReminders",
    "notificationSettings",
)
_LOOK = {"colorId": "14", "backgroundColor": "#9fe1e7", "foregroundColor": "#000000", "selected": True}


def grant(store: Store, calendar: str, scope: Record, role: str) -> Record:
    """Write one rule; the rule of a scope is replaced, ``none`` leaves it as a deleted rule."""
    id = "default" if scope["type"] == "default" else f"{scope['type']}:{scope['value']}"
    rule = fresh(store, {"kind": "calendar#aclRule", "id": id, "scope": scope, "role": role})
    return store.put("acl", shelf.key(calendar, id), rule)


def list_rules(call: Call) -> Response:
    """``GET calendars/{calendarId}/acl``."""
    calendar = open_calendar(call, "owner")
    round = open_round(call, f"acl:{calendar.id}", role=calendar.role, default=100, top=250, refused=())
    rows: list[Row]
    if round.since is not None:
        changed = shelf.changed_since(call.store, "acl", calendar.id, round.since)
        rows = [([at], rule) for at, rule in changed]
    else:
        held = shelf.held(call.store, "acl", calendar.id)
        rows = [([at], rule) for at, rule in held if rule["role"] != "none" or flag(call, "showDeleted")]
    head = {"kind": "calendar#acl", "etag": collection_etag(call.store, "acl", calendar.id)}
    return reply(call, {**head, **cut(call, round, rows)})


def get_rule(call: Call) -> Response:
    return reply(call, _rule(call)[1])


def insert_rule(call: Call) -> Response:
    """``POST calendars/{calendarId}/acl``; mails the person unless ``sendNotifications=false``."""
    calendar = open_calendar(call, "owner")
    scope = _scope(call.body)
    rule = grant(call.store, calendar.id, scope, _role(call.body))
    _notify(call, rule, calendar.record["summary"])
    return reply(call, rule)


def change_rule(call: Call) -> Response:
    """PUT and PATCH of one rule; only its role can change."""
    calendar, rule = _rule(call)
    check_match(call, rule["etag"])
    _check_own(call, rule)
    changed = grant(call.store, calendar, rule["scope"], _role(merge(rule, call.body)))
    return reply(call, changed)


def delete_rule(call: Call) -> Response:
    calendar, rule = _rule(call)
    check_match(call, rule["etag"])
    _check_own(call, rule)
    grant(call.store, calendar, rule["scope"], "none")
    return nothing()


def subscribe(store: Store, user: str, calendar: str, personal: Record) -> Record:
    """Put a calendar into a user's list, with that user's own look of it."""
    kept = {name: personal[name] for name in _PERSONAL if personal.get(name) is not None}
    entry = {"kind": "calendar#calendarListEntry", "id": calendar, "user": user, **_LOOK, **kept}
    return store.put("calendar_list", shelf.key(user, calendar), fresh(store, entry))


def list_calendars(call: Call) -> Response:
    """``GET users/me/calendarList``."""
    me = call.caller.email
    refused = ("minAccessRole", "showOwnOrganizationOnly")
    round = open_round(call, f"calendarList:{me}", role="owner", default=100, top=250, refused=refused)
    least = choice(call, "minAccessRole", ROLES[1:]) or "freeBusyReader"
    rows: list[Row] = []
    if round.since is not None:
        changed = shelf.changed_since(call.store, "calendar_list", me, round.since)
        rows = [([at], _entry(call, entry)) for at, entry in changed]
    else:
        for at, stored in shelf.held(call.store, "calendar_list", me):
            entry = _entry(call, stored)
            if _listed(call, entry, least):
                rows.append(([at], entry))
    head = {"kind": "calendar#calendarList", "etag": collection_etag(call.store, "list", me)}
    return reply(call, {**head, **cut(call, round, rows)})


def get_entry(call: Call) -> Response:
    return reply(call, _entry(call, _own_entry(call)))


def insert_entry(call: Call) -> Response:
    """``POST users/me/calendarList``: take a calendar that one may see into one's list."""
    if not isinstance(call.body.get("id"), str):
        raise required("Missing calendar id.")
    calendar = open_calendar(call, id=call.body["id"])
    return reply(call, _entry(call, subscribe(call.store, call.caller.email, calendar.id, call.body)))


def update_entry(call: Call) -> Response:
    entry = _own_entry(call)
    check_match(call, entry["etag"])
    return reply(call, _entry(call, subscribe(call.store, call.caller.email, entry["id"], call.body)))


def patch_entry(call: Call) -> Response:
    entry = _own_entry(call)
    check_match(call, entry["etag"])
    merged = merge(entry, call.body)
    return reply(call, _entry(call, subscribe(call.store, call.caller.email, entry["id"], merged)))


def delete_entry(call: Call) -> Response:
    entry = _own_entry(call)
    if entry["id"] == call.caller.email:
        raise invalid("A primary calendar cannot be taken out of its owner's list.")
    hide(call.store, entry)
    return nothing()


def hide(store: Store, entry: Record) -> None:
    """Take a calendar out of a user's list; a deleted entry stays for the next incremental read."""
    store.put("calendar_list", shelf.key(entry["user"], entry["id"]), fresh(store, {**entry, "deleted": True}))


def _listed(call: Call, entry: Record, least: str) -> bool:
    if entry.get("deleted"):
        return bool(flag(call, "showDeleted"))
    seen = entry["accessRole"] != "none" and at_least(entry["accessRole"], least)
    return seen and (not entry.get("hidden") or bool(flag(call, "showHidden")))


def _own_entry(call: Call) -> Record:
    id = call.caller.email if call.ids["calendarId"] == "primary" else call.ids["calendarId"]
    entry = call.store.get("calendar_list", shelf.key(call.caller.email, id))
    if entry is None or entry.get("deleted"):
        raise not_found()
    return entry


def _entry(call: Call, stored: Record) -> Record:
    """A list entry as the vendor shows it: the calendar's own properties around the personal ones."""
    mine = {name: value for name, value in stored.items() if name != "user"}
    calendar = call.store.get("calendars", stored["id"])
    if stored.get("deleted") or calendar is None:
        return {**mine, "deleted": True}
    role = role_of(call.store, stored["id"], call.caller.email)
    names = ("summary", "description", "location", "timeZone", "dataOwner")
    entry = {**{name: calendar[name] for name in names if name in calendar}, **mine, "accessRole": role}
    entry.setdefault("defaultReminders", reminders_of(role))
    if stored["id"] == call.caller.email:
        entry["primary"] = True
    entry["conferenceProperties"] = {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
    return entry


def _rule(call: Call) -> tuple[str, Record]:
    calendar = open_calendar(call, "owner")
    rule = call.store.get("acl", shelf.key(calendar.id, call.ids["ruleId"]))
    if rule is None:
        raise not_found()
    return calendar.id, rule


def _scope(body: Record) -> Record:
    scope = body.get("scope")
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise invalid("Invalid scope type.") if isinstance(scope, dict) else required("Missing scope.")
    if scope["type"] == "default":
        return {"type": "default"}
    if not isinstance(scope.get("value"), str) or not scope["value"]:
        raise invalid("Invalid scope value.")
    return {"type": scope["type"], "value": scope["value"].lower()}


def _role(body: Record) -> str:
    role = body.get("role")
    if role is None:
        raise required("Missing role.")
    if role not in ROLES:
        raise invalid(f"Invalid role: {role}")
    return str(role)


def _check_own(call: Call, rule: Record) -> None:
    if rule["id"] == f"user:{call.caller.email}":
        message = "Cannot change your own access level."
        raise CalendarError(403, "cannotChangeOwnAcl", message, domain="calendar")


def _notify(call: Call, rule: Record, summary: str) -> None:
    if flag(call, "sendNotifications") is not False and rule["scope"]["type"] in ("user", "group"):
        mails.record(call, to=rule["scope"]["value"], kind="sharing", subject=summary)

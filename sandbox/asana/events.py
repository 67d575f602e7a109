"""What happened to tasks, told to whoever follows a project or a task by sync token (facts: Incremental)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.asana.dialect import USER, Call, Failure, bad, named, stamp
from sandbox.asana.shaping import compact
from sandbox.store import Store
from sandbox.twin import Record

TOLD, LIFETIME = 100, timedelta(hours=24)
SILENT = frozenset({"modified_at", "memberships", "projects", "permalink_url", "num_subtasks"})
_STALE = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)


def told_of(store: Store, old: Record | None, new: Record | None) -> None:
    """Write down what a change of a task means to those who follow it."""
    task = new or old
    if task is None:
        return
    before, after = places(old), places(new)
    about = {*before.values(), *after.values(), *before, *after, task["gid"]}
    happened = [*_changed(old, new), *_moved(before, after)]
    if new is None:
        happened.append(("deleted", None, None))
    for action, parent, change in happened:
        event = {
            "user": compact(store.get("users", USER) or {}),
            "created_at": stamp(store.clock.now()),
            "type": "task",
            "action": action,
            "resource": {name: task[name] for name in ("gid", "resource_type", "name")},
            "parent": parent and {"gid": parent[0], "resource_type": parent[1]},
        }
        number = store.next_id("events")
        kept = event if change is None else {**event, "change": change}
        store.put("events", str(number), {"about": sorted(about), "event": kept})
        store.put("events", "newest", {"number": number})


def places(task: Record | None) -> dict[str, str]:
    """Where a task stands: section -> project."""
    return {one["section"]["gid"]: one["project"]["gid"] for one in (task or {}).get("memberships", ())}


Happened = tuple[str, tuple[str, str] | None, Record | None]


def _changed(old: Record | None, new: Record | None) -> Iterator[Happened]:
    if old is None or new is None:
        return
    for name in sorted({*old, *new} - SILENT):
        if old.get(name) != new.get(name):
            value = new.get(name)
            shown = {"new_value": compact(value)} if isinstance(value, dict) and "gid" in value else {}
            yield "changed", None, {"field": name, "action": "changed", **shown}


def _moved(before: dict[str, str], after: dict[str, str]) -> Iterator[Happened]:
    for action, gone, come in (("removed", before, after), ("added", after, before)):
        yield from ((action, (gid, "section"), None) for gid in gone if gid not in come)
        projects = dict.fromkeys(gid for gid in gone.values() if gid not in come.values())
        yield from ((action, (gid, "project"), None) for gid in projects)


def since(call: Call) -> Response:
    """GET /events: what happened since a token, at most 100 events. Raises Failure 412 without a good one."""
    store, resource = call.store, call.one("resource")
    if resource is None:
        raise bad("resource: Missing input")
    if store.get("tasks", resource) is None:
        named(store, "projects", "resource", resource)
    newest = _newest(store)
    start = _position(call, resource)
    if start is None:
        extra = {"sync": _token(store, resource, newest)}
        raise Failure(status=412, message=_STALE, extra=extra)
    events: list[Any] = []
    at = start
    while at < newest and len(events) < TOLD:
        at += 1
        entry = store.get("events", str(at))
        if entry is not None and resource in entry["about"]:
            events.append(entry["event"])
    return JSONResponse({"data": events, "sync": _token(store, resource, at), "has_more": at < newest})


def _newest(store: Store) -> int:
    return int((store.get("events", "newest") or {"number": 0})["number"])


def _token(store: Store, resource: str, position: int) -> str:
    """32 hex digits as the vendor's are: where its holder stands, since when, and that it is ours and for what."""
    told = f"{position:08x}{int(store.clock.now().timestamp()):08x}"
    return told + _seal(resource, told)


def _seal(resource: str, told: str) -> str:
    return hashlib.sha256(f"{resource}/{told}".encode()).hexdigest()[:16]


def _position(call: Call, resource: str) -> int | None:
    """The number of the last event that this caller knows; None when its token is no good."""
    token = call.one("sync") or ""
    told, seal = token[:16], token[16:]
    if seal != _seal(resource, told) or call.store.faults.take("expired_sync_token", call.request.method, call.path):
        return None
    issued = datetime.fromtimestamp(int(told[8:], 16), UTC)
    return int(told[:8], 16) if call.store.clock.now() - issued <= LIFETIME else None

"""What of a record an answer shows: all of it, the compact form, or what ``opt_fields`` asks for; and pages of lists.

Facts: Base, auth, envelope (shape control); Pagination.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sandbox.asana.dialect import Call, answer, bad, instant, stamp
from sandbox.store import Store
from sandbox.twin import Record

COMPACT = ("gid", "resource_type", "name", "resource_subtype")
MOST = 100
OFFSET_LIFETIME = timedelta(hours=1)
UNPAGED = 1000  # records that an answer without a limit may hold at most
Tree = Mapping[str, Any]


def compact(record: Record) -> Record:
    return {name: record[name] for name in COMPACT if name in record}


def viewed(call: Call, record: Record, *, full: bool) -> Record:
    """A record as the caller asked for it; ``full`` is how it looks when nothing was asked for."""
    shown = _whole(call, record)
    if (asked := call.one("opt_fields")) is not None:
        return dict(_picked(shown, _tree(asked)))
    return shown if full or shown["resource_type"] == "custom_field_setting" else compact(shown)


def _whole(call: Call, record: Record) -> Record:
    """A task as this caller may see it, with every custom field of its projects; other records as they are."""
    if record.get("resource_type") != "task":
        return record
    shown = {**record, "custom_fields": _custom_fields(call.store, record)}
    if not call.app:
        shown.pop("external", None)
    return shown


def _custom_fields(store: Store, task: Record) -> list[Record]:
    filled = {one["gid"]: one for one in task.get("custom_fields", ())}
    projects = (store.get("projects", one["project"]["gid"]) or {} for one in task["memberships"])
    known = dict.fromkeys(gid for project in projects for gid in project.get("fields", ()))
    return [filled.get(gid) or value_of(store.get("custom_fields", gid) or {}, None) for gid in known]


def value_of(field: Record, value: str | None) -> Record:
    """A custom field with its value in a task."""
    kept = {name: field[name] for name in ("gid", "resource_type", "resource_subtype", "name", "type")}
    return {**kept, "enabled": True, "text_value": value, "display_value": value}


def _tree(asked: str) -> dict[str, Any]:
    """``a,b.c`` as {a: {}, b: {c: {}}}; parentheses and ``this`` are not known here."""
    root: dict[str, Any] = {}
    for path in asked.split(","):
        node = root
        for step in path.strip().split("."):
            node = node.setdefault(step, {})
    return root


def _picked(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_picked(one, tree) for one in value]
    if not isinstance(value, dict):
        return value
    if not tree:
        return compact(value) if "resource_type" in value else {name: _picked(one, {}) for name, one in value.items()}
    asked = {name: _picked(value[name], below) for name, below in tree.items() if name in value}
    return {"gid": value["gid"], **asked} if "gid" in value else asked


def paged(call: Call, records: Sequence[Record]) -> Response:
    """A list in the order of its gids, from where an offset stands. Raises Failure 400 for a bad limit or offset."""
    ordered = sorted(records, key=lambda one: int(one["gid"]))
    limit = call.one("limit")
    if limit is None:
        if len(ordered) > UNPAGED:
            raise bad("The result is too large. You should use pagination (may require specifying a workspace)!")
        return answer([viewed(call, one, full=False) for one in ordered])
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise bad(f"limit: Must be between 1 and {MOST}")
    after = _position(call)
    rest = [one for one in ordered if int(one["gid"]) > after]
    page = rest[: int(limit)]
    following = _next_page(call, page[-1]["gid"]) if len(rest) > len(page) else None
    return answer([viewed(call, one, full=False) for one in page], next_page=following)


def _next_page(call: Call, last: str) -> Record:
    told = json.dumps({"after": last, "issued": stamp(call.store.clock.now())}).encode()
    offset = base64.urlsafe_b64encode(told).decode().rstrip("=")
    params = {**dict(call.request.query_params), "offset": offset}
    path = f"{call.path.removeprefix('/api/1.0')}?" + "&".join(f"{name}={value}" for name, value in params.items())
    return {"offset": offset, "path": path, "uri": f"{call.store.base_url}/api/1.0{path}"}


def _position(call: Call) -> int:
    offset = call.one("offset")
    if offset is None:
        return 0
    try:
        told = json.loads(base64.urlsafe_b64decode(offset + "=" * (-len(offset) % 4)))
        after, issued = int(told["after"]), instant("offset", told["issued"])
    except (ValueError, KeyError, TypeError) as problem:
        raise bad("offset: Your pagination token is invalid.") from problem
    if issued + OFFSET_LIFETIME < call.store.clock.now():
        raise bad("offset: Your pagination token has expired.")
    return after

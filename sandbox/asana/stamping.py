"""What Asana itself does to a record at any change: stamps, derived days and members, events.

``touch`` and ``remove`` are what a person's edit passes through; writes of the API pass through them too.
"""

from __future__ import annotations

from typing import Any

from sandbox.asana.dialect import USER, WORKSPACE, Failure, instant, local_day, stamp
from sandbox.asana.events import told_of
from sandbox.asana.shaping import compact
from sandbox.store import Store
from sandbox.twin import Record

_BLANK: Record = {
    "resource_type": "task", "resource_subtype": "default_task", "name": "", "notes": "", "completed": False,
    "completed_at": None, "completed_by": None, "due_on": None, "due_at": None, "start_on": None, "start_at": None,
    "assignee": None, "assignee_status": "upcoming", "parent": None, "memberships": [], "custom_fields": [],
    "followers": [], "tags": [], "dependencies": [], "num_subtasks": 0, "actual_time_minutes": None, "hearted": False,
    "hearts": [], "num_hearts": 0, "liked": False, "likes": [], "num_likes": 0,
}  # fmt: skip


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as it is kept after a change now; ValueError for a task that Asana could not hold."""
    if collection == "projects":
        return {**record, "modified_at": stamp(store.clock.now())}
    if collection != "tasks":
        return record
    if not str(record.get("gid")).isdecimal():
        raise ValueError(f"the gid of a task is a number, not {record.get('gid')!r}")
    old = store.get("tasks", str(record["gid"]))
    try:
        kept = _touched(store, old, {**_BLANK, **record})
    except Failure as refused:
        raise ValueError(refused.message) from refused
    told_of(store, old, kept)
    return kept


def remove(store: Store, collection: str, id: str) -> None:
    """Into the trash, where no call of the API reaches it."""
    record = store.get(collection, id)
    store.delete(collection, id)
    if collection == "tasks":
        told_of(store, record, None)


def _touched(store: Store, old: Record | None, task: Record) -> Record:
    now = stamp(store.clock.now())
    gid = str(task["gid"])
    standing = [_member(store, one) for one in task["memberships"]]
    kept: Record = {
        **task,
        **_done(store, old, task, now),
        **_times(store, task),
        "created_at": task.get("created_at") or now,
        "modified_at": now,
        "assignee": _person(store, task["assignee"]),
        "memberships": standing,
        "projects": [one["project"] for one in standing],
        "workspace": compact(store.get("workspaces", WORKSPACE) or {}),
        "permalink_url": f"https://app.asana.com/1/{WORKSPACE}/task/{gid}",
    }
    return kept


def _done(store: Store, old: Record | None, task: Record, now: str) -> Record:
    """When and by whom a task was checked off."""
    if not task["completed"]:
        return {"completed_at": None, "completed_by": None}
    if old is not None and old["completed"]:
        return {name: old[name] for name in ("completed_at", "completed_by")}
    return {"completed_at": task["completed_at"] or now, "completed_by": compact(store.get("users", USER) or {})}


def _times(store: Store, task: Record) -> Record:
    """A time of day gives its day too (facts: Writes, from memory); without a due there is no start."""
    kept: dict[str, Any] = {}
    for side in ("start", "due"):
        at = task[f"{side}_at"]
        moment = None if at is None else instant(f"{side}_at", at)
        kept[f"{side}_at"] = None if moment is None else stamp(moment)
        kept[f"{side}_on"] = task[f"{side}_on"] if moment is None else local_day(store, moment)
    if (kept["start_at"] is None) != (kept["due_at"] is None) or kept["due_on"] is None:
        kept["start_on"] = kept["start_on"] if kept["due_at"] is None and kept["due_on"] is not None else None
        kept["start_at"] = None
    return kept


def _person(store: Store, who: Any) -> Record | None:
    if who is None:
        return None
    user = store.get("users", str(who["gid"]))
    if user is None:
        raise ValueError(f"nobody in the workspace has the gid {who['gid']}")
    return compact(user)


def _member(store: Store, one: Record) -> Record:
    """A place on a board by the names that it has there."""
    section = store.get("sections", str(one["section"]["gid"]))
    if section is None:
        raise ValueError(f"there is no section {one['section']['gid']}")
    project = store.get("projects", section["project"]["gid"]) or section["project"]
    return {"project": compact(project), "section": compact(section)}


def moved(task: Record, section: Record) -> Record:
    """The task in a section, and in no other one of that project."""
    others = [one for one in task["memberships"] if one["project"]["gid"] != section["project"]["gid"]]
    return {**task, "memberships": [*others, {"section": {"gid": section["gid"]}}]}

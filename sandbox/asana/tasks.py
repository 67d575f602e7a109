"""Tasks: listed, read, made, changed, moved, deleted (facts: Read streams, Writes)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from sandbox.asana.dialect import Call, Failure, answer, bad, found, instant, named, new_gid, unknown
from sandbox.asana.shaping import paged, value_of, viewed
from sandbox.asana.stamping import moved, remove, touch
from sandbox.respelling import Members, respelled
from sandbox.store import Store
from sandbox.twin import Record

_EXTERNAL = "external:"
_LONGEST_EXTERNAL = 1024
_FIXED = ("projects", "memberships", "workspace", "parent", "followers", "tags")  # not by PUT (facts: Writes)
_SPELT = Members(texts=frozenset({"name"}), notes=frozenset({"notes"}))


def listed(call: Call) -> Response:
    """GET /tasks of exactly one project, section, or assignee in a workspace."""
    project, section, assignee = (call.one(name) for name in ("project", "section", "assignee"))
    given = [one for one in (project, section, assignee) if one]
    if len(given) != 1 or (assignee and not call.one("workspace")):
        raise bad("You must specify exactly one of project, tag, section, user task list, or assignee + workspace")
    if project:
        named(call.store, "projects", "project", project)
        return _of(call, lambda task: any(one["project"]["gid"] == project for one in task["memberships"]))
    if section:
        named(call.store, "sections", "section", section)
        return _of(call, lambda task: any(one["section"]["gid"] == section for one in task["memberships"]))
    who = person(call.store, assignee)["gid"]
    return _of(call, lambda task: (task["assignee"] or {}).get("gid") == who)


def of_project(call: Call) -> Response:
    """GET /projects/{gid}/tasks."""
    gid = found(call.store, "projects", "project", call.gid())["gid"]
    return _of(call, lambda task: any(one["project"]["gid"] == gid for one in task["memberships"]))


def of_section(call: Call) -> Response:
    """GET /sections/{gid}/tasks."""
    gid = found(call.store, "sections", "section", call.gid())["gid"]
    return _of(call, lambda task: any(one["section"]["gid"] == gid for one in task["memberships"]))


def _of(call: Call, wanted: Any) -> Response:
    tasks = [task for task in call.store.all("tasks") if wanted(task)]
    if (since := call.one("modified_since")) is not None:
        first = instant("modified_since", since)
        tasks = [task for task in tasks if instant("modified_at", task["modified_at"]) >= first]
    if (since := call.one("completed_since")) is not None:
        first = call.store.clock.now() if since == "now" else instant("completed_since", since)
        tasks = [t for t in tasks if not t["completed"] or instant("completed_at", t["completed_at"]) >= first]
    return paged(call, tasks)


def got(call: Call) -> Response:
    """GET /tasks/{gid}, also by ``external:<id>``."""
    return answer(viewed(call, _task(call), full=True))


def made(call: Call) -> Response:
    """POST /tasks."""
    given, store = _respelt(call, call.data()), call.store
    if not any(given.get(name) for name in ("workspace", "projects", "memberships", "parent")):
        raise bad("workspace: Missing input")
    if given.get("workspace"):
        named(store, "workspaces", "workspace", given["workspace"])
    task: Record = {"gid": new_gid(store), "resource_type": "task", "memberships": _places(store, given)}
    kept = touch(store, "tasks", {**task, **_values(call, task, given)})
    return answer(viewed(call, store.put("tasks", kept["gid"], kept), full=True), 201)


def changed(call: Call) -> Response:
    """PUT /tasks/{gid}: the members given, and no others."""
    task, given = _task(call), _respelt(call, call.data())
    for name in _FIXED:
        if name in given:
            raise bad(f"{name}: Cannot write this property")
    kept = touch(call.store, "tasks", {**task, **_values(call, task, given)})
    return answer(viewed(call, call.store.put("tasks", kept["gid"], kept), full=True))


def deleted(call: Call) -> Response:
    """DELETE /tasks/{gid}."""
    remove(call.store, "tasks", _task(call)["gid"])
    return answer({})


def into_section(call: Call) -> Response:
    """POST /sections/{gid}/addTask: also from another project's board onto this one."""
    section = found(call.store, "sections", "section", call.gid())
    gid = call.data().get("task")
    if gid is None:
        raise bad("task: Missing input")
    task = named(call.store, "tasks", "task", gid)
    if not any(one["section"]["gid"] == section["gid"] for one in task["memberships"]):
        call.store.put("tasks", task["gid"], touch(call.store, "tasks", moved(task, section)))
    return answer({})


def searched(_call: Call) -> Response:
    """GET /workspaces/{gid}/tasks/search: this workspace does not pay for it."""
    raise Failure(status=402, message="Advanced search is only available to premium users.")


def person(store: Store, who: Any) -> Record:
    """Somebody of the workspace by gid, e-mail address or ``me``. Raises Failure 400 for anybody else."""
    text = str(who)
    if text == "me":
        return store.all("users")[0]
    if "@" in text:
        for user in store.all("users"):
            if user["email"].lower() == text.lower():
                return user
        raise bad(f"assignee: Not an email in this workspace: {text}")
    return named(store, "users", "assignee", text)


def _task(call: Call) -> Record:
    gid = call.gid()
    if not gid.startswith(_EXTERNAL):
        return found(call.store, "tasks", "task", gid)
    task = _by_external(call.store, gid.removeprefix(_EXTERNAL)) if call.app else None
    if task is None:
        raise unknown("task", gid)
    return task


def _by_external(store: Store, external: str) -> Record | None:
    return next((one for one in store.all("tasks") if (one.get("external") or {}).get("gid") == external), None)


def _respelt(call: Call, given: Record) -> Record:
    """What is given, or while the fault ``rewritten_values`` hits, its texts in another spelling."""
    fault = call.store.faults.take("rewritten_values", call.request.method, call.path)
    return given if fault is None else dict(respelled(given, fault.form or "trim", _SPELT))


def _places(store: Store, given: Record) -> list[Record]:
    """Where a new task stands: in the sections named, else in the first one of each project."""
    placed: dict[str, str] = {}
    for one in given.get("memberships") or ():
        project = named(store, "projects", "project", one.get("project"))["gid"]
        placed[project] = named(store, "sections", "section", one["section"])["gid"] if one.get("section") else ""
    for gid in given.get("projects") or ():
        placed.setdefault(named(store, "projects", "project", gid)["gid"], "")
    return [{"section": {"gid": section or _first_section(store, project)}} for project, section in placed.items()]


def _first_section(store: Store, project: str) -> str:
    return next(str(one["gid"]) for one in store.all("sections") if one["project"]["gid"] == project)


def _values(call: Call, task: Record, given: Record) -> Record:
    """The members of a task that a body sets, each as it is kept. Raises Failure 400 for a wrong one."""
    values: Record = {name: _text(name, given[name]) for name in ("name", "notes") if name in given}
    if "completed" in given:
        values["completed"] = _flag("completed", given["completed"])
    if "assignee" in given:
        values["assignee"] = given["assignee"] and {"gid": person(call.store, given["assignee"])["gid"]}
    if "external" in given:
        values["external"] = _external(call, task, given["external"])
    if "custom_fields" in given:
        values["custom_fields"] = _custom(call.store, task, given["custom_fields"])
    return {**values, **_times(task, given)}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad(f"{name}: Value is not a string: {value}")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise bad(f"{name}: Value is not a boolean: {value}")
    return value


def _external(call: Call, task: Record, value: Any) -> Record:
    """The app's own id and data; ids are unique among its tasks (from memory)."""
    if not call.app:
        raise Failure(status=403, message="Forbidden: external data is for OAuth apps")
    gid = str((value or {}).get("gid") or "")
    if len(gid) > _LONGEST_EXTERNAL:
        raise bad(f"external: gid is longer than {_LONGEST_EXTERNAL} characters")
    other = _by_external(call.store, gid) if gid else None
    if other is not None and other["gid"] != task["gid"]:
        raise bad(f"external: A task with the external gid {gid} already exists")
    return {"gid": gid, "data": str(value.get("data") or "")}


def _custom(store: Store, task: Record, given: Mapping[str, Any]) -> list[Record]:
    """All filled custom fields of the task after these. Raises Failure 400 for one that its projects do not have."""
    filled = {one["gid"]: one for one in task.get("custom_fields", ())}
    for gid, value in given.items():
        field = store.get("custom_fields", str(gid))
        if field is None or not _has(store, task, str(gid)):
            raise bad(f"Custom field with ID {gid} is not on given object")
        filled.pop(gid, None)
        if value not in (None, ""):
            filled[gid] = value_of(field, _text("custom_fields", value))
    return list(filled.values())


def _has(store: Store, task: Record, field: str) -> bool:
    sections = (store.get("sections", one["section"]["gid"]) or {} for one in task["memberships"])
    projects = (store.get("projects", one["project"]["gid"]) or {} for one in sections)
    return any(field in one.get("fields", ()) for one in projects)


def _times(task: Record, given: Record) -> Record:
    """Due and start after this body (facts: Writes): of days or of instants, a start only beside its due."""
    told: Record = {name: given[name] for name in ("due_on", "due_at", "start_on", "start_at") if name in given}
    for side in ("due", "start"):
        if given.get(f"{side}_on") and given.get(f"{side}_at"):
            raise bad(f"{side}_on: You may only provide one of {side}_on or {side}_at!")
    for name, value in told.items():
        if value is not None and name.endswith("_at"):
            instant(name, value)
        elif value is not None:
            _day(name, value)
    for side, start in (("due_on", "start_on"), ("due_at", "start_at")):
        if given.get(start) and not (given.get(side) or task.get(side)):
            raise bad(f"{start}: You must also set {side}")
    if given.get("due_on"):
        return {"due_at": None, "start_at": None, **told}
    if "due_on" in given or "due_at" in given:
        cleared = {} if given.get("due_at") else {"due_on": None, "due_at": None}
        return {"start_on": None, **cleared, **told}
    return told


def _day(name: str, value: Any) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError as problem:
        raise bad(f"{name}: Not a valid date: {value}") from problem

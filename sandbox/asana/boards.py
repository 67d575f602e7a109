"""Workspaces, people, projects with their sections and custom fields (facts: Read streams, Writes)."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.asana.dialect import Call, answer, bad, found, named, new_gid, stamp
from sandbox.asana.shaping import compact, paged, viewed
from sandbox.asana.tasks import person
from sandbox.store import Store
from sandbox.twin import Record


def workspaces(call: Call) -> Response:
    return paged(call, call.store.all("workspaces"))


def workspace(call: Call) -> Response:
    return answer(viewed(call, found(call.store, "workspaces", "workspace", call.gid()), full=True))


def users(call: Call) -> Response:
    """GET /users of a workspace."""
    named(call.store, "workspaces", "workspace", call.one("workspace") or "")
    return paged(call, call.store.all("users"))


def user(call: Call) -> Response:
    """GET /users/{gid}, also ``me`` and an e-mail address."""
    gid = call.gid()
    one = person(call.store, gid) if gid == "me" or "@" in gid else found(call.store, "users", "user", gid)
    return answer(viewed(call, one, full=True))


def projects(call: Call) -> Response:
    """GET /projects of a workspace, archived ones or not."""
    named(call.store, "workspaces", "workspace", call.one("workspace") or "")
    wanted = (call.one("archived") or "").lower()
    listed = [one for one in call.store.all("projects") if wanted in ("", str(one["archived"]).lower())]
    return paged(call, [_shown(call.store, one) for one in listed])


def project(call: Call) -> Response:
    one = found(call.store, "projects", "project", call.gid())
    return answer(viewed(call, _shown(call.store, one), full=True))


def _shown(store: Store, one: Record) -> Record:
    """A project with the settings of its custom fields."""
    settings = [setting(store, one, gid) for gid in one["fields"]]
    return {**{name: value for name, value in one.items() if name != "fields"}, "custom_field_settings": settings}


def setting(store: Store, project: Record, field: str) -> Record:
    """A custom field as a project uses it."""
    return {
        "gid": f"{project['gid'][-8:]}{field[-8:]}",
        "resource_type": "custom_field_setting",
        "project": compact(project),
        "parent": compact(project),
        "is_important": True,
        "custom_field": store.get("custom_fields", field),
    }


def sections(call: Call) -> Response:
    """GET /projects/{gid}/sections."""
    gid = found(call.store, "projects", "project", call.gid())["gid"]
    return paged(call, [one for one in call.store.all("sections") if one["project"]["gid"] == gid])


def add_section(call: Call) -> Response:
    """POST /projects/{gid}/sections."""
    owner, name = found(call.store, "projects", "project", call.gid()), call.data().get("name")
    if not name:
        raise bad("name: Missing input")
    return answer(viewed(call, make_section(call.store, owner, str(name)), full=True), 201)


def make_section(store: Store, project: Record, name: str) -> Record:
    """A new section at the end of a project."""
    gid, now = new_gid(store), stamp(store.clock.now())
    told = {"gid": gid, "resource_type": "section", "name": name, "created_at": now, "project": compact(project)}
    return store.put("sections", gid, told)


def field_settings(call: Call) -> Response:
    """GET /projects/{gid}/custom_field_settings."""
    owner = found(call.store, "projects", "project", call.gid())
    return paged(call, [setting(call.store, owner, gid) for gid in owner["fields"]])


def add_field_setting(call: Call) -> Response:
    """POST /projects/{gid}/addCustomFieldSetting."""
    owner = found(call.store, "projects", "project", call.gid())
    field = named(call.store, "custom_fields", "custom_field", call.data().get("custom_field"))["gid"]
    if field not in owner["fields"]:
        call.store.put("projects", owner["gid"], {**owner, "fields": [*owner["fields"], field]})
    return answer(viewed(call, setting(call.store, owner, field), full=True))


def custom_fields(call: Call) -> Response:
    """GET /workspaces/{gid}/custom_fields."""
    found(call.store, "workspaces", "workspace", call.gid())
    return paged(call, call.store.all("custom_fields"))


def add_custom_field(call: Call) -> Response:
    """POST /custom_fields: the twin knows fields of text. The name is taken when another field has it."""
    given, store = call.data(), call.store
    named(store, "workspaces", "workspace", given.get("workspace") or "")
    name, kind = str(given.get("name") or ""), given.get("resource_subtype") or given.get("type")
    if not name:
        raise bad("name: Missing input")
    if kind != "text":
        raise bad(f"resource_subtype: The sandbox has custom fields of text alone, not {kind}")
    if any(one["name"] == name for one in store.all("custom_fields")):
        raise bad(f"name: A custom field with the name {name} already exists")
    return answer(viewed(call, make_field(store, name), full=True), 201)


def make_field(store: Store, name: str) -> Record:
    """A new custom field of text, which no project has yet."""
    gid = new_gid(store)
    told = {"gid": gid, "resource_type": "custom_field", "resource_subtype": "text", "name": name, "type": "text"}
    return store.put("custom_fields", gid, told)

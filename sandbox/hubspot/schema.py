"""The properties API: what an object type may hold, and custom properties (facts: Idempotency, upsert)."""

from __future__ import annotations

import re

from starlette.responses import Response

from sandbox.hubspot.catalog import ObjectType, object_type, option
from sandbox.hubspot.dialect import Call, Failure, answer, invalid, not_found, stamp
from sandbox.hubspot.index import definitions
from sandbox.hubspot.shapes import PROPERTY
from sandbox.twin import Record

_UNIQUE_MOST = 10
_TYPES = ("string", "number", "date", "datetime", "enumeration", "bool")
_FIELD_TYPES = (
    *("textarea", "text", "date", "file", "number", "select", "radio", "checkbox", "booleancheckbox"),
    *("calculation_equation", "phonenumber", "html"),
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CHANGEABLE = (
    "label",
    "description",
    "groupName",
    "type",
    "fieldType",
    "hidden",
    "displayOrder",
    "formField",
    "options",
)


def listed(call: Call) -> Response:
    """GET /crm/v3/properties/{type}: all definitions, no paging."""
    kind, archived = _kind(call), call.flag("archived")
    prefix = f"{kind.name}/"
    if not archived:
        return answer({"results": [_public(record) for record in definitions(call.store, kind).values()]})
    held = [record for record in call.store.all("properties") if record.get("archived")]
    return answer({"results": [_public(record) for record in held if record["id"].startswith(prefix)]})


def got(call: Call) -> Response:
    return answer(_public(_existing(call)))


def created(call: Call) -> Response:
    """POST /crm/v3/properties/{type}: 201; 409 when the name is taken. At most 10 unique ones a type."""
    kind, body = _kind(call), call.json(PROPERTY)
    _refuse_bad_definition(kind, body)
    known = definitions(call.store, kind)
    if body["name"] in known:
        message = f"A property named '{body['name']}' already exists."
        raise Failure(status=409, category="OBJECT_ALREADY_EXISTS", message=message)
    unique = [name for name, shape in known.items() if shape["hasUniqueValue"] and not shape["hubspotDefined"]]
    if body.get("hasUniqueValue") and len(unique) >= _UNIQUE_MOST:
        raise invalid(f"{kind.name} already has {_UNIQUE_MOST} properties with unique values, the most allowed")
    record = _definition(body, stamp(call.store.clock.now()))
    call.store.put("properties", f"{kind.name}/{record['name']}", {"id": f"{kind.name}/{record['name']}", **record})
    return answer(record, 201)


def updated(call: Call) -> Response:
    """PATCH /crm/v3/properties/{type}/{name}; uniqueness cannot be changed afterwards."""
    record, body = _existing(call), call.json(PROPERTY)
    if record["modificationMetadata"]["readOnlyDefinition"]:
        raise invalid(f"The definition of '{record['name']}' is read only")
    changes = {name: body[name] for name in _CHANGEABLE if name in body}
    record = {**record, **changes, "updatedAt": stamp(call.store.clock.now())}
    call.store.put("properties", record["id"], record)
    return answer(_public(record))


def archived(call: Call) -> Response:
    """DELETE /crm/v3/properties/{type}/{name}: 204; HubSpot's own properties stay."""
    record = _existing(call)
    if not record["modificationMetadata"]["archivable"]:
        raise invalid(f"The property '{record['name']}' cannot be archived")
    now = stamp(call.store.clock.now())
    call.store.put("properties", record["id"], {**record, "archived": True, "archivedAt": now})
    return Response(status_code=204)


def groups(call: Call) -> Response:
    """GET /crm/v3/properties/{type}/groups: the one standard group of the type."""
    kind = _kind(call)
    label = f"{kind.singular.capitalize()} information"
    return answer({"results": [{"name": kind.group, "label": label, "displayOrder": 0, "archived": False}]})


def _kind(call: Call) -> ObjectType:
    return object_type(call.request.path_params["type"])


def _existing(call: Call) -> Record:
    name = call.request.path_params["name"]
    record = call.store.get("properties", f"{_kind(call).name}/{name}")
    if record is None or record.get("archived"):
        raise not_found(f"No property '{name}' exists", context={"propertyName": [name]})
    return record


def _public(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "id"}


def _refuse_bad_definition(kind: ObjectType, body: Record) -> None:
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]", context={"fields": missing})
    if not _NAME.fullmatch(body["name"]):
        raise invalid(f"'{body['name']}' must be lower-case letters, digits and underscores, and begin with a letter")
    if body["type"] not in _TYPES or body["fieldType"] not in _FIELD_TYPES:
        raise invalid(f"The type {body['type']} with the fieldType {body['fieldType']} does not exist")
    if not all(option.get("value") for option in body.get("options") or []):
        raise invalid("Some required fields were not set: [options.value]")
    if body["groupName"] != kind.group:
        raise invalid(f"The property group '{body['groupName']}' does not exist for {kind.name}")


def _definition(body: Record, now: str) -> Record:
    options = [{**option(given["value"], place), **given} for place, given in enumerate(body.get("options") or [])]
    return {
        **{name: body[name] for name in ("name", "label", "type", "fieldType", "groupName")},
        "description": body.get("description") or "",
        "options": options,
        "displayOrder": body.get("displayOrder", -1),
        "hasUniqueValue": bool(body.get("hasUniqueValue")),
        "hidden": bool(body.get("hidden")),
        "calculated": False,
        "externalOptions": False,
        "hubspotDefined": False,
        "formField": bool(body.get("formField")),
        "archived": False,
        "createdAt": now,
        "updatedAt": now,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
    }

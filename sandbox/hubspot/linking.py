"""Associations between objects: kept both ways, read by list and get, written by create and by v4."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.catalog import ObjectType, object_type
from sandbox.hubspot.dialect import Call, answer, cursor, envelope, invalid, not_found, number
from sandbox.hubspot.index import shelf
from sandbox.hubspot.shapes import LINK_TYPES
from sandbox.store import Store
from sandbox.twin import Record

# facts: Writes, association type ids; the ids of the opposite directions are from memory
_DEFAULTS = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("meetings", "contacts"): 200,
    ("contacts", "meetings"): 199,
    ("meetings", "companies"): 188,
    ("companies", "meetings"): 187,
    ("meetings", "deals"): 212,
    ("deals", "meetings"): 211,
    ("meetings", "tickets"): 226,
    ("tickets", "meetings"): 225,
    ("tasks", "contacts"): 204,
    ("contacts", "tasks"): 203,
    ("tasks", "companies"): 192,
    ("companies", "tasks"): 191,
    ("tasks", "deals"): 216,
    ("deals", "tasks"): 215,
    ("tasks", "tickets"): 230,
    ("tickets", "tasks"): 229,
}
_OTHER_TYPES = {1: ("contacts", "companies"), 2: ("companies", "contacts"), 5: ("deals", "companies")}
_PAIRS = {number: pair for pair, number in _DEFAULTS.items()} | _OTHER_TYPES


def links_of(store: Store, kind: ObjectType, id: str, other: ObjectType) -> list[Record]:
    """The links from one record to records of another type, in the order in which they were made."""
    links = store.get("associations", f"{kind.name}/{id}/{other.name}")
    return [] if links is None else list(links["to"])


def link(store: Store, source: tuple[ObjectType, str], target: tuple[ObjectType, str], types: Iterable[int]) -> None:
    """Link two records with these association types, and back with the default one."""
    default = _default(target[0], source[0])
    _put(store, source, target, types)
    _put(store, target, source, [default])


def unlink(store: Store, source: tuple[ObjectType, str], target: tuple[ObjectType, str]) -> None:
    for (kind, id), (other, other_id) in ((source, target), (target, source)):
        kept = [entry for entry in links_of(store, kind, id, other) if entry["toObjectId"] != other_id]
        _keep(store, kind, id, other, kept)


def wanted_links(associations: Any) -> list[tuple[str, list[int]]]:
    """The ``associations`` of a create body as (id, type ids). Raises Failure 400 for another shape."""
    try:
        return [
            (str(entry["to"]["id"]), [int(spec["associationTypeId"]) for spec in entry["types"]])
            for entry in associations or []
        ]
    except (KeyError, TypeError, ValueError) as problem:
        raise invalid("Invalid input JSON: each association needs to.id and types[].associationTypeId") from problem


def link_new(store: Store, kind: ObjectType, id: str, associations: Any) -> None:
    """Make the ``associations`` of a create body."""
    for other_id, types in wanted_links(associations):
        link(store, (kind, id), (object_type(_PAIRS[types[0]][1]), other_id), types)


def refuse_bad_links(store: Store, kind: ObjectType, associations: Any) -> None:
    """Raise 400 when a create body links by an unknown type or to a record that is not there."""
    for other_id, types in wanted_links(associations):
        pairs = [_PAIRS.get(number) for number in types]
        pair = pairs[0] if pairs else None
        if pair is None or pair[0] != kind.name or any(each != pair for each in pairs):
            raise invalid(f"The association types {types} don't exist for {kind.singular}")
        if other_id not in shelf(store, object_type(pair[1])).records:
            raise invalid(f"No {pair[1]} with ID {other_id} exists")


def move_links(store: Store, kind: ObjectType, loser: str, winner: str) -> None:
    """Give the links of a merged record to the one that stays."""
    others = [object_type(pair[1]) for pair in _DEFAULTS if pair[0] == kind.name]
    for other in others:
        for entry in links_of(store, kind, loser, other):
            unlink(store, (kind, loser), (other, entry["toObjectId"]))
            types = [spec["typeId"] for spec in entry["associationTypes"]]
            link(store, (kind, winner), (other, entry["toObjectId"]), types)


def v4_list(call: Call) -> Response:
    """GET /crm/v4/objects/{type}/{id}/associations/{to}: at most 500 a page, by offset."""
    (kind, id), other = _source(call), object_type(call.request.path_params["to"])
    limit, start = number(call, "limit", default=500, most=500), cursor(call.one("after"))
    links = links_of(call.store, kind, id, other)
    body: Record = {"results": links[start : start + limit]}
    if start + limit < len(links):
        body["paging"] = {"next": {"after": str(start + limit)}}
    return answer(body)


def v4_put_default(call: Call) -> Response:
    """PUT .../associations/default/{to}/{to_id}: link by the unlabelled type of the pair, both directions."""
    source, target = _source(call), _target(call)
    link(call.store, source, target, [_default(source[0], target[0])])
    results = [_default_result(source, target), _default_result(target, source)]
    return answer(envelope(call.store, results))


def v4_put(call: Call) -> Response:
    """PUT .../associations/{to}/{to_id} with a list of AssociationSpec: 201 and the pair."""
    source, target = _source(call), _target(call)
    specs = call.json(LINK_TYPES)
    refuse_bad_links(call.store, source[0], [{"to": {"id": target[1]}, "types": specs}])
    link(call.store, source, target, [int(spec["associationTypeId"]) for spec in specs])
    pair = {
        "fromObjectTypeId": source[0].type_id,
        "fromObjectId": source[1],
        "toObjectTypeId": target[0].type_id,
        "toObjectId": target[1],
        "labels": [],
    }
    return answer(pair, 201)


def _default_result(source: tuple[ObjectType, str], target: tuple[ObjectType, str]) -> Record:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _default(source[0], target[0])}
    return {"from": {"id": source[1]}, "to": {"id": target[1]}, "associationSpec": spec}


def v4_delete(call: Call) -> Response:
    unlink(call.store, _source(call), _target(call))
    return Response(status_code=204)


def _source(call: Call) -> tuple[ObjectType, str]:
    kind = object_type(call.request.path_params["type"])
    return kind, _existing(call.store, kind, call.request.path_params["id"])


def _target(call: Call) -> tuple[ObjectType, str]:
    kind = object_type(call.request.path_params["to"])
    return kind, _existing(call.store, kind, call.request.path_params["to_id"])


def _existing(store: Store, kind: ObjectType, id: str) -> str:
    held = shelf(store, kind)
    id = held.resolve(id)
    if id not in held.records:
        raise not_found()
    return id


def _default(kind: ObjectType, other: ObjectType) -> int:
    found = _DEFAULTS.get((kind.name, other.name))
    if found is None:
        raise invalid(f"No default association type from {kind.name} to {other.name}")
    return found


def _put(store: Store, source: tuple[ObjectType, str], target: tuple[ObjectType, str], types: Iterable[int]) -> None:
    (kind, id), (other, other_id) = source, target
    links = links_of(store, kind, id, other)
    old = next((entry for entry in links if entry["toObjectId"] == other_id), None)
    known = [spec["typeId"] for spec in old["associationTypes"]] if old else []
    specs = [{"category": "HUBSPOT_DEFINED", "typeId": each} for each in dict.fromkeys([*known, *types])]
    entry = {"toObjectId": other_id, "associationTypes": specs}
    _keep(store, kind, id, other, [*(each for each in links if each is not old), entry])


def _keep(store: Store, kind: ObjectType, id: str, other: ObjectType, links: list[Record]) -> None:
    key = f"{kind.name}/{id}/{other.name}"
    if links:
        store.put("associations", key, {"id": key, "to": links})
    else:
        store.delete("associations", key)

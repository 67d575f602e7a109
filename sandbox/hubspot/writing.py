"""Create, update, archive and merge of single objects (facts: Writes; Deletion, time, enums)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.catalog import OBJECT_TYPES, ObjectType, object_type
from sandbox.hubspot.dialect import Call, answer, invalid, not_found
from sandbox.hubspot.index import shelf
from sandbox.hubspot.linking import link_new, move_links, refuse_bad_links
from sandbox.hubspot.reading import Asked, found, id_of, shown
from sandbox.hubspot.shapes import MERGE, WRITE
from sandbox.hubspot.stamping import remove, touch
from sandbox.hubspot.validating import cleaned, property_map, refuse_clash, refuse_incomplete
from sandbox.respelling import Members, respelled, trimmed
from sandbox.store import Store
from sandbox.twin import Record

_RESPELT = Members(
    texts=frozenset({"firstname", "lastname", "company", "address", "city", "dealname", "subject"}),
    notes=frozenset({"message", "content", "hs_meeting_body", "hs_task_body"}),
    phones=frozenset({"phone", "mobilephone"}),
    amounts=frozenset({"amount"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A checked write that only has to be kept: ``id`` is None for a create, "" values clear."""

    kind: ObjectType
    id: str | None
    values: Mapping[str, str]
    associations: Any = None
    trace: str | None = None


def draft_create(call: Call, kind: ObjectType, row: Record) -> Draft:
    """Check a create. Raises Failure 400 (values, links) or 409 (e-mail)."""
    values = _as_rewritten(call, cleaned(call.store, kind, property_map(row.get("properties"))))
    if kind.name == "meetings" and values.get("hs_meeting_start_time"):
        values.setdefault("hs_timestamp", values["hs_meeting_start_time"])
    refuse_incomplete(kind, values)
    refuse_clash(call.store, kind, values, None)
    refuse_bad_links(call.store, kind, row.get("associations"))
    trace = row.get("objectWriteTraceId")
    return Draft(kind=kind, id=None, values=values, associations=row.get("associations"), trace=trace)


def draft_update(call: Call, kind: ObjectType, id: str, row: Record) -> Draft:
    """Check an update of the live record ``id``. Raises Failure 400 or 409."""
    values = _as_rewritten(call, cleaned(call.store, kind, property_map(row.get("properties"))))
    refuse_clash(call.store, kind, values, id)
    return Draft(kind=kind, id=id, values=values, trace=row.get("objectWriteTraceId"))


def keep(store: Store, draft: Draft) -> Record:
    """Carry a draft out; the record as it is stored."""
    old = store.get(draft.kind.name, draft.id) if draft.id else None
    base: Record = old or {"id": _free_id(store, draft.kind), "properties": {}}
    properties = {**base["properties"], **draft.values}
    record = touch(store, draft.kind.name, {**base, "properties": properties}, "INTEGRATION")
    store.put(draft.kind.name, record["id"], record)
    link_new(store, draft.kind, record["id"], draft.associations)
    return record


def _free_id(store: Store, kind: ObjectType) -> str:
    """The next id of the type that nobody, a person with an own choice included, has taken."""
    while True:
        id = str(store.next_id(kind.name, kind.first_id))
        if store.get(kind.name, id) is None:
            return id


def written(store: Store, draft: Draft, record: Record) -> Record:
    """The answer to a write: the default properties, those that were written, and the trace id."""
    body = shown(store, draft.kind, record, Asked(properties=[*draft.kind.shown, *draft.values]))
    return body if draft.trace is None else {**body, "objectWriteTraceId": draft.trace}


def created(call: Call) -> Response:
    """POST /crm/v3/objects/{type}: 201."""
    draft = draft_create(call, object_type(call.request.path_params["type"]), call.json(WRITE))
    return answer(written(call.store, draft, keep(call.store, draft)), 201)


def updated(call: Call) -> Response:
    """PATCH /crm/v3/objects/{type}/{id}: 200; 404 for an archived or unknown record."""
    kind = object_type(call.request.path_params["type"])
    record = found(call.store, kind, call.request.path_params["id"], call.one("idProperty"))
    if record is None:
        raise not_found()
    draft = draft_update(call, kind, record["id"], call.json(WRITE))
    return answer(written(call.store, draft, keep(call.store, draft)))


def archived(call: Call) -> Response:
    """DELETE /crm/v3/objects/{type}/{id}: 204, also when there is nothing to archive."""
    kind = object_type(call.request.path_params["type"])
    remove(call.store, kind.name, id_of(shelf(call.store, kind), kind, call.request.path_params["id"], None))
    return Response(status_code=204)


def merged(call: Call) -> Response:
    """POST /crm/v3/objects/{type}/merge: the primary keeps its values and takes what it lacked."""
    kind, body = object_type(call.request.path_params["type"]), call.json(MERGE)
    winner = found(call.store, kind, str(body.get("primaryObjectId")))
    loser = found(call.store, kind, str(body.get("objectIdToMerge")))
    if winner is None or loser is None:
        raise not_found()
    if winner["id"] == loser["id"]:
        raise invalid("A record cannot be merged with itself")
    record = merge(call.store, kind, winner, loser)
    return answer(shown(call.store, kind, record, Asked()))


def merge(store: Store, kind: ObjectType, winner: Record, loser: Record) -> Record:
    """Merge two live records; the loser's id leads to the survivor from now on."""
    properties = {**loser["properties"], **winner["properties"]}
    ids = [*_listed(winner, "hs_merged_object_ids"), *_listed(loser, "hs_merged_object_ids"), loser["id"]]
    properties["hs_merged_object_ids"] = ";".join(dict.fromkeys(ids))
    emails = [
        *_listed(winner, "hs_additional_emails"),
        *_listed(loser, "email"),
        *_listed(loser, "hs_additional_emails"),
    ]
    others = [email for email in dict.fromkeys(emails) if email != properties.get("email")]
    if others and kind.name == "contacts":
        properties["hs_additional_emails"] = ";".join(others)
    move_links(store, kind, loser["id"], winner["id"])
    store.delete(kind.name, loser["id"])
    record = touch(store, kind.name, {**winner, "properties": properties}, "MERGE_OBJECTS")
    return store.put(kind.name, record["id"], record)


def merge_by_hand(store: Store, collection: str, id: str, into: str) -> None:
    """Merge a record into another as a person does in the web interface. ValueError when they cannot be."""
    with store.lock:
        kind = OBJECT_TYPES.get(collection)
        loser, winner = (found(store, kind, one) for one in (id, into)) if kind else (None, None)
        if kind is None or loser is None or winner is None or loser["id"] == winner["id"]:
            raise ValueError(f"two different live records can be merged, of {', '.join(OBJECT_TYPES)}")
        merge(store, kind, winner, loser)


def _listed(record: Record, name: str) -> list[str]:
    return [part for part in (record["properties"].get(name) or "").split(";") if part]


def _as_rewritten(call: Call, values: dict[str, str]) -> dict[str, str]:
    """The values, or while the fault ``rewritten_values`` hits: in its form, or all with white space collapsed."""
    fault = call.store.faults.take("rewritten_values", call.request.method, call.path)
    if fault is None:
        return values
    if fault.form is None:
        return {name: trimmed(value) for name, value in values.items()}
    spelt: dict[str, str] = respelled(values, fault.form, _RESPELT)
    return spelt

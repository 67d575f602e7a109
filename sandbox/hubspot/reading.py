"""List, get and batch read of objects (facts: Read streams)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.hubspot.catalog import ObjectType, object_type
from sandbox.hubspot.dialect import Call, Failure, answer, cursor, envelope, invalid, not_found, number, row_error
from sandbox.hubspot.index import Shelf, definitions, shelf
from sandbox.hubspot.linking import links_of
from sandbox.hubspot.shapes import BATCH_READ
from sandbox.hubspot.stamping import history
from sandbox.store import Store
from sandbox.twin import Record

BATCH_MOST = 100
HISTORY_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants to see of a record; no ``properties`` means the type's default handful."""

    properties: Sequence[str] = ()
    with_history: Sequence[str] = ()
    associations: Sequence[str] = ()


def asked(call: Call) -> Asked:
    return Asked(
        properties=call.many("properties"),
        with_history=call.many("propertiesWithHistory"),
        associations=call.many("associations"),
    )


def shown(store: Store, kind: ObjectType, record: Record, want: Asked) -> Record:
    """A record as an answer carries it: asked properties (null where empty, unknown names left out)."""
    body: Record = {
        "id": record["id"],
        "properties": _selected(store, kind, record, [*want.properties, *want.with_history]),
        **{
            name: record[name] for name in ("createdAt", "updatedAt", "archived", "archivedAt", "url") if name in record
        },
    }
    if want.with_history:
        known = definitions(store, kind)
        names = [name for name in want.with_history if name in known]
        body["propertiesWithHistory"] = {name: history(store, kind, record, name) for name in names}
    links = {word: _linked(store, kind, record["id"], word) for word in want.associations}
    if any(links.values()):
        body["associations"] = {word: {"results": found} for word, found in links.items() if found}
    return body


def listed(call: Call) -> Response:
    """GET /crm/v3/objects/{type}: by id; ``after`` is the id at which the next page starts."""
    kind = object_type(call.request.path_params["type"])
    want = asked(call)
    limit = number(call, "limit", default=10, most=HISTORY_MOST if want.with_history else BATCH_MOST)
    archived = call.flag("archived")
    live = [
        each
        for each in shelf(call.store, kind).from_id(cursor(call.one("after")))
        if bool(each["archived"]) == archived
    ]
    page, rest = live[:limit], live[limit:]
    if rest and call.take("truncated_page") is not None:
        page, rest = page[: len(page) // 2], []
    body: Record = {"results": [shown(call.store, kind, record, want) for record in page]}
    if rest:
        body["paging"] = {"next": next_page(call, str(int(page[-1]["id"]) + 1))}
    return answer(body)


def next_page(call: Call, after: str) -> Record:
    return {"after": after, "link": str(call.request.url.include_query_params(after=after))}


def got(call: Call) -> Response:
    """GET /crm/v3/objects/{type}/{id}, also by a unique property; 404 unless it is archived as asked."""
    kind = object_type(call.request.path_params["type"])
    record = found(call.store, kind, call.request.path_params["id"], call.one("idProperty"), call.flag("archived"))
    if record is None:
        raise not_found()
    return answer(shown(call.store, kind, record, asked(call)))


def found(
    store: Store, kind: ObjectType, value: str, id_property: str | None = None, archived: bool = False
) -> Record | None:
    """The record with this id or unique value, following merges; None when there is none in that state."""
    held = shelf(store, kind)
    record = held.records.get(id_of(held, kind, value, id_property))
    return record if record is not None and bool(record["archived"]) == archived else None


def id_of(held: Shelf, kind: ObjectType, value: str, id_property: str | None) -> str:
    """The id behind a unique value ("" when nobody holds it). Raises 400 for a property that is not unique."""
    if id_property in (None, "hs_object_id"):
        return held.resolve(value)
    if id_property not in held.unique:
        message = f"The property '{id_property}' of {kind.name} is not a unique property and cannot be an idProperty"
        raise invalid(message, context={"idProperty": [str(id_property)]})
    return held.holders.get((id_property, value.lower() if id_property == "email" else value), "")


def batch_read(call: Call) -> Response:
    """POST .../batch/read: what is there, and one error naming all ids that are not (207)."""
    kind, body = object_type(call.request.path_params["type"]), call.json(BATCH_READ)
    want = Asked(properties=body.get("properties") or (), with_history=body.get("propertiesWithHistory") or ())
    ids = [str(row.get("id")) for row in inputs(body, HISTORY_MOST if want.with_history else BATCH_MOST)]
    archived = call.flag("archived")
    pairs = [(id, found(call.store, kind, id, body.get("idProperty"), archived)) for id in ids]
    missing = [id for id, record in pairs if record is None]
    records = {record["id"]: shown(call.store, kind, record, want) for _, record in pairs if record is not None}
    errors = [_missing(kind, missing)] if missing else []
    return answer(envelope(call.store, list(records.values()), errors), 207 if errors else 200)


def inputs(body: Record, most: int = BATCH_MOST) -> list[Record]:
    """The rows of a batch. Raises Failure 400 when there are none or too many."""
    rows: list[Record] = body.get("inputs") or []
    if not rows:
        raise invalid("Some required fields were not set: [inputs]")
    if len(rows) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}, {len(rows)} were given")
    return rows


def missing_failure(kind: ObjectType, ids: Sequence[str]) -> Failure:
    message = f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. Check the ids."
    return not_found(message, context={"ids": list(ids)})


def _missing(kind: ObjectType, ids: Sequence[str]) -> Record:
    return row_error(missing_failure(kind, ids), None, ids)


def _selected(store: Store, kind: ObjectType, record: Record, names: Sequence[str]) -> Record:
    known = definitions(store, kind)
    wanted = {*(names or kind.shown), "hs_object_id", kind.created, kind.modified}
    return {name: record["properties"].get(name) for name in sorted(wanted) if name in known}


def _linked(store: Store, kind: ObjectType, id: str, word: str) -> list[Record]:
    other = object_type(word)
    label = f"{kind.singular}_to_{other.singular}"
    return [{"id": entry["toObjectId"], "type": label} for entry in links_of(store, kind, id, other)]

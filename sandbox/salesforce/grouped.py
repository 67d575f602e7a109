"""Records in bulk: collections of up to 200 that are taken or refused row by row, and several calls in one (Writes)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.salesforce.catalog import KINDS, Kind, kind_of
from sandbox.salesforce.dialect import Failure, attributes, bad, full_id
from sandbox.salesforce.keeping import change, create, existing, matching, remove
from sandbox.salesforce.querying import wire
from sandbox.store import Store
from sandbox.twin import Record

MOST, MOST_READ, CHUNKS = 200, 2000, 10
Act = Callable[[Any], Record]
ROLLED_BACK = bad("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid")


def done(store: Store, rows: Sequence[Any], act: Act, *, whole: bool, path: str) -> list[Record]:
    """What became of each row, in order; all or none of them when they are to be taken as a whole."""
    if len(rows) > MOST:
        raise bad("INVALID_INPUT", f"The maximum number of records allowed is {MOST}")
    kept, start = (store.copied() if whole else None), store.sequence()
    told = [_one(store, one, act, path) for one in rows]
    if kept is None or all(one["success"] for one in told):
        return told
    _restore(store, kept, start)
    return [ROLLED_BACK.row() if one["success"] else one for one in told]


def _restore(store: Store, kept: Store, start: int) -> None:
    """Nothing of a request that is refused as a whole was done."""
    for name in KINDS:
        for id in {entry.id for entry in store.since(name, start)}:
            if (before := kept.get(name, id)) is None:
                store.delete(name, id)
            else:
                store.put(name, id, before)


def _one(store: Store, row: Any, act: Act, path: str) -> Record:
    try:
        if store.faults.take("row_error", "PATCH", path) is not None:
            raise bad("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        return act(row)
    except Failure as problem:
        return problem.row()


def saved(id: str, **more: Any) -> Record:
    """A row that was taken."""
    return {"id": id, "success": True, "errors": [], **more}


def kind_at(row: Any) -> Kind:
    """The object that a row says it is. Failure when it does not say it."""
    told = row.get("attributes") if isinstance(row, dict) else None
    kind = kind_of(str(told.get("type"))) if isinstance(told, dict) else None
    if kind is None:
        raise bad("INVALID_TYPE", "sObject type is missing or not supported")
    return kind


def chunked(rows: Sequence[Any]) -> None:
    """Failure when records of one kind do not stand together often enough."""
    names = [str((one.get("attributes") or {}).get("type")) for one in rows if isinstance(one, dict)]
    turns = sum(1 for before, name in zip(["", *names], names, strict=False) if before != name)
    if turns > CHUNKS:
        raise bad("INVALID_INPUT", f"Cannot have more than {CHUNKS} chunks in a single operation")


def inserted(store: Store, row: Record) -> Record:
    return saved(create(store, kind_at(row), row)["Id"])


def updated(store: Store, row: Record) -> Record:
    """A row of an update names its record."""
    kind, id = kind_at(row), row.get("id", row.get("Id"))
    if not id:
        raise bad("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
    try:
        record = existing(store, kind, str(id))
    except Failure as problem:
        if problem.code != "NOT_FOUND":
            raise
        raise bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from problem
    return saved(change(store, kind, record, row)["Id"])


def upserted(store: Store, kind: Kind, name: str, value: Any, fields: Record) -> Record:
    """Made or changed by an external id. Failure with status 300 when several have it."""
    if value in (None, ""):
        raise bad("MISSING_ARGUMENT", f"{name} not specified", name)
    found = matching(store, kind, name, str(value))
    if len(found) > 1:
        raise Failure(
            status=300, code="DUPLICATE_EXTERNAL_ID", message=f"{name}: more than one record found", fields=[name]
        )
    if found:
        return saved(change(store, kind, found[0], fields)["Id"], created=False)
    return saved(create(store, kind, {**fields, name: value})["Id"], created=True)


def upserting(store: Store, kind: Kind, name: str) -> Act:
    """A row of an upsert carries its external id among its fields."""

    def act(row: Record) -> Record:
        if kind_at(row) is not kind:
            raise bad("INVALID_TYPE", f"records of an upsert must all be {kind.name}")
        value = next((v for n, v in row.items() if n.lower() == name.lower()), None)
        return upserted(store, kind, name, value, {n: v for n, v in row.items() if n.lower() != name.lower()})

    return act


def removing(store: Store, kind: Kind | None = None) -> Act:
    """A row of a delete is an id."""

    def act(id: str) -> Record:
        found = kind or next((one for one in KINDS.values() if id.startswith(one.prefix)), None)
        if found is None:
            raise bad("MALFORMED_ID", f"bad id {id}")
        record = existing(store, found, id)
        delete(store, found, record)
        return saved(record["Id"])

    return act


def delete(store: Store, kind: Kind, record: Record) -> None:
    """Into the Recycle Bin. Failure where nothing is ever deleted."""
    try:
        remove(store, kind.name, record["Id"])
    except ValueError as problem:
        raise Failure(status=405, code="METHOD_NOT_ALLOWED", message=str(problem)) from problem


def fetched(store: Store, kind: Kind, ids: Sequence[str], names: Sequence[str], version: str) -> list[Record | None]:
    """Records by id, in order; null where there is none."""
    if len(ids) > MOST_READ:
        raise bad("INVALID_INPUT", f"The maximum number of ids allowed is {MOST_READ}")
    members = [kind.member(name) for name in names]
    if None in members:
        raise bad("INVALID_FIELD", f"No such column '{names[members.index(None)]}' on entity '{kind.name}'.")
    rows = [store.get(kind.name, full_id(str(id))) for id in ids]
    return [
        None if one is None or one.get("IsDeleted") else {
            "attributes": attributes(kind.name, one["Id"], version),
            **{m.name: wire(m, one.get(m.name)) for m in members if m is not None},
        }
        for one in rows
    ]  # fmt: skip

"""Batch create, update, upsert and archive, with multi-status answers (facts: Writes).

A failed row of an update or upsert is told by 207 beside the others. A create does so only when every row
carries its ``objectWriteTraceId`` (the vendor's error-handling page, multi-status errors), and an upsert by
e-mail never (facts: Idempotency); there the first bad row refuses the whole batch and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from sandbox.hubspot.catalog import ObjectType, object_type
from sandbox.hubspot.dialect import Call, Failure, answer, envelope, invalid, row_error
from sandbox.hubspot.index import shelf
from sandbox.hubspot.reading import found, id_of, inputs, missing_failure
from sandbox.hubspot.shapes import BATCH
from sandbox.hubspot.stamping import remove
from sandbox.hubspot.validating import clash, property_map
from sandbox.hubspot.writing import Draft, draft_create, draft_update, keep, written
from sandbox.twin import Record

Drafter = Callable[[Call, ObjectType, Record], Draft]


def batch_created(call: Call) -> Response:
    """POST .../batch/create: 201, or 207 when rows failed and all of them carry a trace id."""
    kind, rows = _rows(call)
    traced = all(row.get("objectWriteTraceId") is not None for row in rows)
    return (_one_by_one if traced else _all_or_none)(call, kind, rows, draft_create, 201)


def batch_updated(call: Call) -> Response:
    """POST .../batch/update: rows ``{id, idProperty?, properties}``."""
    kind, rows = _rows(call)
    _refuse_repeats(rows)
    return _one_by_one(call, kind, rows, _draft_row_update, 200)


def batch_upserted(call: Call) -> Response:
    """POST .../batch/upsert: rows ``{id, idProperty, properties}``; each result says whether it is ``new``."""
    kind, rows = _rows(call)
    _refuse_repeats(rows)
    by_email = any(row.get("idProperty") == "email" for row in rows)
    return (_all_or_none if by_email else _one_by_one)(call, kind, rows, _draft_upsert, 200)


def batch_archived(call: Call) -> Response:
    """POST .../batch/archive: 204; unknown ids are ignored."""
    kind, rows = _rows(call)
    for row in rows:
        remove(call.store, kind.name, shelf(call.store, kind).resolve(str(row.get("id"))))
    return Response(status_code=204)


def _rows(call: Call) -> tuple[ObjectType, list[Record]]:
    return object_type(call.request.path_params["type"]), inputs(call.json(BATCH))


def _refuse_repeats(rows: list[Record]) -> None:
    ids = [str(row.get("id")) for row in rows]
    repeated = sorted({id for id in ids if ids.count(id) > 1})
    if repeated:
        raise invalid(f"Duplicate IDs found in batch input: {repeated}. IDs must be unique", context={"ids": repeated})


def _draft_row_update(call: Call, kind: ObjectType, row: Record) -> Draft:
    id = str(row.get("id"))
    record = found(call.store, kind, id, row.get("idProperty"))
    if record is None:
        raise missing_failure(kind, [id])
    return draft_update(call, kind, record["id"], row)


def _draft_upsert(call: Call, kind: ObjectType, row: Record) -> Draft:
    id_property, id = row.get("idProperty"), str(row.get("id"))
    held = id_of(shelf(call.store, kind), kind, id, id_property)
    if held and found(call.store, kind, held) is not None:
        return draft_update(call, kind, held, row)
    if id_property in (None, "hs_object_id"):
        raise missing_failure(kind, [id])
    properties = {str(id_property): id, **property_map(row.get("properties"))}
    return draft_create(call, kind, {**row, "properties": properties})


def _one_by_one(call: Call, kind: ObjectType, rows: list[Record], draft: Drafter, status: int) -> Response:
    results, errors = [], []
    for row in rows:
        try:
            results.append(_kept(call, _drafted(call, kind, row, draft)))
        except Failure as failure:
            ids = [str(row["id"])] if "id" in row else []
            errors.append(row_error(failure, row.get("objectWriteTraceId"), ids))
    return _batch_answer(call, results, errors, status)


def _all_or_none(call: Call, kind: ObjectType, rows: list[Record], draft: Drafter, status: int) -> Response:
    drafts = [_drafted(call, kind, row, draft) for row in rows]
    _refuse_inner_clash(call, kind, drafts)
    return _batch_answer(call, [_kept(call, each) for each in drafts], [], status)


def _drafted(call: Call, kind: ObjectType, row: Record, draft: Drafter) -> Draft:
    if call.take("row_error") is not None:
        raise Failure(status=500, category="INTERNAL_ERROR", message="internal error")
    return draft(call, kind, row)


def _kept(call: Call, draft: Draft) -> Record:
    body = written(call.store, draft, keep(call.store, draft))
    return {**body, "new": draft.id is None} if call.path.endswith("/upsert") else body


def _refuse_inner_clash(call: Call, kind: ObjectType, drafts: list[Draft]) -> None:
    seen: set[tuple[str, str]] = set()
    for draft in drafts:
        for name in sorted(shelf(call.store, kind).unique & draft.values.keys()):
            key = (name, draft.values[name])
            if key in seen and key[1]:
                raise clash(kind, name, key[1], "another input of this batch")
            seen.add(key)


def _batch_answer(call: Call, results: list[Record], errors: list[Record], status: int) -> Response:
    """Results come by id, not in the order of the inputs: rows are told apart by their trace ids."""
    results.sort(key=lambda record: int(record["id"]))
    return answer(envelope(call.store, results, errors), 207 if errors else status)

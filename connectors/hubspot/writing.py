"""Writing contacts in batches, whose rows HubSpot accepts or refuses one by one (207).

Facts of the vendor come from its fact sheet (facts.md), named by section. HubSpot has no preconditions
(Idempotency, upsert, concurrency): the caller reads with ``fetch_many`` and compares before it updates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.batches import chunks, fetch_one, read_back, send_one
from connectors.errors import sentence
from connectors.hubspot.customer import CONTACTS, MARKER, SHOWN
from connectors.spec import Api, Outgoing, Written
from models.errors import Ambiguous, Gone, Rejected, Stale, SystemFailure

BATCH = 100  # rows a request (Writes)


def fetch_many(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Live contacts by id, as a read returns them; archived, merged and unknown ones are left out."""
    found: dict[str, Written] = {}
    for some in chunks(ids, BATCH):
        found |= _live(api, some)
    return {id: found[id] for id in ids if id in found}


def _live(api: Api, ids: Sequence[str], **by: str) -> dict[str, Written]:
    """One batch of live contacts, by their ids or by another unique property."""
    query = {"properties": SHOWN, "propertiesWithHistory": [], "inputs": [{"id": id} for id in ids], **by}
    body = api.request("POST", f"{CONTACTS}/batch/read", json=query, repeatable=True).json()
    for problem in body.get("errors", ()):
        if problem.get("category") != "OBJECT_NOT_FOUND":
            raise _refusal(api.system, problem)
    live = (one for one in body["results"] if not one.get("archived"))
    return {one["id"]: Written(id=one["id"], version=one["updatedAt"], record=one) for one in live}


def find(api: Api, one: Outgoing) -> Written | None:
    """The contact that a create in doubt made, by our marker: sent again, it would write over what people did since."""
    return next(iter(_live(api, [one.change.core_id], idProperty=MARKER).values()), None)


fetch = fetch_one(fetch_many)


def send_many(api: Api, batch: Sequence[Outgoing]) -> Sequence[Written | Exception]:
    """Up to 100 creates and updates. Both may be sent again: a create is an upsert by our marker."""
    answers: dict[str, Written | Exception] = {}
    for action, path in (("update", "update"), ("create", "upsert")):
        rows = [one for one in batch if one.change.action == action]
        answers |= _sent(api, path, rows) if rows else {}
    records = read_back(api, [one.id for one in answers.values() if isinstance(one, Written)], fetch_many)
    return [records.get(one.id, one) if isinstance(one, Written) else one for one in (answers[o.key] for o in batch)]


def _sent(api: Api, path: str, rows: Sequence[Outgoing]) -> dict[str, Written | Exception]:
    """One batch: what became of each row, by its key."""
    inputs = {one.key: _input(one) for one in rows}
    body = api.request(
        "POST", f"{CONTACTS}/batch/{path}", json={"inputs": list(inputs.values())}, repeatable=True
    ).json()
    keys = {label: key for key, one in inputs.items() for label in (key, one["id"])}
    answers: dict[str, Written | Exception] = {}
    unplaced: Exception = Ambiguous(api.system, f"the answer to a batch {path} is silent about this row; look there")
    for problem in body.get("errors", ()):
        refused = [keys[label] for label in _labels(problem) if label in keys]
        unplaced = unplaced if refused else _refusal(api.system, problem)
        answers |= {key: _refusal(api.system, problem) for key in refused}
    for one in body["results"]:
        written = Written(id=one["id"], version=one["updatedAt"])
        answers |= {keys[label]: written for label in _labels(one) if label in keys}
    return {key: answers.get(key, unplaced) for key in inputs}


def _input(one: Outgoing) -> dict[str, Any]:
    """A row of a batch: every value is text, and an empty text clears (Read streams, Writes)."""
    properties = {name: value or "" for name, value in one.record.get("properties", {}).items()}
    if one.change.action == "update":
        return {"id": one.change.target_id, "properties": properties, "objectWriteTraceId": one.key}
    known = {name: value for name, value in properties.items() if value} | {MARKER: one.change.core_id}
    return {"id": one.change.core_id, "idProperty": MARKER, "properties": known, "objectWriteTraceId": one.key}


def _labels(row: Mapping[str, Any]) -> list[str | None]:
    """By what a row of an answer may name the row of the request: the trace id, our marker, the id."""
    context = row.get("context") or {}
    named = [id for name in ("objectWriteTraceId", "ids", "id") for id in context.get(name, ())]
    return [*named, row.get("objectWriteTraceId"), (row.get("properties") or {}).get(MARKER), row.get("id")]


def _refusal(system: str, problem: Mapping[str, Any]) -> SystemFailure:
    """The error that one row's answer means (Errors)."""
    said, category = sentence(problem), problem.get("category")
    if category == "CONFLICT":
        return Stale(system, f"{said}; another contact has this value already")
    if category == "OBJECT_NOT_FOUND":
        return Gone(system, f"{said}; it was archived or merged there")
    return Rejected(system, f"{said} ({category}); correct the record")


send = send_one(send_many)


def delete(api: Api, one: Outgoing) -> Written:
    """Archive one contact, for 90 days to be restored there; the id of a merged one would lead to its survivor."""
    id = str(one.change.target_id)
    if fetch(api, id) is not None:
        api.request("DELETE", f"{CONTACTS}/{id}")
    return Written(id=id)

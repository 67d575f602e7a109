"""Up to 30 operations in one request, each answered for itself.

Source: facts sheet "Batch".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.quickbooks_online import refusals
from sandbox.quickbooks_online.books import books_of
from sandbox.quickbooks_online.members import BY_NAME
from sandbox.quickbooks_online.reading import changes
from sandbox.quickbooks_online.refusals import Refused
from sandbox.quickbooks_online.search import answered
from sandbox.quickbooks_online.writing import write
from sandbox.store import Store
from sandbox.twin import Record

MOST_ITEMS = 30
_OPERATIONS = frozenset({"create", "update", "delete", "void"})


def run(store: Store, body: Any) -> list[Record]:
    """The answers in the order of the items; an item that is refused carries its fault and stops nobody else."""
    items = body.get("BatchItemRequest") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not items:
        raise refusals.missing("BatchItemRequest")
    if len(items) > MOST_ITEMS:
        raise refusals.oversized_batch(MOST_ITEMS)
    return [_item(store, item) for item in items]


def _item(store: Store, item: Any) -> Record:
    if not isinstance(item, Mapping):
        raise refusals.unsupported_property("BatchItemRequest", item)
    label = {"bId": str(item["bId"])} if "bId" in item else {}
    try:
        return {**_done(store, item), **label}
    except Refused as refused:
        return {"Fault": refused.fault, **label}


def _done(store: Store, item: Mapping[str, Any]) -> Record:
    if "Query" in item:
        return {"QueryResponse": answered(books_of(store), str(item["Query"]))}
    if "CDCQuery" in item:
        asked = item["CDCQuery"]
        if not isinstance(asked, Mapping):
            raise refusals.unsupported_property("CDCQuery", asked)
        found = changes(store, books_of(store), str(asked.get("Entities", "")), str(asked.get("ChangedSince", "")))
        return {"CDCResponse": found[0]}
    name = next((key for key in item if key.lower() in BY_NAME), None)
    operation = item.get("operation")
    if name is None or operation not in _OPERATIONS:
        raise refusals.unsupported(str(operation))
    body = dict(item[name]) if isinstance(item[name], Mapping) else {}
    if operation == "create":
        body.pop("Id", None)
    elif not body.get("Id"):
        raise refusals.missing("Id")
    wanted = "void" if item.get("optionsData") == "void" else operation
    return write(store, BY_NAME[name.lower()], body, operation=wanted)

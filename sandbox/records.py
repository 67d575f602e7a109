"""A person's edits of a twin's records: read, merged (RFC 7386), stamped as the vendor does, kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.estate import Served
from sandbox.store import Record


def items(served: Served, collection: str) -> Sequence[tuple[str, Record]]:
    """Every id of a collection with its record."""
    state = served.twin.state
    return served.store.items(collection) if state is None else state.items(served.store, collection)


def get(served: Served, collection: str, id: str) -> Record | None:
    """One record, or None."""
    state = served.twin.state
    return served.store.get(collection, id) if state is None else state.get(served.store, collection, id)


def keep(served: Served, collection: str, id: str, record: Record) -> Record:
    """Stamps the record through the twin's ``touch`` and stores it; ValueError when the twin refuses it."""
    stamped = served.twin.touch(served.store, collection, record)
    if served.twin.state is None:
        return served.store.put(collection, id, stamped)
    return served.twin.state.put(served.store, collection, id, stamped)


def merged(record: Record, patch: Record) -> Record:
    """The record after a JSON merge patch: objects merge, null removes, anything else replaces.

    Where the record keeps money as Decimal, numbers of the patch become Decimal too.
    """
    result: Record = _merged(record, _exact(patch) if _holds_decimal(record) else patch)
    return result


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


def _holds_decimal(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_decimal(part) for part in value.values())
    if isinstance(value, list):
        return any(_holds_decimal(part) for part in value)
    return isinstance(value, Decimal)


def _exact(value: Any) -> Any:
    """Floats as the Decimals that were written: ``repr`` of a parsed JSON number gives its digits back."""
    if isinstance(value, dict):
        return {name: _exact(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return Decimal(repr(value)) if isinstance(value, float) else value

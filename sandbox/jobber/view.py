"""What a request sees of the store: records by collection and who points at whom, kept current by the journal.

Copying every record out of the store for each query would make a nested query of a large company quadratic; the
view copies only what the journal says has changed. It lives in the store's bag and goes with it on reset.
Records handed out here are shared: read them, never change them (a write goes through ``Context.keep``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.jobber.changes import stamped
from sandbox.jobber.identity import COLLECTIONS, ids_in
from sandbox.store import Store

Record = dict[str, Any]

_KEY = "jobber.view"


@dataclass(slots=True, kw_only=True)
class View:
    """The records up to journal entry ``sequence`` and, lazily, indexes by reference."""

    sequence: int = 0
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    pointers: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)


def current(store: Store) -> View:
    """The view of this store, brought up to its newest journal entry; call with ``store.lock`` held."""
    view: View = store.bag.setdefault(_KEY, View())
    newest = store.sequence()
    if view.sequence != newest:
        for collection, _ in COLLECTIONS.values():
            _catch_up(store, view, collection)
        view.sequence = newest
    return view


def _catch_up(store: Store, view: View, collection: str) -> None:
    changed = dict.fromkeys(entry.id for entry in store.since(collection, view.sequence))
    records = view.records.setdefault(collection, {})
    for id in changed:
        record = store.get(collection, id)
        if record is None:
            records.pop(id, None)
        else:
            records[id] = record
    if changed:
        for key in [key for key in view.pointers if key[0] == collection]:
            del view.pointers[key]


def _index(view: View, collection: str, key: str) -> dict[str, list[str]]:
    if (collection, key) not in view.pointers:
        found: dict[str, list[str]] = {}
        for id, record in view.records.get(collection, {}).items():
            for target in ids_in(record.get(key)):
                found.setdefault(target, []).append(id)
        view.pointers[collection, key] = found
    return view.pointers[collection, key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request: its store, the moment it is answered and the zone that day-based states are told in."""

    store: Store
    now: datetime
    zone: str

    def get(self, collection: str, id: str | None) -> Record | None:
        return current(self.store).records.get(collection, {}).get(id) if id else None

    def all(self, collection: str) -> list[Record]:
        """Every record of a collection, oldest first."""
        return list(current(self.store).records.get(collection, {}).values())

    def pointing(self, collection: str, key: str, id: str) -> list[Record]:
        """The records of a collection whose reference ``key`` holds this id."""
        view = current(self.store)
        return [view.records[collection][one] for one in _index(view, collection, key).get(id, ())]

    def keep(self, collection: str, record: Record) -> Record:
        """Stamp a record as the vendor does on any change, and store it."""
        return self.store.put(collection, record["id"], stamped(self.store, collection, record))

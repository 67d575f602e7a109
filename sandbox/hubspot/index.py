"""Fast reading of the store: read-only views kept level with its change journal, also after a person's edit.

The store copies whatever it hands out; a list of thousands of records or a look-up by a unique value would
copy all of them at each call. A shelf copies each record once, when the journal says that it changed.
Callers hold ``store.lock`` and never change what they get.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import cast

from sandbox.hubspot.catalog import ObjectType
from sandbox.store import Store
from sandbox.twin import Record

_VERSIONS_KEPT = 8


@dataclass(slots=True, kw_only=True)
class Shelf:
    """The records of one collection by id, their order, and who holds which unique value.

    ``known`` the property definitions; ``holders`` (property, value) -> id, live records only; ``aliases`` the id that
    lost a merge -> survivor; ``versions`` the last versions of a record, oldest first, for a search that lags.
    """

    known: dict[str, Record]
    unique: frozenset[str]
    sequence: int = 0
    records: dict[str, Record] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    holders: dict[tuple[str, str], str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    versions: dict[str, list[Record]] = field(default_factory=dict)

    def from_id(self, first: int) -> list[Record]:
        """All records whose id is at least ``first``, by id."""
        return [self.records[str(id)] for id in self.order[bisect_left(self.order, first) :]]

    def resolve(self, id: str) -> str:
        """Follow merges: the id under which a record lives today."""
        while id not in self.records and id in self.aliases:
            id = self.aliases[id]
        return id


def shelf(store: Store, kind: ObjectType) -> Shelf:
    """The shelf of an object type, level with the store."""
    known, key = definitions(store, kind), f"shelf/{kind.name}"
    held = cast("Shelf | None", store.bag.get(key))
    if held is None or held.known is not known:
        unique = frozenset(n for n, shape in known.items() if shape["hasUniqueValue"] and n != "hs_object_id")
        if held is None or held.unique != unique:
            held = store.bag[key] = Shelf(known=known, unique=unique)
        held.known = known
    if held.sequence == store.sequence():
        return held
    for id in dict.fromkeys(entry.id for entry in store.since(kind.name, held.sequence)):
        _replace(held, id, store.get(kind.name, id))
    held.sequence = store.sequence()
    return held


def definitions(store: Store, kind: ObjectType) -> dict[str, Record]:
    """The live property definitions of an object type by name."""
    sequence, known = cast("tuple[int, dict[str, dict[str, Record]]]", store.bag.get("definitions", (0, {})))
    if not known or (sequence < store.sequence() and any(store.since("properties", sequence))):
        known = _definitions_by_type(store)
    store.bag["definitions"] = (store.sequence(), known)
    return known.get(kind.name, {})


def _definitions_by_type(store: Store) -> dict[str, dict[str, Record]]:
    found: dict[str, dict[str, Record]] = {}
    for entry_id, record in _keyed(store, "properties"):
        if not record.get("archived"):
            found.setdefault(entry_id.partition("/")[0], {})[record["name"]] = record
    return found


def _keyed(store: Store, collection: str) -> list[tuple[str, Record]]:
    ids = dict.fromkeys(entry.id for entry in store.since(collection, 0))
    return [(id, record) for id in ids if (record := store.get(collection, id)) is not None]


def _replace(held: Shelf, id: str, record: Record | None) -> None:
    old = held.records.pop(id, None)
    for key in _unique_values(held, old):
        if held.holders.get(key) == id:
            del held.holders[key]
    if record is None:
        if old is not None:
            held.order.remove(int(id))
        return
    if old is None:
        insort(held.order, int(id))
    held.records[id] = record
    held.versions[id] = [*held.versions.get(id, []), record][-_VERSIONS_KEPT:]
    held.holders.update(dict.fromkeys(_unique_values(held, record), id))
    merged = record["properties"].get("hs_merged_object_ids") or ""
    held.aliases.update(dict.fromkeys(filter(None, merged.split(";")), id))


def _unique_values(held: Shelf, record: Record | None) -> list[tuple[str, str]]:
    if record is None or record.get("archived"):
        return []
    properties = record["properties"]
    found = [(name, properties[name]) for name in held.unique if properties.get(name)]
    others = filter(None, (properties.get("hs_additional_emails") or "").split(";"))
    return [*found, *(("email", address.lower()) for address in others)]

"""Who has a value in a field that records are looked up by; it follows the store's journal."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.store import Store


@dataclass(slots=True)
class _Index:
    """``values`` id -> value, ``ids`` value -> ids; both as of a number of the journal."""

    seen: int = 0
    values: dict[str, str] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)


def holders(store: Store, collection: str, name: str, value: str) -> set[str]:
    """Ids of the records that have this value there, whatever its case."""
    index: _Index = store.bag.setdefault(f"index/{collection}/{name}", _Index())
    with store.lock:
        for entry in store.since(collection, index.seen):
            _follow(index, entry.id, str((store.get(collection, entry.id) or {}).get(name) or "").lower())
        index.seen = store.sequence()
    return set(index.ids.get(value.lower(), ()))


def _follow(index: _Index, id: str, value: str) -> None:
    before = index.values.pop(id, None)
    if before is not None:
        index.ids[before].discard(id)
    if value:
        index.values[id] = value
        index.ids.setdefault(value, set()).add(id)

"""What is looked up with every write: names, numbers and documents of a contact, without copying all the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.store import Store
from sandbox.twin import Record

Key = tuple[str, str, str]  # collection, member, value in lower case
BAG = "index"
FOUND_BY = {
    "contacts": ("Name", "ContactNumber"),
    "items": ("Code",),
    "invoices": ("InvoiceNumber", "Contact.ContactID"),
    "credit_notes": ("CreditNoteNumber", "Contact.ContactID"),
    "payments": ("Invoice.InvoiceID",),
    "accounts": ("Code",),
    "taxrates": ("TaxType",),
}


@dataclass(slots=True)
class Index:
    """Ids by what they are found by, following the store's journal."""

    seen: int = 0
    ids: dict[Key, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[tuple[str, str], list[Key]] = field(default_factory=dict)


def found(store: Store, collection: str, member: str, value: str) -> list[Record]:
    """Records of a collection whose member has this value, whatever its case."""
    index: Index = store.bag.setdefault(BAG, Index())
    newest = store.sequence()
    if newest != index.seen:
        for name in FOUND_BY:
            for id in dict.fromkeys(entry.id for entry in store.since(name, index.seen)):
                _follow(store, index, name, id)
        index.seen = newest
    ids = index.ids.get((collection, member, value.lower()), {})
    return [record for id in ids if (record := store.get(collection, id)) is not None]


def _follow(store: Store, index: Index, collection: str, id: str) -> None:
    for key in index.keys.pop((collection, id), ()):
        index.ids[key].pop(id, None)
    record = store.get(collection, id)
    if record is not None:
        index.keys[collection, id] = list(_keys(collection, record))
        for key in index.keys[collection, id]:
            index.ids[key][id] = None


def _keys(collection: str, record: Record) -> Iterator[Key]:
    for member in FOUND_BY[collection]:
        value = value_at(record, member)
        if isinstance(value, str) and value:
            yield collection, member, value.lower()


def value_at(record: Record, path: str) -> object:
    """The value of a member, dotted for those inside another; None when there is none."""
    value: object = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value

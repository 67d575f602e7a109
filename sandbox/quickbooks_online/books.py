"""A read view of the store that follows its journal, and the look-ups that the vendor's rules need.

The store hands out deep copies, which is right for editing and too dear for looking through thousands of
records on every write. These rows are the view's own copies, refreshed only when a record changed; nobody
writes to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.quickbooks_online.dialect import amount, ref_id
from sandbox.quickbooks_online.members import BY_COLLECTION, ENTITIES
from sandbox.store import Store
from sandbox.twin import Record

Key = tuple[str, ...]
Place = tuple[str, str]  # collection, id
_BAG = "books"


@dataclass(slots=True)
class Books:
    """Rows by collection and id, in the order in which they came, and postings by what they are looked up with."""

    store: Store
    seen: int = 0
    rows: dict[str, dict[str, Record]] = field(default_factory=lambda: defaultdict(dict))
    index: dict[Key, dict[Place, Decimal]] = field(default_factory=lambda: defaultdict(dict))

    def row(self, collection: str, id: str) -> Record | None:
        return self.rows[collection].get(id)

    def labelled(self, namespace: str, label: str) -> Place | None:
        """The record of a namespace that has this name, whatever its case."""
        return next(iter(self.index.get(("label", namespace, label.lower()), ())), None)

    def numbered(self, collection: str, number: str) -> list[str]:
        """Ids of the transactions of one type with this document number."""
        return [id for _, id in self.index.get(("number", collection, number), ())]

    def paid(self, invoice: str) -> dict[str, Decimal]:
        """What each payment (by id) puts towards an invoice."""
        return {id: part for (_, id), part in self.index.get(("paid", invoice), {}).items()}

    def owed(self, customer: str) -> Decimal:
        """Open invoices less unapplied payments."""
        return sum(self.index.get(("owed", customer), {}).values(), Decimal(0))

    def trade(self, customer: str) -> list[Place]:
        """Every transaction that names the customer."""
        return list(self.index.get(("trade", customer), ()))

    def children(self, collection: str, id: str) -> list[str]:
        return [child for _, child in self.index.get(("child", collection, id), ())]


def books_of(store: Store) -> Books:
    """The view of this store, brought up to its newest entry. Call it, and use it, holding ``store.lock``."""
    books: Books = store.bag.setdefault(_BAG, Books(store))
    newest = store.sequence()
    if newest != books.seen:
        changed = [(e.collection, e.id) for entity in ENTITIES for e in store.since(entity.collection, books.seen)]
        for collection, id in dict.fromkeys(changed):
            _refresh(books, collection, id)
        books.seen = newest
    return books


def _refresh(books: Books, collection: str, id: str) -> None:
    rows, place = books.rows[collection], (collection, id)
    if (old := rows.get(id)) is not None:
        for key, _ in _postings(collection, old):
            books.index[key].pop(place, None)
    new = books.store.get(collection, id)
    if new is None:
        rows.pop(id, None)
        return
    rows[id] = new
    for key, value in _postings(collection, new):
        books.index[key][place] = books.index[key].get(place, Decimal(0)) + value


def _postings(collection: str, record: Record) -> Iterator[tuple[Key, Decimal]]:
    """What one record is found by, each with the amount that counts there (zero where none does)."""
    entity = BY_COLLECTION[collection]
    if entity.label and record.get(entity.label):
        yield ("label", entity.namespace, record[entity.label].lower()), Decimal(0)
    if parent := ref_id(record, "ParentRef"):
        yield ("child", collection, parent), Decimal(0)
    if entity.family == "transaction":
        yield from _transaction_postings(collection, record)


def _transaction_postings(collection: str, record: Record) -> Iterator[tuple[Key, Decimal]]:
    if record.get("DocNumber"):
        yield ("number", collection, record["DocNumber"]), Decimal(0)
    if customer := ref_id(record, "CustomerRef"):
        yield ("trade", customer), Decimal(0)
        yield ("owed", customer), amount(record.get("Balance")) - amount(record.get("UnappliedAmt"))
    if collection == "payments":
        for invoice, part in applied(record):
            yield ("paid", invoice), part


def applied(payment: Mapping[str, object]) -> Iterator[tuple[str, Decimal]]:
    """The invoices that a payment's lines point at, each with the line's amount."""
    lines = payment.get("Line")
    for line in lines if isinstance(lines, list) else ():
        for link in line.get("LinkedTxn", ()):
            if link.get("TxnType") == "Invoice":
                yield str(link["TxnId"]), amount(line.get("Amount"))

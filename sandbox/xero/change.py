"""What a person does in Xero's own pages: edits, archives, voids, takes payments back."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero import contacts, documents, items, payments
from sandbox.xero.dialect import cents, dated, day_of, instant, money, stamped, wire
from sandbox.xero.documents import CREDITS, INVOICES, Kind

KINDS = {"invoices": INVOICES, "credit_notes": CREDITS}


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record after a person's edit, derived members and stamp with it. Not every edit moves the stamp."""
    kind = KINDS.get(collection)
    id = {"contacts": "ContactID", "items": "ItemID", "payments": "PaymentID"}.get(collection)
    old = store.get(collection, str(record.get(kind.id if kind else id or "")))
    if kind is not None:
        record = documents.totalled(kind, _coherent(old or {}, record))
    if kind is CREDITS:
        _take_off(store, old or {}, record)
    moved = {name for name in {*record, *(old or {})} if record.get(name) != (old or {}).get(name)}
    return record if old is not None and moved <= _quiet(collection, record) else stamped(record, store.clock.now())


def _take_off(store: Store, old: Record, record: Record) -> None:
    """The invoices that a credit note was taken off, or no longer is, with what is open on them now."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for note, sign in ((old, -1), (record, 1)):
        for one in note.get("Allocations", ()):
            sums[one["Invoice"]["InvoiceID"]] += sign * money(one["Amount"])
    for id, amount in sums.items():
        invoice = documents.existing(store, INVOICES, id)
        credited = {"AmountCredited": wire(money(invoice["AmountCredited"]) + amount)}
        store.put("invoices", id, stamped(documents.totalled(INVOICES, invoice | credited), store.clock.now()))


def _quiet(collection: str, record: Record) -> set[str]:
    """Members whose change leaves the stamp as it is (Paging, filters, increment)."""
    if collection == "contacts":
        return contacts.QUIET
    part_paid = collection == "invoices" and record.get("Status") == "AUTHORISED" and record.get("AmountPaid")
    return documents.QUIET if part_paid else set()


def _coherent(old: Record, record: Record) -> Record:
    """Both spellings of a day, whichever of them was edited; lines whose amount follows from quantity and price."""
    for member in ("Date", "DueDate"):
        said, shown = record.get(member), record.get(f"{member}String")
        at = instant(said)
        if said != old.get(member) and at is not None:
            record = record | dated(member, at.date())
        elif shown and shown != old.get(f"{member}String"):
            record = record | dated(member, day_of(shown, member))
    before = {one.get("LineItemID"): one for one in old.get("LineItems", ())}
    lines = [_line(before.get(one.get("LineItemID")), one) for one in record.get("LineItems", ())]
    return record | {"LineItems": lines}


def _line(old: Record | None, line: Record) -> Record:
    moved = old is None or any(old.get(name) != line.get(name) for name in ("Quantity", "UnitAmount"))
    if not moved or (old is not None and old.get("LineAmount") != line.get("LineAmount")):
        return line
    amount = cents(money(line.get("Quantity", 1)) * money(line.get("UnitAmount")))
    return {"TaxAmount": 0, **line, "LineAmount": wire(amount)}


def merge(store: Store, collection: str, id: str, into: str) -> None:
    """Contacts alone are merged."""
    if collection != "contacts":
        raise ValueError(f"{collection} are not merged in Xero; only contacts are")
    contacts.merge(store, id, into)


def remove(store: Store, collection: str, id: str) -> None:
    """Contacts are archived, drafts deleted, approved documents voided, payments taken back, items removed."""
    if collection == "contacts":
        contacts.change(store, id, {"ContactStatus": "ARCHIVED"})
    elif collection == "payments":
        payments.undo(store, id, {"Status": "DELETED"})
    elif collection == "items":
        items.delete(store, id)
    elif (kind := KINDS.get(collection)) is not None:
        _end(store, kind, id)


def _end(store: Store, kind: Kind, id: str) -> None:
    draft = documents.existing(store, kind, id)["Status"] in ("DRAFT", "SUBMITTED")
    documents.change(store, kind, id, {"Status": "DELETED" if draft else "VOIDED"}, 4)

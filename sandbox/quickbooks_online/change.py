"""One change of one record, by whomever: stamped, its derived members worked out, and its echoes in other records.

The API's writes and a person's edits pass through ``touch``; deletions through ``remove``. A change moves
SyncToken and LastUpdatedTime. What only follows from it in other records (a balance, a link, a name inside a
reference) moves at most their LastUpdatedTime, never their SyncToken: facts sheet "Query endpoint", observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sandbox.quickbooks_online.books import Books, applied, books_of
from sandbox.quickbooks_online.dialect import amount, ref_id, reference, stamp, wire
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.members import BY_COLLECTION
from sandbox.quickbooks_online.names import check_label, composed_name
from sandbox.quickbooks_online.refusals import unsupported_property
from sandbox.quickbooks_online.sales import composed_payment, composed_sale, with_balance
from sandbox.store import Store
from sandbox.twin import Record

TOMBSTONES = "tombstones"
# The user behind every write, as MetaData names it.
_USER = "9341457021722234"


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as the vendor keeps it after this change; stored already, with everything that follows from it.

    ``record`` holds ``Id`` and the members in wire form. Derived members that it brings are worked out anew.
    Raises ``Refused`` (a ValueError) without an Id, and for a name that another record has.
    """
    with store.lock:
        entity, id = BY_COLLECTION[collection], str(record.get("Id") or "")
        if not id:
            raise unsupported_property("Id")
        old = store.get(collection, id)
        if entity.label:
            check_label(books_of(store), entity, record, id)
        record = with_address_ids(store, entity, record, old)
        fresh = stamped(store, composed(books_of(store), entity, record, old), old)
        if collection == "invoices":
            _refit(store, id, amount(fresh["TotalAmt"]) - amount(fresh.get("Deposit")))
            fresh = with_balance(books_of(store), fresh)
        store.put(collection, id, fresh)
        _settle(store, collection, fresh, old)
        return store.get(collection, id) or fresh


def remove(store: Store, collection: str, id: str) -> None:
    """A person deletes a transaction (a stub stays for change data capture) or makes a name inactive."""
    with store.lock:
        record = store.get(collection, id)
        if record is None:
            return
        entity = BY_COLLECTION[collection]
        if entity.family == "name":
            touch(store, collection, {**record, "Active": False})
        elif entity.family == "transaction":
            _delete(store, entity, record)


def composed(books: Books, entity: Entity, record: Record, old: Record | None) -> Record:
    """The record with its own derived members, except those that hang on other records."""
    if entity.family == "name":
        return composed_name(books, entity, record, old)
    if entity.collection == "payments":
        return composed_payment(books, record)
    return composed_sale(books, record, old) if entity.family == "transaction" else record


def with_address_ids(store: Store, entity: Entity, record: Record, old: Record | None) -> Record:
    """The record with an id in each address: the one it had, else the next."""
    record = dict(record)
    for member, type_ in entity.members.items():
        address = record.get(member)
        if type_ == "address" and isinstance(address, Mapping) and "Id" not in address:
            before = (old or {}).get(member, {}).get("Id")
            record[member] = {"Id": before or str(store.next_id("addresses")), **address}
    return record


def stamped(store: Store, record: Record, old: Record | None) -> Record:
    """The record with its header first: domain, the next SyncToken, the times."""
    now = stamp(store.clock.now())
    created = old["MetaData"]["CreateTime"] if old else now
    header = {
        "domain": "QBO",
        "sparse": False,
        "Id": str(record["Id"]),
        "SyncToken": str(int(old["SyncToken"]) + 1) if old else "0",
        "MetaData": {"CreateTime": created, "LastModifiedByRef": reference(_USER), "LastUpdatedTime": now},
    }
    return {**header, **{member: value for member, value in record.items() if member not in header}}


def _delete(store: Store, entity: Entity, record: Record) -> None:
    id = record["Id"]
    if entity.collection == "invoices":
        _refit(store, id, Decimal(0))
    store.delete(entity.collection, id)
    stub = {"domain": "QBO", "status": "Deleted", "Id": id, "MetaData": {"LastUpdatedTime": stamp(store.clock.now())}}
    store.put(TOMBSTONES, f"{entity.name}/{id}", {"entity": entity.name, "stub": stub})
    _settle(store, entity.collection, None, record)


def _refit(store: Store, invoice: str, room: Decimal) -> None:
    """Cut back what payments put towards an invoice to what it still asks for; the rest is unapplied again."""
    for payment_id, part in books_of(store).paid(invoice).items():
        kept = min(part, max(room, Decimal(0)))
        room -= kept
        payment = store.get("payments", payment_id)
        if kept != part and payment is not None:
            touch(store, "payments", {**payment, "Line": _recut(payment["Line"], invoice, kept)})


def _recut(lines: Iterable[Record], invoice: str, kept: Decimal) -> list[Record]:
    """Payment lines with the one for ``invoice`` at ``kept``, and without it when nothing is kept."""
    recut = []
    for line in lines:
        if invoice not in dict(applied({"Line": [line]})):
            recut.append(line)
        elif kept:
            recut.append({**line, "Amount": wire(kept)})
    return recut


def _settle(store: Store, collection: str, new: Record | None, old: Record | None) -> None:
    """Everything in other records that follows from a change (``new`` None: from a deletion)."""
    versions = [version for version in (new, old) if version is not None]
    if BY_COLLECTION[collection].family == "transaction":
        if collection == "payments":
            _settle_invoices(store, {id for version in versions for id, _ in applied(version)})
        _settle_customers(store, [id for version in versions if (id := ref_id(version, "CustomerRef"))])
    elif collection == "customers" and new is not None:
        _settle_customers(store, [new["Id"], *(id for version in versions if (id := ref_id(version, "ParentRef")))])
        if old is not None and old.get("DisplayName") != new.get("DisplayName"):
            _rename(store, new)


def _settle_invoices(store: Store, ids: Iterable[str]) -> None:
    for id in sorted(ids):
        invoice = store.get("invoices", id)
        if invoice is not None:
            settled = with_balance(books_of(store), invoice)
            _keep(store, "invoices", invoice, settled)
            _settle_customers(store, [customer] if (customer := ref_id(invoice, "CustomerRef")) else [])


def _settle_customers(store: Store, ids: Iterable[str]) -> None:
    for id in dict.fromkeys(ids):
        books, customer = books_of(store), store.get("customers", id)
        if customer is None:
            continue
        own = books.owed(id)
        below = [books.rows["customers"][child] for child in books.children("customers", id)]
        jobs = sum((amount(child.get("BalanceWithJobs")) for child in below), own)
        if _keep(store, "customers", customer, {**customer, "Balance": wire(own), "BalanceWithJobs": wire(jobs)}):
            _settle_customers(store, [parent] if (parent := ref_id(customer, "ParentRef")) else [])


def _keep(store: Store, collection: str, before: Record, after: Record) -> bool:
    """Store a record whose derived members moved, with a new time and the old SyncToken; False when none did."""
    if before == after:
        return False
    after["MetaData"] = {**before["MetaData"], "LastUpdatedTime": stamp(store.clock.now())}
    store.put(collection, before["Id"], after)
    return True


def _rename(store: Store, customer: Record) -> None:
    """A customer's new name in the transactions that name it and in the full names below it; no time moves."""
    books, named = books_of(store), reference(customer["Id"], customer["DisplayName"])
    for collection, id in books.trade(customer["Id"]):
        if (transaction := store.get(collection, id)) is not None:
            store.put(collection, id, {**transaction, "CustomerRef": named})
    for id in books.children("customers", customer["Id"]):
        if (child := store.get("customers", id)) is not None:
            full = f"{customer['FullyQualifiedName']}:{child['DisplayName']}"
            store.put("customers", id, {**child, "FullyQualifiedName": full, "ParentRef": named})
            _rename(store, {**child, "FullyQualifiedName": full})

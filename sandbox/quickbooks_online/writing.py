"""Writing through the API: create, sparse and full update, delete, void, send.

Source: facts sheet "Writes" and "Idempotency, upsert, concurrency".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.quickbooks_online import refusals
from sandbox.quickbooks_online.auth import REALM_ID
from sandbox.quickbooks_online.books import Books, applied, books_of
from sandbox.quickbooks_online.change import remove, touch
from sandbox.quickbooks_online.cleaning import Cleaned, cleaned
from sandbox.quickbooks_online.defaults import creation_defaults
from sandbox.quickbooks_online.dialect import amount, ref_id, stamp
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.lapses import lapse, respelt
from sandbox.quickbooks_online.names import check_label, spoken_name
from sandbox.quickbooks_online.sales import voided
from sandbox.store import Store
from sandbox.twin import Record

_FORBIDDEN_IN_NAMES = frozenset(":\t\n")
_SALES, _DISCOUNT = "SalesItemLineDetail", "DiscountLineDetail"


def write(store: Store, entity: Entity, body: Any, *, operation: str = "", include: str = "") -> Record:
    """Do what a POST to an entity asks for and give the envelope of the answer; raises ``Refused``.

    ``operation`` is empty (create, or update when the body has an Id), ``update``, ``delete`` or ``void``.
    """
    if not isinstance(body, Mapping):
        raise refusals.unsupported_property("body", body)
    path = f"/v3/company/{REALM_ID}/{entity.name.lower()}"
    if entity.family == "transaction" and lapse(store, "closed_period", "POST", path):
        raise refusals.closed_period()
    body = respelt(store, path, body)
    if operation == "delete":
        return _delete(store, entity, body)
    if operation == "void" or (operation == "update" and include == "void"):
        return {entity.name: _void(store, entity, body)}
    if operation not in ("", "update", "create"):
        raise refusals.unsupported(operation)
    return {entity.name: _update(store, entity, body) if body.get("Id") else _create(store, entity, body)}


def send(store: Store, entity: Entity, id: str, address: str) -> Record:
    """Mark a sale as e-mailed now; ``address`` (may be empty) replaces the one it carries."""
    record = store.get(entity.collection, id)
    if record is None:
        raise refusals.not_found()
    if "EmailStatus" not in entity.members:
        raise refusals.unsupported("send")
    if address:
        record["BillEmail"] = {"Address": address}
    if not record.get("BillEmail", {}).get("Address"):
        raise refusals.missing("BillEmail")
    record["EmailStatus"] = "EmailSent"
    record["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": stamp(store.clock.now())}
    return {entity.name: touch(store, entity.collection, record)}


def _create(store: Store, entity: Entity, body: Mapping[str, Any]) -> Record:
    if not entity.creatable:
        raise refusals.unsupported(f"create {entity.name}")
    books = books_of(store)
    kept = cleaned(entity.members, entity.derived, body, books).kept
    record = {**creation_defaults(store, books, entity, kept), **kept}
    _check(books, entity, record, None)
    record["Id"] = _fresh_id(store, entity)
    return touch(store, entity.collection, record)


def _fresh_id(store: Store, entity: Entity) -> str:
    """The next id of the entity's sequence that no record has."""
    while store.get(entity.collection, id := str(store.next_id(entity.ids))) is not None:
        continue
    return id


def _update(store: Store, entity: Entity, body: Mapping[str, Any]) -> Record:
    if not entity.members:
        raise refusals.unsupported(f"update {entity.name}")
    old = _current(store, entity, body)
    books = books_of(store)
    change = cleaned(entity.members, entity.derived, body, books)
    record = _sparse(old, change) if _is_sparse(body) else _full(entity, old, change)
    _check(books, entity, record, old)
    return touch(store, entity.collection, record)


def _is_sparse(body: Mapping[str, Any]) -> bool:
    return body.get("sparse") in (True, "true")


def _sparse(old: Record, change: Cleaned) -> Record:
    """Only what was sent changes; ``Line`` is replaced as a whole."""
    return {**{member: value for member, value in old.items() if member not in change.cleared}, **change.kept}


def _full(entity: Entity, old: Record, change: Cleaned) -> Record:
    """Writable members that were left out are emptied; whether a name is active stays."""
    kept = {member: value for member, value in old.items() if member not in entity.members or member == "Active"}
    return {**kept, **change.kept}


def _current(store: Store, entity: Entity, body: Mapping[str, Any]) -> Record:
    """The record that a body speaks of, when its SyncToken is the newest."""
    record = store.get(entity.collection, str(body.get("Id") or ""))
    if record is None:
        raise refusals.not_found()
    if body.get("SyncToken") in (None, ""):
        raise refusals.missing("SyncToken")
    if str(body["SyncToken"]) != record["SyncToken"]:
        raise refusals.stale()
    return record


def _delete(store: Store, entity: Entity, body: Mapping[str, Any]) -> Record:
    if entity.family != "transaction":
        raise refusals.unsupported(f"delete {entity.name}")
    record = _current(store, entity, body)
    remove(store, entity.collection, record["Id"])
    return {entity.name: {"domain": "QBO", "status": "Deleted", "Id": record["Id"]}}


def _void(store: Store, entity: Entity, body: Mapping[str, Any]) -> Record:
    if entity.name not in ("Invoice", "Payment"):
        raise refusals.unsupported(f"void {entity.name}")
    return touch(store, entity.collection, voided(_current(store, entity, body)))


def _check(books: Books, entity: Entity, record: Record, old: Record | None) -> None:
    """What the vendor insists on before it keeps a record; raises ``Refused``."""
    for member in entity.required:
        if record.get(member) in (None, "", []):
            raise refusals.missing(member)
    if entity.label:
        _check_name(books, entity, record, old)
    if entity.collection == "payments":
        _check_payment(books, record, old)
    elif entity.family == "transaction":
        _check_sale(books, entity, record, old)


def _check_name(books: Books, entity: Entity, record: Record, old: Record | None) -> None:
    people = entity.namespace == "people"
    label = record.get(entity.label) or (spoken_name(record) if people else "")
    if not label:
        raise refusals.no_name()
    if people and _FORBIDDEN_IN_NAMES & set(label):
        raise refusals.unsupported_property(entity.label, label)
    check_label(books, entity, record, old["Id"] if old else None)
    if old and ref_id(record, "ParentRef") in _family(books, entity.collection, old["Id"]):
        raise refusals.bad_reference("ParentRef")


def _family(books: Books, collection: str, id: str) -> set[str]:
    """A record and all below it: none of them can be its parent."""
    found = {id}
    for child in books.children(collection, id):
        found |= _family(books, collection, child)
    return found


def _check_sale(books: Books, entity: Entity, record: Record, old: Record | None) -> None:
    number = record.get("DocNumber")
    holders = set(books.numbered(entity.collection, number)) if number else set()
    for holder in holders - {old["Id"] if old else ""}:
        raise refusals.duplicate_number(str(number), entity.name, holder)
    for line in record["Line"]:
        _check_line(line)


def _check_line(line: Record) -> None:
    if "DetailType" not in line:
        raise refusals.missing("Line.DetailType")
    if not 0 <= amount(line.get(_DISCOUNT, {}).get("DiscountPercent")) <= 100:
        raise refusals.unsupported_property("DiscountPercent", line[_DISCOUNT]["DiscountPercent"])
    if line["DetailType"] != _SALES:
        return
    if "Amount" not in line:
        raise refusals.missing("Line.Amount")
    detail = line.get(_SALES, {})
    if "Qty" in detail and "UnitPrice" in detail:
        product = amount(detail["Qty"]) * amount(detail["UnitPrice"])
        if abs(product - amount(line["Amount"])) >= Decimal("0.01"):
            raise refusals.wrong_amount(line["Amount"])


def _check_payment(books: Books, record: Record, old: Record | None) -> None:
    """Lines point at invoices of the customer and put no more there than is open, nor more than was paid."""
    total, put = amount(record["TotalAmt"]), Decimal(0)
    if total < 0:
        raise refusals.business("The payment amount must not be negative")
    for invoice_id, part in applied(record):
        invoice = books.row("invoices", invoice_id)
        if invoice is None:
            raise refusals.bad_reference("Line.LinkedTxn")
        if ref_id(invoice, "CustomerRef") not in _payers(books, str(ref_id(record, "CustomerRef"))):
            raise refusals.business("The transactions to be linked belong to another customer")
        paid = books.paid(invoice_id).get(old["Id"], Decimal(0)) if old else Decimal(0)
        if part > amount(invoice.get("Balance")) + paid:
            raise refusals.business("The amount applied is more than the open balance of the transaction")
        put += part
    if put > total:
        raise refusals.business("The amounts applied are more than the payment")


def _payers(books: Books, customer: str) -> set[str]:
    """Whose invoices a payment of this customer can settle: its own and those of its sub-customers."""
    return _family(books, "customers", customer)

"""Writing payments: each settles one invoice; made, or taken back, and never changed (Deletion)."""

from __future__ import annotations

from typing import Any

from connectors.documents import cents, parts_of
from connectors.marks import mark
from connectors.spec import Api, Outgoing, Record, Written
from connectors.xero.dialect import one, save
from models.errors import Rejected


def fetch(api: Api, id: str) -> Written | None:
    """The payment; one that was taken back counts as gone."""
    record = one(api, "Payments", id)
    return None if record is None or record.get("Status") == "DELETED" else written(record)


def create(api: Api, out: Outgoing) -> Written:
    """A payment of one invoice. Rejected when it settles none, several, or only a part goes to its invoice."""
    known: dict[str, Any] = {name: value for name, value in out.record.items() if value is not None}
    body = known | {
        "Invoice": {"InvoiceID": _invoice(out)},
        "Account": {"Code": str(api.settings["payment_account"])},
        "Reference": reference(out),
    }
    return save(api, "PUT", "Payments", body, id="PaymentID", key=out.key)


def find(api: Api, out: Outgoing) -> Written | None:
    """The payment that a create of unknown outcome made: among those of its invoice, reference and amount agree."""
    invoice, amount = one(api, "Invoices", _invoice(out)), cents(out.change.desired["amount"])
    ours = reference(out).casefold()
    for paid in (invoice or {}).get("Payments") or ():
        if str(paid.get("Reference") or "").casefold() == ours and cents(paid["Amount"]) == amount:
            return fetch(api, paid["PaymentID"])
    return None


def remove(api: Api, out: Outgoing) -> Written:
    """Take the payment back; Xero refuses one that is reconciled with the bank."""
    id = str(out.change.target_id)
    save(api, "POST", "Payments", {"Status": "DELETED"}, id="PaymentID", at=id, key=out.key)
    return Written(id=id)


def written(record: Record) -> Written:
    """A payment as the outcome of a write."""
    return Written(id=record["PaymentID"], record=record)


def reference(out: Outgoing) -> str:
    """What the payment is found by again: its own reference, else our marker."""
    return str(out.change.desired.get("reference") or mark(out.change))


def _invoice(out: Outgoing) -> str:
    """The id of the one invoice that the payment settles. Rejected when it settles none, several, or only a part."""
    change = out.change
    parts = [part for part in parts_of(change.desired.get("allocations")) if cents(part["amount"])]
    if len(parts) == 1 and parts[0].get("invoice") and cents(parts[0]["amount"]) == cents(change.desired["amount"]):
        return str(parts[0]["invoice"])
    said = f"payment {change.core_id} settles {len(parts)} invoices, or only a part of it does"
    raise Rejected(change.system, f"{said}; Xero keeps one payment for one invoice: enter this one there")

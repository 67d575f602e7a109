"""Payments: each of one invoice, at most what is open on it; made and taken back, never changed (Streams, Deletion)."""

from __future__ import annotations

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero import contacts
from sandbox.xero.dialect import (
    cents,
    dated,
    day_of,
    decimal,
    invalid,
    kept_day,
    missing,
    money,
    new_id,
    stamped,
    wire,
)
from sandbox.xero.documents import INVOICES, ZONE, check_open, existing, totalled
from sandbox.xero.index import found

TYPES = {"ACCREC": "ACCRECPAYMENT", "ACCPAY": "ACCPAYPAYMENT"}


def create(store: Store, given: Record) -> Record:
    """Money for an approved invoice. Invalid when that is more than is open, or the account takes none."""
    told = given.get("Invoice") or {}
    name = told.get("InvoiceID") or told.get("InvoiceNumber") or given.get("InvoiceNumber")
    if not name:
        raise invalid("An Invoice must be specified")
    invoice, account = existing(store, INVOICES, str(name)), _account(store, given)
    amount = cents(decimal(given.get("Amount"), "Amount"))
    today = store.clock.now().astimezone(ZONE).date()
    day = day_of(given["Date"], "Date") if given.get("Date") else today
    check_open(store, day)
    if invoice["Status"] != "AUTHORISED":
        raise invalid("Payments can only be made against Authorised documents")
    if amount <= 0:
        raise invalid("The Amount must be greater than zero")
    if amount > money(invoice["AmountDue"]):
        raise invalid("Payment amount exceeds the amount outstanding on this document")
    id = new_id(store, "payments")
    record: Record = {
        "PaymentID": id, "Date": dated("Date", day)["Date"], "BankAmount": wire(amount), "Amount": wire(amount),
        "Reference": given.get("Reference") or "", "CurrencyRate": 1, "PaymentType": TYPES[invoice["Type"]],
        "Status": "AUTHORISED", "HasAccount": True, "IsReconciled": bool(given.get("IsReconciled")),
        "Account": {"AccountID": account["AccountID"], "Code": account["Code"], "Name": account["Name"]},
        "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "HasValidationErrors": False,
    }  # fmt: skip
    store.put("payments", id, stamped(record, store.clock.now()))
    apply(store, invoice["InvoiceID"])
    return store.get("payments", id) or {}


def undo(store: Store, id: str, given: Record) -> Record:
    """Take a payment back: the one thing that can be done to it."""
    record = store.get("payments", id)
    if record is None:
        raise missing()
    if given.get("Status") != "DELETED" or record["Status"] == "DELETED":
        raise invalid("A payment can only be updated to the status DELETED")
    if record["IsReconciled"]:
        raise invalid("This payment cannot be deleted as it is reconciled")
    check_open(store, kept_day(record, "Date"))
    store.put("payments", id, stamped(record | {"Status": "DELETED"}, store.clock.now()))
    apply(store, record["Invoice"]["InvoiceID"])
    return store.get("payments", id) or {}


def apply(store: Store, invoice: str) -> None:
    """The invoice with the payments that stand; it counts as updated (Webhooks)."""
    record = existing(store, INVOICES, invoice)
    standing = [one for one in found(store, "payments", "Invoice.InvoiceID", invoice) if one["Status"] != "DELETED"]
    changed = totalled(INVOICES, record | {"Payments": [brief(one) for one in standing]})
    store.put("invoices", invoice, stamped(changed, store.clock.now()))
    contacts.settle(store, record["Contact"]["ContactID"])


def brief(record: Record) -> Record:
    """A payment as its invoice shows it."""
    names = ("PaymentID", "Date", "Amount", "Reference", "CurrencyRate")
    return {name: record[name] for name in names} | {"HasAccount": False, "HasValidationErrors": False}


def shown(store: Store, record: Record) -> Record:
    """A payment as answers carry it, with the head of its invoice."""
    invoice = store.get("invoices", record["Invoice"]["InvoiceID"]) or {}
    head = {
        name: invoice[name]
        for name in ("Type", "InvoiceID", "InvoiceNumber", "CurrencyCode", "CurrencyRate")
        if name in invoice
    }
    contact = contacts.brief(store, invoice["Contact"]["ContactID"]) if invoice else {}
    return record | {"Invoice": head | {"Contact": contact, "IsDiscounted": False, "HasErrors": False}}


def _account(store: Store, given: Record) -> Record:
    told = given.get("Account") or {}
    by_code = found(store, "accounts", "Code", str(told.get("Code") or ""))
    account = store.get("accounts", str(told.get("AccountID") or "")) or next(iter(by_code), None)
    if account is None or not (account["Type"] == "BANK" or account["EnablePaymentsToAccount"]):
        raise invalid("The account is not a valid account for payments")
    return account

"""Invoices and credit notes: lines, totals, states, numbers and lock dates (Streams, Deletion, Writes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

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
from sandbox.xero.index import found

ZONE = ZoneInfo("America/Chicago")
DEAD, LIVE = ("VOIDED", "DELETED"), ("AUTHORISED", "PAID")
# State -> what a person or an app may make of it; PAID is never set directly (Writes).
STEPS: Mapping[str, tuple[str, ...]] = {
    "DRAFT": ("SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("DRAFT", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("VOIDED",),
}
MODES = ("Exclusive", "Inclusive", "NoTax")
TEXTS = ("Reference", "Url", "CurrencyCode", "SentToContact", "BrandingThemeID")
# What may be changed although money was applied, and what then moves no stamp (Paging, filters, increment).
QUIET = {"DueDate", "DueDateString", "SentToContact"}
SETTLED = QUIET | {"Reference", "Url", "ExpectedPaymentDate", "InvoiceID", "CreditNoteID"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document and the names of its members."""

    collection: str
    id: str
    number: str
    types: tuple[str, ...]
    prefix: str


INVOICES = Kind(collection="invoices", id="InvoiceID", number="InvoiceNumber", types=("ACCREC", "ACCPAY"), prefix="INV")
CREDITS = Kind(
    collection="credit_notes", id="CreditNoteID", number="CreditNoteNumber", types=("ACCRECCREDIT", "ACCPAYCREDIT"),
    prefix="CN",
)  # fmt: skip


def existing(store: Store, kind: Kind, id: str) -> Record:
    """The document of this id, or number. Blocked when there is none."""
    record = store.get(kind.collection, id) or next(iter(found(store, kind.collection, kind.number, id)), None)
    if record is None:
        raise missing()
    return record


def create(store: Store, kind: Kind, given: Record, places: int) -> Record:
    """A new document; without a number it gets the next one."""
    if given.get("Type") not in kind.types:
        raise invalid("Type is not valid")
    id = new_id(store, kind.collection)
    today = store.clock.now().astimezone(ZONE).date()
    blank: Record = {
        "Type": given["Type"], kind.id: id, "Status": "DRAFT", "LineAmountTypes": "Exclusive", "LineItems": [],
        "Reference": "", "Payments": [], "CurrencyRate": 1, "CurrencyCode": "USD", "SentToContact": False,
        "HasAttachments": False, "HasErrors": False, "AmountPaid": 0, "AmountCredited": 0, **dated("Date", today),
    }  # fmt: skip
    given = {"LineItems": [], **given}
    if given.get("Status") not in (None, "DRAFT", "SUBMITTED", "AUTHORISED"):
        raise invalid("Status is not valid for a new document")
    return _kept(store, kind, blank, given, places)


def upsert(store: Store, kind: Kind, given: Record, places: int) -> Record:
    """The document of this id or number, changed; else a new one (Writes)."""
    if id := given.get(kind.id):
        return change(store, kind, str(id), given, places)
    same = found(store, kind.collection, kind.number, str(given.get(kind.number) or ""))
    alive = [one for one in same if one["Type"] == "ACCREC" and one["Status"] not in DEAD]
    return _kept(store, kind, alive[0], given, places) if alive else create(store, kind, given, places)


def change(store: Store, kind: Kind, id: str, given: Record, places: int) -> Record:
    """One document by its id."""
    return _kept(store, kind, existing(store, kind, id), given, places)


def _kept(store: Store, kind: Kind, record: Record, given: Record, places: int) -> Record:
    told = {name: value for name, value in given.items() if value is not None}
    old = store.get(kind.collection, record[kind.id])
    _check_change(store, record, told)
    changed = record | {name: told[name] for name in TEXTS if name in told} | _days(told)
    if "Contact" in told:
        changed["Contact"] = {"ContactID": contacts.named(store, told["Contact"])["ContactID"]}
    if told.get("LineAmountTypes") in MODES:
        changed["LineAmountTypes"] = told["LineAmountTypes"]
    if "LineItems" in told:
        changed["LineItems"] = [_line(store, one, changed, places) for one in told["LineItems"]]
    changed["Status"] = told.get("Status", record["Status"])
    changed[kind.number] = _number(store, kind, changed, told)
    changed = totalled(kind, changed)
    _check_whole(store, kind, changed)
    if changed != old:
        store.put(kind.collection, changed[kind.id], stamped(changed, store.clock.now()))
        contacts.settle(store, changed["Contact"]["ContactID"])
    return store.get(kind.collection, changed[kind.id]) or {}


def _days(told: Record) -> Record:
    days: Record = {}
    for member in ("Date", "DueDate"):
        if told.get(member):
            days |= dated(member, day_of(told[member], member))
    return days


def _check_change(store: Store, record: Record, told: Record) -> None:
    was, wanted = record["Status"], told.get("Status", record["Status"])
    if was not in STEPS or (wanted != was and wanted not in STEPS[was]):
        raise invalid("Invoice not of valid status for modification")
    touched = money(record["AmountPaid"]) + money(record["AmountCredited"])
    if touched and (wanted != was or {n for n, v in told.items() if record.get(n) != v} - SETTLED - {"Status"}):
        raise invalid("This document cannot be edited as it has a payment or credit note allocated to it.")
    check_open(store, kept_day(record, "Date"))


def check_open(store: Store, day: date | None) -> None:
    """Invalid when the books are locked for a day."""
    books = next(iter(store.all("organisations")), {})
    for member, name in (("PeriodLockDate", "period"), ("EndOfYearLockDate", "end of year")):
        locked = kept_day(books, member)
        if locked is not None and day is not None and day <= locked:
            raise invalid(f"The document date cannot be before the {name} lock date.")


def _check_whole(store: Store, kind: Kind, record: Record) -> None:
    if "Contact" not in record:
        raise invalid("A Contact must be specified for this type of transaction")
    check_open(store, kept_day(record, "Date"))
    if record["Status"] == "AUTHORISED":
        if not record["LineItems"]:
            raise invalid("One or more line items must be specified")
        if kind is INVOICES and not record.get("DueDate"):
            raise invalid("DueDate cannot be empty for approved documents")
        if any(not one.get("Description") or not one.get("AccountCode") for one in record["LineItems"]):
            raise invalid("Description and account code must be specified for approved documents")


def _number(store: Store, kind: Kind, record: Record, told: Record) -> str:
    """The number it has or is given; the next one for a sale that has none. Numbers of sales are unique."""
    number = str(told.get(kind.number) or record.get(kind.number) or "")
    sale = record["Type"] in ("ACCREC", "ACCRECCREDIT")
    if not number and sale:
        number = next(free for free in _numbers(store, kind) if not found(store, kind.collection, kind.number, free))
    others = (one for one in found(store, kind.collection, kind.number, number) if one["Type"] == record["Type"])
    alive = (one for one in others if one["Status"] != "DELETED")
    if sale and record["Status"] != "DELETED" and any(one[kind.id] != record[kind.id] for one in alive):
        raise invalid("Invoice # must be unique.")
    return number


def _numbers(store: Store, kind: Kind) -> Any:
    while True:
        yield f"{kind.prefix}-{store.next_id(f'numbers {kind.collection}'):04}"


def _line(store: Store, given: Record, record: Record, places: int) -> Record:
    """One line: what is not given comes from the item, amounts from quantity and price, tax from its rate."""
    known = {one["LineItemID"]: one for one in record["LineItems"]}
    line = {name: value for name, value in given.items() if value is not None}
    if line.get("LineItemID") in known:
        line = known[line["LineItemID"]] | line
    if code := line.get("ItemCode"):
        line = _from_item(store, str(code), line)
    _check_codes(store, line)
    quantity = decimal(line.get("Quantity", 1), "Quantity")
    price = cents(decimal(line.get("UnitAmount", 0), "UnitAmount"), places)
    amount = cents(quantity * price * (1 - money(line.get("DiscountRate")) / 100))
    if "LineAmount" in given and given["LineAmount"] is not None:
        said = decimal(given["LineAmount"], "LineAmount")
        if abs(said - amount) > Decimal("0.01"):
            raise invalid(f"The line total {said} does not match the expected line total {amount}")
        amount = cents(said)
    tax = given.get("TaxAmount")
    line |= {
        "LineItemID": line.get("LineItemID") or new_id(store, "lines"),
        "Quantity": wire(quantity),
        "UnitAmount": wire(price),
        "LineAmount": wire(amount),
        "TaxAmount": wire(_tax(store, line, amount, record) if tax is None else cents(decimal(tax, "TaxAmount"))),
        "Tracking": line.get("Tracking", []),
    }
    return line


def _from_item(store: Store, code: str, line: Record) -> Record:
    item = next(iter(found(store, "items", "Code", code)), None)
    if item is None:
        raise invalid(f"Item code '{code}' is not valid")
    sold = item.get("SalesDetails", {})
    usual = {"Description": item.get("Description"), "UnitAmount": sold.get("UnitPrice"),
             "AccountCode": sold.get("AccountCode"), "TaxType": sold.get("TaxType")}  # fmt: skip
    shown = {"ItemID": item["ItemID"], "Name": item.get("Name", ""), "Code": item["Code"]}
    return {n: v for n, v in usual.items() if v is not None} | line | {"ItemCode": item["Code"], "Item": shown}


def _check_codes(store: Store, line: Record) -> None:
    account, kind = line.get("AccountCode"), line.setdefault("TaxType", "NONE")
    if account and not found(store, "accounts", "Code", str(account)):
        raise invalid(f"Account code '{account}' is not a valid code for this document.")
    if not found(store, "taxrates", "TaxType", kind):
        raise invalid(f"The TaxType code '{kind}' does not exist or cannot be used for this type of transaction.")


def _tax(store: Store, line: Record, amount: Decimal, record: Record) -> Decimal:
    rate = money(found(store, "taxrates", "TaxType", line["TaxType"])[0]["EffectiveRate"])
    if record["LineAmountTypes"] == "NoTax":
        return Decimal(0)
    return cents(
        amount - amount / (1 + rate / 100) if record["LineAmountTypes"] == "Inclusive" else amount * rate / 100
    )


def totalled(kind: Kind, record: Record) -> Record:
    """The document with its derived amounts, and the state that follows from what was paid."""
    lines: Sequence[Record] = record["LineItems"]
    amount = sum((money(one["LineAmount"]) for one in lines), Decimal(0))
    tax = sum((money(one["TaxAmount"]) for one in lines), Decimal(0))
    if record["LineAmountTypes"] == "NoTax":
        tax = Decimal(0)
    net = amount - tax if record["LineAmountTypes"] == "Inclusive" else amount
    told: Record = {"SubTotal": wire(net), "TotalTax": wire(tax), "Total": wire(net + tax)}
    paid = sum((money(one["Amount"]) for one in record["Payments"]), Decimal(0))
    dead = record["Status"] in DEAD
    left = Decimal(0) if dead else net + tax - paid - money(record["AmountCredited"])
    if kind is CREDITS:
        used = record.get("Allocations", [])
        left = Decimal(0) if dead else left - sum((money(one["Amount"]) for one in used), Decimal(0))
        told |= {"RemainingCredit": wire(left), "Allocations": used}
        return record | told | ({"Status": "PAID" if not left else "AUTHORISED"} if record["Status"] in LIVE else {})
    told |= {"AmountPaid": wire(paid), "AmountDue": wire(left), "IsDiscounted": False}
    if record["Status"] in LIVE:
        told["Status"] = "PAID" if not left and lines else "AUTHORISED"
    days = [one["Date"] for one in record["Payments"]]
    record = {name: value for name, value in record.items() if name != "FullyPaidOnDate"}
    return record | told | ({"FullyPaidOnDate": max(days)} if told.get("Status") == "PAID" and days else {})


def shown(store: Store, record: Record, *, lines: bool = True) -> Record:
    """A document as answers carry it; lists without a page number leave the lines out (Streams)."""
    extra: Record = {"Prepayments": [], "Overpayments": [], "InvoicePaymentServices": []}
    if "CreditNoteID" in record:
        extra = {"ID": record["CreditNoteID"]}
    whole = extra | record | {"Contact": contacts.brief(store, record["Contact"]["ContactID"])}
    return whole if lines else whole | {"LineItems": []}

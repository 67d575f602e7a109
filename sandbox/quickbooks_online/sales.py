"""Derived members of transactions: line numbers, the subtotal line, tax, totals, what a payment leaves over.

Source: facts sheet "Entities and envelopes" (Line, Invoice, Payment) and "Writes" (void). The members of a
payment line's ``LineEx`` are those that the vendor's recorded payments carry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.quickbooks_online.books import Books, applied
from sandbox.quickbooks_online.chart import RATES, TAXABLE, UNTAXED, rate_of
from sandbox.quickbooks_online.dialect import amount, cents, ref_id, reference, wire
from sandbox.twin import Record

_SUBTOTAL = "SubTotalLineDetail"
_DISCOUNT = "DiscountLineDetail"
_SALES = "SalesItemLineDetail"
_VOIDED = "Voided"


def composed_sale(books: Books, record: Record, old: Record | None) -> Record:
    """An invoice or estimate with its lines numbered, its subtotal line, its tax and its total."""
    lines = _numbered([_filled(books, line) for line in record.get("Line", ()) if line.get("DetailType") != _SUBTOTAL])
    subtotal = sum((amount(line.get("Amount")) for line in lines if line.get("DetailType") != _DISCOUNT), Decimal(0))
    discounts = [_discounted(line, subtotal) for line in lines if line.get("DetailType") == _DISCOUNT]
    goods = [line for line in lines if line.get("DetailType") != _DISCOUNT]
    ending: Record = {"Amount": wire(subtotal), "DetailType": _SUBTOTAL, _SUBTOTAL: {}}
    record = {**record, "Line": [*goods, ending, *discounts]}
    record["TxnTaxDetail"] = _taxed(books, record, old)
    off = sum((amount(line.get("Amount")) for line in discounts), Decimal(0))
    record["TotalAmt"] = wire(cents(subtotal - off + amount(record["TxnTaxDetail"].get("TotalTax"))))
    return record


def with_balance(books: Books, invoice: Record) -> Record:
    """The invoice with what payments leave open, and a link to each of them after its other links."""
    paid = books.paid(str(invoice["Id"]))
    open_ = amount(invoice.get("TotalAmt")) - amount(invoice.get("Deposit")) - sum(paid.values(), Decimal(0))
    others = [link for link in invoice.get("LinkedTxn", ()) if link.get("TxnType") != "Payment"]
    links = [*others, *({"TxnId": id, "TxnType": "Payment"} for id in paid)]
    return {**invoice, "LinkedTxn": links, "Balance": wire(open_)}


def composed_payment(books: Books, record: Record) -> Record:
    """A payment with what it leaves unapplied and the details of the invoices behind its lines."""
    lines = [_explained(books, str(record["Id"]), line) for line in record.get("Line", ())]
    record = {"LinkedTxn": [], "ProcessPayment": False, **record, "Line": lines}
    put = sum((part for _, part in applied(record)), Decimal(0))
    record["UnappliedAmt"] = wire(amount(record.get("TotalAmt")) - put)
    return record


def voided(record: Record) -> Record:
    """Every amount at zero, no link left, and the note saying so; the document itself stays."""
    note = str(record.get("PrivateNote") or "")
    record = {**record, "PrivateNote": note if note.startswith(_VOIDED) else f"{_VOIDED} - {note}" if note else _VOIDED}
    if "UnappliedAmt" in record:
        return {**record, "TotalAmt": 0, "Line": []}
    tax = {key: value for key, value in record.get("TxnTaxDetail", {}).items() if key != "TaxLine"}
    lines = [_zeroed(line) for line in record.get("Line", ())]
    return {**record, "Line": lines, "TxnTaxDetail": {**tax, "TotalTax": 0}, "Deposit": 0}


def _zeroed(line: Record) -> Record:
    line = {**line, "Amount": 0} if "Amount" in line else dict(line)
    if _SALES in line:
        line[_SALES] = {**line[_SALES], "Qty": 0}
    if _DISCOUNT in line:
        line[_DISCOUNT] = {**line[_DISCOUNT], "PercentBased": False}
    return line


def _filled(books: Books, line: Record) -> Record:
    """A sales line with its item's name and the account it posts to and, unless it says so, untaxed."""
    detail = line.get(_SALES)
    if not detail:
        return line
    detail = {"TaxCodeRef": reference(UNTAXED), **detail}
    item = books.row("items", ref_id(detail, "ItemRef") or "")
    if item:
        detail["ItemRef"] = reference(item["Id"], item["Name"])
    if item and "IncomeAccountRef" in item:
        detail.setdefault("ItemAccountRef", item["IncomeAccountRef"])
    return {**line, _SALES: detail}


def _numbered(lines: Sequence[Record]) -> list[Record]:
    """Lines keep the ids they have; new ones get the next free number. LineNum is the position."""
    taken = {int(line["Id"]) for line in lines if str(line.get("Id", "")).isdigit()}
    free = max(taken, default=0)
    numbered = []
    for position, line in enumerate(lines, 1):
        if not line.get("Id"):
            free += 1
        numbered.append({"Id": str(line.get("Id") or free), "LineNum": position} | _without_number(line))
    return numbered


def _without_number(line: Record) -> Record:
    return {member: value for member, value in line.items() if member not in ("Id", "LineNum")}


def _discounted(line: Record, subtotal: Decimal) -> Record:
    detail = line.get(_DISCOUNT, {})
    if not detail.get("PercentBased"):
        return line
    return {**line, "Amount": wire(cents(subtotal * amount(detail.get("DiscountPercent")) / 100))}


def _taxable(record: Mapping[str, Any] | None) -> Decimal:
    lines = record.get("Line", ()) if record else ()
    taxed = [line for line in lines if ref_id(line.get(_SALES, {}), "TaxCodeRef") == TAXABLE]
    return sum((amount(line.get("Amount")) for line in taxed), Decimal(0))


def _taxed(books: Books, record: Record, old: Record | None) -> Record:
    """The tax of a sale: the sum that the client set, else what the tax code's rate gives on the taxable lines.

    A sum that only stands there from before is worked out anew when the taxable lines have changed.
    """
    sent = dict(record.get("TxnTaxDetail") or {})
    sent.pop("TaxLine", None)
    before = (old or {}).get("TxnTaxDetail", {})
    rate_id = rate_of(books.row("taxcodes", ref_id(sent, "TxnTaxCodeRef") or ""))
    base = _taxable(record)
    left_over = old is not None and sent.get("TotalTax") == before.get("TotalTax") and base != _taxable(old)
    if rate_id and ("TotalTax" not in sent or left_over):
        sent["TotalTax"] = wire(cents(base * RATES[rate_id] / 100))
    sent.setdefault("TotalTax", 0)
    if rate_id and sent["TotalTax"]:
        sent["TaxLine"] = [_tax_line(rate_id, sent["TotalTax"], base)]
    return sent


def _tax_line(rate_id: str, tax: float, base: Decimal) -> Record:
    detail = {
        "TaxRateRef": reference(rate_id),
        "PercentBased": True,
        "TaxPercent": wire(RATES[rate_id]),
        "NetAmountTaxable": wire(base),
    }
    return {"Amount": tax, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def _explained(books: Books, payment: str, line: Record) -> Record:
    """A payment line with the extra name-value pairs that describe its invoice, as open as without this payment."""
    target = next((id for id, _ in applied({"Line": [line]})), None)
    invoice = books.row("invoices", target) if target else None
    if target is None or invoice is None or "LineEx" in line:
        return line
    others = [part for id, part in books.paid(target).items() if id != payment]
    open_ = amount(invoice.get("TotalAmt")) - amount(invoice.get("Deposit")) - sum(others, Decimal(0))
    pairs = {
        "txnId": invoice["Id"],
        "txnOpenBalance": f"{open_:.2f}",
        "txnReferenceNumber": invoice.get("DocNumber", ""),
    }
    return {**line, "LineEx": {"any": [_name_value(name, value) for name, value in pairs.items()]}}


def _name_value(name: str, value: str) -> Record:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }

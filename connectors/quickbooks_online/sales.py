"""Writing invoices and payments."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.documents import Line, agrees, cents, lines_of, parts_of, plain
from connectors.marks import mark, marked, noted
from connectors.queries import quoted
from connectors.quickbooks_online.dialect import one_of, query
from connectors.quickbooks_online.numbers import check_number
from connectors.quickbooks_online.writing import fetch, guard, request_id, save, written
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import NumberTaken, Rejected


def fetch_invoice(api: Api, id: str) -> Written | None:
    """The invoice; a void one counts as gone."""
    found = fetch(api, "Invoice", id)
    return None if found is None or _void(found.record or {}) else found


def fetch_payment(api: Api, id: str) -> Written | None:
    """The payment; a void one counts as gone."""
    found = fetch(api, "Payment", id)
    return None if found is None or _void(found.record or {}) else found


def _void(record: Record) -> bool:
    return record.get("TotalAmt") == 0 and (record.get("PrivateNote") or "").startswith("Voided")


def create_invoice(api: Api, out: Outgoing) -> Written:
    """A new invoice; one of the same number is adopted when customer, total and date agree.

    NumberTaken when any other document has that number.
    """
    body = {**out.record, "Line": sale_lines(api, out), "PrivateNote": mark(out.change)}
    try:
        check_number(api, out)
        return save(api, "Invoice", body, requestid=request_id(out))
    except NumberTaken:
        same = find_invoice(api, out)
        if same is None:
            raise
        return same


def find_invoice(api: Api, out: Outgoing) -> Written | None:
    """The invoice that a create of unknown outcome made, by number, else by date and marker."""
    return _find(api, out, "Invoice", key=("DocNumber", "number"), on="issued_on", amount="total")


def update_invoice(api: Api, out: Outgoing) -> Written:
    """Send the changed fields; lines are replaced as a whole. NumberTaken when another document has the new number."""
    check_number(api, out)
    lines = {"Line": sale_lines(api, out)} if "lines" in out.change.after else {}
    body = guard(out) | {"sparse": True} | dict(out.record) | lines
    return save(api, "Invoice", body, requestid=request_id(out), repeatable=True)


def void_invoice(api: Api, out: Outgoing) -> Written:
    """Void it: a number that was once given stays in the books."""
    save(api, "Invoice", guard(out), requestid=request_id(out), operation="void", repeatable=True)
    return Written(id=str(out.change.target_id))


def create_payment(api: Api, out: Outgoing) -> Written:
    """A new payment, applied to its invoices; what is for none stays unapplied."""
    body = {**out.record, "PrivateNote": _note(out)}
    if applied := _applications(out):
        body["Line"] = applied
    return save(api, "Payment", body, requestid=request_id(out))


def update_payment(api: Api, out: Outgoing) -> Written:
    """Send the changed fields. What it is for is replaced as a whole; what it settles beside invoices stays."""
    body = guard(out) | {"sparse": True} | dict(out.record)
    if "memo" in out.change.after:
        body["PrivateNote"] = _note(out)
    if "allocations" in out.change.after:
        held = fetch_payment(api, str(out.change.target_id))
        lines = (held.record or {}).get("Line") or () if held else ()
        body["Line"] = [*_applications(out), *(line for line in lines if not _of_invoice(line))]
    return save(api, "Payment", body, requestid=request_id(out), repeatable=True)


def _of_invoice(line: Record) -> bool:
    return any(link.get("TxnType") == "Invoice" for link in line.get("LinkedTxn") or ())


def _note(out: Outgoing) -> str:
    return noted(out.change.desired.get("memo"), out.change, "\n")


def find_payment(api: Api, out: Outgoing) -> Written | None:
    """The payment that a create of unknown outcome made, by reference, else by date and marker."""
    return _find(api, out, "Payment", key=("PaymentRefNum", "reference"), on="received_on", amount="amount")


def _applications(out: Outgoing) -> list[Record]:
    """Lines that apply a payment: each part of it to its invoice."""
    parts = parts_of(out.change.desired.get("allocations"))
    return [
        {"Amount": cents(part["amount"]), "LinkedTxn": [{"TxnId": part["invoice"], "TxnType": "Invoice"}]}
        for part in parts
        if part.get("invoice") and part.get("amount")
    ]


def _find(api: Api, out: Outgoing, entity: str, *, key: tuple[str, str], on: str, amount: str) -> Written | None:
    known = out.change.desired
    natural, day = known.get(key[1]), known.get(on)
    if natural:
        candidates = query(api, entity, f"{key[0]} = {quoted(str(out.record.get(key[0], natural)))}")
    elif day is not None:
        candidates = query(api, entity, f"TxnDate = {quoted(day.isoformat())}")
    else:
        candidates = query(api, entity, f"CustomerRef = {quoted(str(out.change.refs.get('customer')))}")
    for record in candidates:
        whose = marked(record.get("PrivateNote"))
        alike = bool(natural) and agrees(
            out.change, customer=record["CustomerRef"]["value"], day=record.get("TxnDate"), dated=on,
            asked=known.get(amount), amount=record.get("TotalAmt"),
        )  # fmt: skip
        if (whose == out.change.core_id if whose else alike) and not _void(record):
            return written(record)
    return None


def sale_lines(api: Api, out: Outgoing) -> list[Record]:
    """The invoice's lines. Rejected when there are none, or when the price book lacks one of the items."""
    lines, tax = lines_of(out.change), out.change.desired.get("tax")
    items = _items(api, {line.item.rpartition(":")[2] for line in lines if line.item})
    return [_line(api, line, items, tax) for line in lines]


def _items(api: Api, names: set[str]) -> dict[str, Record]:
    """Items by name, lower case; a name inside a category is the part after the last colon."""
    if not names:
        return {}
    found = query(api, "Item", f"Name IN {one_of(sorted(names))}")
    return {item["Name"].lower(): item for item in found if item.get("Active", True)}


def _line(api: Api, line: Line, items: Mapping[str, Record], tax: Decimal | None) -> Record:
    detail: dict[str, Any] = {}
    if line.item:
        item = items.get(line.item.rpartition(":")[2].lower())
        if item is None:
            said = f"the price book has no active item {line.item!r}; add it there or correct the line"
            raise Rejected(api.system, said)
        detail["ItemRef"] = {"value": item["Id"]}
        if tax is not None:
            detail["TaxCodeRef"] = {"value": "TAX" if tax and item.get("Taxable") else "NON"}
    if line.quantity is not None and line.price is not None:  # an amount must be their product (facts, Writes)
        detail |= {"Qty": plain(line.quantity), "UnitPrice": plain(line.price)}
    made = {"DetailType": "SalesItemLineDetail", "Amount": line.amount, "SalesItemLineDetail": detail}
    return made | ({"Description": line.description} if line.description else {})

"""Writing invoices: lines of the price book, tax as the source says it, a number that is its own.

An invoice without a number gets Xero's next one; its reference then carries our marker, by which it is found again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.answers import current, part
from connectors.documents import Line, agrees, cents, lines_of, number_taken, other_numbers, parts_of, plain
from connectors.marks import mark, noted
from connectors.spec import Api, Outgoing, Record, Written
from connectors.xero.dialect import PAGE, PLACES, ask, matching, one, save
from models.change import digest
from models.errors import NumberTaken, Rejected

DEAD = ("VOIDED", "DELETED")


def fetch(api: Api, id: str) -> Written | None:
    """The invoice with its lines; a void or deleted one counts as gone."""
    record = one(api, "Invoices", id, unitdp=PLACES)
    return None if record is None or record.get("Status") in DEAD else written(record)


def create(api: Api, out: Outgoing) -> Written:
    """A new invoice, approved unless it is a draft; one of its number is adopted when customer, date and total agree.

    NumberTaken when any other invoice has that number; Rejected when it is void, or has no lines.
    """
    wanted = out.change.desired.get("status")
    if wanted == "void":
        raise Rejected(api.system, f"invoice {out.change.core_id} is void and was never here; nothing to book")
    body = {name: value for name, value in _head(out).items() if value not in ("", None)}
    body |= {"Type": "ACCREC", "LineAmountTypes": "Exclusive", "LineItems": _lines(api, out)}
    body["Status"] = "DRAFT" if wanted == "draft" else "AUTHORISED"
    if "Date" in body:
        body.setdefault("DueDate", body["Date"])  # an approved one must have one
    if not body.get("InvoiceNumber"):
        body["Reference"] = noted(body.get("Reference"), out.change, " ")
    try:
        return save(api, "PUT", "Invoices", body, id="InvoiceID", key=out.key, unitdp=PLACES)
    except NumberTaken as taken:
        same = find(api, out)
        if same is not None:
            return same
        raise NumberTaken(api.system, _proposal(api, out, str(body["InvoiceNumber"]))) from taken


def find(api: Api, out: Outgoing) -> Written | None:
    """The invoice that a create of unknown outcome made, by its number, else by our marker."""
    number = out.change.desired.get("number")
    if number:
        found = [one for one in matching(api, "Invoices", InvoiceNumber=str(number)) if _agrees(one, out)]
    else:
        listed = ask(api, "Invoices", ContactIDs=out.change.refs.get("customer", ""), page=1, pageSize=PAGE,
                     order="UpdatedDateUTC DESC")  # fmt: skip
        ours = mark(out.change)
        found = [one for one in part(api, listed, "Invoices") if ours in str(one.get("Reference") or "").lower()]
    alive = [one for one in found if one.get("Status") not in DEAD and one.get("Type") == "ACCREC"]
    return fetch(api, alive[0]["InvoiceID"]) if alive else None


def update(api: Api, out: Outgoing) -> Written:
    """The changed fields; lines are replaced as a whole. Rejected by Xero where a payment stands on them."""
    body = {name: value for name, value in _head(out).items() if value is not None}
    if {"lines", "tax"} & set(out.change.after):
        body |= {"LineAmountTypes": "Exclusive", "LineItems": _lines(api, out)}
    return _changed(api, out, body)


def remove(api: Api, out: Outgoing) -> Written:
    """A draft is deleted, an approved invoice becomes void; Xero refuses a paid one (Deletion)."""
    id = str(out.change.target_id)
    status = current(api, one(api, "Invoices", id), f"invoice {id}")["Status"]
    if status not in DEAD:
        draft = status in ("DRAFT", "SUBMITTED")
        _changed(api, out, {"Status": "DELETED" if draft else "VOIDED"})
    return Written(id=id)


def _changed(api: Api, out: Outgoing, body: Record) -> Written:
    id = str(out.change.target_id)
    whole, key = {"InvoiceID": id, **body}, f"{out.key}-{digest(body, length=8)}"
    return save(api, "POST", "Invoices", whole, id="InvoiceID", at=id, key=key, unitdp=PLACES)


def written(record: Record) -> Written:
    """An invoice as the outcome of a write."""
    return Written(id=record["InvoiceID"], record=record)


def _head(out: Outgoing) -> dict[str, Any]:
    """What stands above the lines; an empty text clears, a day cannot be cleared."""
    head = {name: "" if value is None else value for name, value in out.record.items()}
    return {name: value for name, value in head.items() if value or name == "Reference"}


def _lines(api: Api, out: Outgoing) -> list[Record]:
    """The invoice's lines with their share of its tax. Rejected without any, or when the price book lacks an item."""
    known, tax = lines_of(out.change), out.change.desired.get("tax")
    codes = _codes(api) if any(line.item for line in known) else {}
    lines = [_line(api, line, codes) for line in known]
    return (
        lines if tax is None else [{**line, **told} for line, told in zip(lines, _taxes(api, lines, tax), strict=True)]
    )


def _codes(api: Api) -> dict[str, str]:
    """The price book: names and codes, lower case -> code."""
    items = part(api, ask(api, "Items", unitdp=PLACES), "Items")
    by_code = {str(item["Code"]).lower(): str(item["Code"]) for item in items}
    return by_code | {str(item["Name"]).lower(): str(item["Code"]) for item in items if item.get("Name")}


def _line(api: Api, line: Line, codes: Mapping[str, str]) -> Record:
    made: dict[str, Any] = {"AccountCode": str(api.settings["sales_account"])}
    if line.item:
        code = codes.get(line.item.lower())
        if code is None:
            raise Rejected(api.system, f"the price book has no item {line.item!r}; add it there or correct the line")
        made["ItemCode"] = code
    made["Description"] = line.description or line.item or "-"
    quantity, price = line.quantity, line.price
    if quantity is None or price is None:
        quantity, price = Decimal(1), line.amount
    return made | {"Quantity": plain(quantity), "UnitAmount": plain(price), "LineAmount": plain(line.amount)}


def _taxes(api: Api, lines: Sequence[Record], tax: Any) -> list[Record]:
    """Each line's share of the tax that the source asks for; the first line bears what rounding leaves."""
    whole, net = cents(tax), sum((Decimal(line["LineAmount"]) for line in lines), Decimal(0))
    if not whole:
        return [{"TaxType": "NONE", "TaxAmount": 0} for _ in lines]
    shares = [cents(whole * Decimal(line["LineAmount"]) / net) if net else Decimal(0) for line in lines]
    shares[0] += whole - sum(shares)
    return [{"TaxType": str(api.settings["tax_type"]), "TaxAmount": plain(share)} for share in shares]


def _agrees(record: Record, out: Outgoing) -> bool:
    """Whether an invoice of our number is the same thing: customer, date and total."""
    known, tax = out.change.desired, out.change.desired.get("tax")
    net = sum((cents(part.get("amount") or 0) for part in parts_of(known.get("lines"))), Decimal(0))
    return agrees(
        out.change, customer=record.get("Contact", {}).get("ContactID"), day=record.get("DateString"),
        dated="issued_on", asked=None if tax is None else net + cents(tax), amount=record.get("Total"),
    )  # fmt: skip


def _proposal(api: Api, out: Outgoing, number: str) -> str:
    """Who has the number, and one that is free: the same with a counter."""
    wanted = other_numbers(number)
    asked = part(api, ask(api, "Invoices", InvoiceNumbers=",".join(wanted), page=1), "Invoices")
    # A list of numbers is parted by commas, so that one with a comma cannot be asked for.
    used = wanted if "," in number else {one.get("InvoiceNumber") for one in asked}
    return number_taken(out.change, number, "another invoice", used)

"""Writing invoices: a draft, its lines, our marker when it is whole, then its number. Nothing is ever mailed.

Each step has a key of its own, made from the change's: a create that was cut short goes on where it stopped when it is
sent again within a day. A draft that stayed unfinished for longer is taken away by ``find`` before another one is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.answers import current
from connectors.documents import Line, lines_of, plain
from connectors.spec import Api, Outgoing, Record, Written
from connectors.stripe import reading
from connectors.stripe.dialect import MARKER, ODD, found, one, pages, post, seconds
from models.change import digest
from models.errors import Gone, Rejected, Transient
from models.minor import exponent, to_minor

PATH, ITEMS = "/v1/invoices", "/v1/invoiceitems"
DRAFT = "plumbline_draft"  # metadata of an invoice that is not whole yet
FORGOTTEN = 23 * 3600  # seconds; keys are remembered for 24 hours (Idempotency)
NOON, EVENING = time(12), time(23, 59, 59)


def create(api: Api, out: Outgoing) -> Written:
    """A new invoice with its lines and tax, as far along as it is wanted."""
    lines = _lines(api, out)
    body = _head(api, out) | {
        "customer": out.change.refs.get("customer"),
        "currency": _currency(api, out).lower(),
        "collection_method": "send_invoice",
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "metadata": {DRAFT: out.change.core_id},
    }
    if not body.get("due_date"):
        body = {**body, "days_until_due": 0}
        body.pop("due_date", None)
    draft = post(api, PATH, {name: value for name, value in body.items() if value is not None}, key=f"{out.key}-draft")
    try:
        _add_lines(api, out, draft["id"], lines, key=out.key)
        whole = {"metadata": {MARKER: out.change.core_id, DRAFT: None}}
        post(api, f"{PATH}/{draft['id']}", whole, key=f"{out.key}-whole")
        return _brought(api, out, draft["id"], "draft")
    except (Gone, Rejected):
        if one(api, PATH, draft["id"]) is not None:
            raise
        # An old answer to the same key, about a draft that somebody removed: the push sees that and takes another key.
        return Written(id=draft["id"])


def update(api: Api, out: Outgoing) -> Written:
    """The changed fields. Rejected when lines change of an invoice that is no draft: void it and make another."""
    id, after = str(out.change.target_id), out.change.after
    found = current(api, reading.invoice(api, id), f"invoice {id}")
    if {"lines", "tax"} & set(after):
        _replace_lines(api, out, found)
    if head := {name: value for name, value in _head(api, out).items() if _MEMBERS[name] in after}:
        post(api, f"{PATH}/{id}", head, key=f"{out.key}-head")
    return _brought(api, out, id, found["status"])


def remove(api: Api, out: Outgoing) -> Written:
    """A draft goes, an open invoice becomes void; a paid one is refused by Stripe."""
    id = str(out.change.target_id)
    found = reading.invoice(api, id)
    if found is not None and found["status"] == "draft":
        api.request("DELETE", f"{PATH}/{id}")
    elif found is not None and found["status"] != "void":
        post(api, f"{PATH}/{id}/void", {}, key=f"{out.key}-void")
    return Written(id=id)


def fetch(api: Api, id: str) -> Written | None:
    """The invoice with all its lines; a void one counts as gone."""
    record = reading.invoice(api, id)
    return None if record is None or record.get("status") == "void" else _written(record)


def find(api: Api, out: Outgoing) -> Written | None:
    """The invoice that a create of unknown outcome made, when it is whole and not void."""
    mine = ("customer", out.change.refs.get("customer"))
    for rows in pages(api, PATH, mine, ("status", "draft")):
        for record in rows:
            unfinished = (record.get("metadata") or {}).get(DRAFT) == out.change.core_id
            if unfinished and seconds(api.now()) - int(record["created"]) > FORGOTTEN:
                api.request("DELETE", f"{PATH}/{record['id']}")
    made = found(api, PATH, out.change.core_id, mine)
    return None if made is None else fetch(api, made["id"])


def _written(record: Record) -> Written:
    return Written(id=record["id"], record=record)


_MEMBERS = {"number": "number", "description": "memo", "due_date": "due_on", "effective_at": "issued_on"}


def _head(api: Api, out: Outgoing) -> dict[str, Any]:
    """What stands above the lines. Days become instants where the company is: noon, and the end of the day due."""
    known = out.change.desired
    return {
        "number": known.get("number"),
        "description": known.get("memo"),
        "due_date": _instant(api, known.get("due_on"), EVENING),
        "effective_at": _instant(api, known.get("issued_on"), NOON),
    }


def _instant(api: Api, day: date | None, hour: time) -> int | None:
    return None if day is None else seconds(datetime.combine(day, hour, ZoneInfo(api.context.time_zone)))


def _currency(api: Api, out: Outgoing) -> str:
    return str(out.change.desired.get("currency") or api.context.currency)


def _lines(api: Api, out: Outgoing) -> Sequence[Line]:
    return lines_of(out.change, exponent(_currency(api, out), ODD))


def _add_lines(api: Api, out: Outgoing, id: str, lines: Sequence[Line], *, key: str) -> None:
    code = _currency(api, out)
    head = {"invoice": id, "customer": out.change.refs.get("customer"), "currency": code.lower()}
    made = [post(api, ITEMS, head | _line(line, code), key=f"{key}-line-{n}") for n, line in enumerate(lines)]
    if tax := out.change.desired.get("tax"):
        _add_tax(api, id, made, to_minor(tax, code, ODD), key=f"{key}-tax")


def _line(line: Line, code: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": line.description or line.item}
    if line.item:
        shown["metadata"] = {"item": line.item[:500]}
    if line.quantity is None or line.price is None:
        return shown | {"amount": to_minor(line.amount, code, ODD)}
    unit = plain(line.price.scaleb(exponent(code, ODD)))
    return shown | {"quantity_decimal": plain(line.quantity), "unit_amount_decimal": unit}


def _add_tax(api: Api, id: str, items: Sequence[Record], tax: int, *, key: str) -> None:
    """The whole tax on the first line, at the rate that it makes of all of them."""
    net = sum(int(item["amount"]) for item in items)
    record = reading.invoice(api, id)
    if record is None:
        raise Gone(api.system, f"invoice {id} was removed while it was written; look there")
    line = next((row for row in record["lines"]["data"] if _item_of(row) == items[0]["id"]), None)
    if line is None:
        raise Transient(api.system, f"invoice {id} does not show its new line yet; try again later")
    rate = (Decimal(tax) * 100 / net).quantize(Decimal("0.0001")) if net else Decimal(0)
    data = {"display_name": "Sales tax", "inclusive": False, "percentage": rate}
    body = {"tax_amounts": [{"amount": tax, "taxable_amount": net, "tax_rate_data": data}]}
    post(api, f"{PATH}/{id}/lines/{line['id']}", body, key=key)


def _item_of(line: Record) -> str | None:
    """The item that a line shows."""
    details = (line.get("parent") or {}).get("invoice_item_details") or {}
    return details.get("invoice_item")


def _replace_lines(api: Api, out: Outgoing, known: Record) -> None:
    if known["status"] != "draft":
        said = f"invoice {known['id']} is {known['status']} and its lines stand; void it there and make another"
        raise Rejected(api.system, said)
    lines = known["lines"]["data"]
    for line in lines:
        if (item := _item_of(line)) is not None:
            api.request("DELETE", f"{ITEMS}/{item}")
    # What stood there is part of the key: a replayed one would give back a line that was removed since.
    stood = digest([line["id"] for line in lines], length=8)
    _add_lines(api, out, known["id"], _lines(api, out), key=f"{out.key}-{stood}")


def _brought(api: Api, out: Outgoing, id: str, status: str) -> Written:
    """The invoice as far along as it is wanted: finalized, paid elsewhere, void."""
    wanted = out.change.desired.get("status") if "status" in out.change.after else status
    if status == "draft" and wanted in ("open", "paid", "void"):
        status = post(api, f"{PATH}/{id}/finalize", {"auto_advance": False}, key=f"{out.key}-final")["status"]
    if wanted == "paid" and status in ("open", "uncollectible"):
        post(api, f"{PATH}/{id}/pay", {"paid_out_of_band": True}, key=f"{out.key}-paid")
    if wanted == "void" and status in ("open", "uncollectible"):
        post(api, f"{PATH}/{id}/void", {}, key=f"{out.key}-void")
    record = reading.invoice(api, id)
    if record is None:
        raise Gone(api.system, f"invoice {id} was removed while it was written; look there")
    return _written(record)

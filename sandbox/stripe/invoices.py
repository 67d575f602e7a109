"""Invoices: drafts with items, finalized ones with a number, paid, void, uncollectible.

Source: facts sheet "Writes", "Status", "Streams".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.store import Store
from sandbox.stripe import customers, forms
from sandbox.stripe.dialect import Refused, bad, listed, missing, new_id, now
from sandbox.stripe.ledger import happened, keep
from sandbox.twin import Record

LINES = "lines"  # collection: line items by invoice, oldest first; a record shows the first ten of them
SHOWN = 10
DAY = 86_400
FIELDS = frozenset(
    {"customer", "collection_method", "days_until_due", "due_date", "auto_advance", "metadata", "currency", "number"}
    | {"description", "footer", "pending_invoice_items_behavior", "effective_at", "custom_fields", "expand"}
)
FINAL = frozenset({"metadata", "description", "footer", "auto_advance", "expand"})  # of a finalized one (Writes; mem)
ITEM = frozenset(
    {"customer", "invoice", "amount", "currency", "description", "metadata", "quantity", "quantity_decimal"}
    | {"unit_amount_decimal", "expand"}
)
LINE = frozenset({"amount", "description", "metadata", "quantity", "quantity_decimal", "tax_amounts", "expand"})
TRANSITIONS = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")


def blank(id: str, created: int, customer: Record, currency: str) -> Record:
    """A draft without lines; the customer's details are a snapshot."""
    amounts = ("amount_due", "amount_paid", "amount_remaining", "amount_overpaid", "subtotal", "total")
    snapshot = {f"customer_{name}": customer.get(name) for name in ("name", "email", "phone", "address")}
    return {
        "id": id, "object": "invoice", **dict.fromkeys(amounts, 0), "total_excluding_tax": 0, "total_taxes": [],
        "attempt_count": 0, "attempted": False, "auto_advance": False, "billing_reason": "manual",
        "collection_method": "charge_automatically", "created": created, "currency": currency,
        "custom_fields": None, "customer": customer["id"], **snapshot, "description": None, "due_date": None,
        "effective_at": None, "ending_balance": None, "footer": None, "hosted_invoice_url": None, "invoice_pdf": None,
        "lines": listed([], f"/v1/invoices/{id}/lines"), "livemode": False, "metadata": {}, "number": None,
        "parent": None, "period_end": created, "period_start": created, "starting_balance": 0, "status": "draft",
        "status_transitions": dict.fromkeys(TRANSITIONS),
    }  # fmt: skip


def create(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/invoices: a draft. send_invoice needs a due date, charge_automatically takes none (Writes; mem)."""
    customer = customers.living(store, forms.needed(given, "customer"), status=400)
    manual = given.get("collection_method") == "send_invoice"
    dated = [name for name in ("days_until_due", "due_date") if name in given]
    if manual and not dated:
        raise bad("If invoice.collection_method is send_invoice, days_until_due or due_date is required",
                  "parameter_missing", "days_until_due")  # fmt: skip
    if dated and not manual:
        raise bad(f"{dated[0]} is only for send_invoice", "parameter_invalid", dated[0])
    id, at = new_id(store, "invoices"), now(store)
    record = blank(id, at, customer, str(given.get("currency", "usd")).lower())
    return keep(store, "invoices", _changed(store, record, given), "invoice.created")


def update(store: Store, id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/invoices/{id}: drafts freely, others only their notes."""
    record = existing(store, id)
    if record["status"] != "draft":
        for name in given:
            if name not in FINAL:
                raise _not_editable(name)
    return keep(store, "invoices", _changed(store, record, given), "invoice.updated")


def _changed(store: Store, record: Record, given: Mapping[str, Any]) -> Record:
    texts = {"description": 1500, "footer": 5000, "number": 26}
    changed = record | {name: forms.text(given, name, most, record[name]) for name, most in texts.items()}
    if "collection_method" in given:
        changed["collection_method"] = given["collection_method"]
    if "days_until_due" in given:
        changed["due_date"] = now(store) + DAY * (forms.whole(given, "days_until_due") or 0)
    if "number" in given and changed["number"] != record["number"]:
        _check_number(store, changed)
    for name in ("due_date", "effective_at"):
        if name in given:
            changed[name] = None if given[name] == "" else forms.whole(given, name)
    changed["auto_advance"] = forms.truth(given, "auto_advance", record["auto_advance"])
    changed["metadata"] = forms.metadata(given, record["metadata"])
    return changed


def _check_number(store: Store, record: Record) -> None:
    taken = any(one["number"] == record["number"] and one["id"] != record["id"] for one in store.all("invoices"))
    if record["number"] is not None and taken:
        raise bad(f"An invoice with number {record['number']} already exists", "resource_already_exists", "number")


def existing(store: Store, id: str) -> Record:
    """An invoice by id; deleted drafts answer 404."""
    found = store.get("invoices", id)
    if found is None:
        raise missing("invoices", id, "invoice")
    return found


def delete(store: Store, id: str) -> Record:
    """DELETE: drafts only."""
    record = existing(store, id)
    if record["status"] != "draft":
        raise _not_editable(None)
    store.delete("invoices", id)
    happened(store, "invoice.deleted", record)
    return {"id": id, "object": "invoice", "deleted": True}


def add_item(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/invoiceitems: a line of a draft."""
    invoice = store.get("invoices", forms.needed(given, "invoice"))
    if invoice is None:
        raise missing("invoices", given["invoice"], "invoice", status=400)
    customers.living(store, forms.needed(given, "customer"), status=400)
    if invoice["status"] != "draft" or invoice["customer"] != given["customer"]:
        raise _not_editable("invoice")
    if str(given.get("currency", invoice["currency"])).lower() != invoice["currency"]:
        raise bad("The currency of an item must be that of its invoice", "parameter_invalid", "currency")
    item, line = item_of(store, invoice, given, now(store))
    store.put("invoiceitems", item["id"], item)
    keep_lines(store, invoice, [*lines_of(store, invoice["id"]), line])
    happened(store, "invoiceitem.created", item)
    return item


def item_of(store: Store, invoice: Record, given: Mapping[str, Any], at: int) -> tuple[Record, Record]:
    """The item and the line that it becomes: an amount, or a quantity times a unit price in smallest units."""
    quantity = exact(given)
    price = decimal(given, "unit_amount_decimal", None)
    amount = forms.whole(given, "amount")
    if (amount is None) == (price is None):
        raise bad("Pass either amount or unit_amount_decimal", "parameter_missing", "amount")
    if amount is None:
        amount = int((quantity * (price or Decimal(0))).quantize(Decimal(1), ROUND_HALF_UP))
    unit = price if price is not None else Decimal(amount) / quantity
    id = new_id(store, "invoiceitems")
    pricing = {"type": "price_details", "price_details": None, "unit_amount_decimal": plain(unit)}
    both = {
        "amount": amount, "currency": invoice["currency"], "description": forms.text(given, "description", 5000),
        "discountable": True, "discounts": [], "livemode": False, "metadata": forms.metadata(given, {}),
        "period": {"start": at, "end": at}, "pricing": pricing, "quantity": int(quantity),
        "quantity_decimal": plain(quantity),
    }  # fmt: skip
    item = {"id": id, "object": "invoiceitem", **both, "customer": invoice["customer"], "date": at}
    parent = {"type": "invoice_item_details", "invoice_item_details": {"invoice_item": id, "proration": False}}
    line = {"id": f"il_{id[3:]}", "object": "line_item", **both, "invoice": invoice["id"], "parent": parent,
            "subtotal": amount, "subscription": None, "taxes": []}  # fmt: skip
    return item | {"invoice": invoice["id"], "proration": False, "net_amount": amount, "parent": None}, line


def remove_item(store: Store, id: str) -> Record:
    """DELETE /v1/invoiceitems/{id}: its line goes from the draft."""
    item = store.get("invoiceitems", id)
    if item is None:
        raise missing("invoiceitems", id, "invoiceitem")
    invoice = existing(store, item["invoice"])
    if invoice["status"] != "draft":
        raise _not_editable("invoiceitem")
    store.delete("invoiceitems", id)
    keep_lines(store, invoice, [one for one in lines_of(store, invoice["id"]) if one["id"] != f"il_{id[3:]}"])
    happened(store, "invoiceitem.deleted", item)
    return {"id": id, "object": "invoiceitem", "deleted": True}


def update_line(store: Store, id: str, line_id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/invoices/{id}/lines/{line}: its note and its taxes."""
    invoice, lines = existing(store, id), lines_of(store, id)
    line = next((one for one in lines if one["id"] == line_id), None)
    if line is None:
        raise missing("invoiceitems", line_id, "line_item_id")
    if invoice["status"] != "draft":
        raise _not_editable("line_item_id")
    line["description"] = forms.text(given, "description", 5000, line["description"])
    line["metadata"] = forms.metadata(given, line["metadata"])
    if "tax_amounts" in given:
        line["taxes"] = [tax(one) for one in given["tax_amounts"] or ()]
    keep_lines(store, invoice, lines)
    return line


def tax(given: Mapping[str, Any]) -> Record:
    """A tax of a line, with a rate of its own."""
    forms.check_known(given, ("amount", "taxable_amount", "tax_rate_data", "taxability_reason"))
    rate = forms.needed(given, "tax_rate_data")
    for name in ("display_name", "inclusive", "percentage"):
        forms.needed(rate, name)
    return {
        "amount": forms.whole(given, "amount"), "taxable_amount": forms.whole(given, "taxable_amount"),
        "tax_behavior": "inclusive" if rate["inclusive"] == "true" else "exclusive", "type": "tax_rate_details",
        "tax_rate_details": {"tax_rate": "txr_1InvoiceOwnRate"}, "taxability_reason": "not_available",
    }  # fmt: skip


def lines_of(store: Store, id: str) -> list[Record]:
    """All lines of an invoice."""
    found = store.get(LINES, id)
    return list(found["data"]) if found else []


def keep_lines(store: Store, invoice: Record, lines: list[Record]) -> Record:
    """Lines with the sums that follow from them."""
    return keep(store, "invoices", summed(store, invoice, lines), "invoice.updated")


def summed(store: Store, invoice: Record, lines: list[Record]) -> Record:
    """The invoice with its lines and what follows from them; the lines are kept."""
    store.put(LINES, invoice["id"], {"data": lines})
    net = sum(one["amount"] for one in lines)
    taxes = [tax for one in lines for tax in one["taxes"]]
    total = net + sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    sums = {"subtotal": net, "total_excluding_tax": net, "total": total, "amount_due": total, "total_taxes": taxes}
    shown = listed(lines[:SHOWN], f"/v1/invoices/{invoice['id']}/lines", has_more=len(lines) > SHOWN)
    return invoice | sums | {"amount_remaining": total - invoice["amount_paid"], "lines": shown}


def finalize(store: Store, id: str) -> Record:
    """POST .../finalize: open, with a number; one of nothing is paid at once."""
    record = existing(store, id)
    if record["status"] != "draft":
        raise bad("This invoice is already finalized, you can't re-finalize it.", "invoice_not_editable", None)
    customer = customers.shown(store, record["customer"])
    number = record["number"] or f"{customer.get('invoice_prefix', 'INV')}-{store.next_id('numbers'):04}"
    page = f"https://invoice.stripe.com/i/{id}"
    record |= {"status": "open", "number": number, "hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}
    record["effective_at"] = record["effective_at"] or now(store)
    record["status_transitions"] = record["status_transitions"] | {"finalized_at": now(store)}
    keep(store, "invoices", record, "invoice.finalized", "invoice.updated")
    return paid(store, record, 0) if record["total"] == 0 else record


def paid(store: Store, record: Record, amount: int) -> Record:
    """Money arrived for an invoice."""
    left = max(record["amount_remaining"] - amount, 0)
    record = record | {"amount_paid": record["amount_paid"] + amount, "amount_remaining": left, "attempted": True}
    if left == 0:
        record |= {"status": "paid"}
        record["status_transitions"] = record["status_transitions"] | {"paid_at": now(store)}
    return keep(store, "invoices", record, *(["invoice.paid"] if left == 0 else []), "invoice.updated")


def end(store: Store, id: str, status: str, transition: str) -> Record:
    """POST .../void and .../mark_uncollectible: of an open one (an uncollectible one can still be voided)."""
    record = existing(store, id)
    if record["status"] not in ("open", "uncollectible") or record["status"] == status:
        raise bad(f"This invoice is {record['status']} and cannot be changed like that.", "invoice_not_editable", None)
    record["status"] = status
    record["status_transitions"] = record["status_transitions"] | {transition: now(store)}
    told = "voided" if status == "void" else "marked_uncollectible"
    return keep(store, "invoices", record, f"invoice.{told}", "invoice.updated")


def send(store: Store, id: str) -> Record:
    """POST .../send: finalizes a draft, and mails it."""
    record = existing(store, id)
    record = finalize(store, id) if record["status"] == "draft" else record
    happened(store, "invoice.sent", record)
    return record


def exact(given: Mapping[str, Any]) -> Decimal:
    """The quantity of a line, one where it is not given."""
    return decimal(given, "quantity_decimal", decimal(given, "quantity", None)) or Decimal(1)


def decimal(given: Mapping[str, Any], name: str, default: Decimal | None) -> Decimal | None:
    """A parameter that is a decimal of at most twelve places."""
    if name not in given:
        return default
    try:
        value = Decimal(str(given[name]))
    except InvalidOperation as problem:
        raise bad(f"Invalid decimal: {given[name]}", "parameter_invalid", name) from problem
    if not value.is_finite() or -int(value.as_tuple().exponent) > 12:
        raise bad(f"Invalid decimal: {given[name]}", "parameter_invalid", name)
    return value


def plain(value: Decimal) -> str:
    """A decimal without an exponent or zeros at its end, of at most twelve places."""
    return f"{value.quantize(Decimal('1e-12')).normalize():f}"


def _not_editable(param: str | None) -> Refused:
    return bad("This invoice is no longer editable", "invoice_not_editable", param)

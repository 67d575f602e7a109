"""What the vendor does on any change of a record, whoever made it, and what deleting one in its web interface does.

Facts: "Read streams" (which records carry ``updatedAt``; how each is deleted) and "Idempotency, concurrency, batch,
deletion".
"""

# ruff: noqa: ARG001 - every kind of record settles by one signature
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.jobber import shapes
from sandbox.jobber.identity import ids_in
from sandbox.jobber.moments import instant, money, number, stamp
from sandbox.store import Store

Record = dict[str, Any]

_STAMPED = frozenset({"clients", "jobs", "invoices"})


def touched(store: Store, collection: str, record: Record) -> Record:
    """A person's version of a record as the vendor keeps it; fields that were taken out are empty, not absent."""
    return stamped(store, collection, _refilled(_model(store, collection, record), record))


def stamped(store: Store, collection: str, record: Record) -> Record:
    """The record to keep: what follows from its own fields is worked out again, and it is stamped with now."""
    now = stamp(store.clock.now())
    settle = _SETTLE.get(collection)
    settled = {**record, **(settle(store, record, now) if settle else {})}
    if collection == "payment_records":
        _stamp_invoices(store, record, now)
    return {**settled, "updatedAt": now} if collection in _STAMPED else settled


def _model(store: Store, collection: str, record: Record) -> Record:
    """A record of the same kind that shows which fields there are: its own last state, else any other."""
    return store.get(collection, record["id"]) or next(iter(store.all(collection)), {})


def _refilled(model: Any, value: Any) -> Any:
    """The record with every field it lacks set to its empty value: merge patches clear a field by taking it out."""
    if not isinstance(model, dict) or not isinstance(value, dict):
        return value
    gone = {key: _emptied(model[key]) for key in model.keys() - value.keys() - {"__typename"}}
    return {key: _refilled(model.get(key), part) for key, part in value.items()} | gone


def _emptied(value: Any) -> Any:
    if isinstance(value, bool):
        return False
    if isinstance(value, list):
        return []
    return {"nodes": []} if isinstance(value, dict) and "nodes" in value else None


def _settled_client(store: Store, record: Record, now: str) -> Record:
    address = record.get("billingAddress")
    phones = [{**phone, **shapes.spoken_number(phone.get("number") or "")} for phone in record.get("phones") or ()]
    billing = shapes.billing_address(address) if address else None
    # Names are text for this API even when they are cleared (Client.firstName and lastName are never null).
    names = {key: record.get(key) or "" for key in ("firstName", "lastName")}
    return {**names, **shapes.client_names({**record, **names}), "phones": phones, "billingAddress": billing}


def _settled_property(store: Store, record: Record, now: str) -> Record:
    return {"address": {**record["address"], "street": shapes.street(record["address"])}}


def _settled_job(store: Store, record: Record, now: str) -> Record:
    """A person who archives a job closes it; one who opens an archived job again clears that moment."""
    before = (store.get("jobs", record["id"]) or record)["jobStatus"] == "archived"
    archived = record["jobStatus"] == "archived"
    lines = {"lineItems": _settled_lines(record)}
    if archived and not before:
        return {**lines, "completedAt": record.get("completedAt") or now}
    return {**lines, "completedAt": None} if before and not archived else lines


def _settled_visit(store: Store, record: Record, now: str) -> Record:
    done = bool(record["isComplete"])
    start, end = (instant(record[key]) if record[key] else None for key in ("startAt", "endAt"))
    times = {"startAt": start and stamp(start), "endAt": end and stamp(end)}
    times["completedAt"] = stamp(instant(record["completedAt"] or now)) if done else None
    minutes = int((end - start).total_seconds() // 60) if start and end else None
    return {**times, "completedBy": record["completedBy"] if done else None, "duration": minutes}


def _settled_invoice(store: Store, record: Record, now: str) -> Record:
    """Lines that changed are taxed again at the invoice's rate; others keep the tax that they were given."""
    lines = _settled_lines(record)
    subtotal = sum((money(line["totalPrice"]) for line in lines["nodes"]), Decimal(0))
    before = store.get("invoices", record["id"]) or {}
    tax = money((record.get("amounts") or {}).get("taxAmount"))
    if (before.get("lineItems"), before.get("taxRate")) != (lines, record["taxRate"]):
        tax = _tax(store, record, lines["nodes"])
    return {"lineItems": lines, "amounts": shapes.amounts(subtotal, tax)}


def _tax(store: Store, invoice: Record, lines: list[Record]) -> Decimal:
    rate = next((store.get("tax_rates", id) for id in ids_in(invoice["taxRate"])), None)
    taxable = sum((money(line["totalPrice"]) for line in lines if line["taxable"]), Decimal(0))
    return money(taxable * Decimal(str(rate["tax"])) / 100) if rate else Decimal(0)


def _settled_lines(record: Record) -> Record:
    return shapes.nodes([_settled_line(line) for line in (record.get("lineItems") or {}).get("nodes") or ()])


def _settled_line(line: Record) -> Record:
    return {**line, "totalPrice": number(money(Decimal(str(line["quantity"])) * Decimal(str(line["unitPrice"]))))}


def _settled_user(store: Store, record: Record, now: str) -> Record:
    name = record["name"]
    full = f"{name['first']} {name['last']}".strip()
    active = record["status"] != "DEACTIVATED"
    return {"name": {**name, "full": full}, "availableForScheduling": active and record["availableForScheduling"]}


def _settled_payment(store: Store, record: Record, now: str) -> Record:
    return {"rawAmount": record["amount"]}


_SETTLE: dict[str, Callable[[Store, Record, str], Record]] = {
    "clients": _settled_client,
    "properties": _settled_property,
    "jobs": _settled_job,
    "visits": _settled_visit,
    "invoices": _settled_invoice,
    "users": _settled_user,
    "payment_records": _settled_payment,
}


def _stamp_invoices(store: Store, payment: Record, now: str) -> None:
    """A payment entered, changed or deleted moves its invoice's balance, and so its ``updatedAt``."""
    for id in ids_in(payment.get("invoice")):
        invoice = store.get("invoices", id)
        if invoice is not None:
            store.put("invoices", id, {**invoice, "updatedAt": now})


def removed(store: Store, collection: str, id: str) -> None:
    """Delete a record as a person does in the web interface.

    Users are deactivated and products hidden; clients and jobs take what belongs to them along; the rest is gone.
    """
    with store.lock:
        record = store.get(collection, id)
        if record is None:
            return
        if collection in _SOFT:
            store.put(collection, id, touched(store, collection, {**record, **_SOFT[collection]}))
            return
        for belonging, key in _CASCADES.get(collection, ()):
            for child in store.all(belonging):
                if id in ids_in(child.get(key)):
                    removed(store, belonging, child["id"])
        store.delete(collection, id)
        if collection == "payment_records":
            _stamp_invoices(store, record, stamp(store.clock.now()))


_SOFT: dict[str, Record] = {
    "users": {"status": "DEACTIVATED", "availableForScheduling": False},
    "products": {"visible": False},
}
_CASCADES: dict[str, tuple[tuple[str, str], ...]] = {
    "clients": (("jobs", "client"), ("properties", "client"), ("invoices", "client"), ("payment_records", "client")),
    "properties": (("jobs", "property"),),
    "jobs": (("visits", "job"),),
    "invoices": (("payment_records", "invoice"),),
}

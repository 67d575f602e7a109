"""Mutations of invoices (payments are read-only in this API version: facts, "Writes")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.jobber import shapes
from sandbox.jobber.identity import new_id, reference
from sandbox.jobber.moments import stamp
from sandbox.jobber.refusals import existing
from sandbox.jobber.view import Context

Record = dict[str, Any]
Args = dict[str, Any]

_FIRST_NUMBER = 1


def invoice_create(_: Record, context: Context, args: Args) -> Record:
    """An invoice, as a draft unless it is marked as sent. A line's ``cost`` is the line's total."""
    given, at = args["input"], stamp(context.now)
    client = existing(context, "clients", given["clientId"], ["input", "clientId"])
    jobs = [id for id in (given.get("jobId"), *(given.get("jobIds") or ())) if id]
    linked = _linked(context, given, list(dict.fromkeys(jobs)))
    issued = given.get("issuedDate")
    known = {
        **linked,
        **_dates(given.get("dueDetails") or {}, issued, context.now),
        "subject": given.get("subject") or "For Services Rendered",
        "message": given.get("message"),
        "invoiceStatus": "awaiting_payment" if given.get("markSent") else "draft",
        "taxRate": _rate(context, given["tax"].get("taxRateId"), ["input", "tax", "taxRateId"]),
        "taxCalculationMethod": given["tax"]["taxCalculationMethod"],
        "billingAddress": billing_of(client),
        "lineItems": shapes.nodes([_line(context, one, at) for one in given["lineItems"]]),
    }
    number = given.get("invoiceNumber") or _next_number(context)
    id = new_id(context.store, "Invoice")
    context.keep("invoices", shapes.invoice(id, client=client["id"], number=number, at=at, **known))
    for visit in linked["visits"]["nodes"]:
        context.keep("visits", {**existing(context, "visits", visit["id"], []), "invoice": reference(id)})
    return {"invoice": reference(id)}


def invoice_edit(_: Record, context: Context, args: Args) -> Record:
    given = args["input"]
    invoice = existing(context, "invoices", args["invoiceId"], ["invoiceId"])
    invoice |= {key: given[key] for key in ("message", "subject", "invoiceNumber") if given.get(key) is not None}
    if given.get("propertyId"):
        existing(context, "properties", given["propertyId"], ["input", "propertyId"])
        invoice["properties"] = shapes.references([given["propertyId"]])
    if given.get("salespersonId"):
        existing(context, "users", given["salespersonId"], ["input", "salespersonId"])
        invoice["salesperson"] = reference(given["salespersonId"])
    if given.get("taxRateId"):
        invoice["taxRate"] = _rate(context, given["taxRateId"], ["input", "taxRateId"])
    if given.get("issuedDate") or given.get("dueDetails"):
        issued = given.get("issuedDate") or (invoice["issuedDate"] and datetime.fromisoformat(invoice["issuedDate"]))
        invoice |= _dates(given.get("dueDetails") or {"dueDate": _due(invoice)}, issued, context.now)
    context.keep("invoices", invoice)
    return {"invoice": reference(invoice["id"])}


def invoice_mark_as_sent(_: Record, context: Context, args: Args) -> Record:
    """A draft becomes due; one that was sent before stays as it is."""
    invoice = existing(context, "invoices", args["id"], ["id"])
    if invoice["invoiceStatus"] == "draft":
        issued = invoice["issuedDate"] or stamp(context.now)
        context.keep("invoices", {**invoice, "invoiceStatus": "awaiting_payment", "issuedDate": issued})
    return {"invoice": reference(invoice["id"])}


def billing_of(client: Record) -> Record | None:
    """The client's billing address as an invoice shows it (``InvoiceBillingAddress``)."""
    address = client["billingAddress"]
    if address is None:
        return None
    return {key: address[key] for key in address if key not in {"latitude", "longitude"}} | {
        "coordinates": None,
        "geoStatus": None,
    }


def _linked(context: Context, given: Mapping[str, Any], jobs: list[str]) -> Record:
    places = []
    for id in jobs:
        places += [existing(context, "jobs", id, ["input", "jobIds"])["property"]["id"]]
    visits = list(given.get("visitIds") or ())
    for id in visits:
        existing(context, "visits", id, ["input", "visitIds"])
    if given.get("propertyId"):
        existing(context, "properties", given["propertyId"], ["input", "propertyId"])
        places = [given["propertyId"], *places]
    properties = shapes.references(list(dict.fromkeys(places)))
    linked: Record = {"jobs": shapes.references(jobs), "visits": shapes.references(visits), "properties": properties}
    if given.get("salespersonId"):
        linked["salesperson"] = reference(existing(context, "users", given["salespersonId"], ["input"])["id"])
    return linked


def _dates(due: Mapping[str, Any], issued: datetime | None, now: datetime) -> Record:
    """When it is due: on a date, or so many days (``invoiceNet``) after it was issued."""
    net, on = due.get("invoiceNet"), due.get("dueDate")
    if on is None and net is not None:
        on = (issued or now) + timedelta(days=net)
    return {"issuedDate": issued and stamp(issued), "dueDate": on and stamp(on), "invoiceNet": net}


def _due(invoice: Record) -> datetime | None:
    return datetime.fromisoformat(invoice["dueDate"]) if invoice["dueDate"] else None


def _rate(context: Context, id: str | None, path: list[str]) -> Record | None:
    return reference(existing(context, "tax_rates", id, path)["id"]) if id else None


def _line(context: Context, given: Mapping[str, Any], at: str) -> Record:
    quantity = Decimal(str(given.get("quantity") or 1))
    price = Decimal(str(given.get("cost") or 0)) / quantity
    known = {key: given[key] for key in ("description", "category", "taxable") if given.get(key) is not None}
    known |= {"date": stamp(given["date"])} if given.get("date") else {}
    return shapes.line_item(
        context.store, "InvoiceLineItem", name=given["name"], quantity=quantity, price=price, at=at, **known
    )


def _next_number(context: Context) -> str:
    numbers = [int(one["invoiceNumber"]) for one in context.all("invoices") if one["invoiceNumber"].isdigit()]
    return str(max(numbers, default=_FIRST_NUMBER - 1) + 1)

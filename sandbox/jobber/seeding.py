"""Fills the collections with the company's part that this system holds: customers it has seen and their work."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sandbox.company import (
    Address,
    Appointment,
    Company,
    Customer,
    Invoice,
    InvoiceLine,
    Job,
    Payment,
    Product,
    Site,
    Spelling,
    Technician,
)
from sandbox.jobber import shapes
from sandbox.jobber.identity import encoded, new_id, number_of, reference
from sandbox.jobber.invoice_writes import billing_of
from sandbox.jobber.moments import midnight, money, number, stamp
from sandbox.jobber.tokens import first_connection
from sandbox.store import Store

Record = dict[str, Any]

_NAMESPACE = uuid.UUID("7a0d3a4e-9a1b-4d0e-8f57-0f6b8c5d2e11")
_COLORS = ("teal", "orange", "purple", "green", "pink", "indigo", "yellow", "red")
_PAYMENT_KINDS = {
    "cash": ("CashPaymentRecord", "CASH"),
    "check": ("CheckPaymentRecord", "CHEQUE"),
    "card": ("JobberPaymentsCreditCardPaymentRecord", "JOBBER_PAYMENTS"),
    "ach": ("BankTransferPaymentRecord", "BANK_TRANSFER"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """The company being written down: ids given so far, by the company's own keys."""

    company: Company
    store: Store
    ids: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def put(self, collection: str, key: str, record: Record) -> None:
        self.ids[key], self.records[key] = record["id"], record
        self.store.put(collection, record["id"], record)


def seed(company: Company, store: Store) -> None:
    """Write the company into an empty store and connect the app once."""
    first_connection(store)
    seeding = Seeding(company=company, store=store)
    _seed_account(seeding)
    _seed_people(seeding)
    for product in company.products:
        seeding.put("products", product.key, _product(seeding, product))
    _seed_work(seeding)
    _seed_money(seeding)


def _seed_account(seeding: Seeding) -> None:
    company = seeding.company
    created = stamp(min((one.created_at for one in company.customers), default=company.now))
    known = {"createdAt": created, "name": company.name, "phone": None, "signupName": company.name}
    account = {"id": new_id(seeding.store, "Account"), **known, "timezone": company.time_zone}
    seeding.put("account", "account", account)
    rate = {"id": new_id(seeding.store, "TaxRate"), "default": True, "description": None, "name": "Sales tax"}
    percent = _tax_percent(company.invoices)
    rate |= {"label": f"Sales tax ({percent}%)", "qboTaxType": None, "tax": percent}
    seeding.put("tax_rates", "tax", rate)


def _tax_percent(invoices: Iterable[Invoice]) -> float:
    """The company's usual rate: what its taxed invoices show."""
    taxed = [(one.tax, sum((line.amount for line in one.lines), Decimal(0))) for one in invoices if one.tax]
    return round(float(median(tax / base * 100 for tax, base in taxed if base)), 2) if taxed else 0.0


# --- people and places -------------------------------------------------------------------------------


def _seed_people(seeding: Seeding) -> None:
    owner = next((one.key for one in seeding.company.technicians if one.active), None)
    for place, technician in enumerate(seeding.company.technicians):
        user = _user(seeding, technician, _COLORS[place % len(_COLORS)], owner=technician.key == owner)
        seeding.put("users", technician.key, user)
    busy_clients = {job.customer for job in seeding.company.jobs}
    for customer in seeding.company.customers:
        if "jobber" in customer.seen_by:
            seeding.put("clients", customer.key, _client(seeding, customer, lead=customer.key not in busy_clients))
    for site in seeding.company.sites:
        if site.customer in seeding.ids:
            seeding.put("properties", site.key, _property(seeding, site))


def _user(seeding: Seeding, one: Technician, color: str, *, owner: bool) -> Record:
    spoken = shapes.spoken_number(one.phone)
    digits = (spoken["normalizedPhoneNumber"] or "")[2:]
    phone = {"raw": one.phone, "friendly": spoken["friendly"], "isValid": bool(digits)}
    phone |= {"areaCode": digits[:3] or None, "countryCode": "1" if digits else None}
    return {
        "id": new_id(seeding.store, "User"), "uuid": str(uuid.uuid5(_NAMESPACE, one.key)),
        "name": {"first": one.given_name, "last": one.family_name, "full": f"{one.given_name} {one.family_name}"},
        "email": {"raw": one.email, "isValid": "@" in one.email}, "phone": phone, "address": None,
        "status": "ACTIVATED" if one.active else "DEACTIVATED", "availableForScheduling": one.active,
        "assignedColor": color, "isAccountOwner": owner, "isAccountAdmin": owner, "isCurrentUser": owner,
        "customFields": [], "firstDayOfTheWeek": "SUNDAY", "lastLoginAt": None,
        "timezone": seeding.company.time_zone, "createdAt": seeding.records["account"]["createdAt"],
    }  # fmt: skip


def _client(seeding: Seeding, customer: Customer, *, lead: bool) -> Record:
    """The customer as this system spells it."""
    store, spelled = seeding.store, customer.seen_by["jobber"]
    known: Record = {
        "firstName": spelled.given_name, "lastName": spelled.family_name, "companyName": spelled.company_name,
        "isCompany": customer.is_company, "isLead": lead, "billingAddress": _billing(spelled),
        "tags": shapes.nodes([shapes.tag(label) for label in customer.tags]),
        "emails": [shapes.email(store, spelled.email, primary=True)] if spelled.email else [],
        "phones": [shapes.phone(store, spelled.phone, primary=True)] if spelled.phone else [],
    }  # fmt: skip
    record = shapes.client(new_id(store, "Client"), created_at=stamp(customer.created_at), **known)
    return {**record, **shapes.client_names(record)}


def _billing(spelled: Spelling) -> Record | None:
    return shapes.billing_address(_parts(spelled.address)) if spelled.address else None


def _parts(address: Address) -> Record:
    streets = {"street1": address.street, "street2": address.unit}
    town = {"city": address.city, "province": address.state, "postalCode": address.postal_code}
    return {**streets, **town, "country": address.country}


def _property(seeding: Seeding, site: Site) -> Record:
    id = new_id(seeding.store, "Property")
    place = {**_parts(site.address), "coordinates": shapes.coordinates(site.latitude, site.longitude)}
    address = shapes.property_address(encoded("PropertyAddress", number_of(id)), place)
    return shapes.property_(id, client=seeding.ids[site.customer], address=address, name=site.name)


def _product(seeding: Seeding, one: Product) -> Record:
    return {
        "id": new_id(seeding.store, "ProductOrService"), "name": one.name, "description": one.description,
        "category": "SERVICE", "defaultUnitCost": number(one.unit_price), "internalUnitCost": None, "markup": None,
        "durationMinutes": None, "onlineBookingsEnabled": False, "taxable": one.taxable, "visible": True,
        "customFields": [],
    }  # fmt: skip


# --- work --------------------------------------------------------------------------------------------


def _seed_work(seeding: Seeding) -> None:
    """Jobs at known properties and their visits; a visit that was called off is not kept by this system."""
    for job in seeding.company.jobs:
        if job.site in seeding.ids:
            seeding.put("jobs", job.key, _job(seeding, job))
    for visit in seeding.company.appointments:
        if visit.job in seeding.ids and visit.status != "canceled":
            seeding.put("visits", visit.key, _visit(seeding, visit))


def _job(seeding: Seeding, job: Job) -> Record:
    """The whole price is one line; a canceled job is archived without ever having been completed."""
    at = stamp(job.created_at)
    price = number(money(job.total))
    line = shapes.line_item(seeding.store, "JobLineItem", name=job.title, quantity=1, price=price, at=at)
    known: Record = {"title": job.title, "instructions": job.instructions or None, "lineItems": shapes.nodes([line])}
    known["jobStatus"] = {"canceled": "archived", "paused": "on_hold"}.get(job.status, "unscheduled")
    if job.status == "completed":
        known |= {"completedAt": stamp(job.completed_at or job.created_at), "jobStatus": "requires_invoicing"}
        known["updatedAt"] = known["completedAt"]
    place = seeding.records[job.site]
    return shapes.job(new_id(seeding.store, "Job"), number=job.number, place=place, at=at, **known)


def _visit(seeding: Seeding, one: Appointment) -> Record:
    job, done = seeding.records[one.job], one.status == "completed"
    start, end = one.starts_at, one.ends_at
    finished = end or seeding.company.now
    known: Record = {
        "title": one.title, "startAt": start and stamp(start), "endAt": end and stamp(end), "allDay": one.all_day,
        "duration": int((end - start).total_seconds() // 60) if start and end else None,
        "assignedUsers": shapes.references([seeding.ids[key] for key in one.technicians]),
        "isComplete": done, "completedAt": stamp(min(finished, seeding.company.now)) if done else None,
        "completedBy": _name(seeding, one.technicians) if done else None,
    }  # fmt: skip
    return shapes.visit(new_id(seeding.store, "Visit"), job=job, at=job["createdAt"], **known)


def _name(seeding: Seeding, technicians: Iterable[str]) -> str | None:
    return next((seeding.records[key]["name"]["full"] for key in technicians), None)


# --- money -------------------------------------------------------------------------------------------


def _seed_money(seeding: Seeding) -> None:
    for invoice in seeding.company.invoices:
        if invoice.in_jobber and invoice.customer in seeding.ids:
            seeding.put("invoices", invoice.key, _invoice(seeding, invoice))
    for payment in seeding.company.payments:
        for place, allocation in enumerate(payment.allocations):
            if allocation.invoice in seeding.ids:
                record = _payment(seeding, payment, allocation.invoice, allocation.amount)
                seeding.put("payment_records", f"{payment.key}/{place}", record)


def _invoice(seeding: Seeding, one: Invoice) -> Record:
    """A voided invoice is closed without payment: the nearest that this system knows is bad debt."""
    zone = seeding.company.time_zone
    issued, client = midnight(one.issued_on, zone), seeding.records[one.customer]
    job = seeding.records.get(one.job or "")
    lines = [_line(seeding, line, issued) for line in one.lines]
    subtotal = sum((money(line["totalPrice"]) for line in lines), Decimal(0))
    known: Record = {
        "invoiceStatus": {"draft": "draft", "void": "bad_debt"}.get(one.status, "awaiting_payment"),
        "subject": job["title"] if job else "For Services Rendered",
        "issuedDate": issued, "dueDate": midnight(one.due_on, zone), "lineItems": shapes.nodes(lines),
        "amounts": shapes.amounts(subtotal, money(one.tax)), "billingAddress": billing_of(client),
        "taxRate": reference(seeding.ids["tax"]) if one.tax else None,
    }  # fmt: skip
    if job:
        known |= {"jobs": shapes.references([job["id"]]), "properties": shapes.references([job["property"]["id"]])}
    return shapes.invoice(new_id(seeding.store, "Invoice"), client=client["id"], number=one.number, at=issued, **known)


def _line(seeding: Seeding, one: InvoiceLine, at: str) -> Record:
    product = seeding.records.get(one.product)
    known: Record = {"description": one.description, "totalPrice": number(money(one.amount))}
    if product:
        known |= {"linkedProductOrService": reference(product["id"]), "taxable": product["taxable"]}
    name = product["name"] if product else one.description
    return shapes.line_item(
        seeding.store, "InvoiceLineItem", name=name, quantity=one.quantity, price=one.unit_price, at=at, **known
    )


def _payment(seeding: Seeding, one: Payment, invoice: str, amount: Decimal) -> Record:
    kind, spoken = _PAYMENT_KINDS.get(one.method, ("OtherPaymentRecord", "OTHER"))
    target = seeding.records[invoice]
    entered = midnight(one.received_on, seeding.company.time_zone)
    record: Record = {
        "__typename": kind, "id": new_id(seeding.store, "PaymentRecord"), "adjustmentType": "PAYMENT",
        "amount": number(money(amount)), "rawAmount": number(money(amount)), "canEdit": one.method != "card",
        "client": target["client"], "invoice": reference(target["id"]), "details": one.reference,
        "entryDate": entered, "paymentOrigin": "EMPLOYEE_ONLINE_ORIGIN", "paymentType": spoken, "sentAt": None,
        "jobberPaymentTransactionStatus": None, "tipAmount": 0.0, **_method_fields(kind, one.reference),
    }  # fmt: skip
    _last_changed(seeding, invoice, one.received_on)
    return record


def _method_fields(kind: str, mark: str) -> Record:
    if kind == "CheckPaymentRecord":
        return {"checkNumber": mark}
    if kind == "JobberPaymentsCreditCardPaymentRecord":
        digits = f"{sum(mark.encode()) % 10_000:04d}"
        card = {"brand": "Visa", "lastDigits": digits, "transactionId": mark, "transactionStatus": "SUCCEEDED"}
        return {**card, "jobberPaymentTransactionStatus": "SUCCEEDED"}
    return {"confirmationNumber": mark} if kind in {"BankTransferPaymentRecord", "OtherPaymentRecord"} else {}


def _last_changed(seeding: Seeding, invoice: str, day: date) -> None:
    """A payment moves its invoice's ``updatedAt``, never past the company's now."""
    record = seeding.records[invoice]
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=18)
    at = stamp(min(noon, seeding.company.now))
    seeding.put("invoices", invoice, {**record, "updatedAt": max(record["updatedAt"], at)})

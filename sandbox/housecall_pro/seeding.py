"""Writes down the company's part that this system holds: who work is done for, the work, and the bills for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sandbox.company import Address, Appointment, Company, Customer, Invoice, Job, Payment, Technician
from sandbox.housecall_pro import shapes
from sandbox.housecall_pro.shapes import derived, named, ours, stamp
from sandbox.store import Record, Store

WORK = {
    "new": "needs scheduling", "scheduled": "scheduled", "in_progress": "in progress", "paused": "in progress",
    "completed": "complete unrated", "canceled": "user canceled",
}  # fmt: skip
BILLS = {"draft": "open", "open": "open", "paid": "paid", "void": "voided"}
METHODS = {"cash": "external", "check": "external", "card": "credit_card", "ach": "ach"}
COLORS = ("EF9159", "3D8B8B", "7A52CC", "4C9F38", "D9534F", "1F77B4")
OFFERS = 12  # the first so many jobs began as an estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """The company being written down, and how its customers and jobs were written, by the company's own keys."""

    company: Company
    store: Store
    customers: dict[str, Record] = field(default_factory=dict)
    jobs: dict[str, Record] = field(default_factory=dict)
    visits: dict[str, list[Appointment]] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)


def seed(company: Company, store: Store) -> None:
    """Write the company into an empty store."""
    seeding = Seeding(company=company, store=store, products={one.key: one.name for one in company.products})
    for visit in company.appointments:
        seeding.visits.setdefault(visit.job, []).append(visit)
    _seed_account(seeding)
    for number, one in enumerate(company.technicians):
        person = _employee(seeding, one, number)
        store.put("employees" if one.active else "left", person["id"], person)
    served = {site.customer for site in company.sites}
    for customer in company.customers:
        if customer.key in served:
            seeding.customers[customer.key] = _put(seeding, "customers", _customer(seeding, customer))
    for job in company.jobs:
        seeding.jobs[job.key] = _put(seeding, "jobs", _job(seeding, job))
    for invoice in company.invoices:
        if invoice.job in seeding.jobs:
            _put(seeding, "invoices", _invoice(seeding, invoice))
    for job in company.jobs[:OFFERS]:
        _put(seeding, "estimates", _estimate(seeding, job))


def _put(seeding: Seeding, collection: str, record: Record) -> Record:
    return seeding.store.put(collection, record["id"], record)


def _seed_account(seeding: Seeding) -> None:
    company = {
        "id": shapes.COMPANY_ID,
        "name": seeding.company.name,
        "support_email": "office@bluebonnet.example.com",
        "phone_number": "5124740100",
        "address": {"street": "500 Congress Ave", "city": "Austin", "state": "TX", "zip": "78701", "country": "USA"},
        "time_zone": seeding.company.time_zone,
        "default_arrival_window": "0",
    }
    seeding.store.put(shapes.ACCOUNT, "company", company)


def _employee(seeding: Seeding, one: Technician, number: int) -> Record:
    return {
        "id": named("employees", one.key),
        "first_name": one.given_name,
        "last_name": one.family_name,
        "email": one.email,
        "mobile_number": one.phone.removeprefix("+1"),
        "color_hex": COLORS[number % len(COLORS)],
        "avatar_url": "/assets/add_image_thumb.png",
        "role": "field tech",
        "tags": [],
        "permissions": {name: name != "is_admin" for name in shapes.PERMISSIONS},
        "created_at": stamp(datetime(2021, 1, 4, 15, number, tzinfo=UTC)),
    } | ours(seeding.store)


def _customer(seeding: Seeding, one: Customer) -> Record:
    """A customer with one address for each place of work, and the billing address where it is another one."""
    known, written = one.truth, stamp(one.created_at)
    home = known.phone is not None and known.phone.endswith("7")  # some give a landline
    number = (known.phone or "").removeprefix("+1") or None
    sites = [site for site in seeding.company.sites if site.customer == one.key]
    elsewhere = known.address is not None and known.address.street not in [site.address.street for site in sites]
    billing = [_place(f"billing of {one.key}", known.address, "billing")] if known.address and elsewhere else []
    return {
        "id": named("customers", one.key),
        "first_name": known.given_name,
        "last_name": known.family_name,
        "email": known.email,
        "mobile_number": None if home else number,
        "home_number": number if home else None,
        "work_number": None,
        "company": known.company_name,
        "notifications_enabled": not one.is_company,
        "lead_source": None,
        "notes": None,
        "tags": list(one.tags),
        "addresses": billing + [_place(site.key, site.address, "service") for site in sites],
        "created_at": written,
        "updated_at": written,
    } | ours(seeding.store)


def _place(key: str, one: Address, kind: str) -> Record:
    written = {"street": one.street, "street_line_2": one.unit, "city": one.city, "state": one.state}
    return {"id": named("addresses", key), "type": kind, **written, "zip": one.postal_code, "country": "USA"}


def _job(seeding: Seeding, one: Job) -> Record:
    store, total = seeding.store, _cents(one.total)
    customer = seeding.customers[one.customer]
    site = next(site for site in seeding.company.sites if site.key == one.site)
    appointments = [row for visit in seeding.visits.get(one.key, ()) for row in _appointments(seeding, visit)]
    began = (
        next((row["start_time"] for row in appointments), None) if one.status in ("in_progress", "completed") else None
    )
    settled = one.completed_at or one.created_at
    canceled = one.status == "canceled"
    job = {
        "id": named("jobs", one.key),
        "invoice_number": str(one.number),
        "description": one.title,
        "customer": shapes.brief(customer),
        "address": _place(site.key, site.address, "service"),
        "notes": [{"id": named("notes", one.key), "content": one.instructions}] if one.instructions else [],
        "work_status": WORK[one.status],
        "work_timestamps": {
            "on_my_way_at": None,
            "started_at": began,
            "completed_at": stamp(one.completed_at) if one.completed_at else None,
        },
        "schedule": {"arrival_window": 0, "appointments": appointments},
        "total_amount": total,
        "outstanding_balance": 0 if one.status == "completed" else total,
        "subtotal": total,
        "tags": [],
        "original_estimate_id": None,
        "original_estimate_uuids": [],
        "lead_source": None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(settled),
        "canceled_at": stamp(settled) if canceled else None,
        "deleted_at": None,
    }
    return derived(store, job) | ours(store)


def _appointments(seeding: Seeding, visit: Appointment) -> Iterator[Record]:
    """A visit as the vendor's appointments: one, or one for each of its whole days; an unscheduled one is none."""
    if visit.starts_at is None or visit.ends_at is None:
        return
    people = [named("employees", key) for key in visit.technicians]
    if not visit.all_day:
        id = named("appointments", visit.key)
        yield shapes.appointment(seeding.store, id, visit.starts_at, visit.ends_at, 0, people)
        return
    zone = shapes.zone_of(seeding.store)
    day, end = visit.starts_at.astimezone(zone).date(), visit.ends_at.astimezone(zone)
    while datetime.combine(day, time(), zone) < end:
        yield shapes.whole_day(seeding.store, named("appointments", f"{visit.key}/{day}"), day, people)
        day += timedelta(days=1)


def _invoice(seeding: Seeding, one: Invoice) -> Record:
    job = seeding.jobs[str(one.job)]
    issued, due = _noon(seeding, one.issued_on), _noon(seeding, one.due_on)
    paid = [part for part in seeding.company.payments if any(a.invoice == one.key for a in part.allocations)]
    payments = [_payment(seeding, part, one) for part in paid]
    open_ = 0 if one.status in ("paid", "void") else _cents(one.total) - sum(part["amount"] for part in payments)
    return {
        "id": named("invoices", one.key),
        "status": BILLS[one.status],
        "invoice_number": one.number,
        "amount": _cents(one.total),
        "subtotal": _cents(one.total - one.tax),
        "due_amount": open_,
        "due_at": due,
        "display_due_concept": "net 30",
        "due_concept": "net_30",
        "paid_at": payments[-1]["paid_at"] if one.status == "paid" and payments else None,
        **({} if one.status == "draft" else {"sent_at": issued}),
        "service_date": issued,
        "invoice_date": issued,
        "items": [
            {
                "id": named("items", f"{one.key}/{number}"),
                "name": seeding.products[line.product],
                "unit_cost": 0,
                "unit_price": _cents(line.unit_price),
                "qty_in_hundredths": int(line.quantity * 100),
                "amount": _cents(line.amount),
                "description": line.description,
                "type": "labor",
            }
            for number, line in enumerate(one.lines)
        ],
        "taxes": [{"name": "Sales tax", "rate": 8, "amount": _cents(one.tax)}] if one.tax else [],
        "discounts": [],
        "payments": payments,
        "job_id": job["id"],
        "customer_id": job["customer"]["id"],
        "created_at": issued,
        "updated_at": max([issued, *(part["paid_at"] for part in payments)]),
    }


def _payment(seeding: Seeding, part: Payment, invoice: Invoice) -> Record:
    amount = sum((a.amount for a in part.allocations if a.invoice == invoice.key), Decimal(0))
    return {
        "id": named("items", f"{part.key}/{invoice.key}"),
        "status": "succeeded",
        "payment_method": METHODS[part.method],
        "amount": _cents(amount),
        "note": part.reference,
        "paid_at": _noon(seeding, part.received_on),
        "category": "customer_payment",
    }


def _estimate(seeding: Seeding, one: Job) -> Record:
    """The offer that a job began with, of one option that the customer said yes to."""
    job, made = seeding.jobs[one.key], stamp(one.created_at - timedelta(days=3))
    option = {
        "id": named("options", one.key),
        "name": "Option #1",
        "option_number": f"{one.number}-1",
        "total_amount": job["total_amount"],
        "approval_status": "approved" if one.status != "new" else None,
        "status": "created job from estimate" if one.status != "new" else "submitted for signoff",
        "notes": [],
        "created_at": made,
        "updated_at": made,
    }
    return {
        "id": named("estimates", one.key),
        "estimate_number": str(one.number),
        "work_status": "complete unrated" if one.status != "new" else "needs scheduling",
        "lead_source": None,
        "customer": job["customer"],
        "address": job["address"],
        "schedule": {"arrival_window": 0},
        "work_timestamps": dict.fromkeys(("on_my_way_at", "started_at", "completed_at")),
        "assigned_employees": [],
        "options": [{name: value for name, value in option.items() if value is not None}],
        "created_at": made,
        "updated_at": made,
    } | ours(seeding.store)


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _noon(seeding: Seeding, day: date) -> str:
    """A day as the instant that the vendor keeps: noon where the company is."""
    return stamp(datetime.combine(day, time(12), shapes.zone_of(seeding.store)))

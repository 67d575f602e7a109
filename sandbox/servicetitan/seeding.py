"""Writes down the company's part that this tenant holds: who work is done for, the booked work, and its invoices.

A job is booked together with its first appointment, so that work without a time is not here; every job has an invoice
from the beginning, which is empty until something is sold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.company import Address, Appointment, Company, Customer, Invoice, Job, Payment, Site
from sandbox.servicetitan import shapes
from sandbox.servicetitan.dialect import stamp
from sandbox.servicetitan.shapes import money, new_id
from sandbox.store import Record, Store

JOBS = {"new": "Scheduled", "scheduled": "Scheduled", "in_progress": "InProgress", "paused": "Hold",
        "completed": "Completed", "canceled": "Canceled"}  # fmt: skip
VISITS = {"scheduled": "Scheduled", "en_route": "Dispatched", "started": "Working", "paused": "Hold",
          "completed": "Done", "canceled": "Canceled"}  # fmt: skip
SENT = {"Scheduled": "Scheduled", "Dispatched": "Dispatched", "Working": "Working", "Done": "Done"}
METHODS = {"cash": "Cash", "check": "Check", "card": "Credit Card", "ach": "ACH"}
TYPES = {method: str(number) for number, method in enumerate(METHODS, start=1)}
WHOLE_DAY = (time(8), time(17))
POSTED_AFTER = timedelta(days=7)  # the office posts its invoices in batches; none was exported yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """The company being written down, and how its parts were written, by the company's own keys."""

    company: Company
    store: Store
    customers: dict[str, Record] = field(default_factory=dict)
    locations: dict[str, Record] = field(default_factory=dict)
    technicians: dict[str, Record] = field(default_factory=dict)
    services: dict[str, Record] = field(default_factory=dict)
    types: dict[str, Record] = field(default_factory=dict)
    bills: dict[str, Record] = field(default_factory=dict)
    batches: dict[str, Record] = field(default_factory=dict)
    visits: dict[str, list[Appointment]] = field(default_factory=dict)

    def put(self, collection: str, record: Record, made: datetime, changed: datetime | None = None) -> Record:
        """Store a record that was made, and last changed, at these instants."""
        now = self.company.now
        stamps = {"createdOn": stamp(min(made, now)), "modifiedOn": stamp(min(changed or made, now))}
        return self.store.put(collection, str(record["id"]), {"active": True, **record, **stamps})


def seed(company: Company, store: Store) -> None:
    """Write the company into an empty store."""
    seeding = Seeding(company=company, store=store)
    began = datetime(2021, 1, 4, 15, tzinfo=UTC)
    for visit in company.appointments:
        if visit.starts_at is not None:
            seeding.visits.setdefault(visit.job, []).append(visit)
    _seed_office(seeding, began)
    for customer in company.customers:
        sites = [site for site in company.sites if site.customer == customer.key]
        if sites:
            _seed_customer(seeding, customer, sites)
    bills = {one.job: one for one in reversed(company.invoices) if one.job}  # a job's first one
    for job in company.jobs:
        if job.key in seeding.visits:
            _seed_job(seeding, job, bills.get(job.key))
    for payment in company.payments:
        _seed_payment(seeding, payment)


def _seed_office(seeding: Seeding, began: datetime) -> None:
    company, store = seeding.company, seeding.store
    unit = {"id": new_id(store, "business_units"), "name": "Service", "officialName": company.name, "currency": "USD",
            "tenant": {"id": 987654321, "name": company.name, "modifiedOn": stamp(began)}}  # fmt: skip
    seeding.put("business_units", unit, began)
    for person in company.technicians:
        id = new_id(store, "technicians")
        made = shapes.technician(id, person.given_name, person.family_name, person.email, _spoken(person.phone))
        seeding.technicians[person.key] = seeding.put("technicians", made | {"active": person.active}, began)
    for number, one in enumerate(company.products, start=1):
        id = new_id(store, "services")
        made = shapes.service(id, f"SVC-{number:03}", one.name, one.description, one.unit_price, one.taxable)
        seeding.services[one.key] = seeding.put("services", made, began)
    for title in dict.fromkeys(job.title for job in company.jobs):
        seeding.types[title] = seeding.put("job_types", _job_type(store, title), began)


def _job_type(store: Store, title: str) -> Record:
    return {
        "id": new_id(store, "job_types"), "name": title, "businessUnitIds": [], "skills": [], "tagTypeIds": [],
        "priority": "Normal", "duration": 7200, "class": "Service", "summary": "", "noCharge": False,
        "invoiceSignaturesRequired": False, "externalData": [], "isSmartDispatched": False,
        "defaultEstimateSoldAction": "", "customFieldTypeIds": [],
    }  # fmt: skip


def _seed_customer(seeding: Seeding, one: Customer, sites: Sequence[Site]) -> None:
    known, store = one.truth, seeding.store
    person = f"{known.given_name} {known.family_name}"
    record = shapes.BLANK["customers"] | {
        "id": new_id(store, "customers"), "name": known.company_name or person,
        "type": "Commercial" if one.is_company else "Residential", "address": _home(known.address or sites[0].address),
    }  # fmt: skip
    made = seeding.customers[one.key] = seeding.put("customers", record, one.created_at)
    reached = {"MobilePhone": known.phone and _spoken(known.phone), "Email": known.email}
    for kind, value in reached.items():
        if value:
            memo = person if one.is_company else None
            seeding.put("contacts", shapes.contact(store, made["id"], kind, value, memo), one.created_at)
    for site in sites:
        where = {"latitude": site.latitude, "longitude": site.longitude}
        place = shapes.BLANK["locations"] | {
            "id": new_id(store, "locations"), "customerId": made["id"], "name": site.name or made["name"],
            "address": _home(site.address) | where,
        }  # fmt: skip
        seeding.locations[site.key] = seeding.put("locations", place, one.created_at)


def _seed_job(seeding: Seeding, one: Job, bill: Invoice | None) -> None:
    customer, location = seeding.customers[one.customer], seeding.locations[one.site]
    job: Record = {
        "id": new_id(seeding.store, "jobs"), "jobNumber": str(one.number), "customerId": customer["id"],
        "locationId": location["id"], "jobStatus": JOBS[one.status], "businessUnitId": 301,
        "jobTypeId": seeding.types[one.title]["id"], "priority": "Normal", "campaignId": 1, "projectId": None,
        "completedOn": one.completed_at and stamp(one.completed_at), "noCharge": False, "notificationsEnabled": True,
        "createdById": shapes.US, "tagTypeIds": [], "customerPo": "", "total": float(one.total), "estimateIds": [],
        "equipmentIds": [], "summary": one.instructions or None, "customFields": [], "externalData": [],
    }  # fmt: skip
    visits = [_seed_visit(seeding, job, n, visit) for n, visit in enumerate(seeding.visits[one.key], start=1)]
    issued = one.created_at if bill is None else _at(bill.issued_on, seeding.company.time_zone)
    invoice = shapes.invoice(seeding.store, job, bill.number if bill else job["jobNumber"], issued, customer, location)
    kept = seeding.put("invoices", invoice | (_sold(seeding, bill) if bill else {}), issued)
    if bill is not None:
        seeding.bills[bill.key] = kept
    ordered = sorted(visits, key=lambda visit: (visit["start"], visit["id"]))
    told = {"appointmentCount": len(visits), "firstAppointmentId": ordered[0]["id"],
            "lastAppointmentId": ordered[-1]["id"], "invoiceId": invoice["id"]}  # fmt: skip
    seeding.put("jobs", job | told, one.created_at, one.completed_at)


def _seed_visit(seeding: Seeding, job: Record, number: int, one: Appointment) -> Record:
    starts, ends = _span(one)
    state = VISITS[one.status]
    made = shapes.appointment(seeding.store, job, number, stamp(starts), stamp(ends), status=state)
    at = min(starts, seeding.company.now) - timedelta(days=1)
    visit = seeding.put("appointments", made, at)
    for key in one.technicians:
        sent = shapes.assignment(seeding.store, visit, seeding.technicians[key])
        told = {"assignedOn": stamp(at), "status": SENT.get(state, "Scheduled"), "isPaused": state == "Hold"}
        seeding.put("assignments", sent | told, at)
    return visit


def _span(one: Appointment) -> tuple[datetime, datetime]:
    """A visit's time; one for a whole day is held in working hours."""
    starts, ends = one.starts_at, one.ends_at
    assert starts is not None  # noqa: S101 - only such visits are here
    if one.all_day:
        day, zone = starts.astimezone(ZoneInfo(one.time_zone)).date(), ZoneInfo(one.time_zone)
        starts, ends = (datetime.combine(day, at, zone).astimezone(UTC) for at in WHOLE_DAY)
    return starts, ends or starts + timedelta(hours=1)


def _sold(seeding: Seeding, one: Invoice) -> Record:
    """What is on an invoice, and how far its batch is."""
    at = stamp(_at(one.issued_on, seeding.company.time_zone))
    lines = [
        shapes.line(seeding.store, seeding.services[line.product], line.quantity, line.unit_price, line.amount, at)
        | {"description": line.description, "order": n}
        for n, line in enumerate(one.lines, start=1)
    ]
    is_posted = seeding.company.now.date() - one.issued_on >= POSTED_AFTER
    return {
        "dueDate": f"{one.due_on}T00:00:00Z", "subTotal": money(one.total - one.tax), "salesTax": money(one.tax),
        "total": money(one.total), "balance": money(one.total), "items": lines,
        "syncStatus": "Posted" if is_posted else "Pending",
        "batch": _batch(seeding, one.issued_on) if is_posted else None,
        "sentStatus": "Sent", "reviewStatus": "Reviewed", "active": one.status != "void",
    }  # fmt: skip


def _batch(seeding: Seeding, day: date) -> Record:
    """The batch of a month."""
    name = f"{day:%Y-%m}"
    if name not in seeding.batches:
        id = new_id(seeding.store, "batches")
        seeding.batches[name] = {"id": id, "number": str(id), "name": name}
    return seeding.batches[name]


def _seed_payment(seeding: Seeding, one: Payment) -> None:
    """Money that went towards invoices that are here; the part that went elsewhere is not seen."""
    parts = [part for part in one.allocations if part.invoice in seeding.bills]
    if not parts:
        return
    at, store = _at(one.received_on, seeding.company.time_zone), seeding.store
    total = one.amount if len(parts) == len(one.allocations) else sum((part.amount for part in parts), Decimal(0))
    spent = sum((part.amount for part in parts), Decimal(0))
    record = {
        "id": new_id(store, "payments"), "type": METHODS[one.method], "typeId": TYPES[one.method],
        "total": money(total), "unappliedAmount": money(total - spent), "date": f"{one.received_on}T00:00:00Z",
        "checkNumber": one.reference if one.method == "check" else None, "memo": None,
        "referenceNumber": one.reference, "customer": seeding.bills[parts[0].invoice]["customer"],
        "syncStatus": "Posted", "refundedPaymentId": None, "appliedTo": [],
    }  # fmt: skip
    for part in parts:
        bill = store.get("invoices", str(seeding.bills[part.invoice]["id"]))
        assert bill is not None  # noqa: S101 - it was just written
        left = Decimal(bill["balance"]) - part.amount
        paid = {"balance": money(left), "paidOn": stamp(at) if not left else None}
        store.put("invoices", str(bill["id"]), bill | paid | {"modifiedOn": stamp(max(at, _changed(bill)))})
        record["appliedTo"].append({
            "appliedId": new_id(store, "applied"), "appliedTo": bill["id"], "appliedAmount": money(part.amount),
            "appliedOn": stamp(at), "appliedToReferenceNumber": bill["referenceNumber"],
        })  # fmt: skip
    seeding.put("payments", record, at)


def _changed(record: Record) -> datetime:
    return datetime.fromisoformat(record["modifiedOn"])


def _home(one: Address) -> Record:
    return shapes.address(one.street, one.unit, one.city, one.state, one.postal_code)


def _spoken(phone: str) -> str:
    """A number of the United States in ten digits, as the office types it."""
    return phone.removeprefix("+1")


def _at(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo(zone)).astimezone(UTC)

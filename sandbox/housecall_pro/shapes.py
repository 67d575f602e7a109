"""Records in the vendor's wire shape, and what it derives of them (facts, "Read streams", "Time", "Enumerations")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.housecall_pro.dialect import wrong
from sandbox.store import Record, Store

ACCOUNT = "account"
COMPANY_ID = "6f2b6a4e-51c7-4c1d-9a0e-2f6f7c1d8b35"
PERMISSIONS = (
    "can_add_and_edit_job", "can_be_booked_online", "can_call_and_text_with_customers", "can_chat_with_customers",
    "can_delete_and_cancel_job", "can_edit_message_on_invoice", "can_see_street_view_data", "can_share_job",
    "can_take_payment_see_prices", "can_see_customers", "can_see_full_schedule", "can_see_future_jobs",
    "can_see_marketing_campaigns", "can_see_reporting", "can_edit_settings", "is_point_of_contact", "is_admin",
)  # fmt: skip
UNSCHEDULED, SCHEDULED, CANCELED, DELETED = "needs scheduling", "scheduled", "user canceled", "pro canceled"
_PREFIXES = {
    "customers": "cus", "addresses": "adr", "employees": "pro", "jobs": "job", "notes": "nte", "appointments": "appt",
    "invoices": "invoice", "estimates": "csr", "options": "est", "items": "ili",
}  # fmt: skip
_OF_A_CUSTOMER = (
    "id", "first_name", "last_name", "email", "mobile_number", "home_number", "work_number", "company",
    "notifications_enabled", "lead_source", "tags", "created_at", "updated_at", "company_name", "company_id",
)  # fmt: skip


def named(kind: str, key: str) -> str:
    """The id of a thing that the company knows by a key."""
    return f"{_PREFIXES[kind]}_{hashlib.sha256(f'{kind}/{key}'.encode()).hexdigest()[:32]}"


def new_id(store: Store, kind: str) -> str:
    """An id that was never given before."""
    return named(kind, f"new {store.next_id(kind)}")


def stamp(at: datetime) -> str:
    """An instant as the vendor spells it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zone_of(store: Store) -> ZoneInfo:
    return ZoneInfo((store.get(ACCOUNT, "company") or {})["time_zone"])


def ours(store: Store) -> Record:
    """What every record says of the account that it belongs to."""
    company = store.get(ACCOUNT, "company") or {}
    return {"company_name": company["name"], "company_id": company["id"]}


def instant(store: Store, text: Any, name: str) -> datetime:
    """A moment that a client sent; without an offset it is meant in the company's zone. 422 when it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise wrong(f"{name} is invalid") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=zone_of(store)).astimezone(UTC)


def appointment(
    store: Store,
    id: str,
    start: datetime,
    end: datetime,
    window: int,
    employees: Sequence[str],
    *,
    anytime: bool = False,
) -> Record:
    """One visit of a job."""
    return {
        "id": id,
        "start_date": start.astimezone(zone_of(store)).date().isoformat(),
        "start_time": stamp(start),
        "end_time": stamp(end),
        "anytime": anytime,
        "arrival_window_minutes": window,
        "dispatched_employees_ids": list(employees),
    }


def whole_day(store: Store, id: str, day: date, employees: Sequence[str]) -> Record:
    """A visit at any time of a day: from midnight to midnight in the company's zone."""
    begins, ends = (datetime.combine(day + timedelta(days=n), time(), zone_of(store)) for n in (0, 1))
    return appointment(store, id, begins, ends, 0, employees, anytime=True)


def derived(store: Store, job: Record) -> Record:
    """The job with what the vendor works out from its visits: when, who, and whether it is scheduled at all."""
    visits = sorted(job["schedule"]["appointments"], key=lambda one: (one["start_time"], one["id"]))
    plan: Record = {"arrival_window": job["schedule"].get("arrival_window", 0), "appointments": visits}
    if visits:
        plan["scheduled_start"] = visits[0]["start_time"]
        plan["scheduled_end"] = max(one["end_time"] for one in visits)
    status = job["work_status"]
    if status in (UNSCHEDULED, SCHEDULED):
        status = SCHEDULED if visits else UNSCHEDULED
    who = dict.fromkeys(id for one in visits for id in one["dispatched_employees_ids"])
    return {**job, "schedule": plan, "work_status": status, "assigned_employees": employees(store, who)}


def employees(store: Store, ids: Iterable[str]) -> list[Record]:
    """Employees as they stand in other records, those who left included."""
    found = (store.get("employees", id) or store.get("left", id) for id in ids)
    return [one for one in found if one is not None]


def shown_job(store: Store, job: Record, expand: Sequence[str]) -> Record:
    """A job as an answer carries it: its customer and address as they are now, visits only when they are asked for."""
    plan = {name: value for name, value in job["schedule"].items() if name != "appointments" or name in expand}
    return {**job, "schedule": plan, **(_customer_of(store, job))}


def _customer_of(store: Store, job: Record) -> Record:
    customer = store.get("customers", job["customer"]["id"])
    if customer is None:  # deleted: the job keeps what it knew
        return {}
    address = next((one for one in customer["addresses"] if one["id"] == job["address"]["id"]), job["address"])
    return {"customer": brief(customer), "address": address}


def brief(customer: Record) -> Record:
    """A customer as it stands inside a job or an estimate."""
    return {name: customer[name] for name in _OF_A_CUSTOMER if name in customer}


def shown_invoice(invoice: Record) -> Record:
    """An invoice as an answer carries it: when it changed and whose it is cannot be seen."""
    hidden = ("created_at", "updated_at", "customer_id")
    return {name: value for name, value in invoice.items() if name not in hidden}

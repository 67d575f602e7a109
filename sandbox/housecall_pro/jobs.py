"""Jobs: listed, read and made. None can be changed in what it says, canceled or deleted (facts, "Writes")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.housecall_pro import shapes
from sandbox.housecall_pro.changes import keep
from sandbox.housecall_pro.dialect import Call, answer, paged, wrong
from sandbox.store import Record

SORTS = ("created_at", "updated_at", "invoice_number", "id", "description", "work_status")
FILTERS: Mapping[str, Sequence[str]] = {
    "unscheduled": ("needs scheduling",),
    "scheduled": ("scheduled",),
    "in_progress": ("in progress",),
    "completed": ("complete rated", "complete unrated"),
    "canceled": ("user canceled", "pro canceled"),
}


def listed(call: Call) -> Response:
    """GET /jobs with the filters that the vendor documents."""
    rows, expand = [one for one in call.store.all("jobs") if passes(call, one)], call.many("expand")
    return paged(call, "jobs", rows, sorts=SORTS, shown=lambda one: shapes.shown_job(call.store, one, expand))


def got(call: Call) -> Response:
    return answer(shapes.shown_job(call.store, call.found("jobs", call.part("id")), call.many("expand")))


def created(call: Call) -> Response:
    """POST /jobs for a customer's address; a number that another job has is refused."""
    sent = call.spelled(call.sent())
    customer = call.store.get("customers", str(sent.get("customer_id")))
    if customer is None:
        raise wrong("customer_id is invalid")
    address = next((one for one in customer["addresses"] if one["id"] == sent.get("address_id")), None)
    if address is None:
        raise wrong("address_id is invalid")
    items, plan = _items(sent.get("line_items") or []), sent.get("schedule") or {}
    total = round(sum(item.get("unit_price", 0) * item.get("quantity", 1) for item in items))
    job = {
        "id": shapes.new_id(call.store, "jobs"),
        "invoice_number": _number(call, sent.get("invoice_number")),
        "description": ", ".join(item["name"] for item in items),
        "customer": shapes.brief(customer),
        "address": address,
        "notes": [{"id": shapes.new_id(call.store, "notes"), "content": sent["notes"]}] if sent.get("notes") else [],
        "work_status": shapes.UNSCHEDULED,
        "work_timestamps": dict.fromkeys(("on_my_way_at", "started_at", "completed_at")),
        "schedule": {"arrival_window": plan.get("arrival_window", 0), "appointments": _visits(call, plan, sent)},
        "total_amount": total,
        "outstanding_balance": total,
        "subtotal": total,
        "tags": sent.get("tags") or [],
        "original_estimate_id": None,
        "original_estimate_uuids": [],
        "lead_source": sent.get("lead_source"),
        "canceled_at": None,
        "deleted_at": None,
    }
    return answer(shapes.shown_job(call.store, keep(call.store, "jobs", job), ()), 201)


def passes(call: Call, record: Record) -> bool:
    """Whether a job or an estimate meets the filters of the query."""
    starts, ends = record["schedule"].get("scheduled_start"), record["schedule"].get("scheduled_end")
    bounds = [
        (starts, "scheduled_start_min", 1), (starts, "scheduled_start_max", -1),
        (ends, "scheduled_end_min", 1), (ends, "scheduled_end_max", -1),
    ]  # fmt: skip
    wanted = [status for name in call.many("work_status") for status in FILTERS.get(name, ())]
    people = call.many("employee_ids")
    return (
        all(_within(call, value, name, side) for value, name, side in bounds)
        and (not call.many("work_status") or record["work_status"] in wanted)
        and call.one("customer_id") in (None, record["customer"]["id"])
        and (not people or any(one["id"] in people for one in record["assigned_employees"]))
    )


def _within(call: Call, value: str | None, name: str, side: int) -> bool:
    given = call.one(name)
    if given is None:
        return True
    if value is None:
        return False
    bound, moment = (shapes.instant(call.store, text, name) for text in (given, value))
    return moment >= bound if side > 0 else moment <= bound


def _items(items: Any) -> list[Record]:
    if not isinstance(items, list) or not all(isinstance(one, dict) and one.get("name") for one in items):
        raise wrong("line_items: name can't be blank")
    return items


def _number(call: Call, given: Any) -> str:
    """The number that was asked for, or the next one. It is unique among the company's jobs."""
    taken = {one["invoice_number"] for one in call.store.all("jobs")}
    if given is None:
        return str(max((int(number) for number in taken if number.isdigit()), default=0) + 1)
    if isinstance(given, bool) or not isinstance(given, int | float) or given != int(given):
        raise wrong("invoice_number is not a number")
    if str(int(given)) in taken:
        raise wrong("invoice_number has already been taken")
    return str(int(given))


def _visits(call: Call, plan: Record, sent: Record) -> list[Record]:
    """The one visit of a job that is made with a schedule."""
    people, id = sent.get("assigned_employee_ids") or [], shapes.new_id(call.store, "appointments")
    if plan.get("anytime") and plan.get("anytime_start_date"):
        day = shapes.instant(call.store, plan["anytime_start_date"], "anytime_start_date")
        return [shapes.whole_day(call.store, id, day.astimezone(shapes.zone_of(call.store)).date(), people)]
    if not plan.get("scheduled_start"):
        return []
    begins = shapes.instant(call.store, plan["scheduled_start"], "scheduled_start")
    ends = shapes.instant(call.store, plan.get("scheduled_end") or plan["scheduled_start"], "scheduled_end")
    return [shapes.appointment(call.store, id, begins, ends, plan.get("arrival_window", 0), people)]

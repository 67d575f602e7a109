"""Mutations of jobs and their notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.jobber import shapes
from sandbox.jobber.client_writes import new_note, with_custom_fields
from sandbox.jobber.derived import job_totals
from sandbox.jobber.identity import new_id, reference
from sandbox.jobber.moments import instant, last_second, midnight, stamp
from sandbox.jobber.refusals import Refused, existing
from sandbox.jobber.view import Context
from sandbox.jobber.visit_writes import checked_users, completed

Record = dict[str, Any]
Args = dict[str, Any]

_DAYS_OF = {"DAYS": 1, "WEEKS": 7, "MONTHS": 30, "YEARS": 365}


def job_create(_: Record, context: Context, args: Args) -> Record:
    """A job at a property; its client stops being a lead. The number is the account's next unless given."""
    given, at = args["input"], stamp(context.now)
    place = existing(context, "properties", given["propertyId"], ["input", "propertyId"])
    number = given.get("jobNumber") or 1 + max((one["jobNumber"] for one in context.all("jobs")), default=0)
    fields = with_custom_fields([shapes.marker()], given.get("customFields"), "jobs", context)
    job = shapes.job(new_id(context.store, "Job"), number=number, place=place, at=at, customFields=fields)
    job |= _plain(given, context)
    job["lineItems"] = shapes.nodes([_line(context, one, at) for one in given.get("lineItems") or ()])
    visit = _first_visit(context, job, given)
    context.keep("jobs", job)
    if visit is not None:
        context.keep("visits", visit)
    _no_longer_lead(context, place["client"]["id"])
    return {"job": reference(job["id"])}


def job_edit(_: Record, context: Context, args: Args) -> Record:
    given = args["input"]
    job = existing(context, "jobs", args["jobId"], ["jobId"])
    job |= _plain(given, context)
    job["customFields"] = with_custom_fields(job["customFields"], given.get("customFields"), "jobs", context)
    if given.get("jobNumber"):
        job["jobNumber"] = given["jobNumber"]
    visit = _first_visit(context, job, given)
    context.keep("jobs", job)
    if visit is not None:
        context.keep("visits", visit)
    return {"job": reference(job["id"])}


def job_close(_: Record, context: Context, args: Args) -> Record:
    """Close a job: open visits are completed or destroyed as asked; what is not invoiced then asks for it."""
    job = existing(context, "jobs", args["jobId"], ["jobId"])
    if job["completedAt"]:
        raise Refused("Job is already closed", ["jobId"])
    keeps_past = args["input"]["modifyIncompleteVisitsBy"] == "COMPLETE_PAST_DESTROY_FUTURE"
    for visit in context.pointing("visits", "job", job["id"]):
        past = visit["startAt"] and instant(visit["startAt"]) <= context.now
        if not visit["isComplete"] and keeps_past and past:
            context.keep("visits", completed(context, visit, None))
        elif not visit["isComplete"]:
            context.store.delete("visits", visit["id"])
    open_ = job_totals(job, context)[2] > 0 and job["invoiceSchedule"]["billingFrequency"] != "NEVER"
    state = {"jobStatus": "requires_invoicing" if open_ else "archived", "completedAt": stamp(context.now)}
    context.keep("jobs", {**job, **state})
    return {"job": reference(job["id"])}


def job_reopen(_: Record, context: Context, args: Args) -> Record:
    job = existing(context, "jobs", args["jobId"], ["jobId"])
    context.keep("jobs", {**job, "jobStatus": "unscheduled", "completedAt": None})
    return {"job": reference(job["id"])}


def job_create_note(_: Record, context: Context, args: Args) -> Record:
    job = existing(context, "jobs", args["jobId"], ["jobId"])
    note = new_note(context, "JobNote", args["input"], job=reference(job["id"]))
    context.store.put("job_notes", note["id"], note)
    return {"job": reference(job["id"]), "jobNote": note}


def _plain(given: Mapping[str, Any], context: Context) -> Record:
    known = {key: given[key] for key in ("title", "instructions", "allowReviewRequest") if key in given}
    if given.get("salespersonId"):
        existing(context, "users", given["salespersonId"], ["input", "salespersonId"])
        known["salesperson"] = reference(given["salespersonId"])
    if given.get("invoicing"):
        known["billingType"] = given["invoicing"]["invoicingType"]
        known["invoiceSchedule"] = shapes.invoice_schedule(given["invoicing"]["invoicingSchedule"])
    return known | _timeframe(given.get("timeframe") or {}, context.zone)


def _timeframe(given: Mapping[str, Any], zone: str) -> Record:
    start: date | None = given.get("startAt")
    if start is None:
        return {}
    days = (given.get("durationValue") or 0) * _DAYS_OF[given.get("durationUnits") or "DAYS"]
    return {"startAt": midnight(start, zone), "endAt": midnight(start + timedelta(days=days), zone) if days else None}


def _first_visit(context: Context, job: Record, given: Mapping[str, Any]) -> Record | None:
    """The visit that ``scheduling.createVisits`` asks for: on the first day, at the given wall times."""
    plan, start = given.get("scheduling") or {}, (given.get("timeframe") or {}).get("startAt")
    if not plan.get("createVisits"):
        return None
    users = checked_users(context, plan.get("assignedTo") or (), ["input", "scheduling", "assignedTo"])
    known = {"title": job["title"], "isDefaultTitle": True, "assignedUsers": shapes.references(users)}
    if start is not None:
        known |= _times(start, plan, context.zone)
    return shapes.visit(new_id(context.store, "Visit"), job=job, at=stamp(context.now), **known)


def _times(day: date, plan: Mapping[str, Any], zone: str) -> Record:
    if plan.get("startTime") is None:
        return {"startAt": midnight(day, zone), "endAt": last_second(day, zone), "allDay": True}
    begins = datetime.combine(day, plan["startTime"], ZoneInfo(zone))
    ends = (
        datetime.combine(day, plan["endTime"], ZoneInfo(zone)) if plan.get("endTime") else begins + timedelta(hours=1)
    )
    if ends < begins:
        raise Refused("End time must be after start time", ["input", "scheduling", "endTime"])
    return {"startAt": stamp(begins), "endAt": stamp(ends)}


def _line(context: Context, given: Mapping[str, Any], at: str) -> Record:
    known = {
        key: given[key] for key in ("description", "category", "taxable", "unitCost") if given.get(key) is not None
    }
    return shapes.line_item(
        context.store,
        "JobLineItem",
        name=given["name"],
        quantity=given["quantity"],
        price=given["unitPrice"],
        at=at,
        **known,
    )


def _no_longer_lead(context: Context, id: str) -> None:
    client = context.get("clients", id)
    if client is not None and client["isLead"]:
        context.keep("clients", {**client, "isLead": False})

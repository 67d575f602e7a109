"""How Housecall Pro's records read as what the business knows.

Amounts are whole cents. Visits and who is sent to them stand inside a job and have ids that begin with the job's:
an appointment can only be asked for under its job.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.addresses import Address
from connectors.marks import marked_in, unmarked_in
from models.days import local_date, moment, only_if, wall_moment
from models.fields import (
    Codec,
    choice,
    company_currency,
    company_zone,
    composed,
    const,
    date_,
    email,
    first,
    flag,
    instant,
    json_list,
    money,
    phone,
    read_only,
    ref,
    sql,
    tags,
    text,
    written_as,
)
from models.places import coded
from models.schema import Map

JOB_STATES = {
    "needs scheduling": "new", "scheduled": "scheduled", "in progress": "in_progress", "complete unrated": "completed",
    "complete rated": "completed", "user canceled": "canceled", "pro canceled": "canceled",
}  # fmt: skip
INVOICE_STATES = {
    "open": "open", "pending_payment": "open", "uncollectible": "open", "paid": "paid", "voided": "void",
    "canceled": "void",
}  # fmt: skip

# The billing address; customers without one are billed at the first address they have.
_PLACES = "TRY_CAST(record->'$.addresses' AS JSON[])"
_BILLED = f"list_filter({_PLACES}, place -> (place->>'$.type') = 'billing')"
_PLACE = f"coalesce(list_extract({_BILLED}, 1), list_extract({_PLACES}, 1))"
ADDRESS = Address(
    street="street", further=("street_line_2",), city="city", state="state", postal_code="zip", country="country"
)


def _billed(*members: str) -> Codec:
    """Members of the billing address, as one text."""
    said = ", ".join(f"nullif(trim(({_PLACE})->>'$.{one}'), '')" for one in members)
    return replace(sql(f"nullif(concat_ws(', ', {said}), '')"), paths=tuple(f"addresses.{one}" for one in members))


def _notes(read: Callable[[str], str]) -> Codec:
    """Something about all notes of a job together."""
    return replace(sql(read("array_to_string(record->>'$.notes[*].content', chr(10))")), paths=("notes.content",))


CUSTOMER = Map(
    "customers", to="customer", id="id", changed="updated_at",
    core_ref=sql(marked_in("record->>'$.notes'")),
    fields={
        "given_name": text("first_name"),
        "family_name": text("last_name"),
        "company_name": text("company"),
        "email": email("email"),
        "phone": first(phone("mobile_number"), phone("home_number"), phone("work_number")),
        "street": _billed("street", "street_line_2"),
        "city": _billed("city"),
        "state": _billed("state"),
        "postal_code": _billed("zip"),
        "country": coded(_billed("country")),
        "tags": tags("tags"),
    },
)  # fmt: skip
LOCATION = Map(
    "customers", to="location", id="@.id", each="addresses",
    fields={
        "customer": ref("id"),
        **ADDRESS.fields("@"),
    },
)  # fmt: skip
TECHNICIAN = Map(
    "employees", to="technician", id="id",
    fields={
        "name": sql("nullif(trim(concat_ws(' ', record->>'$.first_name', record->>'$.last_name')), '')"),
        "given_name": text("first_name"),
        "family_name": text("last_name"),
        "email": email("email"),
        "phone": phone("mobile_number"),
        "active": const(True),
        "time_zone": company_zone(),
    },
)  # fmt: skip
JOB = Map(
    "jobs", to="job", id="id", changed="updated_at",
    deleted=sql("(record->>'$.deleted_at') IS NOT NULL"),
    core_ref=_notes(marked_in),
    fields={
        "number": read_only(text("invoice_number")),
        "title": read_only(text("description")),
        "instructions": _notes(unmarked_in),
        "status": read_only(choice("work_status", JOB_STATES)),
        "customer": written_as(ref("customer.id"), "customer_id"),
        "location": written_as(ref("address.id"), "address_id"),
        "total": read_only(money("total_amount", minor=True)),
        "created_at": read_only(instant("created_at")),
        "completed_at": read_only(moment("work_timestamps.completed_at", "company")),
        "kind": read_only(text("job_fields.job_type.name")),
    },
)  # fmt: skip
# How far one visit is, the job alone says: of a job under way that has several, nobody can tell which one it is.
_VISIT_STATE = sql(
    "CASE WHEN (record->>'$.work_status') IN ('user canceled', 'pro canceled') THEN 'canceled' "
    "WHEN starts_with(record->>'$.work_status', 'complete') THEN 'completed' "
    "WHEN json_array_length((record->'$.schedule.appointments')) > 1 THEN 'scheduled' "
    "WHEN (record->>'$.work_status') = 'in progress' THEN 'started' "
    "WHEN (record->>'$.work_timestamps.on_my_way_at') IS NOT NULL THEN 'en_route' ELSE 'scheduled' END"
)
APPOINTMENT = Map(
    "jobs", to="appointment", id=composed("id", "@.id"), each="schedule.appointments", changed="updated_at",
    deleted=JOB.deleted,
    fields={
        "job": written_as(ref("id"), "job"),
        "title": read_only(text("description")),
        "status": _VISIT_STATE,
        "starts_at": only_if("@.anytime", "false", written_as(moment("@.start_time", "company"), "start_time")),
        "ends_at": only_if("@.anytime", "false", written_as(moment("@.end_time", "company"), "end_time")),
        "starts_local": only_if("@.anytime", "false", wall_moment("@.start_time", "company")),
        "ends_local": only_if("@.anytime", "false", wall_moment("@.end_time", "company")),
        "time_zone": company_zone(),
        "all_day": flag("@.anytime"),
        "starts_on": only_if("@.anytime", "true", date_("@.start_date")),
        "ends_on": only_if("@.anytime", "true", date_("@.start_date")),
        "completed_at": moment("work_timestamps.completed_at", "company"),
    },
)  # fmt: skip
ASSIGNMENT = Map(
    "jobs", to="assignment", id=composed("@.appointment", "@.employee"), each="dispatches", deleted=JOB.deleted,
    fields={
        "appointment": written_as(ref("@.appointment"), "appointment"),
        "technician": written_as(ref("@.employee"), "employee"),
    },
)  # fmt: skip
INVOICE = Map(
    "invoices", to="invoice", id="id",
    fields={
        "number": text("invoice_number"),
        "job": ref("job_id"),
        "status": choice("status", INVOICE_STATES),
        "issued_on": local_date("invoice_date", "company"),
        "due_on": local_date("due_at", "company"),
        "currency": company_currency(),
        "subtotal": money("subtotal", minor=True),
        "tax": sql(
            "CAST(coalesce(list_sum(CAST(record->>'$.taxes[*].amount' AS BIGINT[])), 0) AS DECIMAL(19, 4)) * 0.01"
        ),
        "total": money("amount", minor=True),
        "balance": money("due_amount", minor=True),
        "lines": json_list(
            "items",
            {
                "item": text("@.name"),
                "description": text("@.description"),
                "quantity": replace(
                    sql("CAST(TRY_CAST(element->>'$.qty_in_hundredths' AS BIGINT) * 0.01 AS DECIMAL(19, 6))"),
                    kind="decimal",
                ),
                "unit_price": money("@.unit_price", minor=True),
                "amount": money("@.amount", minor=True),
            },
        ),
    },
)  # fmt: skip
# An offer has options, of which the customer takes one; how many were declined says nothing while one is open.
_TAKEN = "list_filter(TRY_CAST(record->'$.options' AS JSON[]), one -> ends_with(one->>'$.approval_status', 'approved'))"
_REFUSED = (
    "list_filter(TRY_CAST(record->'$.options' AS JSON[]), one -> ends_with(one->>'$.approval_status', 'declined'))"
)
_ONE = (
    f"CASE WHEN len({_TAKEN}) = 1 THEN {_TAKEN} WHEN len(TRY_CAST(record->'$.options' AS JSON[])) = 1 "
    "THEN TRY_CAST(record->'$.options' AS JSON[]) END"
)
ESTIMATE = Map(
    "estimates", to="estimate", id="id", changed="updated_at",
    fields={
        "number": text("estimate_number"),
        "customer": ref("customer.id"),
        "status": replace(
            sql(
                "CASE WHEN (record->>'$.work_status') IN ('user canceled', 'pro canceled') THEN 'closed' "
                f"WHEN len({_TAKEN}) > 0 THEN 'accepted' "
                f"WHEN len({_REFUSED}) = json_array_length((record->'$.options')) THEN 'declined' ELSE 'sent' END"
            ),
            paths=("work_status", "options.approval_status"),
        ),
        "issued_on": local_date("created_at", "company"),
        "total": replace(
            sql(f"TRY_CAST(list_extract({_ONE}, 1)->>'$.total_amount' AS DECIMAL(19, 4)) * 0.01"),
            paths=("options.total_amount",),
        ),
        "currency": company_currency(),
    },
)  # fmt: skip

MAPS = (CUSTOMER, LOCATION, TECHNICIAN, JOB, APPOINTMENT, ASSIGNMENT, INVOICE, ESTIMATE)

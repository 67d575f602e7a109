"""What the records mean: one codec a field. Facts of the vendor are named by section of its fact sheet (facts.md)."""

from __future__ import annotations

from dataclasses import replace

from connectors.addresses import Address
from connectors.marks import marked_in, unmarked_in
from connectors.servicetitan.dialect import MARKER
from models.fields import (
    Codec,
    choice,
    company_currency,
    company_zone,
    const,
    date_,
    decimal,
    email,
    first,
    flag,
    html_text,
    instant,
    json_list,
    local_time,
    money,
    phone,
    read_only,
    ref,
    sql,
    text,
)
from models.kinds import of_kind
from models.schema import Map

PHONES, MAILS = ("MobilePhone", "Phone"), ("Email",)
VISITS = {"Scheduled": "scheduled", "Dispatched": "en_route", "Working": "started", "Hold": "paused",
          "Done": "completed", "Canceled": "canceled"}  # fmt: skip
JOBS = {"Scheduled": "scheduled", "Dispatched": "scheduled", "InProgress": "in_progress", "Hold": "paused",
        "Completed": "completed", "Canceled": "canceled"}  # fmt: skip
METHODS = {"cash": "cash", "check": "check", "credit card": "card", "ach": "ach"}
STANDING = {"true": "active", "false": "inactive"}

# What was deleted stays, inactive (Deletion).
_GONE = flag("active", inverted=True)
_OURS = replace(
    sql("list_extract(list_filter(TRY_CAST(record->'$.externalData' AS JSON[]), "
        f"one -> (one->>'$.key') = '{MARKER}'), 1)->>'$.value'"),
    paths=("externalData.key", "externalData.value"),
)  # fmt: skip
# One name: a company's, or a person's as the office typed it, "Ann Lee" or "Lee, Ann".
_NAME = "nullif(trim((record->>'$.name')), '')"
_PERSON = f"CASE WHEN (record->>'$.type') = 'Residential' THEN {_NAME} END"
_COMMA = f"contains({_PERSON}, ',')"
_GIVEN = (rf"CASE WHEN {_COMMA} THEN nullif(trim(regexp_extract({_PERSON}, ',(.*)$', 1)), '') "
          rf"ELSE nullif(regexp_replace({_PERSON}, '\s*\S+$', ''), '') END")  # fmt: skip
_FAMILY = (rf"CASE WHEN {_COMMA} THEN nullif(trim(regexp_extract({_PERSON}, '^([^,]*),', 1)), '') "
           rf"ELSE regexp_extract({_PERSON}, '(\S+)$', 1) END")  # fmt: skip
ADDRESS = Address(
    at="address", street="street", further=("unit",), city="city", state="state", postal_code="zip", country="country"
)


def _reached(codec: Codec, kinds: tuple[str, ...]) -> Codec:
    return of_kind("contacts", codec, kind="@.type", kinds=kinds, filled=("@.value",))


CUSTOMER = Map(
    "customers", to="customer", id="id", changed="modifiedOn", core_ref=_OURS, merged=text("mergedToId"),
    instead={"given_name": "company_name", "family_name": "company_name"},  # there is one name
    fields={
        "given_name": sql(_GIVEN),
        "family_name": sql(_FAMILY),
        "company_name": sql(f"CASE WHEN (record->>'$.type') = 'Commercial' THEN {_NAME} END"),
        "email": _reached(email("@.value"), MAILS),
        "phone": _reached(phone("@.value"), PHONES),
        **ADDRESS.fields(),
        "status": read_only(choice("active", STANDING)),
    },
)  # fmt: skip
LOCATION = Map(
    "locations", to="location", id="id", changed="modifiedOn", core_ref=_OURS, merged=text("mergedToId"),
    deleted=_GONE,
    fields={
        "customer": ref("customerId"),
        "name": text("name"),
        **ADDRESS.fields(),
        "latitude": read_only(decimal("address.latitude")),
        "longitude": read_only(decimal("address.longitude")),
    },
)  # fmt: skip
TECHNICIAN = Map(
    "technicians", to="technician", id="id", changed="modifiedOn",
    fields={
        "name": text("name"),
        "given_name": text("firstName"),
        "family_name": text("lastName"),
        "email": email("email"),
        "phone": first(phone("mobilePhone"), phone("phoneNumber")),
        "active": flag("active"),
        "time_zone": company_zone(),
    },
)  # fmt: skip
JOB = Map(
    "jobs", to="job", id="id", changed="modifiedOn", deleted=_GONE,
    fields={
        "number": text("jobNumber"),
        "title": text("jobTypeName"),
        "instructions": html_text("summary"),
        "status": choice("jobStatus", JOBS),
        "customer": ref("customerId"),
        "location": ref("locationId"),
        "total": money("total"),
        "created_at": instant("createdOn"),
        "completed_at": instant("completedOn"),
        "kind": text("jobTypeName"),
    },
)  # fmt: skip
# Appointments have no room for our id but what the technician reads (Idempotency); there it is the last line, in
# whatever case the tenant keeps it.
_SAID = "(record->>'$.specialInstructions')"
APPOINTMENT = Map(
    "appointments", to="appointment", id="id", changed="modifiedOn", deleted=_GONE,
    core_ref=sql(marked_in(_SAID)),
    fields={
        "job": ref("jobId"),
        "title": read_only(text("jobTypeName")),
        "instructions": sql(unmarked_in(_SAID)),
        "status": read_only(choice("status", VISITS)),
        "starts_at": instant("start"),
        "ends_at": instant("end"),
        "starts_local": local_time("start", "company"),
        "ends_local": local_time("end", "company"),
        "time_zone": company_zone(),
        "all_day": const(False),
    },
)  # fmt: skip
ASSIGNMENT = Map(
    "assignments", to="assignment", id="id", changed="modifiedOn", deleted=_GONE,
    fields={"appointment": ref("appointmentId"), "technician": ref("technicianId")},
)  # fmt: skip
ITEM = Map(
    "services", to="item", id="id", changed="modifiedOn",
    fields={
        "name": first(text("displayName"), text("code")),
        "description": html_text("description"),
        "sku": text("code"),
        "unit_price": money("price"),
        "taxable": flag("taxable"),
        "active": flag("active"),
        "kind": const("service"),
    },
)  # fmt: skip
# What the office did not post yet may still change, and asks nobody for money unless it was paid on the spot.
_BALANCE, _TOTAL = (f"TRY_CAST(record->>'$.{name}' AS DECIMAL(19, 4))" for name in ("balance", "total"))
_STATUS = sql(
    f"CASE WHEN (record->>'$.syncStatus') = 'Pending' AND ({_TOTAL} = 0 OR {_BALANCE} <> 0) THEN 'draft' "
    f"WHEN {_BALANCE} = 0 THEN 'paid' ELSE 'open' END"
)
INVOICE = Map(
    "invoices", to="invoice", id="id", changed="modifiedOn", deleted=_GONE,
    takes={"posted": (True,)},  # what the office did not post yet is not marked as exported (Writes)
    fields={
        "number": text("referenceNumber"),
        "customer": ref("customer.id"),
        "job": ref("job.id"),
        "status": _STATUS,
        "issued_on": date_("invoiceDate"),
        "due_on": date_("dueDate"),
        "currency": company_currency(),
        "subtotal": money("subTotal"),
        "tax": money("salesTax"),
        "total": money("total"),
        "memo": html_text("summary"),
        "booked_as": text("exportId"),
        "posted": sql("(record->>'$.syncStatus') IN ('Posted', 'Exported')"),
        "lines": json_list(
            "items",
            {
                "item": text("@.skuName"),
                "description": text("@.description"),
                "quantity": decimal("@.quantity"),
                "unit_price": money("@.price"),
                "amount": money("@.total"),
            },
        ),
    },
)  # fmt: skip
PAYMENT = Map(
    "payments", to="payment", id="id", changed="modifiedOn", deleted=_GONE,
    fields={
        "reference": first(text("checkNumber"), text("referenceNumber")),
        "customer": ref("customer.id"),
        "received_on": date_("date"),
        "amount": money("total"),
        "unapplied": money("unappliedAmount"),
        "currency": company_currency(),
        "method": choice("type", METHODS, other="other"),
        "memo": text("memo"),
        "allocations": json_list("appliedTo", {"invoice": ref("@.appliedTo"), "amount": money("@.appliedAmount")}),
    },
)  # fmt: skip


WRITTEN = ("booked_as",)  # the only field of these that is


def _shown(one: Map) -> Map:
    """The same map of an entity that is otherwise only read."""
    fields = {name: codec if name in WRITTEN else read_only(codec) for name, codec in one.fields.items()}
    return replace(one, fields=fields)


MAPS = (CUSTOMER, LOCATION, APPOINTMENT, ASSIGNMENT, *map(_shown, (TECHNICIAN, JOB, ITEM, INVOICE, PAYMENT)))

"""What the records mean: one codec a field. Facts of the vendor are named by section of its fact sheet (facts.md).

An account with its contact is a customer: the account is who pays, the contact who is spoken to. An account that
is called by its contact's name is a private person. States go by their category, because organisations rename the
labels (Deletion, time, enums, events).
"""

from __future__ import annotations

from dataclasses import replace

from models.days import only_if
from models.fields import (
    choice,
    company_zone,
    const,
    date_,
    email,
    first,
    flag,
    instant,
    local_time,
    money,
    phone,
    read_only,
    ref,
    sql,
    text,
    written_as,
    zone,
)
from models.places import country
from models.schema import Map

MARKER = "Plumbline_Id__c"
TYPES = {
    "Prospect": "lead", "Customer - Direct": "active", "Customer - Channel": "active", "Customer": "active",
}  # fmt: skip
JOB_STATES = {
    "New": "new", "None": "new", "In Progress": "in_progress", "InProgress": "in_progress", "On Hold": "paused",
    "OnHold": "paused", "Cannot Complete": "paused", "CannotComplete": "paused", "Completed": "completed",
    "Closed": "completed", "Canceled": "canceled",
}  # fmt: skip
VISIT_STATES = {
    "Scheduled": "scheduled", "None": "scheduled", "Dispatched": "scheduled", "In Progress": "started",
    "InProgress": "started", "Cannot Complete": "paused", "CannotComplete": "paused", "Completed": "completed",
    "Canceled": "canceled",
}  # fmt: skip

NAMELESS = "-"  # the last name of a contact of whom none is known: the vendor takes no contact without one
_FAMILY = f"nullif(nullif(trim((record->>'$.Contact.LastName')), ''), '{NAMELESS}')"
_PERSON = f"concat_ws(' ', nullif(trim((record->>'$.Contact.FirstName')), ''), {_FAMILY})"
_NAME = "nullif(trim((record->>'$.Name')), '')"
CUSTOMER = Map(
    "accounts", to="customer", id="Id", version="SystemModstamp",
    changed=sql(
        "timezone('UTC', greatest(TRY_CAST((record->>'$.SystemModstamp') AS TIMESTAMPTZ), "
        "TRY_CAST((record->>'$.Contact.SystemModstamp') AS TIMESTAMPTZ)))"
    ),
    core_ref=text(MARKER),
    fields={
        "given_name": text("Contact.FirstName", max=40),
        "family_name": replace(text("Contact.LastName", max=80), read=sql(_FAMILY).read),
        "company_name": sql(f"CASE WHEN {_NAME} <> {_PERSON} THEN {_NAME} END"),
        "email": email("Contact.Email"),
        "phone": first(phone("Phone"), phone("Contact.Phone"), phone("Contact.MobilePhone")),
        "street": text("BillingStreet", max=255),
        "city": text("BillingCity", max=40),
        "state": text("BillingState", max=80),
        "postal_code": text("BillingPostalCode", max=20),
        "country": country("BillingCountry", max=80),
        "status": choice("Type", TYPES, other="active"),
    },
)  # fmt: skip
LOCATION = Map(
    "accounts", to="location", id="Id", changed="SystemModstamp",
    where=sql("nullif(trim((record->>'$.ShippingStreet')), '') IS NOT NULL"),
    fields={
        "customer": read_only(ref("Id")),
        "street": read_only(text("ShippingStreet")),
        "city": read_only(text("ShippingCity")),
        "state": read_only(text("ShippingState")),
        "postal_code": read_only(text("ShippingPostalCode")),
        "country": read_only(country("ShippingCountry")),
    },
)  # fmt: skip
TECHNICIAN = Map(
    "service_resources", to="technician", id="Id",
    fields={
        "name": read_only(text("Name")),
        "given_name": read_only(text("RelatedRecord.FirstName")),
        "family_name": read_only(text("RelatedRecord.LastName")),
        "email": read_only(email("RelatedRecord.Email")),
        "phone": first(read_only(phone("RelatedRecord.MobilePhone")), phone("RelatedRecord.Phone")),
        "active": read_only(flag("IsActive")),
        "time_zone": read_only(zone("RelatedRecord.TimeZoneSidKey")),
    },
)  # fmt: skip
# A work order is done where its account is, unless it says another address.
_SITE = (
    "CASE WHEN (record->>'$.Street') = (record->>'$.Account.ShippingStreet') "
    "AND coalesce((record->>'$.PostalCode'), '') = coalesce((record->>'$.Account.ShippingPostalCode'), '') "
    "THEN (record->>'$.AccountId') END"
)
JOB = Map(
    "work_orders", to="job", id="Id", changed="SystemModstamp", version="SystemModstamp", core_ref=text(MARKER),
    fields={
        "number": read_only(text("WorkOrderNumber")),
        "title": text("Subject", max=255),
        "instructions": text("Description"),
        "status": written_as(choice("StatusCategory", JOB_STATES), "Status"),
        "customer": ref("AccountId"),
        "location": sql(_SITE),
        "total": read_only(money("GrandTotal")),
        "created_at": read_only(instant("CreatedDate")),
        "completed_at": read_only(only_if("StatusCategory", "Completed", instant("EndDate"))),
    },
)  # fmt: skip
_PARENT = sql(  # an appointment of an account or an asset belongs to no job
    "CASE WHEN coalesce((record->>'$.ParentRecordType'), 'WorkOrder') = 'WorkOrder' "
    "THEN (record->>'$.ParentRecordId') END"
)
APPOINTMENT = Map(
    "service_appointments", to="appointment", id="Id", changed="SystemModstamp", version="SystemModstamp",
    core_ref=text(MARKER),
    fields={
        "job": replace(ref("ParentRecordId"), read=_PARENT.read, paths=_PARENT.paths),
        "title": text("Subject", max=255),
        "instructions": text("Description"),
        "status": written_as(choice("StatusCategory", VISIT_STATES), "Status"),
        "starts_at": instant("SchedStartTime"),
        "ends_at": instant("SchedEndTime"),
        "starts_local": local_time("SchedStartTime", "company"),
        "ends_local": local_time("SchedEndTime", "company"),
        "time_zone": company_zone(),
        "all_day": const(False),
        "completed_at": read_only(instant("ActualEndTime")),
    },
)  # fmt: skip
ASSIGNMENT = Map(
    "assigned_resources", to="assignment", id="Id", changed="SystemModstamp",
    fields={
        "appointment": read_only(ref("ServiceAppointmentId")),
        "technician": read_only(ref("ServiceResourceId")),
    },
)  # fmt: skip
_OURS = f"starts_with(coalesce((record->>'$.{MARKER}'), ''), 'asg_')"
# Whole days are midnights in UTC, the last one included; all others are instants.
_SCHEDULE = {
    "starts_at": read_only(only_if("IsAllDayEvent", "false", instant("StartDateTime"))),
    "ends_at": read_only(only_if("IsAllDayEvent", "false", instant("EndDateTime"))),
    "all_day": read_only(flag("IsAllDayEvent")),
    "starts_on": read_only(only_if("IsAllDayEvent", "true", date_("StartDateTime"))),
    "ends_on": read_only(only_if("IsAllDayEvent", "true", date_("EndDateTime"))),
}
ENTRY = Map(
    "events", to="assignment", id="Id", changed="SystemModstamp", version="SystemModstamp", where=sql(_OURS),
    core_ref=text(MARKER),
    fields={
        "title": text("Subject", max=255),
        "instructions": text("Description"),
        **_SCHEDULE,
        "place": text("Location", max=255),
        "technician_email": read_only(email("Owner.Email")),
    },
)  # fmt: skip
BUSY = Map(
    "events", to="busy", id="Id", changed="SystemModstamp",
    where=sql(
        f"NOT {_OURS} AND (record->>'$.ServiceAppointmentId') IS NULL "
        "AND coalesce((record->>'$.IsRecurrence'), 'false') = 'false'"
    ),
    fields={
        "calendar": read_only(email("Owner.Email")),
        "title": read_only(text("Subject")),
        **_SCHEDULE,
        "blocks": sql("coalesce((record->>'$.ShowAs'), 'Busy') <> 'Free'"),
        "kind": sql("CASE WHEN (record->>'$.ShowAs') = 'OutOfOffice' THEN 'out_of_office' ELSE 'event' END"),
        "series": read_only(text("RecurrenceActivityId")),
    },
)  # fmt: skip

MAPS = (CUSTOMER, LOCATION, TECHNICIAN, JOB, APPOINTMENT, ASSIGNMENT, ENTRY, BUSY)

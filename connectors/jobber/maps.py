"""How Jobber's records read as what the business knows: one map for each list, two for visits."""

from __future__ import annotations

from connectors.addresses import Address
from models.days import last_local_date, local_date, only_if
from models.fields import (
    choice,
    company_currency,
    company_zone,
    composed,
    decimal,
    email,
    first,
    flag,
    instant,
    json_list,
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
from models.schema import Map

JOB_STATES = {
    "unscheduled": "new", "upcoming": "scheduled", "today": "scheduled", "late": "scheduled",
    "active": "in_progress", "action_required": "in_progress", "expiring_within_30_days": "in_progress",
    "on_hold": "paused", "requires_invoicing": "completed", "archived": "completed",
}  # fmt: skip
INVOICE_STATES = {
    "draft": "draft", "awaiting_payment": "open", "past_due": "open", "sent_not_due": "open", "bad_debt": "open",
    "paid": "paid",
}  # fmt: skip
METHODS = {
    "CASH": "cash", "CHEQUE": "check", "CREDIT_CARD": "card", "JOBBER_PAYMENTS": "card", "BANK_TRANSFER": "ach",
    "ACH_BANK_PAYMENT": "ach", "E_TRANSFER": "ach",
}  # fmt: skip
ADDRESS = Address(
    street="street1", further=("street2",), city="city", state="province", postal_code="postalCode", country="country"
)

CUSTOMER = Map(
    "clients",
    to="customer",
    id="id",
    changed="updatedAt",
    version="updatedAt",
    core_ref=sql(
        "list_extract(list_filter(record->>'$.customFields[*].valueText', "
        "one -> regexp_full_match(one, 'cus_[0-9a-f]{16}')), 1)"
    ),
    fields={
        "given_name": text("firstName"),
        "family_name": text("lastName"),
        "company_name": text("companyName"),
        "email": written_as(email("emails[primary].address"), "emails.address"),
        "phone": written_as(phone("phones[primary].number"), "phones.number"),
        **ADDRESS.fields("billingAddress"),
        "status": sql(
            "CASE WHEN record->>'$.isArchived' = 'true' THEN 'inactive' WHEN record->>'$.isLead' = 'true' THEN 'lead' "
            "ELSE 'active' END"
        ),
        "tags": sql("list_sort(list_distinct(record->>'$.tags.nodes[*].label'))"),
        "balance": read_only(money("balance")),
        "currency": company_currency(),
    },
)
LOCATION = Map(
    "properties",
    to="location",
    id="id",
    fields={
        "customer": ref("client.id"),
        "name": text("name"),
        **ADDRESS.fields("address"),
        "latitude": decimal("address.coordinates.latitudeString"),
        "longitude": decimal("address.coordinates.longitudeString"),
    },
)
TECHNICIAN = Map(
    "users",
    to="technician",
    id="id",
    fields={
        "name": text("name.full"),
        "given_name": text("name.first"),
        "family_name": text("name.last"),
        "email": email("email.raw"),
        "phone": phone("phone.raw"),
        "active": sql("(record->>'$.status') = 'ACTIVATED'"),
        "time_zone": zone("timezone"),
    },
)
JOB = Map(
    "jobs",
    to="job",
    id="id",
    changed="updatedAt",
    fields={
        "number": text("jobNumber"),
        "title": text("title"),
        "instructions": text("instructions"),
        "status": choice("jobStatus", JOB_STATES),
        "customer": ref("client.id"),
        "location": ref("property.id"),
        "total": money("total"),
        "created_at": instant("createdAt"),
        "completed_at": instant("completedAt"),
    },
)
APPOINTMENT = Map(
    "visits",
    to="appointment",
    id="id",
    fields={
        "job": read_only(ref("job.id")),
        "title": text("title"),
        "instructions": text("instructions"),
        "status": read_only(choice("visitStatus", {"COMPLETED": "completed"}, other="scheduled")),
        # An all-day visit is a date: its midnights are no times at which anybody starts or ends.
        "starts_at": only_if("allDay", "false", instant("startAt")),
        "ends_at": only_if("allDay", "false", instant("endAt")),
        "starts_local": only_if("allDay", "false", local_time("startAt", "company")),
        "ends_local": only_if("allDay", "false", local_time("endAt", "company")),
        "time_zone": company_zone(),
        "all_day": flag("allDay"),
        "starts_on": only_if("allDay", "true", local_date("startAt", "company")),
        "ends_on": only_if("allDay", "true", last_local_date("startAt", "endAt", "company")),
        "completed_at": read_only(instant("completedAt")),
    },
)
ASSIGNMENT = Map(
    "visits",
    to="assignment",
    id=composed("id", "@.id"),
    each="assignedUsers.nodes",
    fields={"appointment": ref("id"), "technician": ref("@.id")},
)
INVOICE = Map(
    "invoices",
    to="invoice",
    id="id",
    changed="updatedAt",
    fields={
        "number": text("invoiceNumber"),
        "customer": ref("client.id"),
        "job": ref("jobs.nodes[0].id"),
        "status": choice("invoiceStatus", INVOICE_STATES),
        "issued_on": local_date("issuedDate", "company"),
        "due_on": local_date("dueDate", "company"),
        "currency": company_currency(),
        "subtotal": money("amounts.subtotal"),
        "tax": money("amounts.taxAmount"),
        "total": money("amounts.total"),
        "balance": money("amounts.invoiceBalance"),
        "memo": text("message"),
        "lines": json_list(
            "lineItems.nodes",
            {
                "item": text("@.linkedProductOrService.name"),
                "description": first(text("@.description"), text("@.name")),
                "quantity": decimal("@.quantity"),
                "unit_price": money("@.unitPrice"),
                "amount": money("@.totalPrice"),
            },
        ),
    },
)
PAYMENT = Map(
    "payment_records",
    to="payment",
    id="id",
    # The ledger also holds invoices, refunds, corrections and write-offs; only these are money received.
    where=sql("record->>'$.adjustmentType' IN ('PAYMENT', 'DEPOSIT')"),
    fields={
        "reference": first(text("checkNumber"), text("confirmationNumber"), text("transactionId")),
        "customer": ref("client.id"),
        "received_on": local_date("entryDate", "company"),
        "amount": money("amount"),
        "unapplied": sql(
            "CASE WHEN record->>'$.invoice.id' IS NULL THEN TRY_CAST(record->>'$.amount' AS DECIMAL(19, 4)) ELSE 0 END"
        ),
        "currency": company_currency(),
        "method": choice("paymentType", METHODS, other="other"),
        "memo": text("details"),
        "allocations": sql(
            "CASE WHEN record->>'$.invoice.id' IS NOT NULL THEN json_array(json_object('invoice', "
            "record->>'$.invoice.id', 'amount', "
            "CAST(TRY_CAST(record->>'$.amount' AS DECIMAL(19, 4)) AS VARCHAR))) END"
        ),
    },
)
ITEM = Map(
    "products",
    to="item",
    id="id",
    fields={
        "name": text("name"),
        "description": text("description"),
        "unit_price": money("defaultUnitCost"),
        "taxable": flag("taxable"),
        "active": flag("visible"),
        "kind": choice("category", {"SERVICE": "service", "PRODUCT": "product"}, other="other"),
    },
)

MAPS = (CUSTOMER, LOCATION, TECHNICIAN, ITEM, JOB, APPOINTMENT, ASSIGNMENT, INVOICE, PAYMENT)

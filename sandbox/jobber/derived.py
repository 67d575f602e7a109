"""Fields that the vendor works out from other records or from the time of day: balances, totals and states.

The states' names are the vendor's enumerations (facts, "Enumerations"); how they follow from dates and visits is
how its web interface shows them: late before today before upcoming, everything done means to be invoiced.
"""

# ruff: noqa: ARG001, ARG005 - every field and mutation answers by one signature
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.jobber.identity import web_address
from sandbox.jobber.moments import instant, local_day, money, number, stamp
from sandbox.jobber.view import Context

Record = dict[str, Any]
Args = dict[str, Any]

_STAYING_JOB_STATES = frozenset({"archived", "on_hold", "action_required", "expiring_within_30_days"})
_STAYING_INVOICE_STATES = frozenset({"draft", "bad_debt"})


def visit_status(visit: Record, context: Context, args: Args) -> str:
    """VisitStatusTypeEnum by calendar day in the ``timezone`` asked for, else the account's."""
    if visit["isComplete"]:
        return "COMPLETED"
    if not visit["startAt"]:
        return "UNSCHEDULED"
    zone = args.get("timezone") or context.zone
    today = local_day(stamp(context.now), zone)
    if local_day(visit["endAt"] or visit["startAt"], zone) < today:
        return "LATE"
    return "TODAY" if local_day(visit["startAt"], zone) <= today else "UPCOMING"


def job_status(job: Record, context: Context, args: Args) -> str:
    """JobStatusTypeEnum: what a person set stays, a closed job asks to be invoiced, an open one shows its visits."""
    if job["jobStatus"] in _STAYING_JOB_STATES:
        return str(job["jobStatus"])
    prompted = job["invoiceSchedule"]["billingFrequency"] != "NEVER" and job_totals(job, context)[2] > 0
    if job["completedAt"]:
        return "requires_invoicing" if prompted else "archived"
    visits = visits_of_job(job, context, {})
    states = {visit_status(visit, context, {}) for visit in visits}
    if states == {"COMPLETED"}:
        return "requires_invoicing" if prompted else "action_required"
    for state in ("LATE", "TODAY", "UPCOMING"):
        if state in states:
            return state.lower()
    return "unscheduled"


def job_totals(job: Record, context: Context) -> tuple[Decimal, Decimal, Decimal]:
    """(total, invoiced, not yet invoiced) in account currency; drafts count as invoiced."""
    total = sum((money(line["totalPrice"]) for line in job["lineItems"]["nodes"]), Decimal(0))
    invoices = context.pointing("invoices", "jobs", job["id"])
    invoiced = sum((money(invoice["amounts"]["subtotal"]) for invoice in invoices), Decimal(0))
    return total, invoiced, max(total - invoiced, Decimal(0))


def visits_of_job(job: Record, context: Context, args: Args) -> list[Record]:
    return context.pointing("visits", "job", job["id"])


def payments_of_invoice(invoice: Record, context: Context, args: Args) -> list[Record]:
    return context.pointing("payment_records", "invoice", invoice["id"])


def invoice_amounts(invoice: Record, context: Context, args: Args) -> Record:
    """InvoiceAmounts with what was paid; the balance never says less than nothing is due for bad debt."""
    paid = sum((money(one["amount"]) for one in payments_of_invoice(invoice, context, {})), Decimal(0))
    sums = invoice["amounts"]
    open_ = money(sums["total"]) - paid - money(sums["discountAmount"]) - money(sums["depositAmount"])
    written_off = invoice["invoiceStatus"] == "bad_debt"
    return {**sums, "paymentsTotal": number(paid), "invoiceBalance": 0.0 if written_off else number(open_)}


def invoice_status(invoice: Record, context: Context, args: Args) -> str:
    """InvoiceStatusTypeEnum: drafts and bad debt stay, the rest follows from the balance and the due date."""
    if invoice["invoiceStatus"] in _STAYING_INVOICE_STATES:
        return str(invoice["invoiceStatus"])
    if invoice["receivedDate"] or invoice_amounts(invoice, context, {})["invoiceBalance"] <= 0:
        return "paid"
    due = invoice["dueDate"]
    overdue = due and local_day(due, context.zone) < local_day(stamp(context.now), context.zone)
    return "past_due" if overdue else "awaiting_payment"


def received_date(invoice: Record, context: Context, args: Args) -> str | None:
    """The day of the payment that settled the invoice."""
    received: str | None = invoice["receivedDate"]
    if received or invoice_status(invoice, context, {}) != "paid":
        return received
    return max((one["entryDate"] for one in payments_of_invoice(invoice, context, {})), default=None)


def client_balance(client: Record, context: Context, args: Args) -> float:
    """What is still due on this client's invoices that have been sent."""
    sent = [one for one in context.pointing("invoices", "client", client["id"]) if one["invoiceStatus"] != "draft"]
    due = sum((money(invoice_amounts(one, context, {})["invoiceBalance"]) for one in sent), Decimal(0))
    return number(due)


def _is_archivable(client: Record, context: Context, args: Args) -> bool:
    jobs = context.pointing("jobs", "client", client["id"])
    return not client["isArchived"] and all(job["jobStatus"] == "archived" for job in jobs)


def _primary(key: str, part: str) -> Callable[[Record, Context, Args], str | None]:
    def pick(client: Record, context: Context, args: Args) -> str | None:
        ranked = sorted(client[key], key=lambda one: not one["primary"])
        return str(ranked[0][part]) if ranked else None

    return pick


def _scheduled_edge(key: str, choose: Callable[..., str]) -> Callable[[Record, Context, Args], str | None]:
    """A job spans its scheduled visits; without any it keeps the dates that it was created with."""

    def pick(job: Record, context: Context, args: Args) -> str | None:
        stamps = [visit[key] for visit in visits_of_job(job, context, {}) if visit[key]]
        return choose(stamps) if stamps else job[key]

    return pick


def _total(place: int) -> Callable[[Record, Context, Args], float]:
    return lambda job, context, args: number(job_totals(job, context)[place])


def _balance_totals(job: Record, context: Context, args: Args) -> Record:
    invoices = context.pointing("invoices", "jobs", job["id"])
    due = sum((money(invoice_amounts(one, context, {})["invoiceBalance"]) for one in invoices), Decimal(0))
    return {"outstandingAmount": number(due), "totalAmount": number(job_totals(job, context)[0])}


def _visits_info(job: Record, context: Context, args: Args) -> Record:
    visits = visits_of_job(job, context, {})
    starts = sorted(visit["startAt"] for visit in visits if visit["startAt"])
    past = [start for start in starts if instant(start) <= context.now]
    return {
        "futureCount": len(starts) - len(past),
        "incompleteTotal": sum(not visit["isComplete"] for visit in visits),
        "mostRecentVisitStartAt": past[-1] if past else None,
        "pastCount": len(past),
        "scheduledCount": len(starts),
        "unscheduledCount": len(visits) - len(starts),
    }


def _is_last_scheduled(visit: Record, context: Context, args: Args) -> bool:
    siblings = context.pointing("visits", "job", visit["job"]["id"])
    return visit["startAt"] is not None and visit["startAt"] == max(one["startAt"] or "" for one in siblings)


def _is_billing_address(place: Record, context: Context, args: Args) -> bool:
    client = context.get("clients", place["client"]["id"])
    billing: Record | None = client["billingAddress"] if client else None
    keys = ("street1", "city", "postalCode")
    return billing is not None and all((billing[key] or "") == (place["address"][key] or "") for key in keys)


def _pointing(collection: str, key: str) -> Callable[[Record, Context, Args], list[Record]]:
    return lambda record, context, args: context.pointing(collection, key, record["id"])


def _payments_of_job(job: Record, context: Context, args: Args) -> list[Record]:
    invoices = context.pointing("invoices", "jobs", job["id"])
    return [payment for one in invoices for payment in payments_of_invoice(one, context, {})]


def _lines_of_visit(visit: Record, context: Context, args: Args) -> list[Record]:
    job = context.get("jobs", visit["job"]["id"])
    lines: list[Record] = job["lineItems"]["nodes"] if job else []
    return lines


def _line_tax_rate(line: Record, context: Context, args: Args) -> Record | None:
    return line.get("taxRate") or next(iter(context.all("tax_rates")), None)


def _owner_of(key: str) -> Callable[[Record, Context, Args], Record | None]:
    """The client that an e-mail address or a phone number belongs to."""

    def find(part: Record, context: Context, args: Args) -> Record | None:
        return next((one for one in context.all("clients") if any(own["id"] == part["id"] for own in one[key])), None)

    return find


def _web(kind: str) -> Callable[[Record, Context, Args], str]:
    return lambda record, context, args: web_address(kind, record["id"])


DERIVED: dict[tuple[str, str], Callable[[Record, Context, Args], Any]] = {
    ("Client", "balance"): client_balance,
    ("Client", "billingAddressPresent"): lambda client, context, args: client["billingAddress"] is not None,
    ("Client", "clientProperties"): _pointing("properties", "client"),
    ("Client", "defaultEmails"): lambda client, context, args: [o["address"] for o in client["emails"] if o["primary"]],
    ("Client", "email"): _primary("emails", "address"),
    ("Client", "invoices"): _pointing("invoices", "client"),
    ("Client", "isArchivable"): _is_archivable,
    ("Client", "jobberWebUri"): _web("Client"),
    ("Client", "jobs"): _pointing("jobs", "client"),
    ("Client", "phone"): _primary("phones", "number"),
    ("ClientPhoneNumber", "client"): _owner_of("phones"),
    ("Email", "client"): _owner_of("emails"),
    ("Invoice", "amounts"): invoice_amounts,
    ("Invoice", "invoiceStatus"): invoice_status,
    ("Invoice", "jobberWebUri"): _web("Invoice"),
    ("Invoice", "paymentRecords"): payments_of_invoice,
    ("Invoice", "receivedDate"): received_date,
    ("InvoiceLineItem", "taxRate"): _line_tax_rate,
    ("Job", "defaultVisitTitle"): lambda job, context, args: job["title"] or "Visit",
    ("Job", "endAt"): _scheduled_edge("endAt", max),
    ("Job", "invoicedTotal"): _total(1),
    ("Job", "jobBalanceTotals"): _balance_totals,
    ("Job", "jobStatus"): job_status,
    ("Job", "jobberWebUri"): _web("Job"),
    ("Job", "paymentRecords"): _payments_of_job,
    ("Job", "startAt"): _scheduled_edge("startAt", min),
    ("Job", "total"): _total(0),
    ("Job", "uninvoicedTotal"): _total(2),
    ("Job", "visitsInfo"): _visits_info,
    ("Property", "isBillingAddress"): _is_billing_address,
    ("Property", "jobberWebUri"): _web("Property"),
    ("Property", "jobs"): _pointing("jobs", "property"),
    ("User", "account"): lambda user, context, args: next(iter(context.all("account")), None),
    ("Visit", "isLastScheduledVisit"): _is_last_scheduled,
    ("Visit", "lineItems"): _lines_of_visit,
    ("Visit", "visitStatus"): visit_status,
}

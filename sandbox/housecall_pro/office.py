"""What is read and hardly written: the account, its people, invoices, estimates, and the switch for webhooks."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.housecall_pro.dialect import MOST, Call, answer, paged
from sandbox.housecall_pro.jobs import passes
from sandbox.housecall_pro.shapes import ACCOUNT, COMPANY_ID, instant, shown_invoice
from sandbox.store import Record

INVOICE_SORTS = (
    "amount", "created_at", "due_amount", "due_at", "invoice_number", "paid_at", "sent_at", "status", "updated_at",
)  # fmt: skip


def company(call: Call) -> Response:
    return answer(call.found(ACCOUNT, "company"))


def application(_call: Call) -> Response:
    return answer({"name": "Plumbline", "state": "enabled", "organization_id": COMPANY_ID})


def subscribed(call: Call) -> Response:
    """POST or DELETE /webhooks/subscription: the address and secret stand in the app's settings."""
    call.store.bag["webhooks"] = call.request.method == "POST"
    return answer({})


def employees(call: Call) -> Response:
    return paged(call, "employees", call.store.all("employees"), sorts=("created_at", "id", "first_name", "last_name"))


def invoices(call: Call) -> Response:
    """GET /invoices with the filters that the vendor documents; one sorts by stamps that are not shown."""
    rows = [one for one in call.store.all("invoices") if _passes(call, one)]
    return paged(call, "invoices", rows, sorts=INVOICE_SORTS, shown=shown_invoice)


def invoice(call: Call) -> Response:
    return answer(shown_invoice(call.found("invoices", call.part("id"))))


def invoices_of_job(call: Call) -> Response:
    job = call.found("jobs", call.part("id"))
    found = [shown_invoice(one) for one in call.store.all("invoices") if one["job_id"] == job["id"]]
    return answer({"invoices": [{name: v for name, v in one.items() if name != "job_id"} for one in found[:MOST]]})


def estimates(call: Call) -> Response:
    rows = [one for one in call.store.all("estimates") if passes(call, one)]
    return paged(call, "estimates", rows, sorts=("created_at", "updated_at", "id"))


def estimate(call: Call) -> Response:
    return answer(call.found("estimates", call.part("id")))


def _passes(call: Call, one: Record) -> bool:
    statuses, whose = call.many("status"), call.many("customer_uuid")
    spans = [(one.get(name), f"{name}_{side}", side) for name in ("created_at", "due_at", "paid_at")
             for side in ("min", "max")]  # fmt: skip
    return (
        (not statuses or one["status"] in statuses)
        and (not whose or one["customer_id"] in whose)
        and all(_within(call, value, name, side) for value, name, side in spans)
        and call.number("amount_due_min", 0) <= one["due_amount"] <= call.number("amount_due_max", 10**12)
    )


def _within(call: Call, value: str | None, name: str, side: str) -> bool:
    given = call.one(name)
    if given is None or value is None:
        return given is None
    bound, moment = instant(call.store, given, name), instant(call.store, value, name)
    return moment >= bound if side == "min" else moment <= bound

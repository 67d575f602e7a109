"""What Housecall Pro tells by itself, and how we know that it did (facts, "Webhooks")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.hooks import Delivery, Hooks, naming
from connectors.signatures import code, match, shown

SYSTEM = "housecall_pro"
SIGNATURE, STAMP, PREFIX = "api-signature", "api-timestamp", "sha256="
# The member of a payload that carries the record -> our resource.
RECORDS = {
    "customer": "customers", "job": "jobs", "estimate": "estimates", "invoice": "invoices", "employee": "employees",
    "pro": "employees",
}  # fmt: skip
EVENTS = (
    *(f"customer.{what}" for what in ("created", "updated", "deleted")),
    *(f"job.{what}" for what in (
        "created", "updated", "scheduled", "on_my_way", "started", "completed", "canceled", "deleted", "paid")),
    *(f"job.appointment.{what}" for what in (
        "scheduled", "rescheduled", "appointment_discarded", "appointment_pros_assigned",
        "appointment_pros_unassigned")),
    *(f"estimate.{what}" for what in ("created", "completed", "copied_to_job", "on_my_way", "scheduled", "sent")),
    *(f"invoice.{what}" for what in ("created", "sent", "paid", "refund.succeeded")),
    "employee.created",
)  # fmt: skip


def verify(secret: str, delivery: Delivery) -> None:
    """Signed are the timestamp's header and the raw body. Unauthorized when that does not hold."""
    stamp, given = shown(SYSTEM, delivery, STAMP), shown(SYSTEM, delivery, SIGNATURE)
    match(SYSTEM, [given.removeprefix(PREFIX)], code(secret, f"{stamp}.".encode() + delivery.body))


def named(payload: Any) -> Iterator[tuple[str, str]]:
    """The record that stands in the payload; an appointment's is its job. TypeError when it is no event."""
    if not isinstance(payload["event"], str):
        raise TypeError("no event")
    for name, resource in RECORDS.items():
        if isinstance(payload.get(name), Mapping) and payload[name].get("id"):
            yield resource, str(payload[name]["id"])
    visit = payload.get("appointment")
    if isinstance(visit, Mapping) and visit.get("job_id"):
        yield "jobs", str(visit["job_id"])


# No form of the timestamp is documented and no age that is tolerated, so a delivery's age is not judged.
HOOKS = Hooks(events=EVENTS, touched=naming(SYSTEM, named), verify=verify, signature=SIGNATURE)

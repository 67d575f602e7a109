"""What Housecall Pro tells by itself, and how we know that it did (facts, "Webhooks")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.hooks import Delivery, Hooks, Touched
from connectors.signatures import code, match, shown
from models.errors import Rejected

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


def touched(_: Mapping[str, str], body: bytes) -> Touched:
    """The record that stands in the payload; an appointment's is its job."""
    payload = _payload(body)
    found = [
        (resource, str(payload[name]["id"]))
        for name, resource in RECORDS.items()
        if isinstance(payload.get(name), Mapping) and payload[name].get("id")
    ]
    visit = payload.get("appointment")
    if isinstance(visit, Mapping) and visit.get("job_id"):
        found.append(("jobs", str(visit["job_id"])))
    return list(dict.fromkeys(found))


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, Mapping) or not isinstance(payload.get("event"), str):
        said = "a webhook delivery is no event of this vendor"
        raise Rejected(SYSTEM, f"{said}; let its app settings alone call this address")
    return payload


# No form of the timestamp is documented and no age that is tolerated, so a delivery's age is not judged.
HOOKS = Hooks(events=EVENTS, touched=touched, verify=verify, signature=SIGNATURE)

"""The mutations by name; a refusal becomes ``userErrors`` beside empty results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.jobber import client_writes, invoice_writes, job_writes, visit_writes
from sandbox.jobber.reading import GRAPHQL_PATH
from sandbox.jobber.refusals import Refused
from sandbox.jobber.view import Context
from sandbox.respelling import Members, respelled

Record = dict[str, Any]
Mutation = Callable[[Record, Context, dict[str, Any]], Record]

# Lists that a payload never leaves null, also when nothing was made.
_RESPELT = Members(
    texts=frozenset({"firstName", "lastName", "companyName", "street1", "street2", "city", "title"}),
    notes=frozenset({"instructions", "message"}),
    phones=frozenset({"number"}),
    amounts=frozenset({"unitPrice"}),
    lists=frozenset({"tagsToAdd"}),
)
_EMPTY: Record = {"properties": [], "createdVisits": []}


def _answering(mutation: Mutation) -> Mutation:
    def run(root: Record, context: Context, args: dict[str, Any]) -> Record:
        try:
            return {**_EMPTY, "userErrors": [], **mutation(root, context, _respelt(context, args))}
        except Refused as refused:
            return {**_EMPTY, "userErrors": refused.user_errors}

    return run


def _respelt(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a mutation's arguments: themselves, or under ``rewritten_values`` its form, else trimmed."""
    fault = context.store.faults.take("rewritten_values", "POST", GRAPHQL_PATH)
    if fault is None:
        return args
    spelt: dict[str, Any] = respelled(args, fault.form or "trim", _RESPELT)
    return spelt


MUTATIONS: dict[str, Mutation] = {
    name: _answering(mutation)
    for name, mutation in {
        "clientCreate": client_writes.client_create,
        "clientEdit": client_writes.client_edit,
        "clientArchive": client_writes.client_archive,
        "clientUnarchive": client_writes.client_unarchive,
        "clientCreateNote": client_writes.client_create_note,
        "propertyCreate": client_writes.property_create,
        "propertyEdit": client_writes.property_edit,
        "jobCreate": job_writes.job_create,
        "jobEdit": job_writes.job_edit,
        "jobClose": job_writes.job_close,
        "jobReopen": job_writes.job_reopen,
        "jobCreateNote": job_writes.job_create_note,
        "visitCreate": visit_writes.visit_create,
        "visitEdit": visit_writes.visit_edit,
        "visitEditSchedule": visit_writes.visit_edit_schedule,
        "visitEditAssignedUsers": visit_writes.visit_edit_assigned_users,
        "visitComplete": visit_writes.visit_complete,
        "visitUncomplete": visit_writes.visit_uncomplete,
        "visitDelete": visit_writes.visit_delete,
        "appointmentEditSchedule": visit_writes.appointment_edit_schedule,
        "invoiceCreate": invoice_writes.invoice_create,
        "invoiceEdit": invoice_writes.invoice_edit,
        "invoiceMarkAsSent": invoice_writes.invoice_mark_as_sent,
    }.items()
}

"""Invoices and the batches in which they are posted and exported: what is in a closed one stays as it is (Writes)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.servicetitan.changes import keep
from sandbox.servicetitan.dialect import Call, answer, instant, problem, stamp
from sandbox.store import Record

POSTED, EXPORTED = "Posted", "Exported"


def patched(call: Call) -> Response:
    """PATCH invoices/{id}: refused once its batch is posted (the message is not documented)."""
    record, sent = call.found("invoices", call.id()), call.sent()
    if record["syncStatus"] in (POSTED, EXPORTED):
        said = f"The invoice belongs to batch {record['batch']['number']}, which is closed"
        raise problem(400, "Validation failed", batch=said)
    changed = {there: sent[here] for here, there in (("number", "referenceNumber"), ("summary", "summary"))
               if here in sent}  # fmt: skip
    if sent.get("dueDate") is not None:
        changed["dueDate"] = stamp(instant(sent["dueDate"], "dueDate"))
    keep(call.store, "invoices", record | changed)
    return answer()


def marked(call: Call) -> Response:
    """POST invoices/markasexported: each by itself, and one that is refused says so in an answer of 200."""
    return answer([_mark(call, one) for one in call.sent(list)])


def _mark(call: Call, sent: Any) -> Record:
    id = sent.get("invoiceId") if isinstance(sent, dict) else None
    if not isinstance(id, int):
        raise problem(400, invoiceId="The invoiceId field is required.")
    record, external = call.store.get("invoices", str(id)), sent.get("externalId")
    said = _refusal(record, external)
    if said is None and record is not None:
        keep(call.store, "invoices", record | {"syncStatus": EXPORTED, "exportId": external})
    return {"invoiceId": id, "success": said is None, "errorMessage": said}


def _refusal(record: Record | None, external: Any) -> str | None:
    if record is None or not record["active"]:
        return "Invoice was not found"
    if record["syncStatus"] == "Pending":
        return "Invoice is not posted"
    if record["syncStatus"] == EXPORTED and record["exportId"] != external:
        return f"Invoice was exported already with batch {record['batch']['number']}, which is closed"
    return None

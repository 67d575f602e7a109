"""Marking invoices as exported: the office's batches are closed once the books have what is in them (Writes)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.answers import part
from connectors.batches import fetch_one
from connectors.servicetitan.dialect import by_ids, refusal, send
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Rejected, SystemFailure, Transient

PLACE = "accounting/invoices"
_NOT_POSTED = re.compile(r"\bnot\b.*\bposted\b", re.IGNORECASE)


def book(api: Api, out: Outgoing) -> Written:
    """Say under which id the invoice stands in the books; a refusal stands in an answer of 200."""
    id, booked = str(out.change.target_id), out.record.get("exportId")
    if not booked:
        raise Rejected(api.system, f"invoice {id} cannot be made unexported; open its batch again there")
    told = send(api, "POST", f"{PLACE}/markasexported", [{"invoiceId": int(id), "externalId": booked}])
    answer: Record = next((one for one in told if str(part(api, one, "invoiceId")) == id), {})
    if not part(api, answer, "success"):
        raise _refused(api, id, str(answer.get("errorMessage")))
    return Written(id=id)


def fetch_many(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Invoices as they are now; inactive ones are gone."""
    found = by_ids(api, PLACE, ids, activeState="ActiveOnly")
    return {str(one["id"]): Written(id=str(one["id"]), record=one) for one in found}


fetch = fetch_one(fetch_many)


def _refused(api: Api, id: str, said: str) -> SystemFailure:
    """What is in no posted batch waits; what is in a closed one waits too, as everything in a closed period."""
    if _NOT_POSTED.search(said):
        return Transient(api.system, f"invoice {id}: {said}; it waits until the office posts its batch")
    return refusal(api.system, f"invoice {id}: {said}")

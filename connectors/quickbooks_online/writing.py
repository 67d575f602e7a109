"""What all writes share: request ids against doubles, SyncTokens against blind overwrites.

Every write has a request id: a repeat is answered with the first reply (facts, Idempotency). But accounts exist in
which a repeat made a second payment. A create is therefore sent once; when its answer is lost, ``find`` looks for the
natural key and our marker before anything is sent again. An update is sent again at once: where its request id is
ignored, its SyncToken is stale.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.answers import in_doubt, part, planned_version
from connectors.quickbooks_online.dialect import MINOR_VERSION, ask, place
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Gone


def written(record: Record) -> Written:
    """A record of the books as the outcome of a write."""
    return Written(id=str(record["Id"]), version=record["SyncToken"], record=record)


def request_id(out: Outgoing) -> str:
    """What the books know a write by: its key, and the version that it changes. At most 50 characters (facts).

    The version is part of it because a change that was refused as stale is sent again against the next one.
    """
    return "-".join(filter(None, (out.key, out.change.version)))


def save(api: Api, entity: str, body: Record, *, requestid: str, repeatable: bool = False, **params: str) -> Written:
    """POST one record: a create without Id, an update with Id and SyncToken."""
    address = place(api, entity.lower())
    params |= {"minorversion": str(MINOR_VERSION), "requestid": requestid}
    answer = api.request("POST", address, params=params, json=body, repeatable=repeatable).json()
    with in_doubt(api, f"POST {address}"):
        return written(part(api, answer, entity))


def guard(out: Outgoing) -> dict[str, Any]:
    """The head of a change: Id and the SyncToken that it was planned against. Stale when none is known."""
    return {"Id": out.change.target_id, "SyncToken": planned_version(out.change)}


def fetch(api: Api, entity: str, id: str) -> Written | None:
    """One record read by itself: a SyncToken from a list may be an old one."""
    try:
        return written(part(api, ask(api, f"{entity.lower()}/{quote(id, safe='')}"), entity))
    except Gone:
        return None

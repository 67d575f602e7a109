"""How Salesforce is spoken to: statements and their pages, ids in statements, instants, and what a refusal means.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.answers import part
from connectors.batches import chunks
from connectors.paging import token_pages
from connectors.queries import quoted
from connectors.spec import Api, Record
from models.errors import Gone, Rejected, Stale, SystemFailure, Throttled, Transient

DATA = "/services/data/v59.0"
AT_ONCE = 400  # ids in one statement: an address stays below 16 kB (Reads)
WAITING = ("UploadComplete", "InProgress")  # states of a bulk job that is at work (Writes)
POLL = 5.0  # seconds between two looks at one

_FIELDS = "name the organisation's own fields in `fields` of the stack, or let our user see them"
_REPLICATION = "the position is too old; all is read again"
# What a code means where its status does not say it, and what to do (Limits and errors; Incremental reads).
MEANINGS: Mapping[str, tuple[type[SystemFailure], str]] = {
    "REQUEST_LIMIT_EXCEEDED": (Throttled, "the day's calls are used up; a later run goes on"),
    "UNABLE_TO_LOCK_ROW": (Transient, "somebody else is writing to it; try again"),
    "INVALID_QUERY_LOCATOR": (Transient, "the list was not read in time; read it again"),
    "INVALID_REPLICATION_DATE": (Gone, _REPLICATION),
    "EXCEEDED_ID_LIMIT": (Gone, "too much changed to be told by id; all is read again"),
    "ENTITY_IS_DELETED": (Gone, "it was deleted there"),
    "INVALID_CROSS_REFERENCE_KEY": (Gone, "it, or what it refers to, is not there any more"),
    "DUPLICATE_VALUE": (Stale, "another record has this value already"),
    "INVALID_FIELD": (Rejected, _FIELDS),
    "INVALID_TYPE": (Rejected, "switch the feature on there, or set `field_service: false` in the stack"),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        Rejected,
        "name the organisation's own values in `values` of the stack",
    ),
}


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> SystemFailure | None:
    """What an answer means where its status alone does not say (Limits and errors); None: the status decides."""
    if status == 300:
        return Rejected(system, "several records there carry the same external id; leave it to one of them")
    if isinstance(body, Mapping) and body.get("jobType") == "V2Ingest" and body.get("state") in WAITING:
        return Transient(system, f"its bulk job {body.get('id')} is still at work", POLL)
    first = body[0] if isinstance(body, list) and body and isinstance(body[0], Mapping) else {}
    code = str(first.get("errorCode") or "")
    return refusal(system, code, str(first.get("message"))) if status >= 400 and code in MEANINGS else None


def refusal(system: str, code: str, message: str) -> SystemFailure:
    """The error that a code means, for a call or for one row of many."""
    kind, remedy = MEANINGS.get(code, (Rejected, "correct the record"))
    said = f"{' '.join(message.split())[:300]} ({code}); {remedy}"
    return Throttled(system, said, 3600.0) if kind is Throttled else kind(system, said)


def left(headers: Mapping[str, str]) -> int | None:
    """Calls that are left of the day: ``Sforce-Limit-Info: api-usage=891/15000`` (Limits and errors)."""
    _, _, told = headers.get("sforce-limit-info", "").partition("api-usage=")
    used, _, most = told.partition(";")[0].strip().partition("/")
    return max(0, int(most) - int(used)) if used.isdigit() and most.isdigit() else None


def rows(api: Api, statement: str, *, bin: bool = False) -> Iterator[Sequence[Record]]:
    """Pages of what a statement finds, deleted records too with ``bin``. Transient when some of them are missing."""
    total, seen = 0, 0

    def page(path: str | None) -> tuple[Sequence[Record], str | None]:
        nonlocal total
        first = f"{DATA}/{'queryAll' if bin else 'query'}"
        body = api.request("GET", path or first, params=None if path else {"q": statement}).json()
        total = int(part(api, body, "totalSize"))
        return part(api, body, "records"), None if part(api, body, "done") else part(api, body, "nextRecordsUrl")

    for found in token_pages(page, system=api.system):
        seen += len(found)
        yield found
    if seen < total:
        raise Transient(api.system, f"a query that finds {total} records showed {seen} of them; read it again")


def among(api: Api, statement: str, ids: Sequence[str], *, bin: bool = False) -> Iterator[Record]:
    """What a statement finds of many ids, some at a time; ``{ids}`` in it stands for them."""
    for some in chunks(ids, AT_ONCE):
        for found in rows(api, statement.replace("{ids}", ", ".join(map(quoted, some))), bin=bin):
            yield from found

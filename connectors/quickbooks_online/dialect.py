"""How the books are spoken to: addresses, the query language, lists, changes, and what a Fault means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.answers import part
from connectors.errors import sentence, throttled
from connectors.queries import quoted
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import (
    Ambiguous,
    ClosedPeriod,
    Gone,
    NumberTaken,
    Rejected,
    Stale,
    SystemFailure,
    Transient,
    Unauthorized,
)

MINOR_VERSION = 75
PAGE = 1000  # the most that a query gives at once, and that a change reply holds (facts, Query endpoint and CDC)
# Changes can be asked for 30 days back (facts, CDC); the hour is for clocks that disagree.
LOOK_BACK = timedelta(days=30, hours=-1)
OVERLAP = timedelta(minutes=5)
PAUSE = 60.0  # seconds to wait when throttled; the answer itself does not say (facts, Limits)
# Lists whose inactive members show only when asked for (facts, Query endpoint).
DEACTIVATED = frozenset({"Customer", "Item"})


class Taken(Rejected):
    """A name that something else in the books has already."""


# Code of the first error -> what it means and what to do (facts, Errors).
MEANINGS: Mapping[str, tuple[type[SystemFailure], str]] = {
    "120": (Unauthorized, "connect it again with a user who may do this"),
    "610": (Gone, "it was removed or made inactive there"),
    "3100": (Unauthorized, "these credentials belong to another environment or company; check realm_id"),
    "3200": (Unauthorized, "connect the company again and put its new credentials into the stack"),
    "5010": (Stale, "read the record again and merge before writing"),
    "6140": (NumberTaken, "give one of the two documents another number"),
    "6190": (Unauthorized, "the company's QuickBooks subscription ended; renew it"),
    "6210": (ClosedPeriod, f"{ClosedPeriod.SAYS}; reopen the closed period there or give it a later date"),
    "6240": (Taken, "give one of the two another display name"),
}


def judge(system: str, status: int, headers: Mapping[str, str], body: Any) -> SystemFailure | None:
    """The error that a Fault means, by code before status: the same code comes with several statuses.

    None when there is no Fault, so that the status decides.
    """
    codes = _codes(body)
    if status == 429 or "3001" in codes:
        return throttled(system, f"more calls than the company's limit ({sentence(body)})", headers, PAUSE)
    if not codes:
        return None
    said = f"fault {codes[0]}: {sentence(body)}"
    if status >= 500:
        return Transient(system, f"{said}; try again later")
    if "10000" in codes:  # their own failure, whatever the status says: the work may be done
        return Ambiguous(system, f"{said}; it may have taken effect; look before it is sent again")
    usual = Unauthorized if status in (401, 403) else Rejected
    kind, remedy = next((MEANINGS[c] for c in codes if c in MEANINGS), (usual, "correct the record or the request"))
    return kind(system, f"{said}; {remedy}")


def _codes(body: Any) -> list[str]:
    """The codes of all errors; a refused sign-in spells its members in another case (facts, Errors)."""
    if not isinstance(body, Mapping):
        return []
    fault = body.get("Fault") or body.get("fault") or {}
    errors = fault.get("Error") or fault.get("error") or []
    inner = [code for answer in body.get("CDCResponse") or [] for code in _codes(answer)]
    return [str(error.get("code") or "?").lstrip("0") for error in errors] + inner


def place(api: Api, tail: str) -> str:
    """The path of something in the company's books; ``tail`` is taken as it stands."""
    return f"/v3/company/{quote(str(api.settings['realm_id']), safe='')}/{tail}"


def ask(api: Api, tail: str, **params: Any) -> Any:
    """The body of a GET."""
    return api.request("GET", place(api, tail), params={**params, "minorversion": MINOR_VERSION}).json()


def one_of(values: list[str]) -> str:
    """A list literal for IN."""
    return f"({', '.join(map(quoted, values))})"


def query(api: Api, entity: str, condition: str) -> list[Record]:
    """At most 1000 records that meet a condition; of customers and items also the inactive ones."""
    condition += " AND Active IN (true, false)" if entity in DEACTIVATED else ""
    body = ask(api, "query", query=f"SELECT * FROM {entity} WHERE {condition} MAXRESULTS {PAGE}")  # noqa: S608 - escaped
    return list(part(api, body, "QueryResponse").get(entity, ()))


def listing(entity: str) -> Read:
    """The reader of one kind of record: whole at first, then what changed since."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        return iter((_changes(api, entity, cursor["since"]),)) if cursor else _everything(api, entity)

    return read


def _everything(api: Api, entity: str) -> Iterator[Page]:
    """All records by position, each page beginning with the last record of the one before.

    A position says nothing about what was removed in front of it meanwhile, and a short page need not be the
    last one: the record that two pages share proves that nothing was skipped, and a page of it alone is the end.
    """
    active = " WHERE Active IN (true, false)" if entity in DEACTIVATED else ""
    start, anchor, since = 1, None, None
    while True:
        limits = f"ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE}"
        body = ask(api, "query", query=f"SELECT * FROM {entity}{active} {limits}")  # noqa: S608 - all of it is ours
        since = since or part(api, body, "time")
        rows = list(part(api, body, "QueryResponse").get(entity, ()))
        if anchor is not None and (not rows or rows[0]["Id"] != anchor):
            raise Transient(api.system, f"the list of {entity} moved while it was read; read it again")
        fresh = rows if anchor is None else rows[1:]
        yield Page(records=fresh, cursor={"since": since}, full=True)
        if not fresh:
            return
        start += len(fresh) - (anchor is None)
        anchor = fresh[-1]["Id"]


def _changes(api: Api, entity: str, watermark: str) -> Page:
    """What changed since shortly before the watermark. Gone when that is too long ago or more than one reply holds."""
    since = datetime.fromisoformat(watermark) - OVERLAP
    if api.now() - since > LOOK_BACK:
        raise Gone(api.system, f"changes of {entity} are kept for 30 days and were last read at {watermark}")
    body = ask(api, "cdc", entities=entity, changedSince=since.isoformat(timespec="seconds"))
    groups = [group for answer in part(api, body, "CDCResponse") for group in part(api, answer, "QueryResponse")]
    found = [row for group in groups for row in group.get(entity, ())]
    if len(found) >= PAGE:
        raise Gone(api.system, f"more than {PAGE} changes of {entity} since {watermark}, which one reply cannot hold")
    deleted = [str(row["Id"]) for row in found if row.get("status") == "Deleted"]
    kept = [row for row in found if row.get("status") != "Deleted"]
    return Page(records=kept, deleted=deleted, cursor={"since": part(api, body, "time")})

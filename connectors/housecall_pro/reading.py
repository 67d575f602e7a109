"""How Housecall Pro's lists are read: by number, newest change first, because none can be asked for what changed.

The lists of customers, jobs and estimates show when a record changed, so a later read stops at the watermark. Invoices
can be sorted by it but do not show it: there a later read stops where it finds what it knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import part
from connectors.paging import Sheet, full_due, newest_first, numbered_pages, watermarked
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Transient

PAGE = 200  # the largest page that was seen; no bound is documented (facts, "Pagination and incremental")
OVERLAP = timedelta(minutes=10)
FULL_READ_DAYS = 7
# So many invoices in a row that did not change: those behind them changed even earlier. And how many are remembered.
KNOWN, REMEMBERED = 50, 200

Listing = Callable[[Api, int], Sheet]


def listing(path: str, name: str, *, by: str = "updated_at", **params: Any) -> Listing:
    """A page of a list, newest first, by its number."""

    def sheet(api: Api, number: int) -> Sheet:
        asked = {"page": number, "page_size": PAGE, "sort_by": by, "sort_direction": "desc", **params}
        body = api.request("GET", path, params=asked).json()
        rows = part(api, body, name)
        return Sheet(records=rows, pages=int(part(api, body, "total_pages")), total=int(part(api, body, "total_items")))

    return sheet


def changing(path: str, name: str, shown: Callable[[Record], Record] = dict, **params: Any) -> Read:
    """The reader of a list whose records say when they changed."""
    page = listing(path, name, **params)

    def sheet(api: Api, number: int) -> Sheet:
        found = page(api, number)
        return Sheet(records=[shown(one) for one in found.records], pages=found.pages, total=found.total)

    return watermarked(sheet, stamp="updated_at", overlap=OVERLAP, full_days=FULL_READ_DAYS)


def dispatching(job: Record) -> Record:
    """The job with who is sent to which of its visits as one list: a visit names its people in a list of its own."""
    visits = (job.get("schedule") or {}).get("appointments") or []
    sent = [
        {"appointment": f"{job['id']}:{visit['id']}", "employee": employee}
        for visit in visits
        for employee in visit.get("dispatched_employees_ids") or []
    ]
    return {**job, "dispatches": sent}


def employees(api: Api, _: Cursor) -> Iterator[Page]:
    """All people, each time: nothing tells of a change. Who left is not listed any more."""
    page = listing("/employees", "employees", by="created_at")
    made = lambda one: datetime.fromisoformat(one["created_at"])  # noqa: E731 - a key, as sorting has one
    for records in newest_first(lambda number: page(api, number), system=api.system, stamp=made):
        yield Page(records=records, full=True)


def invoices(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Invoices: all of them in the order in which they were made, or those that changed since the last read."""
    full, known = full_due(api, cursor, FULL_READ_DAYS), set(cursor.get("known", ()))
    if full:
        yield from _every_invoice(api)
    marks: list[str] = []
    for sheet in numbered_pages(lambda number: _CHANGED(api, number), system=api.system):
        yield Page(records=sheet.records, full=full)
        marks += [_mark(one) for one in sheet.records]
        if full or (len(marks) >= KNOWN and known.issuperset(marks[-KNOWN:])):
            break
    whole = api.now().isoformat() if full else cursor["full_at"]
    yield Page(full=full, cursor={"known": marks[:REMEMBERED], "full_at": whole})


_CHANGED = listing("/invoices", "invoices")
_MADE = listing("/invoices", "invoices", by="created_at")


def _every_invoice(api: Api) -> Iterator[Page]:
    """Sorted by when they were made, which does not move while they are read."""
    seen: set[str] = set()
    for sheet in numbered_pages(lambda number: _MADE(api, number), system=api.system):
        yield Page(records=sheet.records, full=True)
        seen |= {one["id"] for one in sheet.records}
    if len(seen) < sheet.total:
        raise Transient(api.system, f"a list of {sheet.total} invoices showed {len(seen)} of them; read it again")


def _mark(record: Record) -> str:
    """What tells one version of an invoice from another."""
    return hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()[:16]

"""Making jobs. What a job says cannot be changed afterwards (facts, "Writes"); when and by whom it is done can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from connectors.answers import one_at, part
from connectors.housecall_pro.reading import dispatching, listing
from connectors.marks import marked, noted
from connectors.paging import numbered_pages
from connectors.spec import Api, Outgoing, Record, Written
from models.change import Change
from models.errors import Rejected

JOBS = "/jobs"


def create(api: Api, outgoing: Outgoing) -> Written:
    """A new job under its number, with our marker in its note.

    A number that another job has is never taken by renumbering: Rejected with one that is free.
    """
    change = outgoing.change
    body = {**outgoing.record, "notes": noted(change.desired.get("instructions"), change), "line_items": _items(change)}
    number = _number(api, change)
    if number is not None:
        body["invoice_number"] = number
    try:
        return written(api, api.request("POST", JOBS, json=body).json())
    except Rejected as problem:
        if number is None:
            raise
        raise _explained(api, number, problem) from problem


def fetch(api: Api, id: str) -> Written | None:
    """The job as it is now, with its visits; one that was deleted stays readable and counts as gone."""
    record = whole(api, id)
    return None if record is None or record.get("deleted_at") else Written(id=record["id"], record=record)


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The job that carries our marker, among those of its customer."""
    for record in _pages(api, customer_id=outgoing.change.refs.get("customer")):
        if any(marked(note.get("content")) == outgoing.change.core_id for note in record.get("notes") or ()):
            return written(api, record)
    return None


def whole(api: Api, id: str) -> dict[str, Any] | None:
    """A job with its visits; None when there is none."""
    found = one_at(api, f"{JOBS}/{quote(id, safe='')}", params={"expand[]": "appointments"})
    return None if found is None else dict(written(api, found).record or {})


def written(api: Api, record: Any) -> Written:
    """A job that the vendor answered with, as a read would show it."""
    return Written(id=str(part(api, record, "id")), record=dispatching(record))


def _items(change: Change) -> list[Mapping[str, Any]]:
    """A job's title and worth are those of its lines."""
    title, total = change.desired.get("title"), change.desired.get("total")
    if not title:
        return []
    cents = (Decimal(total or 0) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return [{"name": title, "quantity": 1, "unit_price": int(cents)}]


def _number(api: Api, change: Change) -> int | None:
    """The number as the vendor takes it. Rejected when it is not a whole one."""
    number = change.desired.get("number")
    if number is None:
        return None
    if not (number.isascii() and number.isdigit()) or str(int(number)) != number:
        said = f"job {change.core_id} has the number {number!r}, and only whole numbers are taken"
        raise Rejected(api.system, f"{said}; give it one at its owner, or leave `number` out of the handoff")
    return int(number)


def _explained(api: Api, number: int, problem: Rejected) -> Rejected:
    """The refusal, with who has the number and which is free, where it was refused for that."""
    rows = list(_pages(api))
    holder = next((one["id"] for one in rows if one["invoice_number"] == str(number)), None)
    if holder is None:
        return problem
    free = max(int(one["invoice_number"]) for one in rows if one["invoice_number"].isdigit()) + 1
    return Rejected(api.system, f"number {number} belongs to {holder} already; {free} is free: give it at its owner")


def _pages(api: Api, **asked: Any) -> Iterator[Record]:
    page = listing(JOBS, "jobs", by="created_at", **{"expand[]": "appointments"}, **asked)
    for sheet in numbered_pages(lambda number: page(api, number), system=api.system):
        yield from sheet.records

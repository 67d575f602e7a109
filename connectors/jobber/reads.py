"""How Jobber's lists are read: page by page within the price of a query, since a watermark, or around today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.jobber.graphql import ask
from connectors.paging import relay
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Transient, Unreachable

# Stamps may be written a little before they can be seen, and the vendor's clock is not ours.
OVERLAP = timedelta(minutes=10)
PAST, AHEAD = timedelta(days=14), timedelta(days=90)
FULL_READ_DAYS = 7
FEW, MANY = 5, 100  # elements of a nested list: with its page, and alone (the vendor's most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One list: its document, how many records a page may hold below 2,500 points, and a list inside each record.

    one     the document of a single record, where ``nested`` may need more than comes with the page
    nested  the connection inside a record
    """

    name: str
    size: int
    one: str = ""
    nested: str = ""


CLIENTS = Stream(name="clients", size=50, one="client", nested="tags")
PROPERTIES = Stream(name="properties", size=100)
JOBS = Stream(name="jobs", size=100)
VISITS = Stream(name="visits", size=80, one="visit", nested="assignedUsers")
USERS = Stream(name="users", size=100)
INVOICES = Stream(name="invoices", size=40, one="invoice", nested="lineItems")
PAYMENTS = Stream(name="payment_records", size=100)
PRODUCTS = Stream(name="products", size=100)


def listed(api: Api, stream: Stream, document: str = "", **variables: Any) -> Iterator[Sequence[Record]]:
    """The pages of a list, each record whole; ``document`` names another query of the same records."""
    if stream.nested:
        variables |= {"nested": FEW, "rest": None}

    def fetch(after: str | None) -> Mapping[str, Any]:
        found = ask(api, document or stream.name, first=stream.size, after=after, **variables)
        if not isinstance(found, Mapping):  # a nullable list that is withheld is not an empty one
            raise Unreachable(api.system, f"it does not show {stream.name}; give the app the scope to read them")
        return found

    for records in relay(fetch, system=api.system):
        yield [whole(api, stream, record) for record in records]


def whole(api: Api, stream: Stream, record: Record) -> Record:
    """The record with every element of the list inside it, read by itself where its page held only the first few."""
    if not stream.nested or not record[stream.nested]["pageInfo"]["hasNextPage"]:
        return record

    def fetch(after: str | None) -> Mapping[str, Any]:
        found = ask(api, stream.one, id=record["id"], nested=MANY, rest=after)
        if found is None:
            raise Transient(api.system, f"{stream.one} {record['id']} vanished while it was read; read again")
        return dict(found[stream.nested])

    nodes = [node for page in relay(fetch, system=api.system) for node in page]
    return {**record, stream.nested: {"nodes": nodes, "pageInfo": {"endCursor": None, "hasNextPage": False}}}


def everything(stream: Stream) -> Read:
    """A read of the whole list, each time: Jobber tells nothing of what changed in it."""

    def read(api: Api, _cursor: Cursor) -> Iterator[Page]:
        for records in listed(api, stream):
            yield Page(records=records, full=True)

    return read


def since(stream: Stream, *, filtered: bool) -> Read:
    """A read of what changed after the last one, newest first; whole every ``full_read_days``, to see what is gone.

    Newest first, because a record that changes meanwhile then moves to where we have been instead of making
    others slip past us. ``filtered``: the vendor selects by updatedAt; else we stop at the watermark.
    """

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        full = full_due(api, cursor) or not cursor.get("since")
        newest = None if full else at(cursor["since"])
        floor = newest - OVERLAP if newest else None
        variables: dict[str, Any] = {}
        if filtered:
            variables["filter"] = {"updatedAt": {"after": text(floor)}} if floor else None
        for records in listed(api, stream, **variables):
            kept = [one for one in records if floor is None or at(one["updatedAt"]) >= floor]
            newest = max([*(at(one["updatedAt"]) for one in kept), *([newest] if newest else [])], default=None)
            yield Page(records=kept, full=full)
            if len(kept) < len(records):
                break
        yield Page(full=full, cursor=_cursor(api, cursor, full, since=text(newest) if newest else None))

    return read


def visits(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Visits: all of them at first and every ``full_read_days``, else those around today.

    A visit carries no updatedAt (facts, "Read streams"), so the window from 14 days ago to 90 days ahead is read
    again each time, with what is unscheduled, newly made or newly completed. Visits known in the window that are
    missing now are asked for by id: moved ones are records, the others are deleted.
    """
    start = api.now()
    window = (start - PAST, start + AHEAD)
    full = full_due(api, cursor)
    seen: dict[str, str | None] = {}
    for query in [None] if full else _around(window, at(cursor["since"]) - OVERLAP):
        for records in listed(api, VISITS, filter=query):
            fresh = [one for one in records if one["id"] not in seen]
            seen |= {one["id"]: one["startAt"] for one in fresh}
            yield Page(records=fresh, full=full)
    if not full:
        missing = [id for id, begins in cursor["known"].items() if _within(begins, window) and id not in seen]
        for page in _confirmed(api, missing):
            seen |= {one["id"]: one["startAt"] for one in page.records}
            yield page
    known = {id: begins for id, begins in seen.items() if _within(begins, window)}
    yield Page(full=full, cursor=_cursor(api, cursor, full, since=text(start), known=known))


def visits_by_id(api: Api, ids: Sequence[str]) -> dict[str, Record]:
    """The visits of these ids that there still are."""
    found: dict[str, Record] = {}
    for some in _chunks(ids, VISITS.size):
        for records in listed(api, VISITS, filter={"ids": list(some)}):
            found |= {one["id"]: one for one in records}
    return found


def full_due(api: Api, cursor: Cursor) -> bool:
    """Whether the whole list is to be read: at first, and when the last whole read is ``full_read_days`` ago."""
    last = cursor.get("full_at")
    days = float(api.settings.get("full_read_days") or FULL_READ_DAYS)
    return last is None or api.now() - at(last) >= timedelta(days=days)


def at(stamp: str) -> datetime:
    """A vendor's stamp as an instant."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


def text(instant: datetime) -> str:
    """An instant as the vendor spells it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cursor(api: Api, old: Cursor, full: bool, **more: Any) -> Cursor:
    return {"full_at": text(api.now()) if full else old["full_at"], **more}


def _around(window: tuple[datetime, datetime], last: datetime) -> list[Mapping[str, Any]]:
    """The filters whose union is every visit that may have changed and that a filter can name."""
    return [
        {"startAt": {"after": text(window[0]), "before": text(window[1])}},
        {"status": "UNSCHEDULED"},
        {"createdAt": {"after": text(last)}},
        {"completedAt": {"after": text(last)}},
    ]


def _within(begins: str | None, window: tuple[datetime, datetime]) -> bool:
    return begins is None or window[0] < at(begins) < window[1]


def _confirmed(api: Api, ids: Sequence[str]) -> Iterator[Page]:
    for some in _chunks(ids, VISITS.size):
        found = visits_by_id(api, some)
        yield Page(records=list(found.values()), deleted=[id for id in some if id not in found])


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))

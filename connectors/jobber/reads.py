"""How Jobber's lists are read: page by page within the price of a query, since a watermark, or around today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.batches import chunks
from connectors.jobber.graphql import ask
from connectors.paging import full_due, relay, token_pages
from connectors.schedule import zulu
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Transient, Unreachable

# Stamps may be written a little before they can be seen, and the vendor's clock is not ours.
OVERLAP = timedelta(minutes=10)
PAST, AHEAD = timedelta(days=14), timedelta(days=90)
FULL_READ_DAYS = 7
TRIES = 2  # walks through a list that loses records meanwhile
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


@dataclass(slots=True, kw_only=True)
class Walk:
    """What one read has come by: the ids, and whether nothing can have slipped past between two pages."""

    seen: set[str] = field(default_factory=set)
    steady: bool = True


class _Moved(Exception):
    """Records left the list while it was read: others moved up into pages that were read before."""


CLIENTS = Stream(name="clients", size=50, one="client", nested="tags")
PROPERTIES = Stream(name="properties", size=100)
JOBS = Stream(name="jobs", size=100)
VISITS = Stream(name="visits", size=80, one="visit", nested="assignedUsers")
USERS = Stream(name="users", size=100)
INVOICES = Stream(name="invoices", size=40, one="invoice", nested="lineItems")
PAYMENTS = Stream(name="payment_records", size=100)
PRODUCTS = Stream(name="products", size=100)


def listed(
    api: Api,
    stream: Stream,
    walk: Walk | None = None,
    *,
    document: str = "",
    floor: datetime | None = None,
    **variables: Any,
) -> Iterator[Sequence[Record]]:
    """The records of a list that ``walk`` has not seen, page by page, each whole.

    document  another query of the same records
    floor     in a list that comes newest first: records updated before it, and all pages after them, are left out

    Jobber's cursors count positions (facts, example envelope: ``MQ`` is 1). So each page starts with the last record of
    the one before; where it does not, something was deleted meanwhile and the list is walked again.
    """
    walk = walk or Walk()
    if stream.nested:
        variables |= {"nested": FEW, "rest": None}
    for _ in range(TRIES):
        try:
            for records in _pages(api, stream, walk, document or stream.name, floor, variables):
                yield [whole(api, stream, record) for record in records]
        except _Moved:
            continue
        return
    walk.steady = False


def _pages(
    api: Api, stream: Stream, walk: Walk, document: str, floor: datetime | None, variables: Mapping[str, Any]
) -> Iterator[Sequence[Record]]:
    here: set[str] = set()

    def fetch(after: str | None) -> tuple[Sequence[Record], str | None]:
        found = ask(api, document, first=stream.size, after=after, **variables)
        edges = found.get("edges") if isinstance(found, Mapping) else None
        if edges is None:  # a list that may be null is withheld then, and not empty
            raise Unreachable(api.system, f"it does not show {stream.name}; give the app the scope to read them")
        records = [edge["node"] for edge in edges]
        if after and (not records or records[0]["id"] not in here):
            raise _Moved
        recent = [record for record in records if floor is None or at(record["updatedAt"]) >= floor]
        fresh = [record for record in recent if record["id"] not in walk.seen]
        here.update(record["id"] for record in records)
        walk.seen.update(record["id"] for record in fresh)
        more = found["pageInfo"]["hasNextPage"] and edges and len(recent) == len(records)
        return fresh, edges[-2 if len(edges) > 1 else -1]["cursor"] if more else None

    return token_pages(fetch, system=api.system)


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
        walk = Walk()
        for records in listed(api, stream, walk):
            yield Page(records=records, full=True)
        yield Page(full=walk.steady)

    return read


def since(stream: Stream, *, filtered: bool) -> Read:
    """A read of what changed after the last one, newest first; whole every ``full_read_days``, to see what is gone.

    Newest first, because a record that changes meanwhile then moves to where we have been instead of making
    others slip past us; a whole read looks there once more. ``filtered``: the vendor selects by updatedAt; else we
    stop at the watermark.
    """

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        full, walk = full_due(api, cursor, FULL_READ_DAYS) or not cursor.get("since"), Walk()
        newest = None if full else at(cursor["since"])
        for records in _newest_first(api, stream, walk, newest, filtered=filtered):
            newest = _latest(records, newest)
            yield Page(records=records, full=full)
        if full and newest:
            for records in _newest_first(api, stream, walk, newest, filtered=filtered):
                yield Page(records=records, full=full)
        whole_now = full and walk.steady
        mark = text(newest) if newest else None
        yield Page(full=whole_now, cursor=_cursor(api, cursor, whole_now, since=mark))

    return read


def _newest_first(
    api: Api, stream: Stream, walk: Walk, newest: datetime | None, *, filtered: bool
) -> Iterator[Sequence[Record]]:
    """The pages of what changed since a watermark, of everything without one."""
    floor = newest - OVERLAP if newest else None
    variables: dict[str, Any] = {}
    if filtered:
        variables["filter"] = {"updatedAt": {"after": text(floor)}} if floor else None
    return listed(api, stream, walk, floor=floor, **variables)


def _latest(records: Sequence[Record], newest: datetime | None) -> datetime | None:
    return max([*(at(one["updatedAt"]) for one in records), *([newest] if newest else [])], default=None)


def visits(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Visits: all of them at first and every ``full_read_days``, else those around today.

    A visit carries no updatedAt (facts, "Read streams"), so the window from 14 days ago to 90 days ahead is read
    again each time, with what is unscheduled, newly made or newly completed. Visits known in the window that are
    missing now are asked for by id: moved ones are records, the others are deleted.
    """
    start, full, walk = api.now(), full_due(api, cursor, FULL_READ_DAYS), Walk()
    window = (start - PAST, start + AHEAD)
    begins: dict[str, str | None] = {}
    for query in [None] if full else _around(window, at(cursor["since"]) - OVERLAP):
        for records in listed(api, VISITS, walk, filter=query):
            begins |= {one["id"]: one["startAt"] for one in records}
            yield Page(records=records, full=full)
    if not full:
        known = [id for id, then in cursor["known"].items() if _within(then, window) and id not in walk.seen]
        for page in _confirmed(api, known):
            begins |= {one["id"]: one["startAt"] for one in page.records}
            yield page
    near = {id: then for id, then in begins.items() if _within(then, window)}
    whole_now = full and walk.steady
    yield Page(full=whole_now, cursor=_cursor(api, cursor, whole_now, since=text(start), known=near))


def visits_by_id(api: Api, ids: Sequence[str]) -> dict[str, Record]:
    """The visits of these ids that there still are."""
    found: dict[str, Record] = {}
    for some in chunks(ids, VISITS.size):
        for records in listed(api, VISITS, filter={"ids": list(some)}):
            found |= {one["id"]: one for one in records}
    return found


def at(stamp: str) -> datetime:
    """A vendor's stamp as an instant."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


def text(instant: datetime) -> str:
    """An instant as the vendor spells it."""
    return zulu(instant, "auto")


def _cursor(api: Api, old: Cursor, whole_now: bool, **more: Any) -> Cursor:
    return {"full_at": text(api.now()) if whole_now else old.get("full_at"), **more}


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
    for some in chunks(ids, VISITS.size):
        found = visits_by_id(api, some)
        yield Page(records=list(found.values()), deleted=[id for id in some if id not in found])

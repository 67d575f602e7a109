"""Ways in which vendors cut a list into pages, as generators that a connector's ``read`` loops over.

None of them turns an error into an end: a page that fails raises, and the list counts as not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Transient, Unreachable

# How often the front of a list is looked at again before the list counts as too busy to be read whole.
LOOKS = 5


def token_pages(fetch: Callable[[str | None], tuple[Any, str | None]], *, system: str) -> Iterator[Any]:
    """Pages by token: ``fetch(token)`` gives a page and the next token, None or empty at the end.

    Raises Unreachable when a token comes back a second time: that list would never end.
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        page, token = fetch(token)
        yield page
        if not token:
            return
        if token in seen:
            raise Unreachable(system, "it gives the same next page again and again; read it later, or tell the vendor")
        seen.add(token)


def relay(fetch: Callable[[str | None], Mapping[str, Any]], *, system: str) -> Iterator[Sequence[Record]]:
    """Pages of a GraphQL connection (``nodes``, ``pageInfo``): ``fetch(after)`` gives the connection."""

    def page(after: str | None) -> tuple[Sequence[Record], str | None]:
        connection = fetch(after)
        info = connection["pageInfo"]
        return connection["nodes"], info["endCursor"] if info["hasNextPage"] else None

    return token_pages(page, system=system)


def known_ids(known: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Ids known at the last whole read that are missing in this one: deleted, in systems that do not say so."""
    return sorted(set(known) - set(seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page of a list by number: its records, how many pages there are, how many records the whole list has."""

    records: Sequence[Record]
    pages: int
    total: int


def numbered_pages(fetch: Callable[[int], Sheet], *, system: str) -> Iterator[Sheet]:
    """Pages by number, from 1.

    Raises Transient when the list grew shorter meanwhile, because others then moved up into pages that were read
    before, and when a page is empty that should not be.
    """
    number, sheet = 1, fetch(1)
    while True:
        if not sheet.records and sheet.total and number <= sheet.pages:
            raise Transient(system, f"page {number} of a list came empty; read it again")
        yield sheet
        if number >= sheet.pages:
            return
        number, before = number + 1, sheet
        sheet = fetch(number)
        if sheet.total < before.total:
            raise Transient(system, "a list grew shorter while it was read; read it again")


def newest_first(
    fetch: Callable[[int], Sheet], *, system: str, stamp: Callable[[Record], datetime], floor: datetime | None = None
) -> Iterator[Sequence[Record]]:
    """Pages of a list that is sorted by a stamp, newest first, down to the floor; without one, all of it.

    What changes while a list is read moves to its front, where we have been. A whole read therefore looks at the
    front again until nothing newer is there; one down to a floor leaves that to the next, whose floor lies before it.
    Raises Transient when the list does not come to rest, or counts more records than came.
    """
    seen: set[str] = set()
    newest, total = floor, 0
    for _ in range(LOOKS):
        top = newest
        for sheet in numbered_pages(fetch, system=system):
            recent = [one for one in sheet.records if top is None or stamp(one) >= top]
            yield recent
            seen |= {str(one["id"]) for one in recent}
            total = sheet.total
            newest = max((moment for moment in (newest, *map(stamp, recent)) if moment), default=None)
            if len(recent) < len(sheet.records):
                break
        if newest == top or floor is not None:
            break
    else:
        raise Transient(system, "a list kept changing while it was read; read it again")
    if floor is None and len(seen) < total:
        raise Transient(system, f"a list of {total} records showed {len(seen)} of them; read it again")


def watermarked(listing: Callable[[Api, int], Sheet], *, stamp: str, overlap: timedelta, full_days: float) -> Read:
    """The reader of a numbered list that cannot be filtered by change: sorted by its stamp, read to the watermark.

    listing    a page of the list, newest first
    stamp      the member that says when a record changed, ISO 8601 with an offset
    overlap    how far behind the newest stamp the next read ends: stamps may show later than they say
    full_days  days after which all is read again, unless the setting ``full_read_days`` says otherwise
    """

    def stamped(record: Record) -> datetime:
        return datetime.fromisoformat(record[stamp]).astimezone(UTC)

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        full, now = full_due(api, cursor, full_days), api.now()
        newest = None if full else datetime.fromisoformat(cursor["since"])
        pages = newest_first(
            lambda number: listing(api, number), system=api.system, stamp=stamped, floor=newest and newest - overlap
        )
        for records in pages:
            newest = max((moment for moment in (newest, *map(stamped, records)) if moment), default=None)
            yield Page(records=records, full=full)
        since = min(newest or now, now)  # a stamp in the future would hide everything until then
        whole = now.isoformat() if full else cursor["full_at"]
        yield Page(full=full, cursor={"since": since.isoformat(), "full_at": whole})

    return read


def full_due(api: Api, cursor: Cursor, days: float) -> bool:
    """Whether all is to be read: at first, and when the last whole read is ``full_read_days`` (a setting) ago."""
    last = cursor.get("full_at")
    length = timedelta(days=float(api.settings.get("full_read_days") or days))
    return last is None or api.now() - datetime.fromisoformat(last) >= length

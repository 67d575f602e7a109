"""Reading: what changed since the last read, and everything once a day, because not every change is stamped.

A due date moved on a part-paid invoice, or what a contact owes, leaves the stamp as it was (Paging, increment).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import part
from connectors.paging import Sheet, full_due, numbered_pages
from connectors.spec import Api, Cursor, Page, Read
from connectors.xero.dialect import PAGE, ask, instant
from models.errors import Transient

OVERLAP = timedelta(minutes=5)
FULL_DAYS = 1.0


def listing(name: str, id: str, **params: Any) -> Read:
    """The reader of a paged list, by id: nothing ever leaves such a list, so that no page moves up."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        full = full_due(api, cursor, FULL_DAYS)
        since = None if full else datetime.fromisoformat(cursor["since"]) - OVERLAP
        whole = api.now().isoformat() if full else cursor["full_at"]
        asked: list[datetime] = []

        def fetch(number: int) -> Sheet:
            body = ask(api, name, since=since, page=number, pageSize=PAGE, order=f"{id} ASC", **params)
            asked.append(instant(part(api, body, "DateTimeUTC")))
            place = part(api, body, "pagination")
            return Sheet(records=part(api, body, name), pages=place["pageCount"], total=place["itemCount"])

        seen, total = 0, 0
        for sheet in numbered_pages(fetch, system=api.system):
            seen, total = seen + len(sheet.records), sheet.total
            if seen < total and len(asked) >= sheet.pages:
                raise Transient(api.system, f"a list of {total} {name} showed {seen} of them; read it again")
            yield Page(records=sheet.records, full=full, cursor={"since": asked[0].isoformat(), "full_at": whole})

    return read


def items(api: Api, _: Cursor) -> Iterator[Page]:
    """The price book, which is one answer; who is missing was deleted (Deletion)."""
    yield Page(records=part(api, ask(api, "Items", unitdp=4), "Items"), full=True)

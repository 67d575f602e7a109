"""Reading: feeds that go on from a token and show everything, gone or not (Incremental), and the price book whole.

What stands beside a record and not in it is read with it: how a customer is reached, and what kind of work a job is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from connectors.answers import part
from connectors.paging import token_pages
from connectors.servicetitan.dialect import by_ids, pages, path
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Gone

Complete = Callable[[Api, Sequence[Record]], Sequence[Record]]
REACHED = ("id", "type", "value", "memo")  # of a contact, the same wherever it is read
# How far back the first question for changed contacts goes; a feed takes days.
BEFORE = timedelta(days=1)


def feed(place: str, complete: Complete = lambda _, records: records) -> Read:
    """The reader of an export feed; without a cursor it is everything that there ever was."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        for body in _bodies(api, place, cursor.get("from")):
            records = complete(api, part(api, body, "data"))
            yield Page(records=records, full=not cursor, cursor={"from": part(api, body, "continueFrom")})

    return read


def customers(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Customers with their contacts, and those of whom only a contact changed."""
    if not cursor:
        start = f"{api.now() - BEFORE:%Y-%m-%d}"
        for page in feed("crm/export/customers", reached)(api, cursor):
            yield Page(records=page.records, full=True, cursor={**(page.cursor or {}), "contacts": start})
        return
    touched, after = set[Any](), ""
    for body in _bodies(api, "crm/export/customers/contacts", cursor["contacts"]):
        touched |= {one["customerId"] for one in part(api, body, "data")}
        after = part(api, body, "continueFrom")
    known = dict(cursor)
    for page in feed("crm/export/customers", reached)(api, cursor):
        touched -= {one["id"] for one in page.records}
        known = {**(page.cursor or {}), "contacts": after}
        yield Page(records=page.records, cursor=known)
    yield Page(records=whole_customers(api, touched), cursor=known)


def services(api: Api, _: Cursor) -> Iterator[Page]:
    """The price book; what is not sold any more stays in it, what is missing was removed."""
    for records in pages(api, "pricebook/services", active="Any", sort="+Id"):
        yield Page(records=records, full=True)


def whole_customers(api: Api, ids: Iterable[Any]) -> list[Record]:
    """These customers as a read shows them."""
    return reached(api, list(by_ids(api, "crm/customers", ids, active="Any")))


def reached(api: Api, records: Sequence[Record]) -> list[Record]:
    """Customers with their contacts."""
    known: dict[Any, list[Record]] = {record["id"]: [] for record in records}
    for one in by_ids(api, "crm/customers/contacts", known, by="customerIds"):
        known[one["customerId"]].append({name: one.get(name) for name in REACHED})
    return [{**record, "contacts": sorted(known[record["id"]], key=lambda one: one["id"])} for record in records]


def kinds(api: Api, records: Sequence[Record]) -> list[Record]:
    """Jobs with the name of their type."""
    types = by_ids(api, "jpm/job-types", (record["jobTypeId"] for record in records), active="Any")
    names = {one["id"]: one["name"] for one in types}
    return [{**record, "jobTypeName": names.get(record["jobTypeId"])} for record in records]


def titled(api: Api, records: Sequence[Record]) -> list[Record]:
    """Appointments with the name of their job's type."""
    jobs = kinds(api, list(by_ids(api, "jpm/jobs", (record["jobId"] for record in records))))
    names = {one["id"]: one["jobTypeName"] for one in jobs}
    return [{**record, "jobTypeName": names.get(record["jobId"])} for record in records]


def _bodies(api: Api, place: str, start: str | None) -> Iterator[Any]:
    """The answers of a feed from a position on, those of the last minutes included: they may come again.

    Raises Gone when the vendor does not know the position (any more).
    """

    def fetch(token: str | None) -> tuple[Any, str | None]:
        position = token or start
        asked = {"includeRecentChanges": "true"} | ({"from": position} if position else {})
        answer = api.request("GET", path(api, place), params=asked, accept=(400,) if position else ())
        if answer.status == 400:
            raise Gone(api.system, f"it does not know where {place} was read to; everything is to be read again")
        body = answer.json()
        return body, part(api, body, "continueFrom") if part(api, body, "hasMore") else None

    return token_pages(fetch, system=api.system)

"""Reading: whole lists at first, later what events name, read again by id.

An event holds its object as it was then and in the version of then, and many may concern one object: so an event
only says what to read. Events are kept for 30 days (Increment); who comes later reads everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors.spec import Api, Cursor, Page, Read, Record
from connectors.stripe.dialect import one, pages, seconds
from models.errors import Gone

CHARGED = ("data.balance_transaction", "data.payment_intent", "data.refunds")
LOOK_BACK = 30 * 86_400 - 3_600  # the hour is for clocks that disagree
OVERLAP = 300
EVENTS: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer.created", "customer.updated", "customer.deleted"),
    "invoices": (
        "invoice.created", "invoice.updated", "invoice.finalized", "invoice.sent", "invoice.paid", "invoice.overdue",
        "invoice.payment_succeeded", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible",
        "invoice.deleted",
    ),
    "charges": (
        "charge.succeeded", "charge.captured", "charge.updated", "charge.refunded", "charge.dispute.created",
        "refund.created", "refund.updated", "refund.failed", "payment_intent.succeeded", "invoice_payment.paid",
    ),
    "payouts": (
        "payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled",
        "payout.reconciliation_completed",
    ),
    "payment_links": ("payment_link.created", "payment_link.updated", "checkout.session.completed"),
}  # fmt: skip
# Kind of object in an event -> the resource, and the member that names its record there.
CONCERNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "customer": (("customers", "id"),),
    "invoice": (("invoices", "id"),),
    "invoice_payment": (("invoices", "invoice"),),
    "charge": (("charges", "id"),),
    "refund": (("charges", "charge"),),
    "dispute": (("charges", "charge"),),
    "payment_intent": (("charges", "latest_charge"),),
    "payout": (("payouts", "id"),),
    "payment_link": (("payment_links", "id"),),
    "checkout.session": (("payment_links", "payment_link"),),
}


def concerned(event: Record) -> Iterator[tuple[str, str]]:
    """(resource, id) of what an event concerns; nothing for kinds that are not read."""
    record = event["data"]["object"]
    for resource, member in CONCERNS.get(record["object"], ()):
        if record.get(member):
            yield resource, str(record[member])


def reader(resource: str, whole: Callable[[Api], Iterator[Sequence[Record]]], again: Callable[[Api, str], Any]) -> Read:
    """The reader of one resource: ``whole`` lists it, ``again`` reads one record, None when it is gone."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        now = seconds(api.now())
        following = {"since": now}
        if not cursor:
            yield from (Page(records=rows, cursor=following, full=True) for rows in whole(api))
            return
        since = int(cursor["since"]) - OVERLAP
        if now - since > LOOK_BACK:
            raise Gone(
                api.system, f"events of {resource} are kept for 30 days and were last read before; read it whole"
            )
        yield _changes(api, _named(api, resource, since), again, following)

    return read


def _changes(api: Api, ids: Sequence[str], again: Callable[[Api, str], Any], following: Cursor) -> Page:
    records = {id: again(api, id) for id in ids}
    return Page(
        records=[record for record in records.values() if record is not None],
        deleted=[id for id, record in records.items() if record is None],
        cursor=following,
    )


def _named(api: Api, resource: str, since: int) -> list[str]:
    """Ids that events since then name, each once."""
    types = [("types[]", name) for name in EVENTS[resource]]
    events = [one for rows in pages(api, "/v1/events", *types, ("created[gte]", since)) for one in rows]
    ids = dict.fromkeys(id for event in events for name, id in concerned(event) if name == resource)
    if resource == "charges":
        ids |= dict.fromkeys(_charges_of(api, events))
    return list(ids)


def _charges_of(api: Api, events: Sequence[Record]) -> Iterator[str]:
    """Charges behind payments of invoices; they are named by their intent."""
    paid = [event["data"]["object"] for event in events if event["type"] == "invoice_payment.paid"]
    for intent in dict.fromkeys(each["payment"].get("payment_intent") for each in paid):
        found = one(api, "/v1/payment_intents", intent) if intent else None
        if found is not None and found.get("latest_charge"):
            yield str(found["latest_charge"])


def customers(api: Api) -> Iterator[Sequence[Record]]:
    """All customers that are not deleted."""
    return pages(api, "/v1/customers")


def customer(api: Api, id: str) -> Record | None:
    """One customer."""
    return one(api, "/v1/customers", id)


def invoices(api: Api) -> Iterator[Sequence[Record]]:
    """All invoices, each with all of its lines."""
    for rows in pages(api, "/v1/invoices"):
        yield [with_lines(api, row) for row in rows]


def invoice(api: Api, id: str) -> Record | None:
    """One invoice with all of its lines."""
    found = one(api, "/v1/invoices", id)
    return None if found is None else with_lines(api, found)


def with_lines(api: Api, record: Record) -> Record:
    """An invoice shows its first ten lines; the others are listed (Streams)."""
    lines = record.get("lines") or {}
    if not lines.get("has_more"):
        return record
    rows = [row for page in pages(api, f"/v1/invoices/{record['id']}/lines") for row in page]
    return {**record, "lines": {**lines, "data": rows, "has_more": False}}


def links(api: Api) -> Iterator[Sequence[Record]]:
    """All payment links with what they ask for, those that are switched off included."""
    return pages(api, "/v1/payment_links", ("expand[]", "data.line_items"))


def link(api: Api, id: str) -> Record | None:
    """One payment link with what it asks for."""
    return one(api, "/v1/payment_links", id, ("expand[]", "line_items"))


def charges(api: Api) -> Iterator[Sequence[Record]]:
    """All charges with intent, refunds and balance, and ``invoice_payments``: what invoices got of each."""
    parts: dict[str, list[Record]] = {}
    for rows in pages(api, "/v1/invoice_payments", ("status", "paid")):
        for row in rows:
            parts.setdefault(str(row["payment"].get("payment_intent") or row["payment"].get("charge")), []).append(row)
    for rows in pages(api, "/v1/charges", *(("expand[]", name) for name in CHARGED)):
        yield [{**row, "invoice_payments": parts.get(_intent(row), [])} for row in rows]


def charge(api: Api, id: str) -> Record | None:
    """One charge, with the same around it."""
    found = one(api, "/v1/charges", id, *(("expand[]", name.removeprefix("data.")) for name in CHARGED))
    if found is None or not _intent(found):
        return found
    asked = (("payment[type]", "payment_intent"), ("payment[payment_intent]", _intent(found)), ("status", "paid"))
    parts = [row for rows in pages(api, "/v1/invoice_payments", *asked) for row in rows]
    return {**found, "invoice_payments": parts}


def _intent(record: Record) -> str:
    """The id of a charge's intent, expanded or not; a charge without one names itself."""
    intent = record.get("payment_intent")
    return str((intent["id"] if isinstance(intent, Mapping) else intent) or record["id"])


def payouts(api: Api) -> Iterator[Sequence[Record]]:
    """All payouts with what each is made of."""
    for rows in pages(api, "/v1/payouts"):
        yield [_with_balance(api, row) for row in rows]


def payout(api: Api, id: str) -> Record | None:
    """One payout with what it is made of."""
    found = one(api, "/v1/payouts", id)
    return None if found is None else _with_balance(api, found)


def _with_balance(api: Api, record: Record) -> Record:
    """Only of an automatic payout is known what it is made of; its own line in the balance is none of it."""
    if not record.get("automatic"):
        return record
    rows = [row for page in pages(api, "/v1/balance_transactions", ("payout", record["id"])) for row in page]
    return {**record, "balance_transactions": [row for row in rows if row["type"] != "payout"]}

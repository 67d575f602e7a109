"""Reading: one record by its id, and what changed since (change data capture).

Source: facts sheet "Entities and envelopes" and "CDC".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.quickbooks_online.books import Books
from sandbox.quickbooks_online.change import TOMBSTONES
from sandbox.quickbooks_online.dialect import instant, last_updated
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.members import BY_NAME
from sandbox.quickbooks_online.refusals import (
    Refused,
    bad_enumeration,
    business,
    missing,
    not_found,
    unsupported_property,
)
from sandbox.store import Store
from sandbox.twin import Record

LOOK_BACK = timedelta(days=30)
MOST_CHANGES = 1000


def one(books: Books, entity: Entity, id: str, realm: str) -> Record:
    """The envelope of one record, retired names included; a company's own record answers to the realm too."""
    if entity.family == "company" and id == realm:
        id = next(iter(books.rows[entity.collection]), id)
    record = books.row(entity.collection, id)
    if record is None:
        raise not_found()
    return {entity.name: record}


def with_link(envelope: Record) -> Record:
    """An invoice with the address where its customer can see and pay it; other records as they are."""
    invoice = envelope.get("Invoice")
    if invoice is None:
        return envelope
    return {"Invoice": {**invoice, "InvoiceLink": f"https://connect.intuit.com/t/scs-v1-{int(invoice['Id']):032x}"}}


def changes(store: Store, books: Books, entities: str, since: str) -> list[Record]:
    """The CDCResponse: per entity, in the order asked, what changed since then and stubs of what was deleted.

    A reply holds at most 1000 objects in all. Looking back beyond 30 days is refused; the vendor does not
    publish with which code.
    """
    wanted = [_captured(name.strip()) for name in entities.split(",") if name.strip()]
    if not wanted:
        raise missing("entities")
    at = _since(since, store.clock.now())
    parts, room = [], MOST_CHANGES
    for entity in wanted:
        rows = _changed(store, books, entity, at)[:room]
        room -= len(rows)
        parts.append(_part(entity, rows))
    return [{"QueryResponse": parts}]


def _captured(name: str) -> Entity:
    entity = BY_NAME.get(name.lower())
    if entity is None or not entity.captured:
        raise bad_enumeration("entities", name)
    return entity


def _since(text: str, now: datetime) -> datetime:
    if not text:
        raise missing("changedSince")
    at = _instant(text)
    if at < now - LOOK_BACK:
        raise business("changedSince must be within the last 30 days")
    return at


def _instant(text: str) -> datetime:
    try:
        return instant(text)
    except ValueError as error:
        refused: Refused = unsupported_property("changedSince", text)
        raise refused from error


def _changed(store: Store, books: Books, entity: Entity, at: datetime) -> Sequence[Record]:
    rows = [row for row in books.rows[entity.collection].values() if last_updated(row) >= at]
    return sorted(rows, key=last_updated) + _stubs(store, entity, at)


def _stubs(store: Store, entity: Entity, at: datetime) -> list[Record]:
    stubs = [stub for stub in store.all(TOMBSTONES) if stub["entity"] == entity.name]
    return [stub["stub"] for stub in stubs if last_updated(stub["stub"]) >= at]


def _part(entity: Entity, rows: Sequence[Record]) -> Record:
    if not rows:
        return {}
    return {entity.name: list(rows), "startPosition": 1, "maxResults": len(rows), "totalCount": len(rows)}

"""A person at work in Outlook or in the admin center: what an edit moves, what a deletion takes along."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft_graph import shelf
from sandbox.microsoft_graph.dialect import Failure, opaque
from sandbox.microsoft_graph.drafts import PLACE, blank, settled, stamped
from sandbox.microsoft_graph.events import drop
from sandbox.store import Store
from sandbox.twin import Record


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as it is kept after a person's edit; ValueError for one that Outlook would not take.

    A new event says by its organizer's address in whose default calendar it stands.
    """
    if collection == "calendars":
        key = opaque("version", str(record.get("id")), str(store.next_id("versions")), kind="key")
        return {**record, "changeKey": key}
    if collection != "events":
        return record
    try:
        known = store.get("events", str(record.get("id")))
        before = known if known is not None else _new(store, record)
        return stamped(store, settled(before, {**record, PLACE: before[PLACE]}, edit=True))
    except Failure as refused:
        raise ValueError(refused.message) from refused


def _new(store: Store, record: Record) -> Record:
    address = ((record.get("organizer") or {}).get("emailAddress") or {}).get("address")
    owner = shelf.person(store, str(address))
    if owner is None or not record.get("id"):
        raise ValueError("a new event needs an id and, as organizer.emailAddress.address, whose calendar it stands in")
    place = record.get(PLACE) or shelf.link(store, owner["id"], shelf.calendar(store, owner["id"], None)["id"])
    return {**blank(owner, str(record["id"]), store.clock.now()), PLACE: place}


def remove(store: Store, collection: str, id: str) -> None:
    """Delete one record: somebody goes with their mailbox, a calendar with its events."""
    if collection == "users":
        for key in [key for key, _ in store.items("calendars") if key.startswith(f"{id}/")]:
            remove(store, "calendars", key)
    if collection == "calendars":
        mailbox, _, calendar = id.partition("/")
        _drop_all(store, list(shelf.events(store, mailbox, calendar)))
    if collection == "events":
        event = store.get("events", id)
        _drop_all(store, [event] if event else [])
        return
    store.delete(collection, id)


def _drop_all(store: Store, events: list[Any]) -> None:
    for one in events:
        drop(store, one)

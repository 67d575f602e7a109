"""Where the records lie: keys in the store, and what changed on a calendar since when.

Collections: ``calendars`` (key: calendar id), ``events`` ('<calendarId>/<eventId>'), ``users`` (user id),
``acl`` ('<calendarId>/<ruleId>'), ``calendar_list`` ('<user e-mail>/<calendarId>'), ``mails`` (a number).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.store import Store

Record = dict[str, Any]


@dataclass(slots=True)
class _Ledger:
    """For each owner its record ids in order of first appearance, with the sequence of the last change."""

    read: int = 0
    owners: dict[str, dict[str, int]] = field(default_factory=dict)


def changes(store: Store, collection: str, owner: str) -> dict[str, int]:
    """Record ids under an owner (calendar or user) -> journal sequence of each one's last change."""
    with store.lock:
        ledger: _Ledger = store.bag.setdefault(f"ledger:{collection}", _Ledger())
        for entry in store.since(collection, ledger.read):
            place, _, id = entry.id.partition("/")
            ids = ledger.owners.setdefault(place, {})
            if entry.deleted:
                ids.pop(id, None)
            else:
                ids[id] = entry.sequence
        ledger.read = store.sequence()
        return dict(ledger.owners.get(owner, {}))


def key(owner: str, id: str) -> str:
    """The store key of a record under a calendar or user."""
    return f"{owner}/{id}"


def event(store: Store, calendar: str, id: str) -> Record | None:
    """A stored event (deleted ones too), None when there never was one."""
    return store.get("events", key(calendar, id))


def held(store: Store, collection: str, owner: str) -> list[tuple[int, Record]]:
    """Everything under an owner in a stable order, each with its ordinal."""
    found = [store.get(collection, key(owner, id)) for id in changes(store, collection, owner)]
    return [(ordinal, record) for ordinal, record in enumerate(found) if record is not None]


def changed_since(store: Store, collection: str, owner: str, sequence: int) -> list[tuple[int, Record]]:
    """What changed under an owner after ``sequence``, oldest change first, each with its change's sequence."""
    moved = sorted((at, id) for id, at in changes(store, collection, owner).items() if at > sequence)
    found = [(at, store.get(collection, key(owner, id))) for at, id in moved]
    return [(at, record) for at, record in found if record is not None]


def newest(store: Store, collection: str, owner: str) -> Record | None:
    """The record that changed last under an owner."""
    moved = changes(store, collection, owner)
    return store.get(collection, key(owner, max(moved, key=moved.__getitem__))) if moved else None


def user(store: Store, address: str) -> Record | None:
    """The directory's user by id, primary e-mail or alias; None when there is none or it was deleted."""
    wanted = address.lower()
    for record in store.all("users"):
        names = [record.get("id"), record.get("primaryEmail", "").lower(), *record.get("aliases", [])]
        if wanted in names and "deletionTime" not in record:
            return record
    return None

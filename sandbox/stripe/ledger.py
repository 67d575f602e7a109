"""What every change leaves behind: the record as it is kept, when it moved, and the event that tells of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.store import Store
from sandbox.stripe.dialect import KINDS, VERSION, new_id, now
from sandbox.twin import Record

KEPT = timedelta(days=30)  # events (Increment)
MOVED = "moved"  # collection: when a record changed last, for the search that trails behind
# Kinds of which a change is told as `.updated` when nothing better is known.
_EDITED = {"customers", "invoices", "charges", "payouts", "payment_links"}


def keep(store: Store, collection: str, record: Record, *events: str) -> Record:
    """Store a record and tell of it by these kinds of event (``customer.created``)."""
    before = store.get(collection, record["id"])
    store.put(collection, record["id"], record)
    store.put(MOVED, record["id"], {"at": now(store)})
    for kind in events:
        happened(store, kind, record, _previous(before, record) if kind.endswith(".updated") else None)
    return record


def happened(store: Store, kind: str, record: Record, previous: Record | None = None) -> None:
    """Write an event that shows the object as it is now."""
    data: dict[str, Any] = {"object": record}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Record = {
        "id": new_id(store, "events"), "object": "event", "api_version": VERSION, "created": now(store),
        "data": data, "livemode": False, "pending_webhooks": 0, "type": kind,
        "request": {"id": None, "idempotency_key": None},
    }  # fmt: skip
    store.put("events", event["id"], event)


def _previous(before: Record | None, after: Record) -> Record:
    return {name: value for name, value in (before or {}).items() if after.get(name) != value}


def moved(store: Store, record: Record) -> int:
    """When a record changed last, in epoch seconds; the company's own from its beginning."""
    found = store.get(MOVED, record["id"])
    return int(found["at"]) if found else 0


def living_events(store: Store) -> list[Record]:
    """Events that are still kept."""
    oldest = now(store) - int(KEPT.total_seconds())
    return [one for one in store.all("events") if one["created"] > oldest]


def touch(store: Store, collection: str, record: Record) -> Record:
    """What a person's edit in the dashboard does: there is no stamp, only an event. New objects get their head."""
    kind = KINDS[collection][1]
    if store.get(collection, record["id"]) is None:
        record = {"object": kind, "created": now(store), "livemode": False, **record}
        happened(store, f"{kind}.created", record)
    elif collection in _EDITED:
        happened(store, f"{kind}.updated", record, _previous(store.get(collection, record["id"]), record))
    store.put(MOVED, record["id"], {"at": now(store)})
    return record

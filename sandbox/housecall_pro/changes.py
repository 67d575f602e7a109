"""What happens to a record beside what was asked for: stamps, what follows from its visits, and how it goes."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.housecall_pro.shapes import CANCELED, DELETED, UNSCHEDULED, derived, ours, stamp
from sandbox.store import Record, Store

DATED = ("customers", "jobs", "invoices", "estimates")
# What a person's new record has though nobody said it.
BLANK: Mapping[str, Record] = {
    "customers": {"addresses": [], "tags": [], "notifications_enabled": False},
    "jobs": {"work_status": UNSCHEDULED, "notes": [], "tags": [], "total_amount": 0, "deleted_at": None},
}


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record with its stamps after any change. ValueError for a job of nobody or of nowhere."""
    if collection not in DATED:
        return record
    now = stamp(store.clock.now())
    kept = {**BLANK.get(collection, {}), "created_at": now, **record, "updated_at": now}
    if collection == "jobs":
        if not {"customer", "address"} <= kept.keys():
            raise ValueError("a job needs its customer and its address")
        kept["schedule"] = {"appointments": [], **kept.get("schedule", {})}
        canceled = {CANCELED: "canceled_at", DELETED: "deleted_at"}.get(kept["work_status"])
        kept = derived(store, kept | ({canceled: kept.get(canceled) or now} if canceled else {}))
    return kept if collection == "invoices" else kept | ours(store)


def keep(store: Store, collection: str, record: Record) -> Record:
    """Stamp and store."""
    return store.put(collection, record["id"], touch(store, collection, record))


def remove(store: Store, collection: str, id: str) -> None:
    """As a person deletes it: a job and an invoice stay and say so, everything else is gone (facts, "Deletion")."""
    record = store.get(collection, id)
    if record is None:
        return
    if collection == "jobs":
        keep(store, "jobs", {**record, "work_status": DELETED})
    elif collection == "invoices":
        keep(store, "invoices", {**record, "status": "voided", "due_amount": 0})
    else:
        store.delete(collection, id)
        if collection == "employees":
            store.put("left", id, record)

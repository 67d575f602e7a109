"""The price book: items by code; a deleted one is simply gone (Streams, Deletion)."""

from __future__ import annotations

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero.dialect import invalid, missing, new_id, stamped
from sandbox.xero.index import found

LONGEST = {"Code": 30, "Name": 50, "Description": 4000}
READ_ONLY = {"ItemID", "UpdatedDateUTC", "IsTrackedAsInventory", "QuantityOnHand", "TotalCostPool"}


def existing(store: Store, id: str) -> Record:
    """The item of this id, or code. Blocked when there is none."""
    record = store.get("items", id) or next(iter(found(store, "items", "Code", id)), None)
    if record is None:
        raise missing()
    return record


def create(store: Store, given: Record) -> Record:
    """A new item."""
    blank = {"ItemID": new_id(store, "items"), "PurchaseDetails": {}, "SalesDetails": {},
             "IsTrackedAsInventory": False, "IsSold": True, "IsPurchased": False}  # fmt: skip
    return _kept(store, blank, given)


def upsert(store: Store, given: Record) -> Record:
    """The item of this id or code, changed; else a new one."""
    if given.get("ItemID"):
        return change(store, str(given["ItemID"]), given)
    same = found(store, "items", "Code", str(given.get("Code") or ""))
    return _kept(store, same[0], given) if same else create(store, given)


def change(store: Store, id: str, given: Record) -> Record:
    """One item by its id."""
    return _kept(store, existing(store, id), given)


def delete(store: Store, id: str) -> None:
    """Remove an item; lines keep its code."""
    store.delete("items", existing(store, id)["ItemID"])


def _kept(store: Store, record: Record, given: Record) -> Record:
    told = {name: value for name, value in given.items() if value is not None and name not in READ_ONLY}
    changed = record | told
    if not changed.get("Code"):
        raise invalid("Item code must be specified")
    for member, most in LONGEST.items():
        if len(str(changed.get(member) or "")) > most:
            raise invalid(f"{member} must be {most} characters or fewer")
    if any(one["ItemID"] != record["ItemID"] for one in found(store, "items", "Code", changed["Code"])):
        raise invalid(f"Item with code '{changed['Code']}' already exists")
    store.put("items", record["ItemID"], stamped(changed, store.clock.now()))
    return store.get("items", record["ItemID"]) or {}

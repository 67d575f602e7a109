"""What HubSpot itself does to a record at any change: stamps, derived properties, history, archiving.

``touch`` and ``remove`` are what a person's edit passes through; writes of the API pass through them too.
"""

from __future__ import annotations

from typing import Any, cast

from sandbox.hubspot.catalog import OBJECT_TYPES, ObjectType
from sandbox.hubspot.dialect import PORTAL, UI_DOMAIN, stamp
from sandbox.hubspot.index import shelf
from sandbox.store import Store
from sandbox.twin import Record

_HISTORY_KEPT = 20


def text(value: Any) -> str:
    """A property value as HubSpot keeps it: always a string (facts: Read streams)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def touch(store: Store, collection: str, record: Record, source: str = "CRM_UI") -> Record:
    """The record as it is kept after a change now; ``source`` is CRM_UI (a person) or INTEGRATION (the API).

    Raises ValueError for an object whose id is not a number (HubSpot has no others) or whose unique value, such
    as a contact's e-mail, belongs to another live record; the API refuses that in its own words before it comes here.
    """
    if collection in OBJECT_TYPES:
        return _touch_object(store, OBJECT_TYPES[collection], record, source)
    if "updatedAt" in record:
        return {**record, "updatedAt": stamp(store.clock.now())}
    return record


def _touch_object(store: Store, kind: ObjectType, record: Record, source: str) -> Record:
    now = stamp(store.clock.now())
    id = str(record.get("id"))
    if not id.isdigit():
        raise ValueError(f"the id of a HubSpot {kind.singular} is a number, not {id!r}")
    old = store.get(kind.name, id)
    given = {name: text(value) for name, value in (record.get("properties") or {}).items() if value not in (None, "")}
    created = record.get("createdAt") or now
    properties = {**given, **derived(kind, given), "hs_object_id": id, kind.modified: now}
    properties.setdefault(kind.created, created)
    if not record.get("archived"):
        _refuse_taken(store, kind, id, properties)
    _remember(store, kind, id, _changed(old, properties), source)
    kept = {"id": id, "properties": properties, "createdAt": created, "updatedAt": now, **archiving(record, now)}
    return {**kept, "url": url(kind, id)}


def _refuse_taken(store: Store, kind: ObjectType, id: str, properties: Record) -> None:
    held = shelf(store, kind)
    for name in sorted(held.unique & properties.keys()):
        holder = held.holders.get((name, properties[name]), id)
        if holder != id:
            raise ValueError(f"{name} {properties[name]!r} belongs to {kind.singular} {holder}")


def archiving(record: Record, now: str) -> Record:
    """``archived`` and its stamp, which is there exactly while the record is archived."""
    if not record.get("archived"):
        return {"archived": False}
    return {"archived": True, "archivedAt": record.get("archivedAt") or now}


def derived(kind: ObjectType, properties: Record) -> Record:
    """Properties that HubSpot computes from others, and the e-mail in lower case."""
    if kind.name != "contacts":
        return {}
    email = (properties.get("email") or "").lower()
    name = " ".join(filter(None, (properties.get("firstname"), properties.get("lastname"))))
    found = {"email": email, "hs_email_domain": email.partition("@")[2], "hs_full_name_or_email": name or email}
    return {key: value for key, value in found.items() if value}


def url(kind: ObjectType, id: str) -> str:
    return f"https://{UI_DOMAIN}/contacts/{PORTAL}/record/{kind.type_id}/{id}"


def remove(store: Store, collection: str, id: str) -> None:
    """Archive an object, or an owner (a user who left); other records go for good. Unknown ids are ignored."""
    with store.lock:
        record = store.get(collection, id)
        if record is None:
            return
        if collection not in OBJECT_TYPES and collection != "owners":
            store.delete(collection, id)
        elif not record.get("archived"):
            now = stamp(store.clock.now())
            store.put(collection, id, {**record, **archiving({"archived": True}, now)})


def history(store: Store, kind: ObjectType, record: Record, name: str) -> list[Record]:
    """The versions of one property, newest first (ValueWithTimestamp); what was founded has one."""
    known = _past(store, kind, record["id"]).get(name)
    if known:
        return list(known)
    value = record["properties"].get(name)
    if value is None:
        return []
    return [{"value": value, "timestamp": record["createdAt"], "sourceType": "IMPORT", "sourceId": "founding"}]


def _past(store: Store, kind: ObjectType, id: str) -> dict[str, list[Record]]:
    past = cast("dict[tuple[str, str], dict[str, list[Record]]]", store.bag.setdefault("history", {}))
    return past.setdefault((kind.name, id), {})


def _changed(old: Record | None, properties: Record) -> Record:
    before: Record = old["properties"] if old else {}
    names = {**before, **properties}
    return {name: properties.get(name, "") for name in names if before.get(name) != properties.get(name)}


def _remember(store: Store, kind: ObjectType, id: str, changed: Record, source: str) -> None:
    now = stamp(store.clock.now())
    old = store.get(kind.name, id)
    for name, value in changed.items():
        earlier = history(store, kind, old, name) if old else []
        entry = {"value": value, "timestamp": now, "sourceType": source, "sourceId": f"portal:{PORTAL}"}
        _past(store, kind, id)[name] = [entry, *earlier][:_HISTORY_KEPT]

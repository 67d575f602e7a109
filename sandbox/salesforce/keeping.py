"""How records are made, changed, deleted and merged: what is required, what is computed, and what is stamped.

A write through the API passes the checks here; a person's edit is stamped and computed alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.salesforce.catalog import EXTERNAL_ID, KINDS, LENGTHS, PICKLISTS, STATUS, Kind, Member
from sandbox.salesforce.dialect import Failure, bad, day, full_id, instant, new_id, stamp
from sandbox.salesforce.index import holders
from sandbox.store import Store
from sandbox.twin import Record

COUNTS = {"WorkOrder": ("WorkOrderNumber", ""), "ServiceAppointment": ("AppointmentNumber", "SA-"),
          "AssignedResource": ("AssignedResourceNumber", "AR-")}  # fmt: skip
LOG = "deletions"  # (id, when, object) of everything that was deleted, in the store's bag
GONE = Failure(status=404, code="ENTITY_IS_DELETED", message="entity is deleted")
_CLOSED = ("Completed", "Closed", "Canceled", "Cannot Complete")
MERGED = ("Account", "Contact")


def existing(store: Store, kind: Kind, id: str) -> Record:
    """A living record by its id of 15 or 18 characters. Failure when it is deleted, unknown or malformed."""
    if len(id) not in (15, 18) or not id.isalnum():
        raise bad("MALFORMED_ID", f"{kind.name} ID: id value of incorrect type: {id}", "Id")
    record = store.get(kind.name, full_id(id))
    if record is None:
        raise Failure(status=404, code="NOT_FOUND", message="Provided external ID field does not exist or is not "
                      f"accessible: {id}")  # fmt: skip
    if record.get("IsDeleted"):
        raise GONE
    return record


def matching(store: Store, kind: Kind, name: str, value: str) -> list[Record]:
    """Living records with this value in a field that may be looked up. Failure when it may not."""
    member = kind.member(name)
    if member is None or not ({"e", "i"} & set(member.flags) or member.name == "Id"):
        said = f"Provided external ID field does not exist or is not accessible: {name}"
        raise Failure(status=404, code="NOT_FOUND", message=said)
    if member.name == "Id":
        held = [store.get(kind.name, full_id(value))]
    else:
        held = [store.get(kind.name, id) for id in sorted(holders(store, kind.name, member.name, value))]
    return [one for one in held if one is not None and not one.get("IsDeleted")]


def create(store: Store, kind: Kind, given: Record) -> Record:
    """A new record. Failure when it breaks a rule."""
    values = _checked(store, kind, given, new=True)
    missing = [m.name for m in kind.members.values() if "r" in m.flags and values.get(m.name) in (None, "")]
    if kind.name == "Event" and not values.get("StartDateTime") and not values.get("ActivityDate"):
        missing.append("StartDateTime")
    if missing:
        said = f"Required fields are missing: [{', '.join(missing)}]"
        raise bad("REQUIRED_FIELD_MISSING", said, *missing)
    id, now = new_id(store, kind), stamp(store.clock.now())
    record: Record = {"Id": id, "CreatedDate": now, **_first(kind), **values}
    if kind.name in COUNTS:
        name, prefix = COUNTS[kind.name]
        record[name] = f"{prefix}{store.next_id(name):08d}"
    return store.put(kind.name, id, touch(store, kind.name, record))


def change(store: Store, kind: Kind, record: Record, given: Record) -> Record:
    """The changed fields of a record. Failure when they break a rule."""
    values = _checked(store, kind, given, new=False)
    empty = [m.name for m in kind.members.values() if "r" in m.flags and m.name in values and not values[m.name]]
    if empty:
        raise bad("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(empty)}]", *empty)
    return store.put(kind.name, record["Id"], touch(store, kind.name, {**record, **values}))


def _first(kind: Kind) -> Record:
    """What a new record says when nobody says otherwise."""
    told: Record = {"IsDeleted": False} if kind.deletes else {}
    if kind.name in STATUS:
        told["Status"] = STATUS[kind.name][0]
    return told | ({"IsActive": True} if kind.name == "ServiceResource" else {})


def _checked(store: Store, kind: Kind, given: Mapping[str, Any], *, new: bool) -> Record:
    """The values as they are kept. Failure for unknown, read-only and unreadable ones."""
    values: Record = {}
    for name, value in given.items():
        if name in ("attributes", "id", "Id"):
            continue
        member = kind.member(name)
        if member is None:
            raise bad("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}", name)
        if "x" in member.flags or ("c" in member.flags and not new):
            said = f"Unable to create/update fields: {member.name}. Please check the security settings of this field"
            raise bad("INVALID_FIELD_FOR_INSERT_UPDATE", said, member.name)
        values[member.name] = _value(store, kind, member, value)
    return values


def _value(store: Store, kind: Kind, member: Member, value: Any) -> Any:
    if value is None or value == "":
        return None
    match member.kind:
        case "datetime":
            kept: Any = stamp(instant(value, member.name).replace(microsecond=0))
        case "date":
            kept = day(value, member.name).isoformat()
        case "boolean":
            kept = value is True or str(value).lower() == "true"
        case "int" | "double" | "currency":
            kept = _number(member, value)
        case "reference":
            kept = _reference(store, member, str(value))
        case _:
            kept = _text(kind, member, str(value))
    return kept


def _number(member: Member, value: Any) -> int | float:
    try:
        number = float(value)
    except (TypeError, ValueError) as problem:
        raise bad(
            "JSON_PARSER_ERROR", f"Cannot deserialize instance of {member.kind} from {value}", member.name
        ) from problem
    return int(number) if number.is_integer() else number


def _reference(store: Store, member: Member, value: str) -> str:
    id = full_id(value)
    held = (store.get(name, id) for name in member.to)
    if not any(one is not None and not one.get("IsDeleted") for one in held):
        raise bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", member.name)
    return id


def _text(kind: Kind, member: Member, value: str) -> str:
    most = LENGTHS.get(member.kind, 0)
    if most and len(value) > most:
        said = f"{member.name}: data value too large: {value[:40]} (max length={most})"
        raise bad("STRING_TOO_LONG", said, member.name)
    if member.kind == "picklist" and value not in PICKLISTS.get((kind.name, member.name), (value,)):
        said = f"{member.name}: bad value for restricted picklist field: {value}"
        raise bad("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", said, member.name)
    if member.kind == "email" and ("@" not in value or " " in value):
        raise bad("INVALID_EMAIL_ADDRESS", f"{member.name}: invalid email address: {value}", member.name)
    return value.strip()


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as it is kept after a change now: stamps, numbers and what follows from other fields.

    ValueError when a person's edit breaks a rule; the API tells it in its own words.
    """
    kind, now = KINDS[collection], stamp(store.clock.now())
    _refuse_taken(store, kind, record)
    told = {"CreatedDate": now, **record, "LastModifiedDate": now, "SystemModstamp": now}
    derive = _DERIVED.get(collection)
    return told if derive is None else derive(store, told)


def _refuse_taken(store: Store, kind: Kind, record: Record) -> None:
    mark = record.get(EXTERNAL_ID)
    if not mark or record.get("IsDeleted"):
        return
    others = [one["Id"] for one in matching(store, kind, EXTERNAL_ID, str(mark)) if one["Id"] != record.get("Id")]
    if others:
        said = f"duplicate value found: {EXTERNAL_ID} duplicates value on record with id: {others[0]}"
        raise bad("DUPLICATE_VALUE", said, EXTERNAL_ID)


def _person(_store: Store, record: Record) -> Record:
    names = (record.get("FirstName"), record.get("LastName"))
    return record | {"Name": " ".join(name for name in names if name)}


def _categorised(_store: Store, record: Record) -> Record:
    return record | {"StatusCategory": record.get("Status"), "IsClosed": record.get("Status") in _CLOSED}


def _appointment(store: Store, record: Record) -> Record:
    parent = str(record.get("ParentRecordId"))
    kind = "WorkOrder" if parent.startswith(KINDS["WorkOrder"].prefix) else "Account"
    above = store.get(kind, parent) or {}
    account = above.get("AccountId") if kind == "WorkOrder" else above.get("Id")
    told = {"StatusCategory": record.get("Status"), "ParentRecordType": kind, "AccountId": account}
    return record | told


def _event(_store: Store, record: Record) -> Record:
    """Start, end and length say the same thing; days of whole-day events are midnights in UTC."""
    start, end = record.get("StartDateTime") or record.get("ActivityDateTime"), record.get("EndDateTime")
    if start is None and record.get("ActivityDate"):
        start = stamp(datetime.combine(day(record["ActivityDate"], "ActivityDate"), datetime.min.time(), UTC))
    if start is None:
        return record
    begins = instant(start, "StartDateTime")
    minutes = record.get("DurationInMinutes") or 0
    ends = instant(end, "EndDateTime") if end else begins + timedelta(minutes=int(minutes))
    if ends < begins:
        raise bad("FIELD_INTEGRITY_EXCEPTION", "End date cannot be before start date", "EndDateTime")
    whole = bool(record.get("IsAllDayEvent"))
    if whole:
        begins, ends = (at.replace(hour=0, minute=0, second=0) for at in (begins, ends))
    length = int((ends - begins).total_seconds()) // 60 + (1440 if whole else 0)
    return record | {
        "StartDateTime": stamp(begins), "EndDateTime": stamp(ends),
        "ActivityDateTime": None if whole else stamp(begins), "ActivityDate": begins.date().isoformat(),
        "DurationInMinutes": length, "IsAllDayEvent": whole,
        "ShowAs": record.get("ShowAs") or "Busy",
    }  # fmt: skip


_DERIVED = {
    "Contact": _person, "User": _person, "WorkOrder": _categorised, "ServiceAppointment": _appointment, "Event": _event,
}  # fmt: skip


def remove(store: Store, collection: str, id: str) -> None:
    """Into the Recycle Bin, and what hangs on it with it. ValueError where nothing is ever deleted."""
    kind = KINDS[collection]
    if not kind.deletes:
        raise ValueError(f"a {collection} cannot be deleted in Salesforce; deactivate it")
    with store.lock:
        record = store.get(collection, id)
        if record is None or record.get("IsDeleted"):
            return
        _bin(store, kind, record)
        for child, member in _OWNED.get(collection, ()):
            for one in store.all(child):
                if one.get(member) == id:
                    remove(store, child, one["Id"])


_OWNED = {
    "Account": (("Contact", "AccountId"),), "WorkOrder": (("ServiceAppointment", "ParentRecordId"),),
    "ServiceAppointment": (("AssignedResource", "ServiceAppointmentId"),),
}  # fmt: skip


def _bin(store: Store, kind: Kind, record: Record, **more: Any) -> None:
    now = store.clock.now()
    store.put(kind.name, record["Id"], {**record, **more, "IsDeleted": True, "SystemModstamp": stamp(now)})
    store.bag.setdefault(LOG, []).append((record["Id"], now, kind.name))


def merge(store: Store, collection: str, id: str, into: str) -> None:
    """One account or contact into another: its records move over, and it stays behind naming the winner."""
    if collection not in MERGED:
        raise ValueError(f"{collection} records are not merged in Salesforce; only {' and '.join(MERGED)} are")
    with store.lock:
        kind = KINDS[collection]
        try:
            loser, winner = existing(store, kind, id), existing(store, kind, into)
        except Failure as problem:
            raise ValueError(problem.message) from problem
        if loser["Id"] == winner["Id"]:
            raise ValueError("a record is not merged into itself")
        for child in KINDS.values():
            for member in child.members.values():
                if collection in member.to and member.name != "MasterRecordId":
                    _move(store, child, member.name, loser["Id"], winner["Id"])
        _bin(store, kind, loser, MasterRecordId=winner["Id"])
        store.put(collection, winner["Id"], touch(store, collection, winner))


def _move(store: Store, kind: Kind, name: str, old: str, new: str) -> None:
    for one in store.all(kind.name):
        if one.get(name) == old and not one.get("IsDeleted"):
            store.put(kind.name, one["Id"], touch(store, kind.name, {**one, name: new}))

"""Reading: whole objects by query, then the windows of what was changed and what was deleted, by id.

A window is told complete up to an instant, which is where the next one starts; each begins ten minutes earlier, for
transactions that were long under way. Windows reach back 15 days and the log of deletions may be purged before that:
then all is read again (Incremental reads).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import part
from connectors.batches import chunks
from connectors.paging import full_due
from connectors.salesforce import organisation
from connectors.salesforce.dialect import AT_ONCE, DATA, among, rows
from connectors.salesforce.maps import MAPS, MARKER
from connectors.schedule import zulu
from connectors.spec import Api, Cursor, Page, Read, Record
from models.errors import Gone
from models.schema import Map

OVERLAP = timedelta(minutes=10)
FULL_DAYS = 7.0
CONTACT = ("Id", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "SystemModstamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One object as a resource.

    optional  part of Field Service, which an organisation may lack
    merges    its records are merged, and say into which
    below     (object, its field that points here) whose changes are changes of this one too
    """

    resource: str
    object: str
    optional: bool = False
    merges: bool = False
    below: tuple[str, str] | None = None


ACCOUNT = Kind(resource="accounts", object="Account", merges=True, below=("Contact", "AccountId"))
WORK_ORDER = Kind(resource="work_orders", object="WorkOrder", optional=True)
APPOINTMENT = Kind(resource="service_appointments", object="ServiceAppointment", optional=True)
ASSIGNED = Kind(resource="assigned_resources", object="AssignedResource", optional=True)
CREW = Kind(resource="service_resources", object="ServiceResource", optional=True)
EVENT = Kind(resource="events", object="Event")


def changing(kind: Kind) -> Read:
    """The reader of an object by its windows."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        if not has(api, kind):
            yield Page()
        elif full_due(api, cursor, FULL_DAYS):
            yield from _whole(api, kind)
        else:
            yield from _since(api, kind, datetime.fromisoformat(cursor["since"]) - OVERLAP, cursor["full_at"])

    return read


def crew(api: Api, _: Cursor) -> Iterator[Page]:
    """All service resources, each time: an edit of their users leaves no stamp on them, and none is ever deleted."""
    yield from _whole(api, CREW) if has(api, CREW) else iter((Page(),))


def has(api: Api, kind: Kind) -> bool:
    """Whether the stack says that the organisation has this object, and keeps there what it is read for."""
    if kind is ASSIGNED and api.settings.get("calendar_entries"):
        return False
    return not kind.optional or bool(api.settings.get("field_service", True))


def _whole(api: Api, kind: Kind) -> Iterator[Page]:
    """Every record, and what still lies in the Recycle Bin because it was merged away."""
    began = api.now().isoformat()
    organisation.check(api, kind.object, fields(api, kind))
    for records in rows(api, statement(api, kind)):
        yield Page(records=[shaped(api, kind, one) for one in records], full=True)
    lost = f"SELECT Id, MasterRecordId FROM {kind.object} WHERE MasterRecordId != null"  # noqa: S608 - the vendor's
    merged = _masters(one for page in rows(api, lost, bin=True) for one in page) if kind.merges else {}
    yield Page(merged=merged, full=True, cursor={"since": began, "full_at": began})


def _since(api: Api, kind: Kind, start: datetime, full_at: str) -> Iterator[Page]:
    """What was deleted, merged or changed since an instant."""
    changed, deleted, covered = _window(api, kind.object, start)
    if kind.below is not None:
        changed |= _above(api, *kind.below, start)
    lost = f"SELECT Id, MasterRecordId FROM {kind.object} WHERE Id IN ({{ids}})"  # noqa: S608 - the vendor's language
    merged = _masters(among(api, lost, sorted(deleted), bin=True)) if kind.merges else {}
    yield Page(deleted=sorted(deleted - set(merged)), merged=merged)
    for ids in chunks(sorted(changed - deleted), AT_ONCE):
        yield Page(records=list(known(api, kind, ids).values()))
    yield Page(cursor={"since": covered, "full_at": full_at})


def _window(api: Api, name: str, start: datetime) -> tuple[set[str], set[str], str]:
    """Ids that were changed and ids that were deleted since an instant, and up to when that is the whole truth."""
    asked = {"start": zulu(start), "end": zulu(api.now() + timedelta(minutes=1))}
    path = f"{DATA}/sobjects/{name}"
    gone = api.request("GET", f"{path}/deleted", params=asked).json()
    if _at(part(api, gone, "earliestDateAvailable")) > start:
        raise Gone(
            api.system, f"what was deleted of {name} is told from {gone['earliestDateAvailable']} on; all is read again"
        )
    moved = api.request("GET", f"{path}/updated", params=asked).json()
    covered = min(_at(part(api, one, "latestDateCovered")) for one in (gone, moved))
    deleted = {str(one["id"]) for one in part(api, gone, "deletedRecords")}
    return set(part(api, moved, "ids")), deleted, covered.isoformat()


def _above(api: Api, name: str, field: str, start: datetime) -> set[str]:
    """Ids of the records that changed or deleted records of another object point to."""
    changed, deleted, _ = _window(api, name, start)
    asked = f"SELECT {field} FROM {name} WHERE Id IN ({{ids}})"  # noqa: S608 - the vendor's language, constants
    return {str(one[field]) for one in among(api, asked, sorted(changed | deleted), bin=True) if one[field]}


def _masters(found: Iterator[Record]) -> Mapping[str, str]:
    return {one["Id"]: one["MasterRecordId"] for one in found if one["MasterRecordId"]}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def known(api: Api, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record]:
    """Living records by id, as a read returns them."""
    found = among(api, f"{statement(api, kind)} WHERE Id IN ({{ids}})", ids)
    return {one["Id"]: shaped(api, kind, one) for one in found}


def marked(api: Api, kind: Kind, marks: Sequence[str]) -> Mapping[str, Record]:
    """Living records by our marker."""
    name = organisation.own(api, kind.object, MARKER)
    if name is None:
        return {}
    found = among(api, f"{statement(api, kind)} WHERE {name} IN ({{ids}})", marks)
    return {one[name]: shaped(api, kind, one) for one in found}


def statement(api: Api, kind: Kind) -> str:
    """The query of everything that the maps read of an object."""
    selected = [*fields(api, kind), *([_first(api)] if kind is ACCOUNT else [])]
    return f"SELECT {', '.join(selected)} FROM {kind.object}"  # noqa: S608 - names from maps and stack


def _first(api: Api) -> str:
    """The contact that an account is spoken to through: ours, else the one that it had first.

    A merge brings an account contacts that are older than its own; what we wrote stays in ours.
    """
    marker = organisation.own(api, "Contact", MARKER)
    order = f"{marker} NULLS LAST, CreatedDate, Id" if marker else "CreatedDate, Id"
    return f"(SELECT {', '.join(CONTACT)} FROM Contacts ORDER BY {order} LIMIT 1)"  # noqa: S608 - constants


def fields(api: Api, kind: Kind) -> Sequence[str]:
    """The fields that the maps read of an object, as this organisation calls them."""
    found = (
        organisation.own(api, kind.object, path)
        for one in MAPS
        if one.resource == kind.resource
        for path in _paths(one)
    )
    return [name for name in dict.fromkeys(("Id", "SystemModstamp", *found)) if name]


def _paths(one: Map) -> Iterator[str]:
    """Fields of the object and of its parents; the contact comes by a query of its own."""
    codecs: list[Any] = [one.id, one.changed, one.version, one.where, one.core_ref, *one.fields.values()]
    for codec in codecs:
        paths = (codec,) if isinstance(codec, str) else () if codec is None else (*codec.paths, codec.target)
        yield from (path for path in paths if path and not path.startswith("Contact."))


def shaped(api: Api, kind: Kind, record: Record) -> Record:
    """A record in standard names; an account with its first contact as a member."""
    told = dict(organisation.standard(api, kind.object, record))
    if kind is ACCOUNT:
        below = told.pop("Contacts", None)
        told["Contact"] = below["records"][0] if below else None
    return told

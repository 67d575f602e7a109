"""The organization before anything is pushed: accounts, mailboxes of those who work there, their own time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.company import Busy, Company, Technician
from sandbox.microsoft_graph.dialect import DISPATCHER, guid, opaque, stamp
from sandbox.microsoft_graph.drafts import PLACE, blank, settled
from sandbox.microsoft_graph.shelf import link
from sandbox.microsoft_graph.times import day, windows_name
from sandbox.store import Store
from sandbox.twin import Record

_WEEKLY = "School pick-up"
_SUPPLIER = {"emailAddress": {"name": "Supplier training", "address": "training@supplier.example.com"}}


def seed(company: Company, store: Store) -> None:
    """Fill an empty store with the company's part of Microsoft 365."""
    store.bag["zone"] = company.time_zone
    domain = next((one.email.partition("@")[2] for one in company.technicians), "example.com")
    office = Technician(
        key="dispatcher", given_name="Dana", family_name="Dispatch", email=f"dispatch@{domain}", phone="+15125550100",
        active=True,
    )  # fmt: skip
    people = {one.key: _seed_person(store, company, one) for one in (office, *company.technicians)}
    for one in (office, *(one for one in company.technicians if one.active)):
        _seed_mailbox(store, people[one.key], shared_with=people[office.key])
    born = company.now - timedelta(days=30)
    for number, (who, body) in enumerate(_events(company)):
        _seed_event(store, people[who], body, born + timedelta(minutes=7 * number), number)


def _seed_person(store: Store, company: Company, one: Technician) -> Record:
    id = DISPATCHER if one.key == "dispatcher" else guid("user", one.key)
    full = f"{one.given_name} {one.family_name}"
    person = {
        "id": id, "displayName": full, "givenName": one.given_name, "surname": one.family_name, "mail": one.email,
        "userPrincipalName": one.email, "accountEnabled": one.active, "mobilePhone": one.phone, "businessPhones": [],
        "jobTitle": "Dispatcher" if id == DISPATCHER else "Technician", "officeLocation": None,
        "preferredLanguage": None, "companyName": company.name, "userType": "Member",
        "createdDateTime": (company.now - timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    return store.put("users", id, person)


def _seed_mailbox(store: Store, person: Record, *, shared_with: Record) -> None:
    for name, default in (("Calendar", True), ("On call", False)):
        id = opaque("calendar", person["id"], name, kind="id")
        record = {
            "id": id, "name": name, "color": "auto", "hexColor": "", "isDefaultCalendar": default, "canEdit": True,
            "canShare": True, "canViewPrivateItems": True, "isRemovable": not default, "isTallyingResponses": default,
            "changeKey": opaque("version", id, kind="key"), "allowedOnlineMeetingProviders": ["teamsForBusiness"],
            "defaultOnlineMeetingProvider": "teamsForBusiness",
            "owner": {"name": person["displayName"], "address": person["mail"]},
        }  # fmt: skip
        store.put("calendars", f"{person['id']}/{id}", record)
    if person["id"] != shared_with["id"]:
        address = {"name": shared_with["displayName"], "address": shared_with["mail"]}
        roles = {"role": "write", "allowedRoles": ["freeBusyRead", "limitedRead", "read", "write"]}
        shared = {"emailAddress": address, **roles, "isRemovable": True, "isInsideOrganization": True}
        key = opaque("permission", person["id"], kind="id")
        store.put("permissions", f"{person['id']}/{key}", {"id": key, **shared})


def _events(company: Company) -> Iterator[tuple[str, Record]]:
    """Whose, and what was said of it: their own time, an invitation turned down, a reminder that takes no time."""
    active = [one.key for one in company.technicians if one.active]
    for busy in company.busy:
        if busy.technician in active:
            yield busy.technician, _busy(busy)
    if not active:
        return
    zone = windows_name(company.time_zone)
    at = company.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    declined = {"isOrganizer": False, "organizer": _SUPPLIER, "location": {"displayName": "Online"},
                "responseStatus": {"response": "declined", "time": stamp(company.now - timedelta(days=3))}}  # fmt: skip
    yield active[0], {"subject": "Heat pump product training", **_span(at, timedelta(hours=2), zone), **declined}
    morrow = (company.now + timedelta(days=5)).date()
    days = {"start": day(morrow, zone), "end": day(morrow + timedelta(days=1), zone)}
    yield active[-1], {"subject": "Bring van to car wash", "isAllDay": True, "showAs": "free", **days}


def _busy(busy: Busy) -> Record:
    zone = windows_name(busy.time_zone)
    said: Record = {"subject": busy.title, "showAs": "oof" if busy.all_day else "busy"}
    if busy.all_day:
        local = ZoneInfo(busy.time_zone)
        first, last = (at.astimezone(local).date() for at in (busy.starts_at, busy.ends_at))
        return {**said, "isAllDay": True, "start": day(first, zone), "end": day(last, zone)}
    said |= _span(busy.starts_at, busy.ends_at - busy.starts_at, zone)
    if busy.title == _WEEKLY:
        said["sensitivity"] = "private"
        days = [busy.starts_at.astimezone(ZoneInfo(busy.time_zone)).strftime("%A").lower()]
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": days, "firstDayOfWeek": "sunday"}
        said["recurrence"] = {"pattern": pattern, "range": {"type": "numbered", "numberOfOccurrences": 4}}
    return said


def _span(at: datetime, length: timedelta, zone: str) -> Record:
    sides = ((at + more).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") for more in (timedelta(), length))
    start, end = ({"dateTime": text + "Z", "timeZone": zone} for text in sides)
    return {"start": start, "end": end}


def _seed_event(store: Store, person: Record, said: Record, at: datetime, number: int) -> None:
    id = opaque("seeded", person["id"], str(number), kind="id")
    default = opaque("calendar", person["id"], "Calendar", kind="id")
    new = {**blank(person, id, at), PLACE: link(store, person["id"], default)}
    key = opaque("version", id, kind="key")
    versions = {"@odata.etag": f'W/"{key}"', "changeKey": key, "lastModifiedDateTime": stamp(at)}
    event = {**settled(new, said), **versions}
    if event["type"] == "seriesMaster":  # the third day was called off, as a person's deletion leaves it
        third = datetime.fromisoformat(event["start"]["dateTime"][:19]) + timedelta(weeks=2)
        event["cancelledOccurrences"] = [f"{id}.{third:%Y%m%d}"]
    store.put("events", id, event)

"""What the company keeps in its calendars before anything is pushed: the technicians' own busy time.

One calendar per active technician, its id being the technician's e-mail, and one of the dispatcher, who
administers the Workspace and owns every calendar beside its technician.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.company import Busy, Company, Technician
from sandbox.google_calendar import shelf
from sandbox.google_calendar.credentials import DISPATCHER, SERVICE_ACCOUNT
from sandbox.google_calendar.directory import CUSTOMER
from sandbox.google_calendar.drafts import settle
from sandbox.google_calendar.series import expand
from sandbox.google_calendar.sharing import grant, subscribe
from sandbox.google_calendar.stamps import etag_of, fresh, make_id, stamp_event
from sandbox.google_calendar.times import show_stamp, show_time
from sandbox.google_calendar.views import html_link
from sandbox.store import Store

Record = dict[str, Any]

_WEEKLY = "School pick-up"
_SUPPLIER = "training@supplier.example.com"


def seed(company: Company, store: Store) -> None:
    """Fill the store: users, calendars, sharing rules, calendar lists, events."""
    dispatcher = Technician(
        key="dispatcher", given_name="Dana", family_name="Dispatch", email=DISPATCHER, phone="+15125550100", active=True
    )
    for person in (dispatcher, *company.technicians):
        _seed_user(store, company, person, admin=person is dispatcher)
    active = [person for person in company.technicians if person.active]
    for person in (dispatcher, *active):
        _seed_calendar(store, company, person)
    born = company.now.astimezone(UTC).replace(microsecond=0) - timedelta(days=30)
    for number, (calendar, event) in enumerate(_events(company, active)):
        at = born + timedelta(minutes=7 * number, milliseconds=123)
        kept = stamp_event(store, {**event, "created": show_stamp(at)}, None, at)
        store.put("events", shelf.key(calendar, kept["id"]), kept)


def _seed_user(store: Store, company: Company, person: Technician, *, admin: bool) -> None:
    full = f"{person.given_name} {person.family_name}"
    user = {
        "kind": "admin#directory#user",
        "id": str(10**20 + int(make_id("user", person.key, length=12), 32)),
        "primaryEmail": person.email,
        "name": {"givenName": person.given_name, "familyName": person.family_name, "fullName": full},
        "isAdmin": admin,
        "isDelegatedAdmin": False,
        "suspended": not person.active,
        "archived": False,
        "emails": [{"address": person.email, "primary": True}],
        "phones": [{"value": person.phone, "type": "work", "primary": True}],
        "organizations": [{"name": company.name, "title": "Dispatcher" if admin else "Technician", "primary": True}],
        "customerId": CUSTOMER,
        "orgUnitPath": "/",
        "creationTime": show_stamp(company.now - timedelta(days=400)),
        "isMailboxSetup": True,
        "includeInGlobalAddressList": True,
    }
    store.put("users", str(user["id"]), fresh(store, user))


def _seed_calendar(store: Store, company: Company, person: Technician) -> None:
    id = person.email
    record = {"kind": "calendar#calendar", "id": id, "summary": id, "timeZone": company.time_zone}
    store.put("calendars", id, fresh(store, record))
    grant(store, id, {"type": "user", "value": id}, "owner")
    subscribe(store, id, id, {})
    if id == DISPATCHER:
        return
    grant(store, id, {"type": "user", "value": DISPATCHER}, "owner")
    grant(store, id, {"type": "user", "value": SERVICE_ACCOUNT}, "writer")
    name = f"{person.given_name} {person.family_name}"
    subscribe(store, DISPATCHER, id, {"summaryOverride": name})


def _events(company: Company, active: list[Technician]) -> Iterator[tuple[str, Record]]:
    emails = {person.key: person.email for person in active}
    for busy in company.busy:
        if busy.technician in emails:
            yield from _busy_events(emails[busy.technician], busy, company.time_zone)
    if active:
        yield active[0].email, _declined(company, active[0].email)
        yield active[-1].email, _transparent(company, active[-1].email)


def _busy_events(calendar: str, busy: Busy, zone: str) -> Iterator[tuple[str, Record]]:
    body: Record = {"summary": busy.title, **_times(busy)}
    if busy.title == _WEEKLY and not busy.all_day:
        body["recurrence"] = ["RRULE:FREQ=WEEKLY;COUNT=4"]
    event = _event(calendar, busy.key, body, zone)
    yield calendar, event
    if "recurrence" in event:
        # The third pick-up was called off: an exception of its own, as a person's deletion leaves it.
        instances = list(expand(event, zone, None, datetime.max.replace(tzinfo=UTC)))
        yield calendar, {**instances[2], "status": "cancelled"}


def _times(busy: Busy) -> Record:
    if busy.all_day:
        zone = ZoneInfo(busy.time_zone)
        days = (busy.starts_at.astimezone(zone).date(), busy.ends_at.astimezone(zone).date())
        return {"start": {"date": days[0].isoformat()}, "end": {"date": days[1].isoformat()}}
    start, end = (
        {"dateTime": show_time(at, busy.time_zone), "timeZone": busy.time_zone} for at in (busy.starts_at, busy.ends_at)
    )
    return {"start": start, "end": end}


def _declined(company: Company, calendar: str) -> Record:
    """An invitation from outside that the technician turned down: it takes no time."""
    at = company.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    body = {
        "summary": "Heat pump product training",
        "location": "Online",
        **_span(at, timedelta(hours=2), company.time_zone),
        "attendees": [
            {"email": _SUPPLIER, "organizer": True, "responseStatus": "accepted"},
            {"email": calendar, "responseStatus": "declined"},
        ],
    }
    event = _event(calendar, "declined", body, company.time_zone)
    return {**event, "creator": {"email": _SUPPLIER}, "organizer": {"email": _SUPPLIER}}


def _transparent(company: Company, calendar: str) -> Record:
    """A reminder shown as available: it takes no time either."""
    day = (company.now + timedelta(days=5)).date()
    times = {"start": {"date": day.isoformat()}, "end": {"date": (day + timedelta(days=1)).isoformat()}}
    body = {"summary": "Bring van to car wash", "transparency": "transparent", **times}
    return _event(calendar, "transparent", body, company.time_zone)


def _span(at: datetime, length: timedelta, zone: str) -> Record:
    start, end = ({"dateTime": show_time(when, zone), "timeZone": zone} for when in (at, at + length))
    return {"start": start, "end": end}


def _event(calendar: str, key: str, body: Record, zone: str) -> Record:
    id = make_id("seeded", calendar, key)
    return {
        "kind": "calendar#event",
        "id": id,
        "etag": etag_of(datetime(2026, 1, 1, tzinfo=UTC)),
        **settle(body, calendar=calendar, zone=zone),
        "iCalUID": f"{id}@google.com",
        "htmlLink": html_link(id, calendar),
        "creator": {"email": calendar, "self": True},
        "organizer": {"email": calendar, "self": True},
    }

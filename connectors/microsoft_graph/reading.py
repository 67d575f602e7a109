"""People, the events of their calendars by delta links, and the free/busy time of others.

The cursor of events: ``{"until": instant, "mailboxes": {<user id>: {<calendar id>: {"link": <delta link>, "ids":
[<event id>, ...]}}}}``. A link stands for days that are fixed in it (Delta): when the clock comes near their end, and
when Graph no longer knows a link (410), the calendar is gone through from the beginning. What is absent then, or told
to be removed, may also have moved out of these days: it is gone when Graph, asked for it by its id, says so.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.answers import one_at
from connectors.batches import chunks
from connectors.horizon import DAY, Span, falls_short, span_of
from connectors.microsoft_graph.dialect import API, NO_MAILBOX, Inner, code_of, follow, kept, mailbox_path, refusal
from connectors.microsoft_graph.writing import fetch_many
from connectors.spec import EMPTY, Api, Cursor, Page, Record
from models.errors import Gone, Rejected, Unreachable

PERSON = "id,displayName,givenName,surname,mail,userPrincipalName,accountEnabled,mobilePhone,jobTitle"
MOST_PEOPLE = 999
# Free/busy is given for so many addresses and days in one call.
MOST_SCHEDULES, MOST_DAYS = 20, 60

Position = Mapping[str, Any]


def read_users(api: Api, _: Cursor) -> Iterator[Page]:
    """Everybody in the directory, or the ``mailboxes`` that the stack names."""
    for people in _people(api):
        yield Page(records=people, full=True)


def _people(api: Api) -> Iterator[Sequence[Record]]:
    named = api.settings.get("mailboxes")
    if not named:
        for body in follow(api, f"{API}/users", {"$select": PERSON, "$top": MOST_PEOPLE}):
            yield body["value"]
        return
    yield [_person(api, str(one)) for one in named]


def _person(api: Api, name: str) -> Record:
    found = one_at(api, f"{API}/{mailbox_path(name)}", params={"$select": PERSON})
    if found is None:
        raise Rejected(api.system, f"there is no mailbox {name}; correct 'mailboxes'")
    return {member: value for member, value in found.items() if member != "@odata.context"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What all calendars of one read have in common; ``again``: the days are new, the links are not followed."""

    api: Api
    span: Span
    full: bool
    again: bool

    def looked_up(self, mailbox: str, ids: Sequence[str]) -> dict[str, Record]:
        """Those of these events that are still there, as they are now."""
        found = fetch_many(self.api, [f"{mailbox}/{id}" for id in ids])
        return {one.record["id"]: one.record for one in found.values() if one.record is not None}


def read_events(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Pages of every calendar of every mailbox."""
    known: Mapping[str, Position] = cursor.get("mailboxes") or EMPTY
    full = not known
    again = full or falls_short(api, cursor["until"])
    reading = _Reading(api=api, span=span_of(api), full=full, again=again)
    after: dict[str, Position] = {}
    for person in _chosen(api, known):
        before = known.get(person["id"], EMPTY)
        calendars = _calendars(api, person["id"], expected=bool(before or api.settings.get("mailboxes")))
        if calendars is not None:
            after[person["id"]] = yield from _mailbox(reading, person, calendars, before)
    dropped = [
        f"{mailbox}/{id}"
        for mailbox, before in known.items()
        for calendar, position in before.items()
        if calendar not in after.get(mailbox, EMPTY)
        for id in position["ids"]
    ]
    until = reading.span.until.isoformat() if again else cursor["until"]
    yield Page(deleted=dropped, cursor={"until": until, "mailboxes": after}, full=full)


def _chosen(api: Api, known: Mapping[str, Position]) -> list[Record]:
    """People with an address. One whose mailbox was read and who left the list is asked for: 404 alone means gone."""
    people = {one["id"]: one for page in _people(api) for one in page if one.get("mail")}
    for mailbox in [] if api.settings.get("mailboxes") else [id for id in known if id not in people]:
        if (found := one_at(api, f"{API}/{mailbox_path(mailbox)}", params={"$select": PERSON})) is not None:
            people[mailbox] = found
    return list(people.values())


def _calendars(api: Api, mailbox: str, *, expected: bool) -> list[str] | None:
    """The mailbox's own calendars; None for somebody who has no mailbox and of whom none was expected."""
    path = f"{API}/{mailbox_path(mailbox, 'calendars')}"
    answer = api.request("GET", path, params={"$select": "id,name,owner", "$top": 100}, accept=(404,))
    body = answer.json()
    if answer.status == 404:
        if not expected and code_of(body) == NO_MAILBOX:
            return None
        raise refusal(api, f"GET /{path}", Inner(status=404, body=body, headers=answer.headers))
    found = list(body["value"])
    if link := body.get("@odata.nextLink"):
        found += [one for page in follow(api, link) for one in page["value"]]
    return [one["id"] for one in found if _own(one, found)]


def _own(calendar: Record, listed: Sequence[Record]) -> bool:
    """Not one that a colleague shared, which is read with the colleague: the first one listed is the mailbox's own."""
    address = (calendar.get("owner") or {}).get("address")
    mine = (listed[0].get("owner") or {}).get("address")
    return address is None or mine is None or str(address).lower() == str(mine).lower()


def _mailbox(
    reading: _Reading, person: Record, calendars: Sequence[str], before: Position
) -> Generator[Page, None, Position]:
    after: dict[str, Any] = {}
    for calendar in calendars:
        position = before.get(calendar, EMPTY)
        link = None if reading.again else position.get("link")
        try:
            after[calendar] = yield from _round(reading, person, calendar, position, link)
        except Gone:
            if link is None:
                raise
            after[calendar] = yield from _round(reading, person, calendar, position, None)
    return after


@dataclass(slots=True, kw_only=True)
class _Told:
    """What a round told of events by id."""

    seen: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


def _round(
    reading: _Reading, person: Record, calendar: str, before: Position, link: str | None
) -> Generator[Page, None, Position]:
    """All pages from a link, or of all days; Unreachable when they end without the link of the next round."""
    mailbox, known, told = person["id"], set(before.get("ids", ())), _Told()
    path = f"{API}/{mailbox_path(mailbox, 'calendars', calendar)}/calendarView/delta()"
    days = {"startDateTime": reading.span.since.isoformat(), "endDateTime": reading.span.until.isoformat()}
    body: Mapping[str, Any] = EMPTY
    for body in follow(reading.api, link or path, EMPTY if link else days):
        events = [one for one in body["value"] if "@removed" not in one]
        told.removed = (told.removed - {one["id"] for one in events}) | _removed(body["value"])
        told.seen = (told.seen | {one["id"] for one in events}) - told.removed
        if events:
            yield Page(records=[kept(mailbox, one, person["mail"]) for one in events], full=reading.full)
    if not body.get("@odata.deltaLink"):
        said = f"a calendar of {person['mail']} ended without a delta link; read it again later"
        raise Unreachable(reading.api.system, said)
    lost = (known & told.removed) if link else (known - told.seen)
    there = reading.looked_up(mailbox, sorted(lost)) if lost else {}
    still = [{**one, "mailbox": {"id": mailbox, "address": person["mail"]}} for one in there.values()]
    if lost:
        yield Page(records=still, deleted=[f"{mailbox}/{id}" for id in sorted(lost - set(there))], full=reading.full)
    ahead = {one["id"] for one in still if _ends_after(one, reading.span)}
    alive = ((known - lost) | told.seen | ahead) if link else (told.seen | ahead)
    return {"link": _relative(reading.api, body["@odata.deltaLink"]), "ids": sorted(alive)}


def _removed(value: Sequence[Record]) -> set[str]:
    return {one["id"] for one in value if "@removed" in one}


def _ends_after(event: Record, span: Span) -> bool:
    """Whether it moved ahead and may come back; what lies behind is asked for no more."""
    ends = event["when"].get("ends_at") or event["when"].get("ends_on")
    return ends is None or ends[:10] >= span.since.date().isoformat()


def _relative(api: Api, link: str) -> str:
    """A link without the base address, which a stack may change."""
    return link.removeprefix(api.base_url).lstrip("/")


def read_availability(api: Api, _: Cursor) -> Iterator[Page]:
    """Taken time of the addresses in ``availability``, of whose calendars no more is shown (Streams, free/busy)."""
    asker = next((one["id"] for people in _people(api) for one in people if one.get("mail")), None)
    addresses = api.settings.get("availability") or ()
    if asker is None and addresses:
        raise Rejected(api.system, "there is nobody in whose name to ask for free/busy; name 'mailboxes'")
    span, found = span_of(api), dict[str, Record]()
    since = span.since
    while since < span.until and addresses:
        until = min(since + MOST_DAYS * DAY, span.until)
        for group in chunks(addresses, MOST_SCHEDULES):
            found |= {schedule_id(one): one for one in _taken(api, str(asker), group, since, until)}
        since = until
    yield Page(records=list(found.values()), full=True)


def schedule_id(record: Record) -> str:
    """Free/busy has no ids: whose time, and from when to when."""
    return f"{record['scheduleId']}/{record['start']['dateTime']}/{record['end']['dateTime']}"


def _taken(api: Api, asker: str, group: Sequence[str], since: datetime, until: datetime) -> Iterator[Record]:
    times = [{"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"} for at in (since, until)]
    asked = {"schedules": list(group), "startTime": times[0], "endTime": times[1], "availabilityViewInterval": 60}
    path = f"{API}/{mailbox_path(asker, 'calendar', 'getSchedule')}"
    for one in api.request("POST", path, json=asked, repeatable=True).json()["value"]:
        if problem := one.get("error"):
            said = problem.get("message") or problem.get("responseCode")
            raise Rejected(api.system, f"no free/busy of {one['scheduleId']}: {said}; correct 'availability'")
        for item in one["scheduleItems"]:
            yield {"scheduleId": one["scheduleId"], **item, "when": kept("", item)["when"]}

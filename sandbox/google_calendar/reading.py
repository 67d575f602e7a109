"""Reading events: list, get, instances.

Vendor facts: facts sections "Streams", "Paging and incremental read", "Deletion, time, webhooks"; the parameters'
meaning in the vendor's discovery document, calendar.events.list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from sandbox.google_calendar import series, shelf
from sandbox.google_calendar.access import Opened, open_calendar
from sandbox.google_calendar.dialect import CalendarError, Call, choice, flag, invalid, not_found, reply
from sandbox.google_calendar.listing import Row, cut, open_round
from sandbox.google_calendar.stamps import collection_etag
from sandbox.google_calendar.times import known_zone, moment, parse_instant
from sandbox.google_calendar.views import bare, reminders_of, show
from sandbox.store import Store

Record = dict[str, Any]

NOT_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_NO_SYNC_AFTER = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
_UPDATED_MIN_REACH = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list call asks for; the bounds are UTC instants or None."""

    low: datetime | None
    high: datetime | None
    updated_min: datetime | None
    single: bool
    deleted: bool
    order: str | None
    private: tuple[str, ...]
    shared: tuple[str, ...]
    types: tuple[str, ...]
    uid: str | None
    text: str | None


def list_events(call: Call) -> Response:
    """``GET calendars/{calendarId}/events``."""
    calendar = open_calendar(call)
    wanted = _wanted(call)
    round = open_round(call, f"events:{calendar.id}", role=calendar.role, default=250, top=2500, refused=NOT_WITH_SYNC)
    zone = _answer_zone(call, calendar)
    if round.since is None:
        rows = list(_full(call.store, calendar, wanted))
    else:
        rows = list(_changed(call.store, calendar, wanted, round.since))
    shown = [(place, _shown(call, calendar, event, zone, lean=round.since is not None)) for place, event in rows]
    syncs = not any(name in call.query for name in _NO_SYNC_AFTER)
    return reply(call, {**envelope(call, calendar), **cut(call, round, shown, syncs=syncs)})


def get_event(call: Call) -> Response:
    """``GET .../events/{eventId}``; a deleted event is still given, as cancelled."""
    calendar = open_calendar(call)
    event = find(call.store, calendar.id, call.ids["eventId"])
    if event is None:
        raise not_found()
    return reply(call, show(event, calendar, call, _answer_zone(call, calendar)))


def list_instances(call: Call) -> Response:
    """``GET .../events/{eventId}/instances``."""
    calendar = open_calendar(call)
    master = shelf.event(call.store, calendar.id, call.ids["eventId"])
    if master is None:
        raise not_found()
    round = open_round(
        call,
        f"instances:{calendar.id}:{master['id']}",
        role=calendar.role,
        default=250,
        top=2500,
        refused=("syncToken",),
    )
    wanted = _wanted(call, single=True)
    original = call.query.get("originalStart")
    rows = [
        ([event["start"].get("dateTime") or event["start"]["date"], event["id"]], event)
        for event in _instances(call.store, calendar, master, wanted)
        if original is None or _same_start(event, original, calendar.zone)
    ]
    zone = _answer_zone(call, calendar)
    shown = [(place, _shown(call, calendar, event, zone, lean=False)) for place, event in rows]
    return reply(call, {**envelope(call, calendar), **cut(call, round, shown)})


def find(store: Store, calendar: str, id: str) -> Record | None:
    """A stored event, or the instance that a stored series gives for this id."""
    stored = shelf.event(store, calendar, id)
    parts = series.split_id(id)
    if stored is not None or parts is None:
        return stored
    master = shelf.event(store, calendar, parts[0])
    return None if master is None else series.find_instance(master, parts[1])


def envelope(call: Call, calendar: Opened) -> Record:
    """What stands around the items of a page of events."""
    newest = shelf.newest(call.store, "events", calendar.id)
    return {
        "kind": "calendar#events",
        "etag": collection_etag(call.store, calendar.id),
        "summary": calendar.record["summary"],
        "description": calendar.record.get("description", ""),
        "updated": "1970-01-01T00:00:00.000Z" if newest is None else newest["updated"],
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
        "defaultReminders": reminders_of(calendar.role),
    }


def busy_events(store: Store, calendar: Opened, low: datetime, high: datetime) -> list[Record]:
    """Single events and instances that touch the span, cancelled ones left out."""
    wanted = Wanted(
        low=low,
        high=high,
        updated_min=None,
        single=True,
        deleted=False,
        order=None,
        private=(),
        shared=(),
        types=(),
        uid=None,
        text=None,
    )
    return [event for _, event in _full(store, calendar, wanted)]


def _wanted(call: Call, *, single: bool | None = None) -> Wanted:
    low, high = _bound(call, "timeMin"), _bound(call, "timeMax")
    if low is not None and high is not None and low >= high:
        message = "The specified time range is empty."
        raise CalendarError(400, "timeRangeEmpty", message, domain="calendar", at=("parameter", "timeMax"))
    single = bool(flag(call, "singleEvents")) if single is None else single
    order = choice(call, "orderBy", ("startTime", "updated"))
    if order == "startTime" and not single:
        raise invalid("The requested ordering is not available for the particular query.", "orderBy")
    return Wanted(
        low=low,
        high=high,
        updated_min=_updated_min(call),
        single=single,
        deleted=bool(flag(call, "showDeleted")),
        order=order,
        private=_pairs(call, "privateExtendedProperty"),
        shared=_pairs(call, "sharedExtendedProperty"),
        types=tuple(call.query.getlist("eventTypes")),
        uid=call.query.get("iCalUID"),
        text=call.query.get("q"),
    )


def _bound(call: Call, name: str) -> datetime | None:
    text = call.query.get(name)
    if text is None:
        return None
    at = parse_instant(text.replace(" ", "+"))
    if at is None:
        raise CalendarError(400, "badRequest", "Bad Request", at=("parameter", name))
    return at


def _updated_min(call: Call) -> datetime | None:
    at = _bound(call, "updatedMin")
    if at is not None and call.store.clock.now() - at > _UPDATED_MIN_REACH:
        message = "The requested minimum modification time lies too far in the past."
        raise CalendarError(410, "updatedMinTooLongAgo", message, domain="calendar", at=("parameter", "updatedMin"))
    return at


def _pairs(call: Call, name: str) -> tuple[str, ...]:
    pairs = tuple(call.query.getlist(name))
    if any("=" not in pair for pair in pairs):
        raise invalid("Invalid extended property constraint.", name)
    return pairs


def _answer_zone(call: Call, calendar: Opened) -> str:
    zone = call.query.get("timeZone", calendar.zone)
    if not known_zone(zone):
        raise invalid("Invalid time zone value.", "timeZone")
    return zone


def _shown(call: Call, calendar: Opened, event: Record, zone: str, *, lean: bool) -> Record:
    # An incremental read names a deletion and says nothing more about it, unless showDeleted asks for it.
    if event["status"] == "cancelled" and ((lean and not flag(call, "showDeleted")) or "recurringEventId" in event):
        return bare(event, zone)
    return show(event, calendar, call, zone)


def _full(store: Store, calendar: Opened, wanted: Wanted) -> Iterator[Row]:
    held = shelf.held(store, "events", calendar.id)
    masters = {event["id"]: event for _, event in held if "recurrence" in event}
    taken = _exceptions(event for _, event in held)
    for ordinal, event in held:
        if wanted.single and "recurrence" in event:
            instances = _by_rule(store, calendar, event, wanted, taken)
            yield from (
                (_place(wanted, calendar.zone, [ordinal], one), one) for one in instances if _matches(one, wanted)
            )
        elif _alive(event, wanted, masters) and _touches(event, calendar.zone, wanted) and _matches(event, wanted):
            yield _place(wanted, calendar.zone, [ordinal], event), event


def _changed(store: Store, calendar: Opened, wanted: Wanted, since: int) -> Iterator[Row]:
    taken = _exceptions(event for _, event in shelf.held(store, "events", calendar.id)) if wanted.single else set()
    for at, event in shelf.changed_since(store, "events", calendar.id, since):
        if wanted.types and event.get("eventType", "default") not in wanted.types:
            continue
        if wanted.single and "recurrence" in event:
            instances = _by_rule(store, calendar, event, wanted, taken)
            yield from (([at, place], one) for place, one in enumerate(instances))
        else:
            yield [at, 0], event


def _instances(store: Store, calendar: Opened, master: Record, wanted: Wanted) -> Iterator[Record]:
    """The instances of one series, those with an exception of their own included."""
    exceptions = [
        event for _, event in shelf.held(store, "events", calendar.id) if event.get("recurringEventId") == master["id"]
    ]
    yield from _by_rule(store, calendar, master, wanted, _exceptions(exceptions))
    for event in exceptions:
        if (event["status"] != "cancelled" or wanted.deleted) and _touches(event, calendar.zone, wanted):
            yield event


def _exceptions(events: Iterable[Record]) -> set[str]:
    return {event["id"] for event in events if "recurringEventId" in event}


def _by_rule(store: Store, calendar: Opened, master: Record, wanted: Wanted, taken: set[str]) -> Iterator[Record]:
    """What the rules of a series give, without the starts that have an exception (their ids are ``taken``)."""
    if "recurrence" not in master:
        return
    high = wanted.high or store.clock.now() + series.HORIZON
    for instance in series.expand(master, calendar.zone, wanted.low, high):
        if instance["id"] not in taken:
            yield instance


def _alive(event: Record, wanted: Wanted, masters: dict[str, Record]) -> bool:
    if event["status"] != "cancelled" or wanted.deleted:
        return True
    if wanted.updated_min is not None and _updated(event) >= wanted.updated_min:
        return True
    # Without singleEvents a reader expands the series itself and must learn of instances taken out of it.
    master = masters.get(event.get("recurringEventId", ""))
    return not wanted.single and master is not None and master["status"] != "cancelled"


def _touches(event: Record, zone: str, wanted: Wanted) -> bool:
    if "recurrence" in event:
        if wanted.low is None and wanted.high is None:
            return True
        high = wanted.high or moment(event["end"], zone) + series.HORIZON * 10
        return next(series.expand(event, zone, wanted.low, high), None) is not None
    after_low = wanted.low is None or moment(event["end"], zone) > wanted.low
    return after_low and (wanted.high is None or moment(event["start"], zone) < wanted.high)


def _matches(event: Record, wanted: Wanted) -> bool:
    properties = event.get("extendedProperties", {})
    return (
        _has(properties.get("private", {}), wanted.private)
        and _has(properties.get("shared", {}), wanted.shared)
        and (wanted.updated_min is None or _updated(event) >= wanted.updated_min)
        and (not wanted.types or event.get("eventType", "default") in wanted.types)
        and (wanted.uid is None or event["iCalUID"] == wanted.uid)
        and (wanted.text is None or _mentions(event, wanted.text))
        and (event["status"] != "cancelled" or not wanted.single or wanted.deleted or wanted.updated_min is not None)
    )


def _has(properties: Record, pairs: tuple[str, ...]) -> bool:
    return all(properties.get(pair.partition("=")[0]) == pair.partition("=")[2] for pair in pairs)


def _mentions(event: Record, text: str) -> bool:
    people = [event.get("organizer", {}), *event.get("attendees", [])]
    fields = [event.get(name, "") for name in ("summary", "description", "location")]
    fields += [person.get(name, "") for person in people for name in ("email", "displayName")]
    whole = "\n".join(fields).lower()
    return all(term in whole for term in text.lower().split())


def _updated(event: Record) -> datetime:
    return datetime.fromisoformat(event["updated"])


def _place(wanted: Wanted, zone: str, ordinal: list[int], event: Record) -> list[Any]:
    if wanted.order == "updated":
        return [event["updated"], event["id"]]
    if wanted.order == "startTime":
        return [moment(event["start"], zone).isoformat(), event["id"]]
    return [*ordinal, event["start"].get("dateTime") or event["start"]["date"]]


def _same_start(event: Record, text: str, zone: str) -> bool:
    at = parse_instant(text.replace(" ", "+"))
    original: Record = event.get("originalStartTime") or event["start"]
    return original.get("date") == text if at is None else moment(original, zone) == at

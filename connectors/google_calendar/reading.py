"""Events of all calendars, in full the first time and then by one sync token for each calendar.

The cursor: ``{"until": instant, "calendars": {<calendar id>: {"token": <sync token>, "ids": [<event id>, ...],
"series": [<event id>, ...]}}}``. The ids are those that were last seen alive, so that a calendar which has to be read
again whole shows what went meanwhile. The days of the series are known up to ``until``; when the clock comes near, they
are asked for again (``connectors.horizon``).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.batches import chunks
from connectors.google_calendar.series import API, events_of, raw, series, whole
from connectors.horizon import Span, falls_short, span_of
from connectors.paging import known_ids, token_pages
from connectors.spec import EMPTY, Api, Cursor, Page, Record
from models.errors import Gone, Unauthorized, Unreachable

# The most that one page may hold (Streams).
MOST_EVENTS, MOST_CALENDARS = 2500, 250
# A calendar read again whole that lost more than this share is left to the guard of a whole read.
BELIEVABLE, TINY = 0.8, 5

# Series in one page: each is a request of its own, and what was read counts also when a later one fails.
SERIES_PAGE = 50

Position = Mapping[str, Any]


def record_id(record: Record) -> str:
    """``<calendar id>/<event id>``: an event id is unique within its calendar only (Idempotency)."""
    return f"{record['calendarId']}/{record['id']}"


def read_events(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Pages of every calendar. Unauthorized names the calendar that we may no longer see.

    Gone when the cursor is of a time when series were not expanded yet.
    """
    known: Mapping[str, Position] = cursor.get("calendars") or {}
    if known and "until" not in cursor:
        raise Gone(api.system, "the days of recurring events were not read yet")
    span, full = span_of(api), not known
    again = not full and falls_short(api, cursor["until"])
    after: dict[str, Position] = {}
    for calendar in _chosen(api, known):
        after[calendar] = yield from _calendar(api, calendar, known.get(calendar, EMPTY), span, full=full, again=again)
    # Only the stack's own list of calendars can leave one out that was read before.
    dropped = [f"{name}/{id}" for name, before in known.items() if name not in after for id in before["ids"]]
    until = span.until.isoformat() if full or again else cursor["until"]
    yield Page(deleted=dropped, cursor={"until": until, "calendars": after}, full=full)


def _chosen(api: Api, known: Mapping[str, Position]) -> Sequence[str]:
    """The stack's calendars, else all in the user's list.

    One that was read before and left the list is still read: it may be shared with us all the same, and if not, the
    refusal says so where silence would delete its events.
    """
    if named := api.settings.get("calendars"):
        return list(dict.fromkeys(named))

    def fetch(token: str | None) -> tuple[Any, str | None]:
        params = {"maxResults": MOST_CALENDARS, "showHidden": "true", "pageToken": token}
        body = api.request("GET", f"{API}/users/me/calendarList", params=params).json()
        return body["items"], body.get("nextPageToken")

    listed = [entry["id"] for page in token_pages(fetch, system=api.system) for entry in page]
    return list(dict.fromkeys([*listed, *known]))


def _calendar(
    api: Api, calendar: str, before: Position, span: Span, *, full: bool, again: bool
) -> Generator[Page, None, Position]:
    """One calendar's changes, or all of it when Google no longer knows the token (410 fullSyncRequired)."""
    try:
        return (yield from _round(api, calendar, before, span, full=full, again=again))
    except Gone:
        if not before:
            raise
    after = yield from _round(api, calendar, EMPTY, span, full=full, again=False)
    was, now = before["ids"], after["ids"]
    if len(was) >= TINY and len(now) < BELIEVABLE * len(was):
        raise Gone(api.system, f"{calendar} shows {len(now)} events where it had {len(was)}; reading everything again")
    yield Page(deleted=[f"{calendar}/{id}" for id in known_ids(was, now)], full=full)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What a round told: single events, series (None: only a day of it was told), days by series, and what is gone."""

    single: list[Record] = field(default_factory=list)
    series: dict[str, Record | None] = field(default_factory=dict)
    days: dict[str, list[Record]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def _sorted(items: Sequence[Record]) -> _Moved:
    told = _Moved()
    for event in items:
        if parent := event.get("recurringEventId"):
            told.series.setdefault(parent, None)
            told.days.setdefault(parent, []).append(event)
        elif event["status"] == "cancelled":
            told.gone.append(event["id"])
        elif event.get("recurrence"):
            told.series[event["id"]] = event
        else:
            told.single.append(event)
    return told


def _round(
    api: Api, calendar: str, before: Position, span: Span, *, full: bool, again: bool
) -> Generator[Page, None, Position]:
    """All pages of one list call; Unreachable when it ends without the token that ends a whole one (Paging)."""
    alive, known = set(before.get("ids", ())), set(before.get("series", ()))
    moved = _Moved(series=dict.fromkeys(sorted(known)) if again else {})
    body: Mapping[str, Any] = {}
    for body in _bodies(api, calendar, before.get("token")):
        told = _sorted(body["items"])
        moved.series.update({id: event or moved.series.get(id) for id, event in told.series.items()})
        moved.days.update({id: [*moved.days.get(id, ()), *days] for id, days in told.days.items()})
        for id in told.gone:
            moved.series.pop(id, None)
        alive = (alive | {event["id"] for event in told.single}) - set(told.gone)
        known -= {*told.gone, *(event["id"] for event in told.single)}
        yield Page(
            records=[raw(calendar, one) for one in told.single],
            deleted=[f"{calendar}/{id}" for id in sorted(told.gone)],
            full=full,
        )
    if not body.get("nextSyncToken"):
        raise Unreachable(api.system, f"the list of {calendar} ended without a sync token; read it again later")
    for records, gone in _series(api, calendar, moved, alive, span):
        alive = (alive | {record["id"] for record in records}) - set(gone)
        known = (known | {record["id"] for record in records if record.get("recurrence")}) - set(gone)
        yield Page(records=records, deleted=[f"{calendar}/{id}" for id in gone], full=full)
    return {"token": body["nextSyncToken"], "ids": sorted(alive), "series": sorted(known)}


def _series(
    api: Api, calendar: str, moved: _Moved, alive: set[str], span: Span
) -> Iterator[tuple[list[Record], list[str]]]:
    """Records and ids that are gone, for each so many series. A day whose series nobody shared with us stands alone."""
    for ids in chunks(sorted(moved.series), SERIES_PAGE):
        records: list[Record] = []
        gone: list[str] = []
        for id in ids:
            event = moved.series[id] or series(api, calendar, id)
            days = moved.days.get(id, ())
            if event is not None:
                records.append(whole(api, calendar, event, span) if event.get("recurrence") else raw(calendar, event))
                gone += [day["id"] for day in days if day["id"] in alive]
            else:
                records += [raw(calendar, day) for day in days if day["status"] != "cancelled"]
                gone += [one["id"] for one in days if one["status"] == "cancelled" and one["id"] in alive]
                gone += [id] if id in alive else []
        yield records, gone


def _bodies(api: Api, calendar: str, token: str | None) -> Iterator[Mapping[str, Any]]:
    """List answers. Everything but the tokens must be the same in every call (Paging and incremental read)."""

    def fetch(page: str | None) -> tuple[Any, str | None]:
        params = {"maxResults": MOST_EVENTS, "singleEvents": "false", "syncToken": token, "pageToken": page}
        answer = api.request("GET", events_of(calendar), params=params, accept=(404,))
        if answer.status == 404:
            said = f"calendar {calendar} is not there or not shared with us; share it, or list others in 'calendars'"
            raise Unauthorized(api.system, said)
        body = answer.json()
        return body, body.get("nextPageToken")

    return token_pages(fetch, system=api.system)

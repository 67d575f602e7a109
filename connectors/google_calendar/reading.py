"""Events of all calendars, in full the first time and then by one sync token for each calendar.

The cursor: ``{"calendars": {<calendar id>: {"token": <sync token>, "ids": [<event id>, ...]}}}``. The ids are those
that were last seen alive, so that a calendar which has to be read again whole shows what went meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.paging import known_ids, token_pages
from connectors.spec import EMPTY, Api, Cursor, Page, Record
from models.errors import Gone, Unauthorized, Unreachable

API = "calendar/v3"
# The most that one page may hold (Streams).
MOST_EVENTS, MOST_CALENDARS = 2500, 250
# A calendar read again whole that lost more than this share is left to the guard of a whole read.
BELIEVABLE, TINY = 0.8, 5

Position = Mapping[str, Any]


def events_of(calendar: str, event: str = "") -> str:
    """The address of a calendar's events, or of one; calendar ids hold ``@`` and ``#``."""
    return f"{API}/calendars/{quote(calendar, safe='')}/events" + (f"/{event}" if event else "")


def raw(calendar: str, event: Record) -> Record:
    """An event with the calendar that it was read from, which the event itself does not tell."""
    return {**event, "calendarId": calendar}


def record_id(record: Record) -> str:
    """``<calendar id>/<event id>``: an event id is unique within its calendar only (Idempotency)."""
    return f"{record['calendarId']}/{record['id']}"


def read_events(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Pages of every calendar. Unauthorized names the calendar that we may no longer see."""
    known: Mapping[str, Position] = cursor.get("calendars") or {}
    chosen = _chosen(api, known)
    full = not known
    after: dict[str, Position] = {}
    for calendar in chosen:
        after[calendar] = yield from _calendar(api, calendar, known.get(calendar, EMPTY), full=full)
    # Only the stack's own list of calendars can leave one out that was read before.
    dropped = [f"{name}/{id}" for name, before in known.items() if name not in after for id in before["ids"]]
    yield Page(deleted=dropped, cursor={"calendars": after}, full=full)


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


def _calendar(api: Api, calendar: str, before: Position, *, full: bool) -> Generator[Page, None, Position]:
    """One calendar's changes, or all of it when Google no longer knows the token (410 fullSyncRequired)."""
    try:
        return (yield from _round(api, calendar, before, full=full))
    except Gone:
        if not before:
            raise
    after = yield from _round(api, calendar, EMPTY, full=full)
    was, now = before["ids"], after["ids"]
    if len(was) >= TINY and len(now) < BELIEVABLE * len(was):
        raise Gone(api.system, f"{calendar} shows {len(now)} events where it had {len(was)}; reading everything again")
    yield Page(deleted=[f"{calendar}/{id}" for id in known_ids(was, now)], full=full)
    return after


def _round(api: Api, calendar: str, before: Position, *, full: bool) -> Generator[Page, None, Position]:
    """All pages of one list call; Unreachable when it ends without the token that ends a whole one (Paging)."""
    alive = set(before.get("ids", ()))
    body: Mapping[str, Any] = {}
    for body in _bodies(api, calendar, before.get("token")):
        gone = {event["id"] for event in body["items"] if event["status"] == "cancelled"}
        records = [raw(calendar, event) for event in body["items"] if event["id"] not in gone]
        gone |= _days_of(gone, alive)
        alive = (alive | {record["id"] for record in records}) - gone
        yield Page(records=records, deleted=[f"{calendar}/{id}" for id in sorted(gone)], full=full)
    if not body.get("nextSyncToken"):
        raise Unreachable(api.system, f"the list of {calendar} ended without a sync token; read it again later")
    return {"token": body["nextSyncToken"], "ids": sorted(alive)}


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


def _days_of(series: Collection[str], alive: Collection[str]) -> set[str]:
    """Changed days (``<series>_<start>``) of deleted series: they went with it, and the list need not say so."""
    parts = [(id, *id.rpartition("_")[::2]) for id in alive if series]
    return {id for id, whole, start in parts if whole in series and start[:1].isdigit()}

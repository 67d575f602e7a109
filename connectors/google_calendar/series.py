"""Series of Google Calendar as the days that people see, by the vendor's own instances (facts: Streams).

The list gives a series as one event and its changed days as events of their own. Neither says which days there are, so
each series that moved, and each of which a day moved, is asked for its instances inside the span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from connectors.answers import one_at
from connectors.horizon import MOST, Span
from connectors.paging import token_pages
from connectors.spec import Api, Record

API = "calendar/v3"
MARKER = "plumbline"
# What busy time is made of; everything else of a day is the same as in its series, or nobody's business.
KEPT = ("id", "summary", "start", "end", "transparency", "eventType", "attendees", "originalStartTime")
PAGE = 2500
_TOO_MANY = f"the series repeats more than {MOST} times in the days that are read; correct it in the calendar"


def event_id(core_id: str) -> str:
    """64 hex digits: within the characters (a-v, 0-9) and the length (5 to 1024) that an own id may have."""
    return hashlib.sha256(core_id.encode()).hexdigest()


def events_of(calendar: str, event: str = "") -> str:
    """The address of a calendar's events, or of one; calendar ids hold ``@`` and ``#``."""
    return f"{API}/calendars/{quote(calendar, safe='')}/events" + (f"/{event}" if event else "")


def is_ours(event: Record) -> bool:
    """Whether we made it: it carries our marker, and the id that we chose for it. A person's copy has another id."""
    marker = (event.get("extendedProperties") or {}).get("private", {}).get(MARKER)
    return marker is not None and event_id(str(marker)) == event["id"]


def raw(calendar: str, event: Record, days: Sequence[Record] | None = None) -> dict[str, Any]:
    """An event as it is kept: with its calendar, which it does not tell, and the time that it takes (``instances``).

    days  the instances of a series; of one of ours the first is the assignment itself
    """
    if days is None:
        taken: Sequence[Record] = () if is_ours(event) else (event,)
    else:
        taken = [day for day in days if not (is_ours(event) and day.get("originalStartTime") == event["start"])]
    return {**event, "calendarId": calendar, "instances": [_kept(one) for one in taken]}


def _kept(event: Record) -> dict[str, Any]:
    kept = {name: event[name] for name in KEPT if name in event}
    if "attendees" in kept:
        kept["attendees"] = [one for one in kept["attendees"] if one.get("self")]
    return kept


def whole(api: Api, calendar: str, event: Record, span: Span) -> dict[str, Any]:
    """A series with its days inside the span; with a ``problem`` instead when it repeats beyond all measure."""
    days: list[Record] = []
    for page in _pages(api, calendar, str(event["id"]), span):
        days += [day for day in page if day["status"] != "cancelled"]
        if len(days) > MOST:
            return {**raw(calendar, event, ()), "instances": [{"id": event["id"], "problem": _TOO_MANY}]}
    return raw(calendar, event, days)


def _pages(api: Api, calendar: str, id: str, span: Span) -> Iterator[Sequence[Record]]:
    asked = {"maxResults": PAGE, "timeMin": span.since.isoformat(), "timeMax": span.until.isoformat()}

    def fetch(token: str | None) -> tuple[Any, str | None]:
        params = {**asked, "pageToken": token}
        found = one_at(api, f"{events_of(calendar, id)}/instances", params=params)
        body = {"items": []} if found is None else found  # deleted since it was listed
        return body["items"], body.get("nextPageToken")

    return token_pages(fetch, system=api.system)


def series(api: Api, calendar: str, id: str) -> Record | None:
    """The series of a day; None when it is deleted, or when only the day was shared with us."""
    found: Record | None = one_at(api, events_of(calendar, id))
    return found if found is not None and found["status"] != "cancelled" else None

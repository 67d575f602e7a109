"""``POST freeBusy`` (facts section "Streams", free/busy; discovery: FreeBusyRequest, FreeBusyResponse)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.google_calendar.access import Opened, open_calendar
from sandbox.google_calendar.dialect import CalendarError, Call, invalid, reply, required
from sandbox.google_calendar.reading import busy_events
from sandbox.google_calendar.times import known_zone, moment, parse_instant, show_time

Record = dict[str, Any]
Span = tuple[datetime, datetime]

_MOST_CALENDARS = 50


def query_free_busy(call: Call) -> Response:
    """Busy spans of up to 50 calendars, merged and cut to the span asked for; unknown calendars get an error each."""
    low, high = _bound(call, "timeMin"), _bound(call, "timeMax")
    if low >= high:
        message = "The specified time range is empty."
        raise CalendarError(400, "timeRangeEmpty", message, domain="calendar", at=("parameter", "timeMax"))
    zone = call.body.get("timeZone") or "UTC"
    if not known_zone(zone):
        raise invalid("Invalid time zone value.")
    ids = [item.get("id") or "" for item in call.body.get("items") or []]
    if len(ids) > min(_MOST_CALENDARS, call.body.get("calendarExpansionMax") or _MOST_CALENDARS):
        message = "The number of calendars requested is too large for a single query."
        raise CalendarError(400, "tooManyCalendarsRequested", message, domain="calendar")
    answer = {
        "kind": "calendar#freeBusy",
        "timeMin": show_time(low, "UTC"),
        "timeMax": show_time(high, "UTC"),
        "calendars": {id: _calendar(call, id, (low, high), zone) for id in ids},
    }
    return reply(call, answer)


def _calendar(call: Call, id: str, span: Span, zone: str) -> Record:
    try:
        calendar = open_calendar(call, id=id)
    except CalendarError as refused:
        return {"errors": [{"domain": "global", "reason": refused.detail["reason"]}], "busy": []}
    spans = merged(_span(event, calendar, span) for event in busy_events(call.store, calendar, *span) if blocks(event))
    return {"busy": [{"start": show_time(start, zone), "end": show_time(end, zone)} for start, end in spans]}


def blocks(event: Record) -> bool:
    """Whether an event takes its calendar's time: not shown as available, and not declined."""
    own: Record = next((one for one in event.get("attendees", []) if one.get("self")), {})
    return event.get("transparency") != "transparent" and own.get("responseStatus") != "declined"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping and adjoining ones made one, empty ones left out."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


def _span(event: Record, calendar: Opened, within: Span) -> Span:
    start, end = moment(event["start"], calendar.zone), moment(event["end"], calendar.zone)
    return max(start, within[0]), min(end, within[1])


def _bound(call: Call, name: str) -> datetime:
    if call.body.get(name) is None:
        raise required(f"Missing {name}.")
    at = parse_instant(call.body[name])
    if at is None:
        raise CalendarError(400, "badRequest", "Bad Request")
    return at

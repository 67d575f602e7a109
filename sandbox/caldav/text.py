"""Personal events as the iCalendar text that a technician's phone would have stored (RFC 5545)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.company import Busy

# The rule of the United States since 2007. A text that brings its own rule spares the server from working
# one out for every event, which took most of the sandbox's start.
_ZONES = {
    "America/Chicago": """BEGIN:VTIMEZONE
TZID:America/Chicago
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZNAME:CDT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZNAME:CST
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
END:STANDARD
END:VTIMEZONE
"""
}
_EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Bluebonnet Home Services//Calendar//EN
{zone}BEGIN:VEVENT
UID:{uid}
DTSTAMP:{stamp}
CREATED:{stamp}
DTSTART{start}
DTEND{end}
SUMMARY:{summary}
END:VEVENT
END:VCALENDAR
"""


def event(busy: Busy, stamp: datetime) -> str:
    """One VCALENDAR: dates for an all-day entry, wall times with their zone for the others."""
    text = _EVENT.format(
        zone="" if busy.all_day else _ZONES[busy.time_zone],
        uid=f"{busy.key}@{busy.technician}",
        stamp=f"{stamp:%Y%m%dT%H%M%SZ}",
        start=_moment(busy, busy.starts_at),
        end=_moment(busy, busy.ends_at),
        summary=_escaped(busy.title),
    )
    return text.replace("\n", "\r\n")


def _moment(busy: Busy, instant: datetime) -> str:
    local = instant.astimezone(ZoneInfo(busy.time_zone))
    if busy.all_day:
        return f";VALUE=DATE:{local:%Y%m%d}"
    return f";TZID={busy.time_zone}:{local:%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text

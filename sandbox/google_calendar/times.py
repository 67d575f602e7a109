"""Instants, wall times and dates as this API writes them (facts section "Deletion, time, webhooks")."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

Record = dict[str, Any]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
# Far enough from both ends of what a datetime can hold to be shown in any zone.
_YEARS = range(1900, 2400)
_ZONES = frozenset(available_timezones())


def known_zone(name: object) -> bool:
    """Whether this is a name of the IANA database."""
    return isinstance(name, str) and name in _ZONES


def parse_time(text: object) -> datetime | None:
    """An RFC 3339 time, naive when it has no offset, without its fraction; None when it is not one."""
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text.upper()).replace(microsecond=0)
    except ValueError:
        return None
    return at if at.year in _YEARS else None


def parse_instant(text: object) -> datetime | None:
    """An RFC 3339 time with an offset, in UTC; None when it is not one."""
    at = parse_time(text)
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)


def parse_date(text: object) -> date | None:
    """A ``yyyy-mm-dd`` date; None when it is not one."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def show_stamp(at: datetime) -> str:
    """``updated`` and ``created``: UTC with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def show_time(at: datetime, zone: str) -> str:
    """An instant with the offset that the zone has then; ``Z`` for an offset of zero in UTC itself."""
    text = at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if zone in ("UTC", "Etc/UTC") else text


def moment(when: Record, zone: str) -> datetime:
    """The UTC instant of a stored EventDateTime; a date starts at midnight in the calendar's ``zone``."""
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time(), ZoneInfo(zone)).astimezone(UTC)
    return datetime.fromisoformat(when["dateTime"]).astimezone(UTC)


def shown(when: Record, zone: str) -> Record:
    """A stored EventDateTime with its time in ``zone``'s offset; a date stays as it is."""
    if "dateTime" not in when:
        return when
    return {**when, "dateTime": show_time(datetime.fromisoformat(when["dateTime"]), zone)}

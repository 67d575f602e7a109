"""Wall times and zones under both kinds of names (facts: Time)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from sandbox.microsoft_graph.dialect import bad
from sandbox.twin import Record


@cache
def zone(name: str) -> ZoneInfo | None:
    """The zone that a Windows or IANA name stands for; None when nobody knows it."""
    known = WINDOWS_TO_OLSON.get(name, name)
    return ZoneInfo(known) if known in available_timezones() else None


def named(name: Any) -> ZoneInfo:
    """A zone. Raises Failure 400 for a name of none."""
    found = zone(str(name)) if name else None
    if found is None:
        raise bad(f"A valid TimeZone value must be specified: {name!r}.", "TimeZoneNotSupportedException")
    return found


def windows_name(iana: str) -> str:
    """The zone under its Windows name, as Outlook's own clients write it."""
    return next((name for name, other in WINDOWS_TO_OLSON.items() if other == iana), iana)


def wall(side: Any, name: str) -> datetime:
    """The wall time of a ``dateTimeTimeZone``. Raises Failure 400."""
    text = side.get("dateTime") if isinstance(side, dict) else None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as problem:
        raise bad(f"The value of {name} is no date and time.", "ErrorPropertyValidationFailure") from problem
    return at


def instant(side: Record) -> datetime:
    """The UTC instant of a stored side."""
    at = wall(side, "dateTime")
    return (at if at.tzinfo else at.replace(tzinfo=named(side.get("timeZone") or "UTC"))).astimezone(UTC)


def shown(at: datetime, place: str = "UTC") -> Record:
    """An instant as a ``dateTimeTimeZone`` of a place, named as it was asked for."""
    return {"dateTime": at.astimezone(named(place)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0", "timeZone": place}


def day(at: date, place: str = "UTC") -> Record:
    """Midnight of a day, which is the same day in every zone."""
    return {"dateTime": f"{at.isoformat()}T00:00:00.0000000", "timeZone": place}


def bound(text: str | None, name: str) -> datetime:
    """A bound of a view: offsets count, none is UTC. Raises Failure 400."""
    try:
        at = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError as problem:
        raise bad(f"This request requires a time window specified by the query string parameter {name}.",
                  "ErrorInvalidParameter") from problem  # fmt: skip
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def span(event: Record) -> tuple[datetime, datetime]:
    """From when to when, UTC; a whole day from midnight to midnight."""
    return instant(event["start"]), instant(event["end"])


def touches(event: Record, low: datetime, high: datetime) -> bool:
    """Whether an event takes time between two instants; one without length counts where it stands."""
    start, end = span(event)
    return start < high and (end > low or start == end >= low)

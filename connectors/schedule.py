"""When a visit is, as a change says it, in what vendors take: two instants, or whole days, and texts of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.spec import Api
from models.change import Change
from models.errors import Rejected

# The fields that make one sense together: when one of them changes, all of it is said again.
TIMES = ("starts_at", "ends_at", "time_zone", "all_day", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From one instant to another, aware, UTC. Without a known end it takes no time, instead of a guess."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Whole days, the last one included."""

    first: date
    last: date


def moves(change: Change) -> bool:
    """Whether a change says anything of the time."""
    return not change.after.keys().isdisjoint(TIMES)


def time_of(change: Change) -> Hours | Days | None:
    """When it is: days where it has no time of day, or takes all of it. None when nothing says so."""
    known = change.desired
    at, day = known.get("starts_at"), known.get("starts_on")
    if day is not None and (at is None or known.get("all_day")):
        return Days(first=day, last=known.get("ends_on") or day)
    return None if at is None else Hours(start=aware(at), end=aware(known.get("ends_at") or at))


def shown_time(change: Change) -> Hours | Days:
    """The same for a calendar, which can show nothing else. Rejected without a time."""
    time = time_of(change)
    if time is None:
        raise Rejected(change.system, f"{change.core_id} has no start; a calendar cannot show it")
    return time


def hours_of(change: Change) -> Hours:
    """The same for vendors whose visits have a time of day. Rejected without one."""
    start = change.desired.get("starts_at")
    if start is None:
        said = f"visit {change.core_id} has no time of day, and an appointment needs one"
        raise Rejected(change.system, f"{said}; give it one at its owner")
    return Hours(start=aware(start), end=aware(change.desired.get("ends_at") or start))


def zone_of(api: Api, change: Change) -> ZoneInfo:
    """The visit's own zone, else the company's. Rejected when the zone database does not know it."""
    name = str(change.desired.get("time_zone") or api.context.time_zone)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:  # a folder of zones is none
        raise Rejected(api.system, f"{change.core_id}: {name!r} is no time zone; correct it") from problem


def aware(at: datetime) -> datetime:
    """An instant with its zone; ours are UTC without one."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def zulu(at: datetime, precision: str = "seconds") -> str:
    """An instant as vendors' JSON has it: ``2026-03-02T15:00:00Z``, or in ``milliseconds``."""
    return aware(at).astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")

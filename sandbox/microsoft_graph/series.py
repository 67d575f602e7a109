"""Series as the days that they take: patterns, exceptions, called-off days (facts: Streams, events in a window)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from sandbox.microsoft_graph.dialect import bad
from sandbox.microsoft_graph.times import day, named, shown, span, touches
from sandbox.store import Store
from sandbox.twin import Record

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KINDS: dict[str, Literal[0, 1, 2, 3]] = {
    "daily": DAILY, "weekly": WEEKLY, "absoluteMonthly": MONTHLY, "relativeMonthly": MONTHLY, "absoluteYearly": YEARLY,
}  # fmt: skip
_WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
MOST = 5000


def checked(recurrence: Any, start: date) -> Record:
    """A recurrence as it is kept. Raises Failure 400 for a pattern or range that is none."""
    try:
        kept = {"pattern": dict(recurrence["pattern"]), "range": dict(recurrence["range"])}
        kept["range"].setdefault("startDate", start.isoformat())
        next(iter(_rule(kept, datetime.combine(start, time()))))
    except (KeyError, TypeError, ValueError, StopIteration) as problem:
        raise bad("The recurrence pattern is not valid.", "ErrorInvalidRecurrence") from problem
    return kept


def _rule(recurrence: Record, start: datetime) -> rrule:
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    more: dict[str, Any] = {}
    days = [_DAYS.index(name.lower()) for name in pattern.get("daysOfWeek") or ()]
    if pattern["type"] == "relativeMonthly":
        more["byweekday"] = [weekday(one)(_WEEKS[pattern.get("index", "first")]) for one in days]
    elif days:
        more["byweekday"] = days
    if pattern["type"] in ("absoluteMonthly", "absoluteYearly"):
        more["bymonthday"] = int(pattern["dayOfMonth"])
    if pattern["type"] == "absoluteYearly":
        more["bymonth"] = int(pattern["month"])
    if range_["type"] == "endDate":
        more["until"] = datetime.combine(date.fromisoformat(range_["endDate"]), time.max)
    elif range_["type"] == "numbered":
        more["count"] = int(range_["numberOfOccurrences"])
    elif range_["type"] != "noEnd":
        raise ValueError(range_["type"])
    return rrule(_KINDS[pattern["type"]], dtstart=start, interval=int(pattern.get("interval", 1)), **more)


def occurrence_id(master: Record, on: date) -> str:
    return f"{master['id']}.{on:%Y%m%d}"


def split_id(id: str) -> tuple[str, date] | None:
    """Master and day of an occurrence's id; None for an id of something else."""
    master, dot, on = id.rpartition(".")
    if not dot or len(on) != 8 or not on.isdecimal():
        return None
    return master, date(int(on[:4]), int(on[4:6]), int(on[6:]))


def occurrences(store: Store, master: Record, low: datetime, high: datetime) -> Iterator[Record]:
    """Days of a series that touch a span, exceptions as they were changed, called-off ones left out."""
    off = set(master.get("cancelledOccurrences") or ())
    for on in _days(master, high):
        id = occurrence_id(master, on)
        if id in off:
            continue
        event = store.get("events", id) or _occurrence(master, on)
        if touches(event, low, high):
            yield event


def find(store: Store, id: str) -> Record | None:
    """The occurrence that a series gives for this id; None when it has none on that day."""
    parts = split_id(id)
    master = store.get("events", parts[0]) if parts else None
    if master is None or parts is None or not master.get("recurrence"):
        return None
    high = datetime.combine(parts[1], time(), UTC) + timedelta(days=2)
    if id in (master.get("cancelledOccurrences") or ()) or parts[1] not in _days(master, high):
        return None
    return _occurrence(master, parts[1])


def _days(master: Record, high: datetime) -> list[date]:
    """Days on which it starts, in its own zone, up to an instant."""
    local = _start(master)
    ends = (high + timedelta(days=1)).replace(tzinfo=None)
    found: list[date] = []
    for at in _rule(master["recurrence"], local.replace(tzinfo=None)):
        if at > ends or len(found) > MOST:
            break
        found.append(at.date())
    return found


def _start(master: Record) -> datetime:
    start, _ = span(master)
    return start if master["isAllDay"] else start.astimezone(named(master["originalStartTimeZone"]))


def _occurrence(master: Record, on: date) -> Record:
    start, end = span(master)
    local = _start(master)
    at = datetime.combine(on, local.time(), local.tzinfo).astimezone(UTC)
    last = on + (end - start)
    sides = (day(on), day(last)) if master["isAllDay"] else (shown(at), shown(at + (end - start)))
    own = {"id": occurrence_id(master, on), "type": "occurrence", "seriesMasterId": master["id"], "recurrence": None}
    uid = f"{master['iCalUId'][:-8]}{on:%Y%m%d}"  # differs per occurrence
    original = {"originalStart": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "iCalUId": uid, "transactionId": None}
    kept = {name: value for name, value in master.items() if name != "cancelledOccurrences"}
    return {**kept, **own, **original, "start": sides[0], "end": sides[1]}

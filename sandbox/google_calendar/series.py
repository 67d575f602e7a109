"""Recurring events: the instances of a series and their ids.

Rules are kept as the vendor keeps them (RRULE, EXRULE, RDATE, EXDATE lines) and expanded in wall time of the
series' own zone, so that 09:00 stays 09:00 when the clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from sandbox.google_calendar.times import known_zone, moment, show_time

Record = dict[str, Any]

HORIZON = timedelta(days=730)
"""How far an unending series is expanded when no ``timeMax`` ends it; the vendor publishes no figure."""

_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(.+)")
_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?")
_INSTANCE = re.compile(r"(.+)_(\d{8})(?:T(\d{6})Z)?")


def first_start(master: Record) -> datetime:
    """Where the series begins: aware in its zone, or naive midnight for an all-day series."""
    start = master["start"]
    if "date" in start:
        return datetime.combine(date.fromisoformat(start["date"]), time())
    return datetime.fromisoformat(start["dateTime"]).astimezone(ZoneInfo(start["timeZone"]))


def rules_of(master: Record) -> rruleset:
    """The series' rules; raises ValueError for a line that is no rule."""
    first = first_start(master)
    rules = rruleset()
    for line in master["recurrence"]:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise ValueError(line)
        _add(rules, found[1], found[2], found[3], first)
    if not any(line.startswith("RRULE") for line in master["recurrence"]):
        rules.rdate(first)
    return rules


def _add(rules: rruleset, name: str, parameters: str, value: str, first: datetime) -> None:
    if name in ("RRULE", "EXRULE"):
        rule = rrulestr(_with_until(value, first), dtstart=first)
        if not isinstance(rule, rrule):
            raise ValueError(value)
        (rules.rrule if name == "RRULE" else rules.exrule)(rule)
        return
    for text in value.split(","):
        at = _listed(text.partition("/")[0], parameters, first)
        (rules.rdate if name == "RDATE" else rules.exdate)(at)


def _with_until(rule: str, first: datetime) -> str:
    """The rule with its UNTIL in the form that suits the start: a date for all-day series, else UTC."""

    def suited(found: re.Match[str]) -> str:
        day = _day(found[1])
        if first.tzinfo is None:
            return f"UNTIL={found[1]}"
        if found[3]:
            return found[0]
        clock = time.fromisoformat(found[2] or "235959")
        return f"UNTIL={datetime.combine(day, clock, first.tzinfo).astimezone(UTC):%Y%m%dT%H%M%SZ}"

    return _UNTIL.sub(suited, rule)


def _listed(text: str, parameters: str, first: datetime) -> datetime:
    """One value of an RDATE or EXDATE line, comparable with the series' own starts."""
    day = _day(text[:8])
    if first.tzinfo is None:
        return day
    clock = time.fromisoformat(text[9:15]) if len(text) > 8 else first.time()
    if text.endswith("Z"):
        return datetime.combine(day, clock, UTC).astimezone(first.tzinfo)
    named = re.search(r"TZID=([^;]+)", parameters)
    zone = ZoneInfo(named[1]) if named and known_zone(named[1]) else first.tzinfo
    return datetime.combine(day, clock, zone).astimezone(first.tzinfo)


def _day(text: str) -> datetime:
    """Midnight of a ``yyyymmdd`` date, naive: all-day series have no zone."""
    return datetime.combine(date.fromisoformat(text), time())


def expand(master: Record, zone: str, low: datetime | None, high: datetime) -> Iterator[Record]:
    """Instances that end after ``low`` and start before ``high`` (UTC), in order; ``zone`` is the calendar's."""
    length = moment(master["end"], zone) - moment(master["start"], zone)
    for start in rules_of(master):
        at = _as_utc(start, zone)
        if at >= high:
            return
        if low is None or at + length > low:
            yield make_instance(master, start)


def _as_utc(start: datetime, zone: str) -> datetime:
    return (start if start.tzinfo else start.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def make_instance(master: Record, start: datetime) -> Record:
    """One instance of a series as an event of its own; it shares the version of its series."""
    kept = {name: value for name, value in master.items() if name != "recurrence"}
    begin, end = _placed(master, start)
    return {
        **kept,
        "id": f"{master['id']}_{_suffix(start)}",
        "recurringEventId": master["id"],
        "originalStartTime": begin,
        "start": begin,
        "end": end,
    }


def _placed(master: Record, start: datetime) -> tuple[Record, Record]:
    if start.tzinfo is None:
        days = date.fromisoformat(master["end"]["date"]) - date.fromisoformat(master["start"]["date"])
        return {"date": start.date().isoformat()}, {"date": (start.date() + days).isoformat()}
    length = moment(master["end"], "UTC") - moment(master["start"], "UTC")
    zone, end_zone = master["start"]["timeZone"], master["end"]["timeZone"]
    return (
        {"dateTime": show_time(start, zone), "timeZone": zone},
        {"dateTime": show_time(start.astimezone(UTC) + length, end_zone), "timeZone": end_zone},
    )


def _suffix(start: datetime) -> str:
    return f"{start:%Y%m%d}" if start.tzinfo is None else f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def split_id(id: str) -> tuple[str, str] | None:
    """(series id, suffix) of an instance's id; None for any other id."""
    found = _INSTANCE.fullmatch(id)
    return None if found is None else (found[1], id[len(found[1]) + 1 :])


def find_instance(master: Record, suffix: str) -> Record | None:
    """The instance that the series' rules give for this suffix; None when they give none."""
    if "recurrence" not in master or ("T" in suffix) != ("dateTime" in master["start"]):
        return None
    at = datetime.fromisoformat(suffix).astimezone(first_start(master).tzinfo) if "T" in suffix else _day(suffix)
    found = rules_of(master).between(at - timedelta(seconds=1), at + timedelta(seconds=1))
    return make_instance(master, found[0]) if found else None


def original_start(event: Mapping[str, Any], zone: str) -> datetime:
    """The UTC instant for which the series had planned this instance."""
    return moment(event["originalStartTime"], zone)

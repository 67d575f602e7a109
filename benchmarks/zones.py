"""Wall times around every change of the clocks: ``python -m benchmarks.zones`` counts the minutes that are shifted.

Every zone of the database, every change of its offset from 2015 to 2037, instants around each, in three forms: Google's
RFC 3339 with the zone beside it, iCalendar with TZID and VTIMEZONE, and UTC. What is written is read back through the
connectors' own maps. ``tests/connectors/test_wall_times.py`` runs the same for
one year of each zone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from connectors.caldav import ASSIGNMENT, ical
from connectors.google_calendar import BUSY
from connectors.google_calendar.series import raw
from connectors.google_calendar.writing import moment
from models.entities import ENTITIES
from models.schema import Binding, Map, Model
from pipelines.decoding import Decoder

FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
# Shorter than any time between two changes of one zone: Morocco's are a month apart.
STEP = timedelta(days=10)
AROUND = tuple(timedelta(minutes=minutes) for minutes in (-61, -1, 0, 29, 61))
MODEL = Model(
    entities=ENTITIES,
    bindings=(
        Binding(name="google_calendar", roles=("calendar",), maps=(BUSY,)),
        Binding(name="caldav", roles=("calendar",), maps=(ASSIGNMENT,)),
    ),
)

Point = tuple[str, datetime]
Form = tuple[str, Map, Callable[[Point, str], dict[str, Any]]]


def zones() -> list[str]:
    """Every zone that has a name of its own everywhere; ``localtime`` is the machine's."""
    return sorted(available_timezones() - {"localtime", "posixrules", "Factory"})


def changes(zone: str, first: datetime = FIRST, last: datetime = LAST) -> Iterator[datetime]:
    """The instants at which a zone's offset changes, to the second."""
    rules, at = ZoneInfo(zone), first
    while at < last:
        low, high = at, at + STEP
        old = low.astimezone(rules).utcoffset()
        if old != high.astimezone(rules).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if middle.astimezone(rules).utcoffset() == old else (low, middle)
            yield high
        at += STEP


def points(names: Iterable[str], *, sample: bool = False) -> list[Point]:
    """(zone, instant) around the changes of each zone; ``sample``: only of one year each, another for the next."""
    found: list[Point] = []
    for number, zone in enumerate(names):
        year = FIRST.year + number % (LAST.year - FIRST.year)
        some = (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
        moved = list(changes(zone, *(some if sample else ()))) or [datetime(year, 7, 1, tzinfo=UTC)]
        found += [(zone, at + around) for at in moved for around in AROUND]
    return found


def google(point: Point, id: str) -> dict[str, Any]:
    """As it is written to Google, and comes back as somebody's event."""
    zone, at = point
    plain, rules = at.replace(tzinfo=None), ZoneInfo(zone)
    times = {"start": moment(plain, rules), "end": moment(plain + timedelta(minutes=45), rules)}
    return raw("a@b.c", {"id": id, "etag": "1", "updated": "2026-01-01T00:00:00.000Z", **times})


def utc(point: Point, id: str) -> dict[str, Any]:
    """As vendors write it that keep instants and a zone apart."""
    zone, at = point
    ends = at + timedelta(minutes=45)
    start, end = ({"dateTime": one.isoformat().replace("+00:00", "Z"), "timeZone": zone} for one in (at, ends))
    return raw("a@b.c", {"id": id, "etag": "1", "updated": "2026-01-01T00:00:00.000Z", "start": start, "end": end})


def icalendar(point: Point, id: str) -> dict[str, Any]:
    """As it is written to a CalDAV server: wall time, TZID, and the zone's rules."""
    zone, at = point
    ends = (at + timedelta(minutes=45)).isoformat()
    told = {"start": {"dateTime": at.isoformat(), "timeZone": zone}, "end": {"dateTime": ends}}
    text = ical.compose(f"plumbline-{id}", told, FIRST)
    return {"href": f"/{id}", "etag": "1", "ics": text, **ical.members(text, "UTC")}


GOOGLE: Form = ("google_calendar", BUSY, google)
INSTANT: Form = ("google_calendar", BUSY, utc)
ICALENDAR: Form = ("caldav", ASSIGNMENT, icalendar)


def shifted(form: Form, found: Sequence[Point], decoder: Decoder) -> int:
    """Minutes by which starts and ends differ after writing and reading; a zone that is another one counts a day."""
    system, one, write = form
    records = {f"e{number}": write(point, f"e{number}") for number, point in enumerate(found)}
    read = decoder.decode(system, one, records)
    return sum(_apart(point, read.get(f"e{number}")) for number, point in enumerate(found))


def _apart(point: Point, row: dict[str, Any] | None) -> int:
    zone, at = point
    if row is None or row["time_zone"] != zone:
        return 24 * 60
    both = ((row["starts_at"], at), (row["ends_at"], at + timedelta(minutes=45)))
    walls = (
        (told.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)), meant.astimezone(ZoneInfo(zone))) for told, meant in both
    )
    return sum(
        abs(told.replace(tzinfo=None) - meant.replace(tzinfo=None)) // timedelta(minutes=1) for told, meant in walls
    )


def main() -> None:
    """All zones, all changes, all forms."""
    found = points(zones())
    print(f"{len(zones())} zones, {len(found) // len(AROUND)} changes, {len(found)} instants")
    with Decoder(MODEL) as decoder:
        for name, form in (("RFC 3339 and zone", GOOGLE), ("UTC and zone", INSTANT), ("iCalendar", ICALENDAR)):
            started = time.monotonic()
            print(f"{name}: {shifted(form, found, decoder)} shifted minutes, {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()

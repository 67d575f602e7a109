"""Wall times around every change of the clocks: ``python -m benchmarks.zones`` counts the minutes that are shifted.

Every zone of the database, every change of its offset from 2015 to 2037, instants around each, in three forms: Google's
RFC 3339 with the zone beside it, iCalendar with TZID and VTIMEZONE, and UTC. What is written is read back through the
connectors' own maps. ``tests/connectors/test_wall_times.py`` runs the same for
one year of each zone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
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
# Starts; each has its end 45 minutes later: a minute before the change, and an hour and more after it.
AROUND = tuple(timedelta(minutes=minutes) for minutes in (-46, 0, 29))
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
FORMS: Mapping[str, Form] = {"RFC 3339 and zone": GOOGLE, "UTC and zone": INSTANT, "iCalendar": ICALENDAR}
PORTIONS = 24


def shifted(form: Form, found: Sequence[Point], decoder: Decoder) -> int:
    """Minutes by which starts and ends differ after writing and reading; a zone that is another one counts a day."""
    system, one, write = form
    records = {f"e{number}": write(point, f"e{number}") for number, point in enumerate(found)}
    # Google's ids stand below their calendar's.
    read = {id.rpartition("/")[2]: row for id, row in decoder.decode(system, one, records).items()}
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


def portion(names: Sequence[str]) -> list[tuple[int, int, float]]:
    """Of some zones, for each form: instants, shifted minutes, seconds of the processor."""
    told, found = [], points(names)
    with Decoder(MODEL) as decoder:
        for form in FORMS.values():
            started = time.process_time()
            minutes = shifted(form, found, decoder)
            told.append((len(found), minutes, time.process_time() - started))
    return told


def main() -> None:
    """All zones, all changes, all forms, on every processor: nearly all of the time goes into writing iCalendar."""
    names, started = zones(), time.monotonic()
    portions = [names[start::PORTIONS] for start in range(PORTIONS)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        told = list(pool.map(portion, portions))
    wrong = 0
    print(f"{len(names)} zones, {FIRST.year} to {LAST.year - 1}, {len(AROUND)} instants around each change")
    for number, name in enumerate(FORMS):
        instants, minutes, seconds = (sum(one[number][n] for one in told) for n in range(3))
        wrong += int(minutes)
        print(f"{name}: {minutes} shifted minutes in {instants:,} instants, {seconds:.1f} s of processors")
    print(f"{time.monotonic() - started:.0f} s in all")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()

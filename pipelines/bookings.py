"""Double bookings: what meets in one technician's time, as a table, as a reason to hold a change, and as a list.

Core is what is looked at: the schedule as it is meant, and everything that the calendars hold besides. So one table
tells what a person did outside and what a write of ours would do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.raw import last_reads
from models.change import Change
from models.handoff import Handoff
from models.schema import Model
from pipelines.settings import duration
from pipelines.warehouse import open_snapshot
from quality.spec import Check, Verdict

if TYPE_CHECKING:
    from pipelines.company import Company
    from pipelines.warehouse import Warehouse

Row = Mapping[str, Any]
NEEDED = frozenset(("technician", "appointment", "assignment", "busy"))
SCHEDULED = ("assignment", "appointment")
PLACING = frozenset(("starts_at", "ends_at", "starts_on", "ends_on", "all_day", "technician", "technician_email"))
# whether anybody has an appointment, or had one whose meeting is told
ANY = (
    "SELECT EXISTS (SELECT 1 FROM core.appointment) OR EXISTS (SELECT 1 FROM core.assignment) "
    "OR EXISTS (SELECT 1 FROM core.double_bookings)"
)
# What is over is of interest no longer than the day on which somebody may still look at it.
PAST = timedelta(days=1)
CHECK = Check(
    name="assignment_time_is_free",
    entity="assignment",
    field="technician",
    kind="rule",
    why="A technician cannot be at two places at once, nor where a calendar says that the time is taken.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a look at the table found: assignments that are coming, meetings that nobody agreed to, whether it moved."""

    coming: int = 0
    open: int = 0
    moved: bool = False

    @property
    def verdict(self) -> Verdict:
        return Verdict(check=CHECK, outcome="fail" if self.open else "pass", rows=self.coming, violations=self.open)


def watch(warehouse: Warehouse, company: Company, now: datetime) -> Watch:
    """Bring ``core.double_bookings`` up to date; nothing to watch where a model lacks one of the entities."""
    if not watches(company.model) or not warehouse.value(ANY):
        return Watch()
    plain, settings = now.astimezone(UTC).replace(tzinfo=None), company.stack.bookings
    travel = duration(settings.travel) // timedelta(minutes=1)
    warehouse.set(travel=travel, zone=company.stack.time_zone, since=plain - PAST, now=plain)
    warehouse.replace_table("calendar_owners", warehouse.statement("calendar_owners"))
    warehouse.script("bookings")
    differing = "(FROM next_bookings EXCEPT ALL FROM core.double_bookings)"
    missing = "(FROM core.double_bookings EXCEPT ALL FROM next_bookings)"
    moved = bool(warehouse.value(f"SELECT count(*) FROM ({differing} UNION ALL {missing})"))  # noqa: S608 - fixed text
    if moved:
        with warehouse.transaction():
            warehouse.run("DELETE FROM core.double_bookings")
            warehouse.run("INSERT INTO core.double_bookings SELECT * FROM next_bookings")
    return Watch(
        coming=int(warehouse.value("SELECT count(*) FROM slots WHERE kind = 'assignment'")),
        open=int(warehouse.value("SELECT count(*) FROM core.double_bookings WHERE NOT allowed")),
        moved=moved,
    )


def watches(model: Model) -> bool:
    """Whether there is anything to watch: schedules and calendars of technicians, read from some system."""
    return {e.name for e in model.entities} >= NEEDED and "assignment" in {e.name for e in model.active()}


# --- before a push -------------------------------------------------------------------------------------------


def clashes(
    warehouse: Warehouse, company: Company, handoff: Handoff, changes: Sequence[Change], now: datetime
) -> dict[str, str]:
    """core_id -> why this change waits for a person: it would put somebody at two places, or into unknown time.

    Of changes that compete for one time the record that was known first goes through. Deletes never wait.
    """
    placing = [c for c in changes if c.action == "create" or (c.action == "update" and PLACING & c.after.keys())]
    settings = company.stack.bookings
    if handoff.entity not in SCHEDULED or settings.overlaps != "hold" or not placing or not watches(company.model):
        return {}
    warehouse.set(system=handoff.system, entity=handoff.entity)
    rows = warehouse.rows(warehouse.statement("clashes"))
    unknown = _unknown(warehouse, company, now)
    blind = {
        c.core_id: unknown[w] for c in placing if (w := c.desired.get("technician")) in unknown and _coming(c, now)
    }
    return blind | _contested(rows, {c.core_id for c in placing}, company.stack.time_zone)


def _coming(change: Change, now: datetime) -> bool:
    return change.starts is None or change.starts >= now.astimezone(UTC).replace(tzinfo=None)


def _contested(rows: Sequence[Row], placing: set[str], zone: str) -> dict[str, str]:
    """Go through the competing records, oldest first; one waits when its time is taken by then."""
    met = {key: list(found) for key, found in groupby(rows, key=lambda row: row["key"]) if key in placing}
    taken: set[str] = set()
    waiting: dict[str, str] = {}
    for key in sorted(met, key=lambda key: (min(row["made"] for row in met[key]), key)):
        against = next((row for row in met[key] if _stands(row, placing, taken)), None)
        if against is None:
            taken.add(key)
        else:
            waiting[key] = sentence(against, zone)
    return waiting


def _stands(row: Row, placing: set[str], taken: set[str]) -> bool:
    """Whether what a record meets is there already, or was given the time before it."""
    other = row["other_key"]
    return bool(row["elsewhere"] or other in taken or (other not in placing and row["standing"]))


def sentence(row: Row, zone: str) -> str:
    """What meets, for how long, and what to do; busy time is not called by its name, which is the technician's own."""
    first = _named(row, "first", zone)
    agree = f"move one, or agree with `plumbline override assignment {row['mine']} overlap_allowed true`"
    if row["second_kind"] is None:
        return f"{first} lies {row['minutes']} minutes outside {row['technician_name']}'s shift; {agree}"
    second = _named(row, "second", zone)
    if row["kind"] == "travel":
        return f"{row['technician_name']} lacks {row['minutes']} minutes for the way from {first} to {second}; {agree}"
    return f"{first} and {second} take the same {row['minutes']} minutes of {row['technician_name']}; {agree}"


def _named(row: Row, side: str, zone: str) -> str:
    kind, starts, ends = (row[f"{side}_{part}"] for part in ("kind", "starts", "ends"))
    begin, end = (at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for at in (starts, ends))
    what = f"{row[f'{side}_title'] or 'a visit'} ({row[side]})" if kind == "assignment" else "busy time"
    until = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{what} {begin:%Y-%m-%d %H:%M}–{until}"


# --- age and coverage ----------------------------------------------------------------------------------------


def read_at(company: Company) -> dict[str, datetime | None]:
    """System -> when its busy time was last read whole, UTC; None where it never was."""
    found: dict[str, datetime | None] = {}
    for binding in company.model.bindings:
        if resources := {one.resource for one in binding.maps_to("busy")}:
            reads = last_reads(company.lake, binding.name, resources, good=True)
            found[binding.name] = (
                min(row["finished_at"] for row in reads.values()) if len(reads) == len(resources) else None
            )
    return found


def old(company: Company, at: datetime | None, now: datetime) -> bool:
    """Whether what was read then no longer counts as known."""
    return at is None or now.astimezone(UTC).replace(tzinfo=None) - at > duration(company.stack.bookings.unknown_after)


def _unknown(warehouse: Warehouse, company: Company, now: datetime) -> dict[str, str]:
    """Technician -> why nobody knows what stands in a calendar of theirs now."""
    stale = {system: at for system, at in read_at(company).items() if old(company, at, now)}
    return {
        row["technician"]: f"what stands in calendar {row['calendar']} is unknown: {row['system']} was last read "
        f"{_since(stale[row['system']])}; bring it back, or set bookings.overlaps to warn"
        for row in warehouse.rows("FROM calendar_owners WHERE technician IS NOT NULL")
        if row["system"] in stale
    }


def listing(company: Company) -> list[dict[str, Any]]:
    """The table as people read it, soonest first; ``known`` is false where the busy time in it is too old to count."""
    at, now = read_at(company), company.clock()
    with open_snapshot(company.snapshot) as warehouse:
        rows = warehouse.rows("FROM core.double_bookings ORDER BY first_starts, technician, first, second")
    return [row | _age(company, at, row["system"], now) for row in rows]


def _age(company: Company, at: Mapping[str, datetime | None], system: str | None, now: datetime) -> dict[str, Any]:
    read = at.get(system) if system else None
    return {"read_at": read, "known": system is None or not old(company, read, now)}


def coverage(company: Company) -> list[dict[str, Any]]:
    """What is watched, and what is not: calendars and whose they are, people without one, entries that cannot be read.

    ``covered`` is false where time may be taken that nobody here sees; ``why`` says how to change that.
    """
    at, now = read_at(company), company.clock()
    with open_snapshot(company.snapshot) as warehouse:
        warehouse.replace_table("calendar_owners", warehouse.statement("calendar_owners"))
        rows = warehouse.rows(warehouse.statement("coverage"))
    return [_covered(row | _age(company, at, row["system"], now)) for row in rows]


def _covered(row: dict[str, Any]) -> dict[str, Any]:
    late = None if row["known"] else f"{row['system']} was last read {_since(row['read_at'])}"
    return row | {"why": row["why"] or late, "covered": row["why"] is None and row["known"]}


def _since(at: datetime | None) -> str:
    return f"at {at:%Y-%m-%d %H:%M} UTC" if at else "never"

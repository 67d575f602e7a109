"""Alerts: what waits for a person once everything of a run is done, kept in a file that is read like any system.

So an alert has an id that stays, is reconciled, and goes out by the planner that sends everything else. What waits in
the handoffs of alerts themselves makes none: whoever it would be told to is who cannot be reached.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.raw import last_reads
from models.change import HeldChange, digest
from models.handoff import Handoff
from pipelines import bookings, drift
from pipelines import ledger as books
from pipelines.company import Company
from pipelines.holding import stopped, unsigned
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse

KEPT = timedelta(days=7)  # how long an alert that is over is still told
SHOWN = 20  # double bookings that are told one by one, the soonest first
REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that waits. ``id`` says what it is about; the instants are UTC, as text."""

    id: str
    kind: str
    title: str
    details: str
    remedy: str
    state: str = "open"
    since: str = ""
    over_at: str | None = None


def tell(company: Company, warehouse: Warehouse, ledger: Ledger, now: datetime) -> int:
    """Leave what waits now in the company's folder, in the file that its systems ``of_run`` read: how many wait."""
    waiting = list(found(company, warehouse, ledger))
    for name in company.of_run:
        file = company.stack.home / company.connectors[name].of_run
        alerts = [asdict(one) for one in together(_before(file), waiting, now)]
        _keep(file, json.dumps({"alerts": alerts}, ensure_ascii=False, indent=1))
    return len(waiting)


def _keep(file: Path, text: str) -> None:
    """All of it or nothing: half a file, left by a run that was killed, would stop every run after it."""
    draft = file.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def _before(file: Path) -> list[Alert]:
    known = json.loads(file.read_text(encoding="utf-8"))["alerts"] if file.exists() else ()
    return [Alert(**one) for one in known]


def together(before: Sequence[Alert], waiting: Sequence[Alert], now: datetime) -> list[Alert]:
    """What waits, since when; and what no longer does, for a while. Ordered by id, so that the same is the same."""
    plain = now.astimezone(UTC).replace(tzinfo=None)
    known, still = {one.id: one for one in before}, {one.id for one in waiting}
    since = {id: one.since for id, one in known.items() if one.state == "open"}
    said = [replace(one, since=since.get(one.id, plain.isoformat())) for one in waiting]
    over = [one if one.over_at else replace(one, state="over", over_at=plain.isoformat())
            for one in before if one.id not in still]  # fmt: skip
    recent = [one for one in over if datetime.fromisoformat(str(one.over_at)) > plain - KEPT]
    return sorted((*said, *recent), key=lambda one: one.id)


def found(company: Company, warehouse: Warehouse, ledger: Ledger) -> Iterator[Alert]:
    """Everything that waits for a person now."""
    unread = {name: one for name in company.stack.systems if (one := _unread(company, name))}
    yield from unread.values()
    yield from _undecided(warehouse)
    yield from _of_handoffs(company, ledger, unread)
    yield from _double_bookings(company, warehouse)
    yield from _counted(warehouse)
    yield from _paused(warehouse)


def _unread(company: Company, name: str) -> Alert | None:
    if name in company.of_run:
        return None
    reads = last_reads(company.lake, name, [one.name for one in company.resources[name]])
    for status, title, remedy in (
        ("failed", f"{name} could not be read", "`plumbline doctor` says what it needs"),
        ("refused", f"{name} showed so little that it is not believed",
         "look there; if it is right, `plumbline sync --believe` takes it"),
    ):  # fmt: skip
        said = [str(read["error"]) for read in reads.values() if read["status"] == status]
        if said:
            return Alert(id=f"reading:{name}", kind="reading", title=title, details=_told(said), remedy=remedy)
    return None


def _undecided(warehouse: Warehouse) -> Iterator[Alert]:
    rows = warehouse.rows(
        "SELECT entity, count(DISTINCT core_id) AS n FROM meta.touched_core GROUP BY ALL ORDER BY ALL"
    )
    for row in rows:
        yield Alert(
            id=f"undecided:{row['entity']}", kind="undecided",
            title=f"{_many(row['n'], 'record')} of {row['entity']} are kept back by a check", details="",
            remedy="`plumbline sync` says which check and why; correct the records at their owner",
        )  # fmt: skip


def _of_handoffs(company: Company, ledger: Ledger, unread: Collection[str]) -> Iterator[Alert]:
    """What waits in each handoff as a whole, by single changes, and what was refused.

    A shadow waits for nobody, and what waits for a system that was not read is told with that.
    """
    active = [one for one in company.handoffs() if one.mode != "shadow" and one.entity not in company.told]
    waiting = [
        one for one in books.list_held(ledger) if not HeldChange(change=one.change, reason=one.reason).goes_on_by_itself
    ]
    held, refused = _by_handoff(waiting), _by_handoff(books.list_rejected(ledger))
    for one in active:
        why = _stop(company, ledger, one) if one.system not in unread else None
        if why:
            yield Alert(id=f"stopped:{one.name}", kind="stopped", title=f"{one.name} waits", details=why,
                        remedy="`plumbline status` shows all handoffs")  # fmt: skip
        elif one.system not in unread and (reasons := held.get(one.name)):
            yield Alert(id=f"held:{one.name}", kind="held", details=_told(reasons),
                        title=f"{_many(len(reasons), 'change')} of {one.name} wait",
                        remedy="`plumbline plan` shows them")  # fmt: skip
        if reasons := refused.get(one.name):
            yield Alert(id=f"rejected:{one.name}", kind="rejected", details=_told(reasons),
                        title=f"{one.system} refused {_many(len(reasons), 'change')} of {one.entity}",
                        remedy="`plumbline rejected` shows them")  # fmt: skip


def _stop(company: Company, ledger: Ledger, handoff: Handoff) -> str | None:
    """Why nothing of a handoff goes out, as far as it has something to send."""
    by_person = stopped(ledger, handoff.name) or unsigned(company, ledger, handoff)
    newest = next(iter(books.list_plans(ledger, handoff=handoff.name, limit=1)), None)
    if newest is None or newest.state != "frozen" or not newest.creates + newest.updates + newest.deletes:
        return by_person
    waits = f"waits for `plumbline approve {newest.id}`" if handoff.mode == "review" else None
    return by_person or newest.hold or waits


def _by_handoff(refused: Iterable[books.Refused]) -> Mapping[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for one in refused:
        reasons.setdefault(f"{one.change.system}.{one.change.entity}", []).append(one.reason)
    return reasons


def _double_bookings(company: Company, warehouse: Warehouse) -> Iterator[Alert]:
    rows = warehouse.rows(
        "FROM core.double_bookings WHERE NOT allowed ORDER BY first_starts, technician, first, second"
    )
    zone = company.stack.time_zone
    for row in rows[:SHOWN]:
        details, _, remedy = bookings.sentence(row | {"mine": row["first"]}, zone).partition("; ")
        day = row["first_starts"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        about = digest(row["technician"], row["kind"], row["first"], row["second"], length=16)
        yield Alert(id=f"double_booking:{about}", kind="double_booking", details=details, remedy=remedy,
                    title=f"{row['technician_name'] or 'Somebody'} is booked twice on {day:%a %Y-%m-%d}")  # fmt: skip
    if (more := len(rows) - SHOWN) > 0:
        yield Alert(id="double_booking:more", kind="double_booking", title=f"{_many(more, 'more double booking')}",
                    details="", remedy="`plumbline bookings` shows all of them")  # fmt: skip


def _counted(warehouse: Warehouse) -> Iterator[Alert]:
    waiting = "SELECT entity, count(*) AS n FROM core.conflicts WHERE state = 'waiting' GROUP BY ALL ORDER BY ALL"
    for row in warehouse.rows(waiting):
        yield Alert(id=f"conflicts:{row['entity']}", kind="conflicts", details="",
                    title=f"{_many(row['n'], 'conflict')} of {row['entity']} wait for a decision",
                    remedy="`plumbline conflicts` shows them, `plumbline decide` settles one")  # fmt: skip
    reasons: dict[str, list[str]] = {}
    for row in warehouse.rows("SELECT system, reason FROM quarantine.records ORDER BY ALL"):
        reasons.setdefault(row["system"], []).append(row["reason"])
    for system, said in reasons.items():
        yield Alert(id=f"quarantine:{system}", kind="quarantine", details=_told(said),
                    title=f"{_many(len(said), 'record')} of {system} could not be understood",
                    remedy="`plumbline quarantine` shows them")  # fmt: skip


def _paused(warehouse: Warehouse) -> Iterator[Alert]:
    lines: dict[str, list[str]] = {}
    for row in drift.listed(warehouse):
        if row["paused"]:
            lines.setdefault(row["system"], []).append(
                f"{row['resource']}: {row['path']} {row['kind']}; {row['remedy']}"
            )
    for system, said in lines.items():
        yield Alert(id=f"paused:{system}", kind="paused", details=_told(said),
                    title=f"{_many(len(said), 'field')} of {system} pause: its records changed their shape",
                    remedy="`plumbline drift` shows them")  # fmt: skip


def _many(count: Any, what: str) -> str:
    return f"{count} {what}" if int(count) == 1 else f"{count} {what}s"


def _told(reasons: Sequence[str]) -> str:
    """The most frequent reasons, a line each, with how often each was given."""
    counts = sorted(Counter(reasons).items(), key=lambda one: (-one[1], one[0]))
    lines = [reason if count == 1 else f"{count} × {reason}" for reason, count in counts[:REASONS]]
    more = len(counts) - REASONS
    return "\n".join([*lines, *([f"and {_many(more, 'other reason')}"] if more > 0 else [])])

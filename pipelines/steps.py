"""One sync in parts: each part opens what it needs, does its stage and says what it did. Dagster's ops call these.

What one part has to know of an earlier one is read back from where it is kept: how the reads ended from the lake,
what is not decided yet from the warehouse, the frozen plan from the ledger. So a part may also run alone, later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from connectors.raw import last_reads
from connectors.reading import ReadReport
from models.change import Delivery, HeldChange, Plan
from models.compile import tables as t
from models.errors import PlumblineError
from models.handoff import Handoff
from models.schema import Entity
from pipelines import alerts
from pipelines import ledger as books
from pipelines.company import Company
from pipelines.drift import Drift
from pipelines.holding import hold_reason
from pipelines.identify import identify
from pipelines.ledger import Counts
from pipelines.looking import overview
from pipelines.reconcile import Check, Reconciled, reconcile
from pipelines.session import Progress, Session, part
from pipelines.sync import (
    look_for_unseen,
    plan_handoff,
    push_handoff,
    read,
    refresh,
    settle_doubts,
    stage,
    watch_bookings,
)
from pipelines.warehouse import Warehouse, open_warehouse, publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """How the reads ended: system -> resource -> report, and why a system could not be opened."""

    reports: Mapping[str, Mapping[str, ReadReport]]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """The books of one staged table in this run (read = staged + quarantined), and the rows it holds.

    drift  how the records it is made of changed their shape, a sentence each
    """

    read: int
    staged: int
    quarantined: int
    rows: int
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What reconciliation did with an entity, and the rows that core holds, deleted ones included."""

    done: Reconciled
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a plan: the delivery of this time, and the books of the run that made the plan."""

    plan: Plan
    delivery: Delivery
    counts: Counts


def extract(company: Company, *, run: str, wanted: Mapping[str, Sequence[str]], progress: Progress) -> Extracted:
    """Read the wanted resources of all named systems side by side, after settling what is in doubt there."""
    chosen = {name: tuple(r for r in company.resources[name] if r.name in wanted[name]) for name in wanted}
    narrowed = replace(company, resources={**company.resources, **chosen})
    with part(narrowed, run=run, systems=tuple(wanted), progress=progress) as current:
        settle_doubts(current)
        unopened = dict(current.problems)
        read(current)
        reports = {name: {r.resource: r for r in found} for name, found in current.reports.items()}
    return Extracted(reports=reports, problems=unopened)


def tell(company: Company, *, run: str, wanted: Mapping[str, Sequence[str]], progress: Progress) -> Extracted:
    """Leave what waits for a person now, and read it, as ``extract`` reads the other systems."""
    with _working(company, run, progress) as (current, warehouse):
        alerts.tell(company, warehouse, current.ledger, current.now())
    with part(company, run=run, systems=tuple(wanted), progress=progress) as current:
        unopened = dict(current.problems)
        read(current, tuple(current.apis))
        reports = {name: {r.resource: r for r in found} for name, found in current.reports.items()}
    return Extracted(reports=reports, problems=unopened)


@contextmanager
def _working(
    company: Company, run: str, progress: Progress, systems: Sequence[str] = ()
) -> Iterator[tuple[Session, Warehouse]]:
    """A part that works on the warehouse, with the ledger's links and overrides brought in."""
    with (
        part(company, run=run, systems=systems, progress=progress) as current,
        open_warehouse(company.warehouse, company.model, company.fingerprint) as warehouse,
    ):
        refresh(current, warehouse)
        yield current, warehouse


def stage_one(company: Company, *, run: str, system: str, progress: Progress) -> dict[str, Accounted]:
    """Stage the new loads of one system; the books by entity."""
    with _working(company, run, progress, (system,)) as (current, warehouse):
        stage(current, warehouse, (system,))
        recall(current, system)
        look_for_unseen(current, warehouse, system)
        binding = company.model.binding(system)
        found = current.staged[system].drift
        return {
            entity: _accounted(
                warehouse, run, system, entity, sorted({m.resource for m in binding.maps_to(entity)}), found
            )
            for entity in dict.fromkeys(one.to for one in binding.maps)
        }


def _accounted(
    warehouse: Warehouse, run: str, system: str, entity: str, resources: list[str], found: Sequence[Drift]
) -> Accounted:
    sums = warehouse.rows(
        "SELECT coalesce(sum(read), 0)::BIGINT AS read, coalesce(sum(staged), 0)::BIGINT AS staged, "
        "coalesce(sum(quarantined), 0)::BIGINT AS quarantined FROM meta.staging "
        "WHERE run = ? AND system = ? AND list_contains(?, resource)",
        [run, system, resources],
    )[0]
    drift = tuple(one.sentence for one in found if one.resource in resources)
    return Accounted(rows=int(warehouse.value(t.count_of(t.staged(system, entity)))), drift=drift, **sums)


def place(company: Company, *, run: str, entity: Entity, progress: Progress) -> tuple[int, int]:
    """Find the place of touched records in the crosswalk: links that are new or moved, and all links."""
    with _working(company, run, progress) as (current, warehouse):
        moved = identify(warehouse, company.model, entity, now=current.now())
        return moved, int(warehouse.value(t.count_of(t.xref(entity.name))))


def decide_one(company: Company, *, run: str, entity: Entity, check: Check, progress: Progress) -> Decided:
    """Decide the touched records of one entity, check them, and let them be seen when nothing blocks."""
    with _working(company, run, progress) as (current, warehouse):
        done = reconcile(warehouse, company.model, entity, check=check, run=run, now=current.now())
        return Decided(done=done, rows=int(warehouse.value(t.count_of(t.core(entity.name)))))


def plan_one(company: Company, *, run: str, handoff: Handoff, progress: Progress) -> Plan:
    """Freeze the plan of one handoff; it is held when its system was not read or its entity is not decided."""
    with _working(company, run, progress, (handoff.system,)) as (current, warehouse):
        recall(current, handoff.system)
        _fall_behind(current, warehouse, handoff.entity)
        watch_bookings(current, warehouse)
        return plan_handoff(current, warehouse, handoff)


def recall(current: Session, system: str) -> None:
    """Bring back how the newest reads of a system ended, as ``sync.read`` would have left it in the session."""
    names = [r.name for r in current.company.resources[system]]
    found = last_reads(current.company.lake, system, names)
    failed = [str(row["error"]) for row in found.values() if row["status"] == "failed"]
    small = [str(row["error"]) for row in found.values() if row["status"] == "refused"]
    if failed:
        current.problems.setdefault(system, "; ".join(dict.fromkeys(failed)))
    if small:
        current.refused[system] = small


def _fall_behind(current: Session, warehouse: Warehouse, entity: str) -> None:
    """Records that stay undecided were held back by a blocking check, or wait for reconciliation to run."""
    waiting = int(warehouse.value("SELECT count(DISTINCT core_id) FROM meta.touched_core WHERE entity = ?", [entity]))
    if waiting:
        current.behind[entity] = (
            f"{waiting} records of {entity} are not decided yet: its checks keep them back or core/{entity} has not run"
        )


def push_one(company: Company, *, run: str, handoff: Handoff, progress: Progress) -> Sent:
    """Send the newest plan of a handoff, as far as it may be sent. PlumblineError when nothing was ever planned."""
    with _working(company, run, progress, (handoff.system,)) as (current, warehouse):
        newest = books.list_plans(current.ledger, handoff=handoff.name, limit=1)
        if not newest:
            raise PlumblineError(
                f"nothing was planned for {handoff.name} yet; run plan/{handoff.system}/{handoff.entity} first"
            )
        recall(current, handoff.system)
        settle_doubts(current)
        plan = books.load_plan(current.ledger, newest[0].id).plan
        current.plans.append(plan)
        reason = _no_longer(current, handoff, plan)
        delivery = _hold_back(current, plan, reason) if reason else push_handoff(current, warehouse, handoff)
        nothing = Counts(planned=0, delivered=0, held=0, rejected=0)
        return Sent(
            plan=plan, delivery=delivery, counts=books.counts(current.ledger, plan.run).get(handoff.name, nothing)
        )


def _no_longer(current: Session, handoff: Handoff, plan: Plan) -> str | None:
    """Why a plan that was frozen before may not be sent now."""
    if handoff.mode != plan.mode:
        return f"{handoff.name} was planned in mode {plan.mode} and is {handoff.mode} now; plan it again"
    return hold_reason(current, handoff)


def _hold_back(current: Session, plan: Plan, reason: str) -> Delivery:
    held = tuple(HeldChange(change=c, reason=reason) for c in books.pending(current.ledger, plan.id))
    if held:
        books.record_held(current.ledger, held)
    return Delivery(held=plan.held + held)


def summarize(company: Company, *, run: str, progress: Progress) -> dict[str, Any]:
    """Publish the snapshot that people read, and say where everything stands."""
    if not company.warehouse.exists():
        raise PlumblineError("nothing has been staged yet; run the job `sync` first")
    with part(company, run=run, progress=progress):
        publish(company.warehouse, company.snapshot)
    return overview(company)

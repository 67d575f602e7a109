"""Runs: when each began and ended, how, and whether its books balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, case, func, insert, select, update

from models.errors import LedgerError
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import changes, plans, runs

RunStatus = Literal["running", "done", "failed", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the pipeline, from start to end; ``finished_at`` is None while it runs or after it was killed."""

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None
    status: RunStatus
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The books of one run and handoff; they balance when ``planned`` is the sum of the other three."""

    planned: int
    delivered: int
    held: int
    rejected: int

    @property
    def balanced(self) -> bool:
        return self.planned == self.delivered + self.held + self.rejected


def start_run(ledger: Ledger, *, run: str, kind: str, at: datetime) -> None:
    """Open the books of a run. A run that is started again (a retry after a crash) goes on with the same books."""
    with writing(ledger) as db:
        if db.scalar(select(runs.c.id).where(runs.c.id == run)) is None:
            db.execute(insert(runs).values(id=run, kind=kind, started_at=at, status="running"))
        else:
            db.execute(update(runs).where(runs.c.id == run).values(status="running", finished_at=None, error=None))


def finish_run(
    ledger: Ledger, run: str, *, at: datetime, status: Literal["done", "failed", "held"], error: str | None = None
) -> None:
    """Close the books of a run: a change that was planned and not sent is held, and says so."""
    with writing(ledger) as db:
        known_run(db, run)
        mine = select(plans.c.seq).where(plans.c.run == run)
        db.execute(
            update(changes)
            .where(changes.c.plan.in_(mine), changes.c.state == "planned")
            .values(state="held", reason="the run ended before this change was settled")
        )
        db.execute(update(runs).where(runs.c.id == run).values(status=status, finished_at=at, error=error))


def join_run(ledger: Ledger, *, run: str, kind: str, at: datetime) -> None:
    """Open the books of a run for one of its parts; what earlier parts left, an error too, stays as it is."""
    with writing(ledger) as db:
        if db.scalar(select(runs.c.id).where(runs.c.id == run)) is None:
            db.execute(insert(runs).values(id=run, kind=kind, started_at=at, status="running"))
        else:
            db.execute(update(runs).where(runs.c.id == run).values(status="running", finished_at=None))


def leave_run(ledger: Ledger, run: str, *, at: datetime, error: str | None = None) -> None:
    """End one part of a run. What is planned goes on waiting for the part that sends it.

    The run stands as failed from its first ``error`` on, as held when a change of it is held, else as done.
    """
    with writing(ledger) as db:
        known_run(db, run)
        held = (
            select(changes.c.seq)
            .join_from(plans, changes)
            .where(plans.c.run == run, changes.c.state == "held")
            .exists()
        )
        kept = func.coalesce(runs.c.error, error)
        status = case((kept.is_not(None), "failed"), (held, "held"), else_="done")
        db.execute(update(runs).where(runs.c.id == run).values(status=status, finished_at=at, error=kept))


def list_runs(ledger: Ledger, *, limit: int = 50) -> tuple[Run, ...]:
    """The newest runs first."""
    with reading(ledger) as db:
        rows = db.execute(select(runs).order_by(runs.c.started_at.desc(), runs.c.id).limit(limit))
        return tuple(Run(**row) for row in rows.mappings())


def counts(ledger: Ledger, run: str) -> Mapping[str, Counts]:
    """The books of a run by handoff. What a later plan of the same run replaced is not counted twice."""
    by_state = {state: total_of(changes.c.state == state) for state in ("delivered", "held", "rejected")}
    handoff = (plans.c.system + "." + plans.c.entity).label("handoff")
    query = (
        select(handoff, func.count().label("planned"), *(total.label(state) for state, total in by_state.items()))
        .join_from(plans, changes, changes.c.plan == plans.c.seq)
        .where(plans.c.run == run, changes.c.state != "superseded")
        .group_by(handoff)
        .order_by(handoff)
    )
    with reading(ledger) as db:
        return {row.pop("handoff"): Counts(**row) for row in map(dict, db.execute(query).mappings())}


def usual(ledger: Ledger, system: str, entity: str, *, plans_back: int = 30, least: int = 8) -> dict[str, int] | None:
    """Action -> the most that one of the last plans of a handoff delivered; None below ``least`` such plans."""
    mine = (plans.c.system == system, plans.c.entity == entity, changes.c.state == "delivered")
    late = (
        select(plans.c.seq)
        .join_from(plans, changes)
        .where(*mine)
        .group_by(plans.c.seq)
        .order_by(plans.c.seq.desc())
        .limit(plans_back)
    )
    counted = (
        select(changes.c.plan, changes.c.action, func.count().label("number"))
        .where(changes.c.plan.in_(late), changes.c.state == "delivered")
        .group_by(changes.c.plan, changes.c.action)
    )
    with reading(ledger) as db:
        rows = db.execute(counted).all()
    if len({row.plan for row in rows}) < least:
        return None
    return {action: max(r.number for r in rows if r.action == action) for action in {r.action for r in rows}}


def known_run(db: Connection, run: str) -> None:
    """LedgerError for a run that was never started."""
    if db.scalar(select(runs.c.id).where(runs.c.id == run)) is None:
        raise LedgerError(f"Run {run!r} is not in the ledger; start it before anything is planned in its name.")


def total_of(condition: Any) -> Any:
    """How many rows meet a condition, as an expression."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

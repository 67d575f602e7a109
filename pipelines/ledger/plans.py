"""Runs, plans and approvals: what was to be written, who agreed, and how each run's books balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, case, func, insert, select, update

from models.change import Cause, Change, HeldChange, Mode, Plan
from models.errors import LedgerError
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.tables import approvals, changes, plans, runs
from pipelines.ledger.values import columns

PlanState = Literal["frozen", "approved", "applied", "superseded"]
RunStatus = Literal["running", "done", "failed", "held"]
_OPEN: tuple[PlanState, ...] = ("frozen", "approved")
_WAITS: Mapping[Mode, str] = {
    "off": "the handoff is off",
    "shadow": "the handoff is in shadow: nothing is written",
    "review": "waits for approval",
}


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
class Approval:
    """A named person's agreement to exactly the rows of one plan."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A plan as it was frozen, where it stands, and who agreed to it."""

    plan: Plan
    state: PlanState
    approvals: tuple[Approval, ...]
    superseded_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One plan in a list: how many changes of which kind it holds, without the changes."""

    id: str
    handoff: str
    run: str
    mode: Mode
    state: PlanState
    hold: str | None
    created_at: datetime
    creates: int
    updates: int
    deletes: int
    held: int


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
        _known_run(db, run)
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
        _known_run(db, run)
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


def save_plan(ledger: Ledger, plan: Plan) -> PlanState:
    """Freeze a plan. It supersedes the open plan of its handoff; the same rows keep an approval they already have.

    Raises LedgerError when the plan's run was never started.
    """
    with writing(ledger) as db:
        _known_run(db, plan.run)
        state = _first_state(plan, agreed=_supersede(db, plan))
        values = _plan_row(plan) | {"state": state}
        seq = db.execute(insert(plans).values(values).returning(plans.c.seq)).scalar_one()
        waits = None if state == "approved" else (plan.hold or _WAITS.get(plan.mode))
        rows = [_change_row(seq, change, applicable=True, reason=waits) for change in plan.changes]
        rows += [_change_row(seq, held.change, applicable=False, reason=held.reason) for held in plan.held]
        for part in chunks(rows):
            db.execute(insert(changes), part)
    return state


def load_plan(ledger: Ledger, plan_id: str) -> StoredPlan:
    """The newest plan with this content, row for row as it was frozen. Raises LedgerError when there is none."""
    with reading(ledger) as db:
        row = _newest(db, plan_id)
        lines = db.execute(select(changes).where(changes.c.plan == row.seq).order_by(changes.c.seq)).all()
        agreed = db.execute(select(approvals).where(approvals.c.plan == row.seq).order_by(approvals.c.seq)).all()
    plan = Plan(
        system=row.system,
        entity=row.entity,
        mode=row.mode,
        run=row.run,
        created_at=row.created_at,
        changes=tuple(change_of(line) for line in lines if line.applicable),
        held=tuple(HeldChange(change=change_of(line), reason=line.reason) for line in lines if not line.applicable),
        hold=row.hold,
        knows=row.knows,
    )
    named = tuple(Approval(by=one.by, at=one.at, reason=one.reason) for one in agreed)
    return StoredPlan(plan=plan, state=row.state, approvals=named, superseded_by=row.superseded_by)


def list_plans(
    ledger: Ledger, *, handoff: str | None = None, state: PlanState | None = None, limit: int = 50
) -> tuple[PlanLine, ...]:
    """Plans, the newest first, with their counts."""
    wanted = select(plans).order_by(plans.c.seq.desc()).limit(limit)
    if handoff is not None:
        wanted = wanted.where(plans.c.system + "." + plans.c.entity == handoff)
    if state is not None:
        wanted = wanted.where(plans.c.state == state)
    with reading(ledger) as db:
        found = db.execute(wanted).all()
        counted = _counted(db, [row.seq for row in found])
    return tuple(_line(row, counted.get(row.seq, {})) for row in found)


def pending(ledger: Ledger, plan_id: str) -> tuple[Change, ...]:
    """The changes of a plan that may be sent and were not settled yet, in the order of the plan."""
    with reading(ledger) as db:
        seq = _newest(db, plan_id).seq
        lines = db.execute(
            select(changes).where(changes.c.plan == seq, changes.c.state == "planned").order_by(changes.c.seq)
        )
        return tuple(change_of(line) for line in lines)


def approve(ledger: Ledger, plan_id: str, *, by: str, at: datetime, reason: str = "") -> None:
    """Release exactly the rows of a plan that waits for review or was held by a guard.

    Raises LedgerError when the plan is unknown, is not open any more, or its handoff does not write.
    """
    if not by.strip():
        raise LedgerError(f"Plan {plan_id}: an approval carries the name of a person.")
    with writing(ledger) as db:
        row = _newest(db, plan_id)
        if row.state not in _OPEN:
            instead = f"; look at {row.superseded_by} instead" if row.superseded_by else ""
            raise LedgerError(f"Plan {plan_id} of {row.system}.{row.entity} is {row.state}{instead}.")
        if row.mode in ("off", "shadow"):
            raise LedgerError(f"Plan {plan_id}: {row.system}.{row.entity} is in mode {row.mode} and writes nothing.")
        db.execute(insert(approvals).values(plan=row.seq, by=by, at=at, reason=reason))
        db.execute(update(plans).where(plans.c.seq == row.seq).values(state="approved"))
        db.execute(
            update(changes)
            .where(changes.c.plan == row.seq, changes.c.applicable, changes.c.state == "held")
            .values(state="planned", reason=None)
        )


def counts(ledger: Ledger, run: str) -> Mapping[str, Counts]:
    """The books of a run by handoff. What a later plan of the same run replaced is not counted twice."""
    by_state = {state: _sum(changes.c.state == state) for state in ("delivered", "held", "rejected")}
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


def change_of(row: Row[Any]) -> Change:
    """The change that a row of ``changes`` keeps."""
    return Change(
        system=row.system,
        entity=row.entity,
        core_id=row.core_id,
        action=row.action,
        target_id=row.target_id,
        version=row.version,
        before=row.before,
        after=row.after,
        desired=row.desired,
        refs=row.refs,
        cause={field: Cause(**why) for field, why in row.cause.items()},
        starts=row.starts,
    )


def close_finished(db: Connection, seqs: Sequence[int]) -> None:
    """Mark the plans of which nothing is left to send as applied."""
    left = select(changes.c.seq).where(changes.c.plan == plans.c.seq, changes.c.state == "planned").exists()
    may_write = (plans.c.state == "approved") | and_(plans.c.mode == "live", plans.c.hold.is_(None))
    for part in chunks(seqs):
        db.execute(
            update(plans)
            .where(plans.c.seq.in_(part), plans.c.state.in_(_OPEN), may_write, ~left)
            .values(state="applied")
        )


def _known_run(db: Connection, run: str) -> None:
    if db.scalar(select(runs.c.id).where(runs.c.id == run)) is None:
        raise LedgerError(f"Run {run!r} is not in the ledger; start it before anything is planned in its name.")


def _newest(db: Connection, plan_id: str) -> Row[Any]:
    row = db.execute(select(plans).where(plans.c.id == plan_id).order_by(plans.c.seq.desc()).limit(1)).first()
    if row is None:
        raise LedgerError(f"Plan {plan_id!r} is not in the ledger; `plumbline plan` lists the plans that are.")
    return row


def _first_state(plan: Plan, *, agreed: bool) -> PlanState:
    if not plan.changes:
        return "applied"
    return "approved" if agreed and plan.mode in ("review", "live") else "frozen"


def _supersede(db: Connection, plan: Plan) -> bool:
    """Close the open plans of this handoff; True when one of them held the same rows and was approved."""
    found = db.execute(
        select(plans).where(plans.c.system == plan.system, plans.c.entity == plan.entity, plans.c.state.in_(_OPEN))
    ).all()
    for row in found:
        db.execute(update(plans).where(plans.c.seq == row.seq).values(state="superseded", superseded_by=plan.id))
        unsettled = changes.c.state.in_(("planned", "held") if row.run == plan.run else ("planned",))
        # Within one run the new rows stand for the old ones; the books of an earlier run keep theirs.
        state = "superseded" if row.run == plan.run else "held"
        db.execute(
            update(changes)
            .where(changes.c.plan == row.seq, unsettled)
            .values(state=state, reason=f"superseded by {plan.id}")
        )
    return any(row.id == plan.id and row.state == "approved" for row in found)


def _plan_row(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "run": plan.run,
        "system": plan.system,
        "entity": plan.entity,
        "mode": plan.mode,
        "hold": plan.hold,
        "created_at": plan.created_at,
        "knows": plan.knows,
    }


def _change_row(plan: int, change: Change, *, applicable: bool, reason: str | None) -> dict[str, Any]:
    return {
        "plan": plan,
        "change_id": change.id,
        "system": change.system,
        "entity": change.entity,
        "core_id": change.core_id,
        "target_id": change.target_id,
        "action": change.action,
        "version": change.version,
        "before": change.before,
        "after": change.after,
        "desired": change.desired,
        "refs": change.refs,
        "cause": {field: columns(why) for field, why in change.cause.items()},
        "starts": change.starts,
        "applicable": applicable,
        "state": "planned" if reason is None else "held",
        "reason": reason,
    }


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _counted(db: Connection, seqs: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    actions = {
        f"{action}s": _sum(and_(changes.c.applicable, changes.c.action == action))
        for action in ("create", "update", "delete")
    }
    query = select(
        changes.c.plan,
        _sum(~changes.c.applicable).label("held"),
        *(total.label(name) for name, total in actions.items()),
    )
    rows = db.execute(query.where(changes.c.plan.in_(seqs)).group_by(changes.c.plan)).mappings()
    return {row["plan"]: {name: row[name] for name in ("held", *actions)} for row in rows}


def _line(row: Row[Any], counted: Mapping[str, int]) -> PlanLine:
    numbers = {name: counted.get(name, 0) for name in ("creates", "updates", "deletes", "held")}
    return PlanLine(
        id=row.id,
        handoff=f"{row.system}.{row.entity}",
        run=row.run,
        mode=row.mode,
        state=row.state,
        hold=row.hold,
        created_at=row.created_at,
        **numbers,
    )

"""Plans: what was to be written, frozen row for row, and where each of them stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from models.change import Cause, Change, HeldChange, Mode, Plan
from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.runs import known_run, total_of
from pipelines.ledger.tables import approvals, changes, plans
from pipelines.ledger.values import columns, encode

PlanState = Literal["frozen", "approved", "applied", "superseded"]
_OPEN: tuple[PlanState, ...] = ("frozen", "approved")
_WAITS: Mapping[Mode, str] = {
    "off": "the handoff is off",
    "shadow": "the handoff is in shadow: nothing is written",
    "review": "waits for approval",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A named person's agreement to exactly the rows of one plan; ``changes`` are the ids of some, None for all."""

    by: str
    at: datetime
    reason: str
    changes: tuple[str, ...] | None = None


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


def save_plan(ledger: Ledger, plan: Plan) -> PlanState:
    """Freeze a plan. It supersedes the open plan of its handoff; the same rows keep the approvals they already have.

    Raises LedgerError when the plan's run was never started.
    """
    with writing(ledger) as db:
        known_run(db, plan.run)
        before = _supersede(db, plan)
        state = _first_state(plan, agreed=before is not None and before.state == "approved")
        values = _plan_row(plan) | {"state": state}
        seq = db.execute(insert(plans).values(values).returning(plans.c.seq)).scalar_one()
        agreed = _carried(db, plan, before, seq)
        waits = None if state == "approved" else (plan.hold or _WAITS.get(plan.mode))
        rows = [
            _change_row(seq, change, applicable=True, reason=None if change.id in agreed else waits)
            for change in plan.changes
        ]
        rows += [_change_row(seq, held.change, applicable=False, reason=held.reason) for held in plan.held]
        for part in chunks(rows):
            db.execute(insert(changes), part)
    return state


def _carried(db: Connection, plan: Plan, before: Row[Any] | None, seq: int) -> set[str]:
    """Give a plan the approvals of the one before it with the same rows; the ids of changes agreed to one by one."""
    if before is None or plan.mode not in ("review", "live"):
        return set()
    found = db.execute(select(approvals).where(approvals.c.plan == before.seq).order_by(approvals.c.seq)).all()
    for one in found:
        kept = {"plan": seq, "by": one.by, "at": one.at, "reason": one.reason, "changes": one.changes}
        db.execute(insert(approvals).values(kept))
    return {change for one in found for change in one.changes or ()}


def load_plan(ledger: Ledger, plan_id: str) -> StoredPlan:
    """The newest plan with this content, row for row as it was frozen.

    Raises LedgerError when there is none, or when a row of it is not as it was frozen.
    """
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
        undoes=row.undoes,
    )
    if seal(plan) != row.seal:
        raise LedgerError(f"Plan {plan_id} is not as it was frozen: somebody changed its rows; make a new plan.")
    named = tuple(
        Approval(by=one.by, at=one.at, reason=one.reason, changes=tuple(one.changes) if one.changes else None)
        for one in agreed
    )
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


def pending_ids(ledger: Ledger, plan_id: str) -> frozenset[str]:
    """``pending`` for whoever has the changes themselves."""
    with reading(ledger) as db:
        waiting = (changes.c.plan == _newest(db, plan_id).seq, changes.c.state == "planned")
        return frozenset(db.scalars(select(changes.c.change_id).where(*waiting)))


def approve(ledger: Ledger, plan_id: str, *, by: str, at: datetime, reason: str = "", only: Sequence[str] = ()) -> None:
    """Release exactly the rows of a plan that waits for review or was held by a guard.

    only  ids of the changes that are agreed to; the others go on waiting. Empty: all of the plan

    Raises LedgerError when the plan is unknown, is not open any more, was altered, has no such change, or its
    handoff does not write.
    """
    stored = load_plan(ledger, plan_id)
    strange = set(only) - {change.id for change in stored.plan.changes}
    if strange:
        raise LedgerError(
            f"Plan {plan_id} has no change {min(strange)} that could be sent; `plumbline plan` shows them."
        )
    with writing(ledger) as db:
        row = _newest(db, plan_id)
        _expect_open(row)
        detail = {"reason": reason, "seal": row.seal, "changes": list(only) or None}
        note(db, by=by, at=at, act="approve", subject=plan_id, detail=detail)
        db.execute(insert(approvals).values(plan=row.seq, by=by, at=at, reason=reason, changes=list(only) or None))
        waiting = (changes.c.plan == row.seq, changes.c.applicable, changes.c.state == "held")
        chosen = (*waiting, changes.c.change_id.in_(only)) if only else waiting
        db.execute(update(changes).where(*chosen).values(state="planned", reason=None))
        if db.scalar(select(func.count()).select_from(changes).where(*waiting)) == 0:
            db.execute(update(plans).where(plans.c.seq == row.seq).values(state="approved"))


def _expect_open(row: Row[Any]) -> None:
    if row.state not in _OPEN:
        instead = f"; look at {row.superseded_by} instead" if row.superseded_by else ""
        raise LedgerError(f"Plan {row.id} of {row.system}.{row.entity} is {row.state}{instead}.")
    if row.mode in ("off", "shadow"):
        raise LedgerError(f"Plan {row.id}: {row.system}.{row.entity} is in mode {row.mode} and writes nothing.")


def seal(plan: Plan) -> str:
    """A hash of every row of a plan with all that is sent for it, not only of what makes its id.

    Causes are left out: the same value read once more is the same value.
    """
    found = hashlib.sha256()
    for change in (*plan.changes, *(held.change for held in plan.held)):
        row = encode({name: value for name, value in columns(change).items() if name != "cause"})
        found.update(json.dumps(row, sort_keys=True, ensure_ascii=False).encode())
    return found.hexdigest()


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


def _newest(db: Connection, plan_id: str) -> Row[Any]:
    row = db.execute(select(plans).where(plans.c.id == plan_id).order_by(plans.c.seq.desc()).limit(1)).first()
    if row is None:
        raise LedgerError(f"Plan {plan_id!r} is not in the ledger; `plumbline plan` lists the plans that are.")
    return row


def _first_state(plan: Plan, *, agreed: bool) -> PlanState:
    if not plan.changes:
        return "applied"
    return "approved" if agreed and plan.mode in ("review", "live") else "frozen"


def _supersede(db: Connection, plan: Plan) -> Row[Any] | None:
    """Close the open plans of this handoff; returns the one that held the same rows.

    What takes a plan back stands beside what is planned: only a new one of the same kind closes it.
    """
    same = (
        plans.c.system == plan.system,
        plans.c.entity == plan.entity,
        plans.c.undoes.is_not_distinct_from(plan.undoes),
    )
    found = db.execute(select(plans).where(*same, plans.c.state.in_(_OPEN))).all()
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
    return next((row for row in found if row.id == plan.id and row.seal == seal(plan)), None)


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
        "undoes": plan.undoes,
        "seal": seal(plan),
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


def _counted(db: Connection, seqs: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    actions = {
        f"{action}s": total_of(and_(changes.c.applicable, changes.c.action == action))
        for action in ("create", "update", "delete")
    }
    query = select(
        changes.c.plan,
        total_of(~changes.c.applicable).label("held"),
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

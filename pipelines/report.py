"""The account of one sync, as data: the same numbers for the terminal, ``--json``, the HTML summary and Dagster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.change import HeldChange, Plan
from pipelines.drift import told
from pipelines.session import Session
from pipelines.sync import totals
from quality.spec import Verdict


def account(current: Session, seconds: float) -> dict[str, Any]:
    """What a sync did: run, seconds, systems, drift, core, conflicts, double bookings, plan, pushed, each handoff.

    ``asks``: how many of the changes that wait do so for a person.
    """
    plans = current.plans
    return {
        "run": current.run,
        "seconds": round(seconds, 2),
        "systems": {name: _system(current, name) for name in current.company.stack.systems},
        "drift": [told(one) for staged in current.staged.values() for one in staged.drift],
        "core": dict(current.core),
        "conflicts": current.conflicts,
        "double_bookings": current.bookings.open,
        "plan": {
            "creates": sum(p.count("create") for p in plans),
            "updates": sum(p.count("update") for p in plans),
            "deletes": sum(p.count("delete") for p in plans),
            "held": sum(len(p.held) + (len(p.changes) if p.hold else 0) for p in plans),
        },
        "pushed": totals(current.deliveries),
        "asks": sum(not one.goes_on_by_itself for plan in plans for one in _held(current, plan)),
        "checks": [_verdict(v) for v in _verdicts(current) if v.outcome != "pass"],
        "stages": {name: round(spent, 2) for name, spent in current.seconds.items()},
        "handoffs": [_handoff(current, p.handoff) for p in plans],
    }


def _held(current: Session, plan: Plan) -> list[HeldChange]:
    """The changes of a plan that wait; of one that was not sent, all where it waits as a whole."""
    if plan.handoff in current.deliveries:
        return list(current.deliveries[plan.handoff].held)
    return [*plan.held, *(HeldChange(change=c, reason=plan.hold) for c in plan.changes if plan.hold)]


def _system(current: Session, name: str) -> dict[str, Any]:
    staged = current.staged.get(name)
    said = {
        "read": staged.read if staged else 0,
        "staged": staged.staged if staged else 0,
        "quarantined": staged.quarantined if staged else 0,
        "status": "failed" if name in current.problems else "refused" if name in current.refused else "ok",
    }
    problem = current.problems.get(name) or "; ".join(current.refused.get(name, ()))
    return said | ({"error": problem} if problem else {})


def _verdicts(current: Session) -> list[Verdict]:
    return [v for done in current.reconciled.values() for v in done.verdicts] + [current.bookings.verdict]


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """A check that did not pass, in the words of who wrote it."""
    check = verdict.check
    return {
        "check": check.name,
        "severity": check.severity,
        "outcome": verdict.outcome,
        "rows": verdict.rows,
        "violations": verdict.violations,
        "standing": verdict.standing,
        "why": check.why,
    }


def _handoff(current: Session, name: str) -> Mapping[str, Any]:
    plan = next(p for p in reversed(current.plans) if p.handoff == name)
    delivery = current.deliveries.get(name)
    return {
        "handoff": name,
        "mode": plan.mode,
        "plan": plan.id,
        "creates": plan.count("create"),
        "updates": plan.count("update"),
        "deletes": plan.count("delete"),
        "held": len(delivery.held) if delivery else len(plan.held) + (len(plan.changes) if plan.hold else 0),
        "delivered": len(delivery.delivered) if delivery else 0,
        "rejected": len(delivery.rejected) if delivery else 0,
        "hold": plan.hold or (current.accounts.get(plan.system) if plan.changes else None),
    }


def exit_status(said: Mapping[str, Any]) -> int:
    """0 done, 1 a system failed or a row was rejected, 3 something waits for a person and not for a condition alone."""
    failed = any(s["status"] == "failed" for s in said["systems"].values()) or said["pushed"]["rejected"]
    if failed:
        return 1
    waits = said["asks"] or any(s["status"] == "refused" for s in said["systems"].values())
    return 3 if waits else 0

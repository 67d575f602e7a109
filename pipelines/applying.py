"""Apply: send a plan that was frozen before, exactly as it was shown and approved."""

from __future__ import annotations

from models.change import Delivery
from models.errors import Held, PlumblineError
from pipelines import ledger as books
from pipelines.company import Company
from pipelines.holding import another_account, hold_reason
from pipelines.push import push
from pipelines.session import session
from pipelines.sync import settle_doubts, targets


def apply_plan(company: Company, plan_id: str) -> Delivery:
    """Push the pending changes of a stored plan.

    Held when nothing of it may be sent now: it waits for approval, was superseded, or its handoff is not signed off.
    """
    with session(company, kind="apply") as current:
        stored = books.load_plan(current.ledger, plan_id)
        plan = stored.plan
        handoff = next((h for h in company.handoffs() if h.name == plan.handoff), None)
        if handoff is None or handoff.mode in ("off", "shadow"):
            raise Held(
                f"{plan.handoff} is {handoff.mode if handoff else 'off'} in the stack; nothing of {plan_id} is sent"
            )
        if stored.state in ("superseded", "applied"):
            raise Held(f"plan {plan_id} is {stored.state}; make a new one with `plumbline plan`")
        reason = hold_reason(current, handoff, undoing=plan.undoes is not None)
        waits = plan.hold if handoff.mode == "live" else f"plan {plan_id} waits for approval"
        agreed = stored.state == "approved" or any(one.changes for one in stored.approvals)
        if reason or (waits and not agreed):
            raise Held(reason or f"{waits}; `plumbline approve {plan_id} --by NAME` releases it")
        if handoff.system not in current.apis:
            raise PlumblineError(current.problems[handoff.system])
        if elsewhere := another_account(current, handoff.system):
            raise Held(elsewhere)
        settle_doubts(current)
        delivery = push(targets(current, handoff.system)[handoff.entity], plan)
        current.deliveries[handoff.name] = delivery
        return delivery

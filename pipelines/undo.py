"""Undo: plan the reverse of what a plan delivered, keeping what people changed since.

What we created is removed, what we overwrote gets its former values back field by field, what we removed is made
again. A field that somebody edited after us stays as they left it, and a record that they edited is not removed.
Money documents are only voided, by the system's own means. The plan is frozen like any other, and `apply` sends it;
the handoff is held meanwhile, because the next sync would do again what was taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.change import Change, HeldChange, Plan
from models.errors import PlumblineError
from models.handoff import Handoff
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.deciding import handoff_of
from pipelines.decoding import differing
from pipelines.ledger import Delivered, Hold
from pipelines.session import Session, new_run, part
from pipelines.sync import targets
from pipelines.target import Target, fetched

MONEY = frozenset(("estimate", "invoice", "payment"))

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A target record as it is now: its canonical values and its version."""

    values: Values
    version: str | None


def undo(company: Company, plan_id: str, *, by: str, why: str) -> Plan:
    """Plan the reverse of a plan, freeze it, and hold its handoff.

    Raises LedgerError for a plan that delivered nothing, StackError when its handoff is off, PlumblineError when its
    system cannot be reached.
    """
    with open_books(company) as ledger:
        handoff = handoff_of(company, books.load_plan(ledger, plan_id).plan.handoff)
    with part(company, run=new_run(company), kind="undo", systems=(handoff.system,)) as current:
        if handoff.system not in current.apis:
            raise PlumblineError(current.problems[handoff.system])
        plan = _reverse_plan(current, handoff, plan_id)
        if handoff.name not in books.standing_holds(current.ledger):
            reason = f"{plan_id} is taken back: {why}"
            books.hold(current.ledger, Hold(handoff=handoff.name, by=by, at=current.now(), reason=reason))
        books.save_plan(current.ledger, plan)
    return plan


def _reverse_plan(current: Session, handoff: Handoff, plan_id: str) -> Plan:
    target = targets(current, handoff.system)[handoff.entity]
    done = books.delivered_by(current.ledger, plan_id)
    now = standing(target, [one.receipt.target_id for one in done])
    found = [reverse(target, one, now.get(one.receipt.target_id)) for one in reversed(done)]
    return Plan(
        system=handoff.system,
        entity=handoff.entity,
        mode=handoff.mode,
        run=current.run,
        created_at=current.plain_now(),
        changes=tuple(one for one in found if isinstance(one, Change)),
        held=tuple(one for one in found if isinstance(one, HeldChange)),
        undoes=plan_id,
    )


def standing(target: Target, ids: list[str]) -> dict[str, Standing]:
    """The records as they are in the system now; those that are gone are left out."""
    records = {id: one for id, one in fetched(target, ids).items() if one.record is not None}
    values = target.decoder.decode(target.api.system, target.map, {id: one.record or {} for id, one in records.items()})
    return {id: Standing(values=values[id], version=records[id].version) for id in values}


def reverse(target: Target, done: Delivered, now: Standing | None) -> Change | HeldChange | None:
    """The change that takes one delivered change back; held where a person has to; None where nothing is left."""
    if done.change.action == "create":
        return _removed(target, done, now)
    if done.change.action == "update":
        return _restored(target, done, now)
    return _made_again(target, done) if now is None else None


def _removed(target: Target, done: Delivered, now: Standing | None) -> Change | HeldChange | None:
    if now is None:
        return None
    change = replace(
        done.change,
        action="delete",
        target_id=done.receipt.target_id,
        version=now.version,
        before={},
        after={},
        cause={},
    )
    edited = _edited(done, now.values)
    if edited:
        return HeldChange(change=change, reason=f"somebody changed {', '.join(edited)} since; it is not removed")
    if change.entity in MONEY and not target.write.voids:
        return HeldChange(change=change, reason=f"{change.system} voids no {change.entity} from us; credit it by hand")
    if target.write.delete is None:
        return HeldChange(change=change, reason=f"{change.system} takes no delete of {change.entity} from us")
    return change


def _restored(target: Target, done: Delivered, now: Standing | None) -> Change | HeldChange | None:
    change = replace(done.change, target_id=done.receipt.target_id, cause={})
    if now is None:
        return HeldChange(change=change, reason=f"{change.target_id} is gone from {change.system}")
    kept = set(_edited(done, now.values))
    fields = [n for n in change.after if n not in kept and now.values.get(n) != change.before.get(n)]
    if not fields:
        return None
    former = {name: change.before.get(name) for name in fields}
    lost = [name for name in fields if name in _references(target, change)]
    back = replace(
        change,
        version=now.version,
        before={name: now.values.get(name) for name in fields},
        after=former,
        desired={**now.values, **former},
    )
    if lost:
        return HeldChange(change=back, reason=f"{', '.join(lost)} led to another record before; set it back by hand")
    return back


def _made_again(target: Target, done: Delivered) -> Change | HeldChange:
    """A record that we removed, as we knew it last."""
    known: dict[str, Any] = {}
    for proof in done.earlier:
        known = {} if proof.action == "create" else known
        known |= {name: value for name, value in proof.observed.items() if value is not None}
    writable = set(target.map.writable()) | set(target.write.extra)
    writable -= _references(target, done.change) - set(done.change.refs)
    values = {name: value for name, value in (known or dict(done.change.desired)).items() if name in writable}
    change = replace(
        done.change, action="create", target_id=None, version=None, before={}, after=values, desired=values, cause={}
    )
    if target.write.create is None and target.write.many is None:
        return HeldChange(change=change, reason=f"{change.system} takes no create of {change.entity} from us")
    if not values:
        return HeldChange(change=change, reason="what it held was never written by us; make it again by hand")
    return change


def _references(target: Target, change: Change) -> set[str]:
    return {field.name for field in target.decoder.model.entity(change.entity).refs}


def _edited(done: Delivered, now: Values) -> list[str]:
    """The fields that do not hold any more what the system kept of our write."""
    ours = {name: done.receipt.observed.get(name, value) for name, value in done.receipt.pushed.items()}
    return differing(ours, now, list(ours))

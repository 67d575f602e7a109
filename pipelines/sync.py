"""One sync: settle what is in doubt, read, stage, identify, reconcile, plan, push, publish.

The stages are plain functions over a ``Session``; the command line and Dagster call the same ones.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from connectors.raw import loads
from connectors.reading import read_all
from models.change import Delivery, HeldChange, Plan, merge
from models.compile import core
from models.errors import PlumblineError
from models.handoff import Handoff
from models.schema import Entity
from pipelines import alerts, bookings
from pipelines import ledger as books
from pipelines.company import Company, expect_known, readable
from pipelines.holding import another_account, hold_reason
from pipelines.identify import identify
from pipelines.links import load_links
from pipelines.plan import make_plan, map_of, write_of
from pipelines.push import push
from pipelines.reconcile import Check, reconcile
from pipelines.session import Progress, Session, new_run, no_progress, part, session
from pipelines.settling import settle
from pipelines.staging import stage_system
from pipelines.target import Target
from pipelines.unseen import bury_unseen
from pipelines.warehouse import Warehouse, open_warehouse, publish
from pipelines.words import end_spoken, load_words

log = logging.getLogger(__name__)


def run_sync(
    company: Company,
    *,
    check: Check,
    systems: Sequence[str] | None = None,
    progress: Progress = no_progress,
    write: bool = True,
    believe: Sequence[str] = (),
) -> Session:
    """A whole sync. ``write=False`` stops after planning: nothing is sent, and the plans wait to be applied.

    believe  ``system.resource`` whose read is accepted however small it is; StackError for one that is not there
    """
    names = systems or tuple(company.stack.systems)
    expect_known("system", names, company.stack.systems)
    expect_known("resource", believe, (f"{s}.{one.name}" for s, found in company.resources.items() for one in found))
    opened = (
        session(company, systems=names, progress=progress)
        if write
        else part(company, run=new_run(company), kind="plan", systems=names, progress=progress)
    )
    with opened as current:
        current.believe = tuple(believe)
        if write:
            settle_doubts(current)
        with current.timed("read"):
            read(current)
        with open_warehouse(company.warehouse, company.model, company.fingerprint) as warehouse:
            with current.timed("stage"):
                refresh(current, warehouse)
                stage(current, warehouse)
                for name in current.apis:
                    look_for_unseen(current, warehouse, name)
            with current.timed("core"):
                for entity in company.model.active():
                    decide(current, warehouse, entity, check)
                watch_bookings(current, warehouse)
            told = company.told
            hand_off(current, warehouse, [h for h in company.handoffs() if h.entity not in told], write=write)
            with current.timed("tell"):
                tell_of_run(current, warehouse, check)
            hand_off(current, warehouse, [h for h in company.handoffs() if h.entity in told], write=write)
            count(current, warehouse)
        with current.timed("publish"):
            publish_snapshot(current)
    return current


def hand_off(current: Session, warehouse: Warehouse, handoffs: Sequence[Handoff], *, write: bool) -> None:
    """Plan and, with ``write``, push one handoff after the other."""
    for handoff in handoffs:
        with current.timed("plan"):
            plan_handoff(current, warehouse, handoff)
        if write:
            with current.timed("push"):
                push_handoff(current, warehouse, handoff)


def tell_of_run(current: Session, warehouse: Warehouse, check: Check) -> None:
    """Bring what waits for a person now into core, by the systems that tell of the run itself."""
    names = [name for name in current.company.of_run if name in current.apis]
    if not names:
        return
    waiting = alerts.tell(current.company, warehouse, current.ledger, current.now())
    current.progress("tell", f"{waiting} alerts")
    read(current, names)
    stage(current, warehouse, names)
    for entity in current.company.model.active():
        if entity.name in current.company.told:
            decide(current, warehouse, entity, check)


def settle_doubts(current: Session) -> None:
    """Settle every intent without an answer, before anything else is sent to its system.

    To settle a create may send it once more, so it waits while its handoff may not write.
    """
    writing = {h.name for h in current.company.handoffs() if h.mode != "shadow" and hold_reason(current, h) is None}
    for name in current.apis:
        found = {entity: t for entity, t in targets(current, name).items() if f"{name}.{entity}" in writing}
        delivery = settle(found, current.ledger, name)
        if delivery.planned:
            current.progress("settle", f"{name}: {len(delivery.delivered)} of {delivery.planned} open outcomes settled")


def targets(current: Session, system: str) -> dict[str, Target]:
    """How each entity is written to a system."""
    connector, binding = current.company.connectors[system], current.company.model.binding(system)
    return {
        write.entity: Target(
            api=current.apis[system],
            connector=connector,
            write=write,
            map=map_of(binding.maps, write),
            decoder=current.decoder,
            ledger=current.ledger,
            now=current.company.clock,
        )
        for write in connector.writes
        if any(one.resource == write.resource and one.to == write.entity for one in binding.maps)
    }


def read(current: Session, systems: Sequence[str] | None = None) -> None:
    """Read systems side by side: all that do not tell of the run itself, or these.

    A failed read is noted; what was read before stays in place.
    """
    company = current.company
    names = [name for name in current.apis if name not in company.of_run] if systems is None else systems
    current.progress("read", f"reading {', '.join(names) or 'nothing'}")
    found = read_all(
        [
            replace(readable(company, name, current.apis[name]), removed=partial(_removed, current, name))
            for name in names
        ],
        lake=company.lake,
        state_dir=company.stack.home / "dlt",
        believe=current.believe,
    )
    current.reports |= found
    for name, reports in found.items():
        bad = [r for r in reports if r.status == "failed"]
        if bad:
            current.problems[name] = "; ".join(dict.fromkeys(str(r.error) for r in bad))
        small = [str(r.error) for r in reports if r.status == "refused"]
        if small:
            current.refused[name] = small
        current.progress("read", f"{name}: {sum(r.rows for r in reports)} records")


def _removed(current: Session, system: str, resource: str, since: datetime) -> int:
    """Records of a resource that we deleted there ourselves."""
    entities = [w.entity for w in current.company.connectors[system].writes if w.resource == resource]
    at = since.astimezone(UTC)
    return sum(books.deletes_since(current.ledger, system, entity, at) for entity in entities)


def refresh(current: Session, warehouse: Warehouse) -> None:
    """Bring the ledger's links, overrides and verdicts into the warehouse."""
    load_links(warehouse, current.ledger, current.company.model)
    load_words(warehouse, current.ledger, current.company.model, current.plain_now())


def stage(current: Session, warehouse: Warehouse, systems: Sequence[str] | None = None, *, hear: bool = True) -> None:
    """Stage the new loads of each system; ``hear``: overrides end whose source spoke since."""
    now = current.now()  # one instant for all: what they said in one sync was said at once
    for name in systems or tuple(current.company.stack.systems):
        known = {row["load_id"] for row in warehouse.rows("SELECT load_id FROM meta.loads WHERE system = ?", [name])}
        found = loads(current.company.lake, name, known=known)
        staged = stage_system(
            warehouse,
            current.company.model,
            name,
            found,
            run=current.run,
            now=now,
            everything=partial(loads, current.company.lake, name),
        )
        current.staged[name] = staged
        current.moved = current.moved or staged.moved > 0 or bool(staged.drift)
        current.progress("stage", f"{name}: {staged.staged} staged, {staged.quarantined} quarantined")
        for one in staged.drift:
            current.progress("stage", one.sentence)
    ended = end_spoken(warehouse, current.ledger, current.company.model, current.plain_now()) if hear else ()
    for line in ended:
        current.progress("stage", line)


def look_for_unseen(current: Session, warehouse: Warehouse, system: str) -> None:
    """Ask a system that was read for what we made there and no read showed: what is gone counts as deleted there."""
    if system in current.problems or system in current.refused:
        return
    for entity, target in targets(current, system).items():
        found = current.company.model.entity(entity)
        if gone := bury_unseen(warehouse, found, target, now=current.plain_now()):
            current.moved = True
            current.progress("stage", f"{system}: {gone} of {entity} were deleted before any read showed them")


def decide(current: Session, warehouse: Warehouse, entity: Entity, check: Check) -> None:
    """Identify and reconcile one entity; parents come before children."""
    identify(warehouse, current.company.model, entity, now=current.now())
    done = reconcile(warehouse, current.company.model, entity, check=check, run=current.run, now=current.now())
    current.reconciled[entity.name] = done
    current.moved = current.moved or done.decided > 0
    if done.decided:
        current.progress("core", f"{entity.name}: {done.decided} decided, {done.changed} field changes")


def watch_bookings(current: Session, warehouse: Warehouse) -> None:
    """Look for what meets in a technician's time, now that everything is decided."""
    current.bookings = bookings.watch(warehouse, current.company, current.now())
    current.moved = current.moved or current.bookings.moved
    if current.bookings.open:
        current.progress("core", f"{current.bookings.open} double bookings")


def plan_handoff(current: Session, warehouse: Warehouse, handoff: Handoff) -> Plan:
    """Plan one handoff and freeze the plan in the ledger."""
    plan = draw_plan(current, warehouse, handoff)
    books.save_plan(current.ledger, plan)
    current.plans.append(plan)
    return plan


def draw_plan(current: Session, warehouse: Warehouse, handoff: Handoff) -> Plan:
    """What one handoff would write now. What a person dismissed by name is not planned again."""
    company = current.company
    write = write_of(company.connectors[handoff.system], handoff.entity)
    plan = make_plan(
        warehouse,
        company.model,
        handoff,
        write,
        guards=company.stack.guards,
        overwritten=partial(books.overwritten, current.ledger, handoff.system, handoff.entity),
        hold=hold_reason(current, handoff),
        clashes=lambda changes: bookings.clashes(warehouse, company, handoff, changes, current.now()),
        run=current.run,
        now=current.now(),
        usual=books.usual(current.ledger, handoff.system, handoff.entity),
    )
    dismissed = books.dismissed(current.ledger)
    return replace(plan, changes=tuple(c for c in plan.changes if c.id not in dismissed)) if dismissed else plan


def push_handoff(current: Session, warehouse: Warehouse, handoff: Handoff) -> Delivery:
    """Send the handoff's plan of this run, as far as it may be sent.

    An approval releases what a guard held. It does not stand in for a sign-off, a read or a check.
    """
    plan = next(p for p in reversed(current.plans) if p.handoff == handoff.name)
    if handoff.system not in current.apis or hold_reason(current, handoff) is not None:
        delivery = _all_held(plan)
    elif plan.changes and (elsewhere := another_account(current, handoff.system)):
        delivery = _all_held(replace(plan, hold=elsewhere))
    else:
        found = targets(current, handoff.system).get(handoff.entity)
        if found is None:
            raise PlumblineError(f"{handoff.system} has no map that writes {handoff.entity}; check its maps")
        delivery = push(found, plan)
        delivery = replace(delivery, held=delivery.held + _unsent(plan, delivery))
    current.deliveries[handoff.name] = delivery
    if delivery.delivered:
        current.moved = True
        load_links(warehouse, current.ledger, current.company.model)
    current.progress("push", f"{handoff.name}: {len(delivery.delivered)} delivered, {len(delivery.held)} held")
    return delivery


def _all_held(plan: Plan) -> Delivery:
    return merge([Delivery(held=plan.held), Delivery(held=_unsent(plan, Delivery()))])


def _unsent(plan: Plan, delivery: Delivery) -> tuple[HeldChange, ...]:
    """Changes of the plan that were not even tried: the plan as a whole waits."""
    tried = {r.change_id for r in delivery.delivered} | {h.change.id for h in delivery.held}
    tried |= {r.change.id for r in delivery.rejected}
    waits = {"shadow": "the handoff is in shadow", "review": "waits for approval"}
    reason = plan.hold or waits.get(plan.mode, "not sent in this run")
    return tuple(HeldChange(change=c, reason=reason) for c in plan.changes if c.id not in tried)


def count(current: Session, warehouse: Warehouse) -> None:
    """How many records there are now and how many conflicts stand, for the account of the run."""
    entities = current.company.model.active()
    text = warehouse.compiled("core/census", lambda: core.census(entities))
    current.core = {name: int(n) for row in warehouse.rows(text) for name, n in row.items()}
    stand = "SELECT count(*) FROM core.conflicts WHERE state IN ('open', 'waiting')"
    current.conflicts = int(warehouse.value(stand))


def publish_snapshot(current: Session) -> None:
    """Publish the warehouse for readers, when something moved or nothing was published yet."""
    if current.moved or not current.company.snapshot.exists():
        publish(current.company.warehouse, current.company.snapshot)


def totals(deliveries: Mapping[str, Delivery]) -> dict[str, int]:
    """Delivered, held and rejected over all handoffs."""
    together = merge(list(deliveries.values()))
    return {
        "delivered": len(together.delivered),
        "held": len(together.held),
        "rejected": len(together.rejected),
    }

"""What if: every core value and every write that other ownership rules would cause, before they are made.

The published snapshot is copied to a temporary file, brought up to date under the present rules, decided again under
the others, and planned under both. What a plan says then and did not say before is what the change causes. Systems
are not asked, and nothing of the company's own is written: no ledger row, no warehouse, no file.

The answer holds for the next sync on the records that were last read. What that sync's own writes lead to later (a
record that is made, read back and matched) is not looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from models.change import Action, Change, Mode, Plan
from models.compile import tables
from models.compile.differences import differences
from models.errors import DeclarationError, PlumblineError, StackError, did_you_mean
from models.handoff import Handoff
from models.ownership import Ownership
from models.schema import Entity, Model
from pipelines import bookings
from pipelines import ledger as books
from pipelines.company import Company, open_books, unforwarded
from pipelines.holding import unsigned
from pipelines.identify import identify
from pipelines.ledger import Ledger
from pipelines.links import load_links
from pipelines.plan import make_plan, write_of
from pipelines.reconcile import Check, reconcile
from pipelines.statements import Statements
from pipelines.warehouse import Warehouse, open_warehouse
from pipelines.words import load_words

RUN = "whatif"
Effect = Literal["added", "altered", "dropped"]
_CONFLICT = "entity, core_id, field, winner, winner_value, loser, loser_value, rule"
_OPEN = f"SELECT {_CONFLICT} FROM core.conflicts WHERE state = 'open'"  # noqa: S608 - our own column names


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One rule that is asked about: its key in the stack, and what it comes to over the company's systems."""

    key: str
    present: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreChange:
    """One canonical value that would be another, and the system that each comes from."""

    entity: str
    core_id: str
    field: str
    old: Any
    new: Any
    old_from: str | None
    new_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A row as the present rules plan it: the id of its change, its values, and why it waits, if it does."""

    change: str
    after: Mapping[str, Any]
    held: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteChange:
    """One row of a plan that would be ``added``, ``altered``, or ``dropped`` though it is planned now.

    held        why the row waits, None when it does not
    instead_of  of an altered row: what is planned now
    """

    effect: Effect
    handoff: str
    mode: Mode
    action: Action
    core_id: str
    target_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    held: str | None
    change: str
    instead_of: Planned | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictChange:
    """One disagreement between systems that would be opened, or settled."""

    effect: Literal["opened", "settled"]
    entity: str
    core_id: str
    field: str
    winner: str | None
    winner_value: str | None
    loser: str
    loser_value: str | None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What other rules would cause.

    waits    handoff -> why its plan would wait as a whole (a guard, a sign-off that lapses, a check), where it would
             write something new or waits for another reason than now
    blocked  entity -> the checks that would keep its new rows out; its core values would stay as they are
    """

    rules: tuple[Ruling, ...]
    core: tuple[CoreChange, ...]
    writes: tuple[WriteChange, ...]
    conflicts: tuple[ConflictChange, ...]
    waits: Mapping[str, str]
    blocked: Mapping[str, str]

    @property
    def nothing(self) -> bool:
        """Whether the change would cause nothing at all."""
        return not (self.core or self.writes or self.conflicts or self.waits or self.blocked)


Plans = Mapping[str, Plan]


def whatif(company: Company, rules: Mapping[str, Ownership], *, check: Check) -> WhatIf:
    """What these rules (key as in the stack: ``customer.phone`` or ``customer``) would cause if they were in force.

    StackError for a key or system that does not exist; PlumblineError when nothing was synced yet.
    """
    other = under(company, rules)
    concerned = _concerned(company.model, rules)
    now = company.clock().astimezone(UTC).replace(tzinfo=None)
    with _copy(company) as warehouse, open_books(company) as ledger:
        load_links(warehouse, ledger, company.model)
        load_words(warehouse, ledger, company.model, now)
        blocked_now = _decide(warehouse, company, company.model.active(), check)
        plans_now = _plans(warehouse, company, ledger, concerned, blocked_now)
        _remember(warehouse, concerned)
        warehouse.statements = Statements()  # the texts kept so far are those of the present rules
        blocked = blocked_now | _decide(warehouse, other, concerned, check)
        plans = _plans(warehouse, other, ledger, concerned, blocked)
        writes = tuple(_writes(plans_now, plans))
        return WhatIf(
            rules=tuple(_rulings(company.model, other.model, rules)),
            core=tuple(change for entity in concerned for change in _core(warehouse, entity)),
            writes=writes,
            conflicts=tuple(_conflicts(warehouse)),
            waits=_lapsed(company, other, ledger) | _waits(plans_now, plans, writes),
            blocked={name: why for name, why in blocked.items() if blocked_now.get(name) != why},
        )


def under(company: Company, rules: Mapping[str, Ownership]) -> Company:
    """The company as it would be with these rules beside its own."""
    names = {b.name for b in company.model.bindings} | {role for b in company.model.bindings for role in b.roles}
    for key, rule in rules.items():
        for part in rule.order:
            if part not in names:
                raise StackError(f"{key}: there is no system {part!r}; {did_you_mean(part, names)}")
    try:
        model = replace(company.model, rules={**company.model.rules, **rules})
    except DeclarationError as problem:
        raise StackError(f"{', '.join(rules)}: {problem}") from problem
    ownership = {**company.stack.ownership, **rules}
    other = replace(company, model=model, stack=company.stack.model_copy(update={"ownership": ownership}))
    for key, rule in rules.items():
        if rule.edits == "accept" and (why := unforwarded(other, key)):
            raise StackError(f"{key}: {why}")
    return other


def _concerned(model: Model, keys: Iterable[str]) -> tuple[Entity, ...]:
    """The entities that the rules are about, and those that look something up in them; parents first."""
    found = {key.partition(".")[0] for key in keys}
    for entity in model.active():
        if any(entity.field(f.via.partition(".")[0]).ref in found for f in entity.fields if f.via):
            found.add(entity.name)
    return tuple(entity for entity in model.active() if entity.name in found)


@contextmanager
def _copy(company: Company) -> Iterator[Warehouse]:
    """A copy of what was published last, to be worked on and thrown away."""
    if not company.snapshot.exists():
        raise PlumblineError("nothing has been synced yet; run `plumbline sync` first")
    with TemporaryDirectory(prefix="plumbline-") as folder:
        path = Path(folder) / "whatif.duckdb"
        shutil.copyfile(company.snapshot, path)
        with open_warehouse(path, company.model, company.fingerprint) as warehouse:
            yield warehouse


def _decide(warehouse: Warehouse, company: Company, entities: Sequence[Entity], check: Check) -> dict[str, str]:
    """Decide what is to be decided; entity -> the checks that kept its rows out."""
    blocked: dict[str, str] = {}
    now = company.clock()
    for entity in entities:
        identify(warehouse, company.model, entity, now=now)
        done = reconcile(warehouse, company.model, entity, check=check, run=RUN, now=now)
        if done.blocked:
            blocked[entity.name] = ", ".join(v.check.name for v in done.verdicts if v.blocks)
    return blocked


def _plans(
    warehouse: Warehouse, company: Company, ledger: Ledger, entities: Sequence[Entity], blocked: Mapping[str, str]
) -> Plans:
    """The plans of the handoffs of these entities; no other plan can be changed by the rules."""
    now, names = company.clock(), {entity.name for entity in entities}
    bookings.watch(warehouse, company, now)
    found = [handoff for handoff in company.handoffs() if handoff.entity in names]
    return {h.name: _plan(warehouse, company, ledger, h, blocked.get(h.entity), now) for h in found}


def _plan(
    warehouse: Warehouse, company: Company, ledger: Ledger, handoff: Handoff, blocked: str | None, now: datetime
) -> Plan:
    hold = f"{handoff.entity} is blocked by its checks: {blocked}" if blocked else unsigned(company, ledger, handoff)
    return make_plan(
        warehouse,
        company.model,
        handoff,
        write_of(company.connectors[handoff.system], handoff.entity),
        guards=company.stack.guards,
        overwritten=partial(books.overwritten, ledger, handoff.system, handoff.entity),
        hold=hold,
        clashes=lambda changes: bookings.clashes(warehouse, company, handoff, changes, now),
        run=RUN,
        now=now,
    )


def _remember(warehouse: Warehouse, entities: Iterable[Entity]) -> None:
    """Keep core and the open conflicts as they are under the present rules."""
    for entity in entities:
        text = tables.everything(tables.core(entity.name)).sql("duckdb")
        warehouse.replace_table(f"before_{entity.name}", text)
    warehouse.replace_table("before_conflicts", _OPEN)


def _core(warehouse: Warehouse, entity: Entity) -> Iterator[CoreChange]:
    for row in warehouse.rows(differences(entity, f"before_{entity.name}")):
        old, new = row["old"] or {}, row["new"] or {}
        for name in ("deleted_at", *(f.name for f in entity.fields)):
            if old.get(name) != new.get(name):
                yield CoreChange(
                    entity=entity.name,
                    core_id=old.get("core_id") or new["core_id"],
                    field=name,
                    old=old.get(name),
                    new=new.get(name),
                    old_from=old.get(f"{name}__from"),
                    new_from=new.get(f"{name}__from"),
                )


def _conflicts(warehouse: Warehouse) -> Iterator[ConflictChange]:
    """What is open now and was not, then what was and is not. One whose rule alone is worded anew is neither."""
    before, after = (
        _by_what_is_said(warehouse.rows(f"{query} ORDER BY ALL")) for query in ("FROM before_conflicts", _OPEN)
    )
    yield from (ConflictChange(effect="opened", **row) for said, row in after.items() if said not in before)
    yield from (ConflictChange(effect="settled", **row) for said, row in before.items() if said not in after)


def _by_what_is_said(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    return {tuple(value for name, value in row.items() if name != "rule"): row for row in rows}


def _rows(plan: Plan) -> dict[tuple[str, str], tuple[Change, str | None]]:
    """The rows of a plan, each with the reason why it waits, by what they do to which record."""
    found = [(change, None) for change in plan.changes] + [(held.change, held.reason) for held in plan.held]
    return {(change.core_id, change.action): (change, reason) for change, reason in found}


def _writes(plans_now: Plans, plans: Plans) -> Iterator[WriteChange]:
    for name, plan in plans.items():
        present, asked = _rows(plans_now[name]), _rows(plan)
        for key, (change, held) in asked.items():
            if key not in present:
                yield _write(plan, "added", change, held)
            elif (change.id, held) != (present[key][0].id, present[key][1]):
                yield _write(plan, "altered", change, held, present[key])
        for key, (change, held) in present.items():
            if key not in asked:
                yield _write(plan, "dropped", change, held)


def _write(
    plan: Plan, effect: Effect, change: Change, held: str | None, now: tuple[Change, str | None] | None = None
) -> WriteChange:
    return WriteChange(
        effect=effect,
        handoff=plan.handoff,
        mode=plan.mode,
        action=change.action,
        core_id=change.core_id,
        target_id=change.target_id,
        before=dict(change.before),
        after=dict(change.after),
        held=held,
        change=change.id,
        instead_of=Planned(change=now[0].id, after=dict(now[0].after), held=now[1]) if now else None,
    )


def _lapsed(company: Company, other: Company, ledger: Ledger) -> dict[str, str]:
    """The handoffs that are signed off as they are and would not be: a sign-off covers every rule of the stack."""
    return {
        handoff.name: reason
        for handoff in company.handoffs()
        if (reason := unsigned(other, ledger, handoff)) and unsigned(company, ledger, handoff) is None
    }


def _waits(plans_now: Plans, plans: Plans, writes: Iterable[WriteChange]) -> dict[str, str]:
    fresh = {w.handoff for w in writes if w.effect != "dropped"}
    return {
        name: plan.hold
        for name, plan in plans.items()
        if plan.hold is not None and (name in fresh or plan.hold != plans_now[name].hold)
    }


def _rulings(present: Model, asked: Model, keys: Iterable[str]) -> Iterator[Ruling]:
    for key in keys:
        yield Ruling(key=key, present=_ruling(present, key), asked=_ruling(asked, key))


def _ruling(model: Model, key: str) -> str:
    """What a rule comes to: over systems for a field; as it is written for a whole entity."""
    entity, _, field = key.partition(".")
    rule = model.rule(entity, field) if field else model.owner(entity)
    return rule.label

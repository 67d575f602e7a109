"""Validation: the whole company in a namespace of its own, read, reconciled, checked and planned; nothing is written.

What a signer relies on is kept in the ledger as one validation a handoff. Its digest covers the verdict, what the
checks said and which kinds of findings there are, not their counts: those move every day.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from models.change import Plan, digest
from models.compile import coverage
from models.handoff import Handoff
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.holding import stopped, unsigned
from pipelines.ledger import Ledger, Validation
from pipelines.reconcile import Check
from pipelines.session import Progress, Session, new_run, no_progress, part
from pipelines.sync import decide, draw_plan, read, refresh, stage, watch_bookings
from pipelines.warehouse import Warehouse, open_warehouse, publish
from quality.spec import Verdict

Outcome = Literal["pass", "warn", "fail"]
FOLDER = "staging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of a system's records of an entity have a value in a field."""

    system: str
    entity: str
    field: str
    records: int
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the whole company found.

    apart     the company in its staging namespace, for all that reads a published snapshot
    unread    system -> why it could not be read, or is not believed
    verdicts  what every check said
    plans     what each handoff would write
    standing  handoff -> why it may not write, None where it may; its sign-off as it was before this look
    """

    apart: Company
    unread: Mapping[str, str]
    staged: Mapping[str, Mapping[str, int]]
    coverage: tuple[Coverage, ...]
    verdicts: tuple[Verdict, ...]
    plans: tuple[Plan, ...]
    standing: Mapping[str, str | None]
    run: str


def staging(company: Company) -> Company:
    """The same company with lake, warehouse and ledger of its own; tokens are shared, as one renewal ends the other."""
    home = company.stack.home / FOLDER
    stack = company.stack.model_copy(update={"data": str(home), "ledger": None})
    return replace(company, stack=stack, vault=company.tokens)


def look(company: Company, *, check: Check, progress: Progress = no_progress) -> Look:
    """Read and reconcile everything anew beside the real data, and plan every handoff. Sends nothing, saves no plan."""
    apart = staging(company)
    shutil.rmtree(apart.stack.home, ignore_errors=True)
    with open_books(company) as ledger, _session(apart, progress) as current:
        progress("read", "reading everything into staging")
        read(current)
        real = replace(current, ledger=ledger)
        with open_warehouse(apart.warehouse, apart.model, apart.fingerprint) as warehouse:
            refresh(real, warehouse)
            stage(current, warehouse, hear=False)  # an override that the real ledger keeps is not ended from here
            for entity in apart.model.active():
                decide(current, warehouse, entity, check)
            watch_bookings(current, warehouse)
            plans = tuple(_planned(real, warehouse, handoff) for handoff in apart.handoffs())
            found = tuple(_coverage(apart, warehouse))
        publish(apart.warehouse, apart.snapshot)
        standing = {h.name: stopped(ledger, h.name) or unsigned(company, ledger, h) for h in company.handoffs()}
    return Look(
        apart=apart,
        unread=current.problems | {name: "; ".join(why) for name, why in current.refused.items()},
        staged={
            n: {"read": s.read, "staged": s.staged, "quarantined": s.quarantined} for n, s in current.staged.items()
        },
        coverage=found,
        verdicts=tuple(v for done in current.reconciled.values() for v in done.verdicts),
        plans=plans,
        standing=standing,
        run=current.run,
    )


@contextmanager
def _session(apart: Company, progress: Progress) -> Iterator[Session]:
    systems = tuple(apart.stack.systems)
    with part(apart, run=new_run(apart), kind="validate", systems=systems, progress=progress) as current:
        yield current


def _planned(current: Session, warehouse: Warehouse, handoff: Handoff) -> Plan:
    plan = draw_plan(current, warehouse, handoff)
    current.progress("plan", f"{handoff.name}: {len(plan.changes)} to write, {len(plan.held)} held")
    return plan


def _coverage(apart: Company, warehouse: Warehouse) -> Iterator[Coverage]:
    for entity in apart.model.active():
        for system in apart.model.systems_of(entity.name):
            name = f"coverage/{entity.name}/{system}"
            statement = warehouse.compiled(name, partial(coverage.filled, apart.model, system, entity))
            [row] = warehouse.rows(statement)
            for field in apart.model.binding(system).fields_of(entity.name):
                yield Coverage(
                    system=system, entity=entity.name, field=field, records=row["records"], filled=row[field]
                )


# --- what it says of each handoff ----------------------------------------------------------------------------


def concerns(found: Look, handoff: str) -> tuple[str, ...]:
    """What stands against one handoff, in stable words without counts; empty when nothing does."""
    system, _, entity = handoff.partition(".")
    plan = next(one for one in found.plans if one.handoff == handoff)
    said = [f"{name} could not be read" for name in sorted(found.unread) if _matters(found, name, entity, system)]
    said += [
        f"check {v.check.name}: {v.outcome}" for v in found.verdicts if v.check.entity == entity and v.outcome != "pass"
    ]
    said += sorted({"some rows wait" for _ in plan.held})
    return tuple(said)


def _matters(found: Look, name: str, entity: str, target: str) -> bool:
    return name == target or name in found.apart.model.systems_of(entity)


def outcome(found: Look, handoff: str) -> Outcome:
    """``fail`` where a read or a blocking check stands against a handoff, ``warn`` where anything else does."""
    system, _, entity = handoff.partition(".")
    unread = any(_matters(found, name, entity, system) for name in found.unread)
    if unread or any(v.blocks and v.check.entity == entity for v in found.verdicts):
        return "fail"
    return "warn" if concerns(found, handoff) else "pass"


def record(company: Company, ledger: Ledger, found: Look) -> tuple[Validation, ...]:
    """Keep what the look said of each handoff; a sign-off of another configuration or other findings lapses."""
    kept = tuple(
        Validation(
            handoff=handoff.name,
            configuration=company.configuration(handoff),
            digest=digest(company.configuration(handoff), outcome(found, handoff.name), concerns(found, handoff.name)),
            verdict=outcome(found, handoff.name),
            at=company.clock(),
        )
        for handoff in company.handoffs()
    )
    books.record_validations(ledger, kept)
    return kept


def validate(
    company: Company, *, check: Check, progress: Progress = no_progress
) -> tuple[Look, tuple[Validation, ...]]:
    """Look at the whole company and keep what was found."""
    found = look(company, check=check, progress=progress)
    with open_books(company) as ledger:
        return found, record(company, ledger, found)


def counts(plan: Plan) -> dict[str, Any]:
    """A plan in numbers."""
    numbers: dict[str, Any] = {f"{action}s": plan.count(action) for action in ("create", "update", "delete")}
    return numbers | {"held": len(plan.held), "hold": plan.hold}

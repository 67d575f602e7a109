"""What named people decided: sign-offs, overrides of a field, and refused changes that they dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from models.change import Change, Value
from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.plans import change_of
from pipelines.ledger.tables import changes, dismissals, overrides, plans, signoffs
from pipelines.ledger.values import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Signoff:
    """An owner's word that one handoff may go live, for this configuration and this validation (their hashes)."""

    handoff: str
    configuration: str
    validation: str
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's value for one core field. It stands above every rule until ``until`` (None: until it is ended).

    until_source  it also ends when the field's owner changes its value after ``at``
    """

    entity: str
    core_id: str
    field: str
    value: Value
    by: str
    reason: str
    at: datetime
    until: datetime | None = None
    until_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A change that a system refused and nobody dismissed: the newest that is known of its record."""

    change: Change
    reason: str
    run: str


def sign(ledger: Ledger, signoff: Signoff) -> None:
    """Keep a sign-off. The newest one of a handoff counts."""
    detail = {"configuration": signoff.configuration, "validation": signoff.validation, "note": signoff.note}
    with writing(ledger) as db:
        note(db, by=signoff.by, at=signoff.at, act="sign off", subject=signoff.handoff, detail=detail)
        db.execute(insert(signoffs).values(columns(signoff)))


def withdraw(ledger: Ledger, handoff: str, *, by: str, at: datetime) -> None:
    """Take the sign-offs of a handoff back: it stops writing at once. Raises LedgerError when there is none."""
    with writing(ledger) as db:
        note(db, by=by, at=at, act="withdraw", subject=handoff)
        standing = (signoffs.c.handoff == handoff, signoffs.c.withdrawn_at.is_(None))
        if db.execute(update(signoffs).where(*standing).values(withdrawn_at=at, withdrawn_by=by)).rowcount == 0:
            raise LedgerError(f"{handoff} has no sign-off that could be withdrawn.")


def list_signoffs(ledger: Ledger) -> tuple[Signoff, ...]:
    """The sign-off that counts for each handoff; withdrawn ones are left out."""
    standing = signoffs.c.withdrawn_at.is_(None)
    newest = select(func.max(signoffs.c.seq)).where(standing).group_by(signoffs.c.handoff)
    wanted = [signoffs.c[name] for name in ("handoff", "configuration", "validation", "by", "at", "note")]
    with reading(ledger) as db:
        rows = db.execute(select(*wanted).where(signoffs.c.seq.in_(newest)).order_by(signoffs.c.handoff))
        return tuple(Signoff(**row) for row in rows.mappings())


def is_signed(ledger: Ledger, handoff: str, *, configuration: str, validation: str) -> bool:
    """Whether the handoff may write now: its sign-off lapses when the configuration or the validation changes."""
    return any(
        (one.handoff, one.configuration, one.validation) == (handoff, configuration, validation)
        for one in list_signoffs(ledger)
    )


def set_override(ledger: Ledger, override: Override) -> None:
    """Pin a field to a value; an earlier pin of the same field ends."""
    where = f"{override.entity} {override.core_id}.{override.field}"
    if not override.reason.strip():
        raise LedgerError(f"The override of {where} needs a reason; people will ask for it.")
    detail = {"value": override.value, "reason": override.reason, "until": override.until}
    detail |= {"until_source": True} if override.until_source else {}
    with writing(ledger) as db:
        note(db, by=override.by, at=override.at, act="override", subject=where, detail=detail)
        db.execute(
            update(overrides)
            .where(
                overrides.c.entity == override.entity,
                overrides.c.core_id == override.core_id,
                overrides.c.field == override.field,
                overrides.c.ended_at.is_(None),
            )
            .values(ended_at=override.at, ended_by=override.by)
        )
        db.execute(insert(overrides).values(columns(override)))


def end_override(ledger: Ledger, entity: str, core_id: str, field: str, *, by: str, at: datetime) -> None:
    """Let the rules decide this field again. Raises LedgerError when no override stands."""
    with writing(ledger) as db:
        note(db, by=by, at=at, act="end override", subject=f"{entity} {core_id}.{field}")
        ended = db.execute(
            update(overrides)
            .where(
                overrides.c.entity == entity,
                overrides.c.core_id == core_id,
                overrides.c.field == field,
                overrides.c.ended_at.is_(None),
            )
            .values(ended_at=at, ended_by=by)
        )
        if ended.rowcount == 0:
            raise LedgerError(
                f"{entity} {core_id}.{field} has no override; `plumbline override` lists those that stand."
            )


def list_overrides(ledger: Ledger, *, at: datetime, entity: str | None = None) -> tuple[Override, ...]:
    """The overrides in force at an instant, in an order that never depends on when they were made."""
    query = select(overrides).where(
        overrides.c.at <= at,
        overrides.c.ended_at.is_(None) | (overrides.c.ended_at > at),
        overrides.c.until.is_(None) | (overrides.c.until > at),
    )
    if entity is not None:
        query = query.where(overrides.c.entity == entity)
    wanted = [overrides.c[name] for name in Override.__slots__]
    order = (overrides.c.entity, overrides.c.core_id, overrides.c.field)
    with reading(ledger) as db:
        rows = db.execute(query.with_only_columns(*wanted).order_by(*order))
        return tuple(Override(**row) for row in rows.mappings())


def list_rejected(ledger: Ledger, *, system: str | None = None) -> tuple[Refused, ...]:
    """Refused changes that wait for a person: not delivered since, not replaced by another change, not dismissed."""
    return _newest(ledger, "rejected", system)


def list_held(ledger: Ledger, *, system: str | None = None) -> tuple[Refused, ...]:
    """Changes that wait, each with its reason: not delivered since, not replaced by another change, not dismissed."""
    return _newest(ledger, "held", system)


def _newest(ledger: Ledger, state: str, system: str | None) -> tuple[Refused, ...]:
    newest = select(func.max(changes.c.seq)).group_by(changes.c.system, changes.c.entity, changes.c.core_id)
    query = (
        select(changes, plans.c.run)
        .join_from(changes, plans, changes.c.plan == plans.c.seq)
        .where(changes.c.seq.in_(newest), changes.c.state == state)
        .where(changes.c.change_id.not_in(select(dismissals.c.change_id)))
        .order_by(changes.c.seq)
    )
    if system is not None:
        query = query.where(changes.c.system == system)
    with reading(ledger) as db:
        return tuple(Refused(change=change_of(row), reason=row.reason, run=row.run) for row in db.execute(query))


def dismiss(ledger: Ledger, change_id: str, *, by: str, at: datetime, reason: str) -> None:
    """Stop trying a refused change. Raises LedgerError when it is not on the rejected list."""
    if not reason.strip():
        raise LedgerError(f"The dismissal of {change_id} needs a reason; people will ask for it.")
    if change_id not in {one.change.id for one in list_rejected(ledger)}:
        raise LedgerError(f"Change {change_id!r} is not on the rejected list; `plumbline rejected` shows it.")
    with writing(ledger) as db:
        note(db, by=by, at=at, act="dismiss", subject=change_id, detail={"reason": reason})
        db.execute(insert(dismissals).values(change_id=change_id, by=by, at=at, reason=reason))


def dismissed(ledger: Ledger) -> frozenset[str]:
    """The ids of changes that are not to be tried again."""
    with reading(ledger) as db:
        return frozenset(db.scalars(select(dismissals.c.change_id)))

"""What people decide about single values and records: overrides, and deletions that wait for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from models.errors import PlumblineError, StackError
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.explain import locate
from pipelines.ledger import Judgement, Override
from pipelines.warehouse import open_snapshot
from pipelines.words import problem


def pin(
    company: Company,
    entity: str,
    core_id: str,
    field: str,
    value: str,
    *,
    by: str,
    why: str,
    until: str | None = None,
    until_source: bool = False,
) -> None:
    """Set a person's override; a sentence for a record or field that does not exist, and a value that does not fit."""
    company.model.entity(entity).field(field)
    ends = _instant(until) if until else None
    with open_snapshot(company.snapshot) as warehouse:
        found, known = locate(warehouse, company.model, entity, core_id)
        wrong = problem(warehouse, company.model, found.name, field, value)
    if wrong is not None:
        raise PlumblineError(wrong)
    override = Override(
        entity=found.name,
        core_id=known,
        field=field,
        value=value,
        by=by,
        reason=why,
        at=_now(company),
        until=ends,
        until_source=until_source,
    )
    with open_books(company) as ledger:
        books.set_override(ledger, override)


def unpin(company: Company, entity: str, core_id: str, field: str, *, by: str) -> None:
    """End an override; LedgerError when none stands."""
    with open_books(company) as ledger:
        books.end_override(ledger, entity, core_id, field, by=by, at=_now(company))


def pins(company: Company) -> list[dict[str, Any]]:
    """The overrides in force: who, why, until when, and what is wrong with one that was set aside."""
    with open_books(company) as ledger:
        found = books.list_overrides(ledger, at=_now(company))
    aside = {}
    if company.snapshot.exists():
        with open_snapshot(company.snapshot) as warehouse:
            aside = {o: problem(warehouse, company.model, o.entity, o.field, o.value) for o in found}
    return [
        {
            "entity": o.entity,
            "core_id": o.core_id,
            "field": o.field,
            "value": o.value,
            "by": o.by,
            "why": o.reason,
            "at": o.at,
            "until": "its source speaks" if o.until_source and o.until is None else o.until,
            "until_source": o.until_source,
            "set_aside": aside.get(o),
        }
        for o in found
    ]


def decide(company: Company, conflict: str, choice: Literal["keep", "delete"], *, by: str, why: str) -> dict[str, Any]:
    """A person's word on a deletion that waits; returns the conflict. PlumblineError when nothing is to be decided."""
    with open_snapshot(company.snapshot) as warehouse:
        rows = warehouse.rows("SELECT * FROM core.conflicts WHERE id = ? AND settled_at IS NULL", [conflict])
    if not rows or rows[0]["field"] != "deleted_at":
        raise PlumblineError(
            f"{conflict!r} is no deletion that waits for a decision; `plumbline conflicts` lists them. "
            "A field is decided by `plumbline override`, or by its rule in the stack"
        )
    judgement = Judgement(
        conflict=conflict,
        entity=rows[0]["entity"],
        core_id=rows[0]["core_id"],
        system=rows[0]["loser"],
        choice=choice,
        by=by,
        reason=why,
        at=_now(company),
    )
    with open_books(company) as ledger:
        books.judge(ledger, judgement)
    return rows[0]


def _now(company: Company) -> datetime:
    return company.clock().astimezone(UTC).replace(tzinfo=None)


def _instant(text: str) -> datetime:
    """A UTC instant, naive, as the ledger keeps it; StackError for text that is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise StackError(f"{text!r} is no instant; write 2026-05-04T12:00") from problem
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at

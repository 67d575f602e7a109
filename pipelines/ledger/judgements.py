"""What people decided about deletions: whether a record that is gone in one system stays or goes everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, insert, select

from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import judgements
from pipelines.ledger.values import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A person's word on one deletion, by the conflict that asked for it.

    It holds for what was known when it was given: an edit or a deletion after that asks again.
    """

    conflict: str
    entity: str
    core_id: str
    system: str
    choice: Literal["keep", "delete"]
    by: str
    reason: str
    at: datetime


def judge(ledger: Ledger, judgement: Judgement) -> None:
    """Keep a judgement. LedgerError without a name or a reason."""
    if not judgement.reason.strip():
        raise LedgerError(f"The decision on {judgement.conflict} needs a reason; people will ask for it.")
    detail = {"choice": judgement.choice, "reason": judgement.reason}
    with writing(ledger) as db:
        note(db, by=judgement.by, at=judgement.at, act="decide", subject=judgement.conflict, detail=detail)
        db.execute(insert(judgements).values(columns(judgement)))


def list_judgements(ledger: Ledger) -> tuple[Judgement, ...]:
    """The newest of each record and system."""
    place = (judgements.c.entity, judgements.c.core_id, judgements.c.system)
    newest = select(func.max(judgements.c.seq)).group_by(*place)
    wanted = [judgements.c[name] for name in Judgement.__slots__]
    with reading(ledger) as db:
        rows = db.execute(select(*wanted).where(judgements.c.seq.in_(newest)).order_by(*place))
        return tuple(Judgement(**row) for row in rows.mappings())

"""What named people decided of two source records: the same thing, or two. Append-only; the newest word counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import verdicts
from pipelines.ledger.values import columns

PAIR = ("entity", "left_system", "left_id", "right_system", "right_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's word on two records, by the systems' own ids (left is the lower): it outlives any core_id."""

    entity: str
    left_system: str
    left_id: str
    right_system: str
    right_id: str
    same: bool
    by: str
    at: datetime
    reason: str


def match(ledger: Ledger, verdict: Verdict) -> None:
    """Keep a verdict. LedgerError without a name or a reason."""
    pair = f"{verdict.left_system} {verdict.left_id} = {verdict.right_system} {verdict.right_id}"
    if not verdict.reason.strip():
        raise LedgerError(f"The decision on {verdict.entity} {pair} needs a reason; people will ask for it.")
    act = "accept match" if verdict.same else "refuse match"
    detail = {"entity": verdict.entity, "reason": verdict.reason}
    with writing(ledger) as db:
        note(db, by=verdict.by, at=verdict.at, act=act, subject=pair, detail=detail)
        db.execute(insert(verdicts).values(columns(verdict)))


def list_verdicts(ledger: Ledger) -> tuple[Verdict, ...]:
    """The newest verdict on each pair, in the order of the pairs."""
    newest = select(func.max(verdicts.c.seq)).group_by(*[verdicts.c[name] for name in PAIR])
    wanted = [verdicts.c[name] for name in Verdict.__slots__]
    query = select(*wanted).where(verdicts.c.seq.in_(newest)).order_by(*[verdicts.c[name] for name in PAIR])
    with reading(ledger) as db:
        return tuple(Verdict(**row) for row in db.execute(query).mappings())

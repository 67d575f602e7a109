"""What a plan delivered, with the proof of each change: what taking it back starts from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from models.change import Change, Receipt
from models.errors import LedgerError
from pipelines.ledger.database import Ledger, reading
from pipelines.ledger.links import receipt_of
from pipelines.ledger.plans import change_of
from pipelines.ledger.tables import changes, plans, receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One delivered change; ``earlier`` is what we had written of the record before it, oldest first."""

    change: Change
    receipt: Receipt
    earlier: tuple[Receipt, ...]


def delivered_by(ledger: Ledger, plan_id: str) -> tuple[Delivered, ...]:
    """What the occurrences of a plan delivered, in its order. LedgerError when that was nothing."""
    lines = (
        select(changes)
        .join_from(changes, plans, changes.c.plan == plans.c.seq)
        .where(plans.c.id == plan_id, changes.c.state == "delivered")
        .order_by(changes.c.seq)
    )
    with reading(ledger) as db:
        found = [change_of(row) for row in db.execute(lines)]
        proofs = {change.id: _proofs(db, change) for change in found}
    if not found:
        raise LedgerError(
            f"Plan {plan_id!r} delivered nothing that could be taken back; `plumbline status` lists plans."
        )
    return tuple(_delivered(change, proofs[change.id]) for change in found)


def _proofs(db: Connection, change: Change) -> tuple[Receipt, ...]:
    where = [receipts.c[name] == getattr(change, name) for name in ("system", "entity", "core_id")]
    return tuple(receipt_of(row) for row in db.execute(select(receipts).where(*where).order_by(receipts.c.seq)))


def _delivered(change: Change, proofs: tuple[Receipt, ...]) -> Delivered:
    mine = max(index for index, proof in enumerate(proofs) if proof.change_id == change.id)
    return Delivered(change=change, receipt=proofs[mine], earlier=proofs[:mine])

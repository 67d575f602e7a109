"""The account that each system was first connected to: nothing is written into another one unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Which company's account a system leads to, and whether it is the real one."""

    system: str
    account: str
    name: str
    environment: str


def known_account(ledger: Ledger, system: str) -> Fingerprint | None:
    """The account that was seen first, or that a person trusted since; None before the first contact."""
    wanted = [accounts.c[name] for name in Fingerprint.__slots__]
    with reading(ledger) as db:
        row = db.execute(
            select(*wanted).where(accounts.c.system == system).order_by(accounts.c.seq.desc()).limit(1)
        ).mappings()
        return next((Fingerprint(**one) for one in row), None)


def meet_account(ledger: Ledger, seen: Fingerprint, *, at: datetime) -> Fingerprint:
    """Keep the account of a first contact; returns the one that is known from then on."""
    with writing(ledger) as db:
        if db.scalar(select(func.count()).where(accounts.c.system == seen.system)) == 0:
            db.execute(insert(accounts).values(_row(seen) | {"at": at, "by": "first contact", "reason": ""}))
    known = known_account(ledger, seen.system)
    return known or seen


def trust_account(ledger: Ledger, seen: Fingerprint, *, by: str, at: datetime, reason: str) -> None:
    """From now on this is the system's account. LedgerError without a name or a reason."""
    if not reason.strip():
        raise LedgerError(f"Another account for {seen.system} needs a reason; people will ask for it.")
    with writing(ledger) as db:
        note(db, by=by, at=at, act="trust", subject=seen.system, detail=_row(seen) | {"reason": reason})
        db.execute(insert(accounts).values(_row(seen) | {"at": at, "by": by, "reason": reason}))


def _row(seen: Fingerprint) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Fingerprint.__slots__}

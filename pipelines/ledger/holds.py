"""Holds: a named person stops a handoff, and a named person lets it go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from models.errors import LedgerError
from pipelines.ledger.audit import note
from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import holds
from pipelines.ledger.values import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing of this handoff is sent until somebody releases it."""

    handoff: str
    by: str
    at: datetime
    reason: str


def hold(ledger: Ledger, one: Hold) -> None:
    """Stop a handoff. LedgerError without a name or a reason, or when it is stopped already."""
    if not one.reason.strip():
        raise LedgerError(f"The hold of {one.handoff} needs a reason; people will ask for it.")
    with writing(ledger) as db:
        note(db, by=one.by, at=one.at, act="hold", subject=one.handoff, detail={"reason": one.reason})
        standing = db.scalar(select(holds.c.by).where(holds.c.handoff == one.handoff, holds.c.released_at.is_(None)))
        if standing is not None:
            raise LedgerError(f"{one.handoff} is held already, by {standing}.")
        db.execute(insert(holds).values(columns(one)))


def release(ledger: Ledger, handoff: str, *, by: str, at: datetime, reason: str) -> None:
    """Let a stopped handoff go on. LedgerError without a name or a reason, or when it is not stopped."""
    if not reason.strip():
        raise LedgerError(f"The release of {handoff} needs a reason; people will ask for it.")
    with writing(ledger) as db:
        note(db, by=by, at=at, act="release", subject=handoff, detail={"reason": reason})
        standing = (holds.c.handoff == handoff, holds.c.released_at.is_(None))
        released = {"released_at": at, "released_by": by, "release_reason": reason}
        if db.execute(update(holds).where(*standing).values(released)).rowcount == 0:
            raise LedgerError(f"{handoff} is not held by anybody; `plumbline status` says what it waits for.")


def standing_holds(ledger: Ledger) -> Mapping[str, Hold]:
    """The handoffs that people stopped."""
    wanted = [holds.c[name] for name in Hold.__slots__]
    with reading(ledger) as db:
        rows = db.execute(select(*wanted).where(holds.c.released_at.is_(None)).order_by(holds.c.handoff))
        return {row["handoff"]: Hold(**row) for row in rows.mappings()}

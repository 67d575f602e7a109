"""Validations: what a look at the whole company in staging said of each handoff, before anybody signs it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select

from pipelines.ledger.database import Ledger, reading, writing
from pipelines.ledger.tables import validations
from pipelines.ledger.values import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One handoff as it was validated: the hashes of its configuration and of what was found, and the verdict."""

    handoff: str
    configuration: str
    digest: str
    verdict: Literal["pass", "warn", "fail"]
    at: datetime


def record_validations(ledger: Ledger, found: Sequence[Validation]) -> None:
    """Keep what a validation said; the newest of a handoff counts, and a sign-off of another one lapses."""
    if not found:
        return
    with writing(ledger) as db:
        db.execute(insert(validations), [columns(one) for one in found])


def newest_validation(ledger: Ledger, handoff: str) -> Validation | None:
    """The validation of a handoff that counts; None before the first."""
    wanted = [validations.c[name] for name in Validation.__slots__]
    query = select(*wanted).where(validations.c.handoff == handoff).order_by(validations.c.seq.desc()).limit(1)
    with reading(ledger) as db:
        return next((Validation(**row) for row in db.execute(query).mappings()), None)

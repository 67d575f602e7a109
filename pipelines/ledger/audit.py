"""The audit trail: what named people decided, in a chain in which each entry carries the hash of the one before.

Entries are written in the transaction of the decision itself, so that there is no decision without its entry.
Nothing in this package changes or removes one; ``verify`` shows when somebody else did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from models.change import Value, digest
from models.errors import LedgerError
from pipelines.ledger.database import Ledger, reading
from pipelines.ledger.tables import audit
from pipelines.ledger.values import encode

START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One decision: who did what to which thing, when, with the words and values that belong to it."""

    seq: int
    at: datetime
    by: str
    act: str
    subject: str
    detail: Mapping[str, Value]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What ``verify`` found: the entries counted, the hash of the last one, and what is wrong (None: nothing)."""

    entries: int
    head: str
    problem: str | None = None


def note(
    db: Connection, *, by: str, at: datetime, act: str, subject: str, detail: Mapping[str, Value] | None = None
) -> None:
    """Append one entry within the decision's own transaction. LedgerError when nobody is named."""
    if not by.strip():
        raise LedgerError(f"The decision to {act} {subject} carries the name of a person.")
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    last = db.scalar(select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)) or START
    values = {"at": at, "by": by, "act": act, "subject": subject, "detail": dict(detail or {})}
    db.execute(insert(audit).values(**values, previous=last, hash=_hash(last, values)))


def trail(ledger: Ledger, *, subject: str | None = None, limit: int = 50) -> tuple[Entry, ...]:
    """The newest entries first, of everything or of one subject."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    with reading(ledger) as db:
        return tuple(Entry(**row) for row in db.execute(query).mappings())


def verify(ledger: Ledger, *, head: str | None = None) -> Proof:
    """Whether every entry is as it was written, none is missing between two, and ``head``, noted earlier, is there."""
    with reading(ledger) as db:
        rows = db.execute(select(audit).order_by(audit.c.seq)).all()
    previous = START
    for row in rows:
        problem = _wrong(row, previous)
        if problem is not None:
            return Proof(entries=len(rows), head=previous, problem=problem)
        previous = row.hash
    if head is not None and head not in {START, *(row.hash for row in rows)}:
        return Proof(entries=len(rows), head=previous, problem=f"the entry {head} that was noted is not in the trail")
    return Proof(entries=len(rows), head=previous)


def _wrong(row: Row[Any], previous: str) -> str | None:
    values = {"at": row.at, "by": row.by, "act": row.act, "subject": row.subject, "detail": dict(row.detail)}
    if row.previous != previous:
        return f"an entry before number {row.seq} ({row.act} {row.subject}) is missing or was moved"
    if row.hash != _hash(previous, values):
        return f"entry {row.seq} ({row.act} {row.subject}) is not as it was written"
    return None


def _hash(previous: str, values: Mapping[str, Any]) -> str:
    return digest(previous, encode(values), length=64)

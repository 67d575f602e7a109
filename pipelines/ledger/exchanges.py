"""What went over the wire for each attempt: requests and answers, many changes to one where they went as a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select

from connectors.exchange import Exchange
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.tables import attempts, exchanged, exchanges
from pipelines.ledger.values import columns, redacted

Said = tuple[Sequence[str], Sequence[Exchange]]  # the ids of changes, and what went over the wire for them


def record_exchanges(ledger: Ledger, said: Sequence[Said]) -> None:
    """Keep what was said about changes under the newest attempt at each."""
    ids = [change_id for changes, found in said if found for change_id in changes]
    if not ids:
        return
    with writing(ledger) as db:
        generations = _newest_generations(db, ids)
        told = [(one, [c for c in changes if c in generations]) for changes, found in said for one in found]
        told = [(one, known) for one, known in told if known]
        numbered = zip(_numbers(db, [one for one, _ in told]), told, strict=True)
        rows = [
            {"change_id": change_id, "generation": generations[change_id], "exchange": number}
            for number, (_, known) in numbered
            for change_id in known
        ]
        if rows:
            db.execute(insert(exchanged), rows)


def _newest_generations(db: Connection, change_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(change_ids):
        newest = select(attempts.c.change_id, func.max(attempts.c.generation)).where(attempts.c.change_id.in_(part))
        found |= {row[0]: row[1] for row in db.execute(newest.group_by(attempts.c.change_id))}
    return found


def _numbers(db: Connection, told: Sequence[Exchange]) -> list[int]:
    """The exchanges are kept under these numbers."""
    statement = insert(exchanges).returning(exchanges.c.seq, sort_by_parameter_order=True)
    return [seq for part in chunks([_row(one) for one in told]) for seq in db.scalars(statement, part)]


def exchanges_of(ledger: Ledger, change_ids: Sequence[str]) -> Mapping[str, list[Exchange]]:
    """What was said about changes, over all attempts, oldest first."""
    found: dict[str, list[Exchange]] = {change_id: [] for change_id in change_ids}
    if not change_ids:
        return found
    query = select(exchanged.c.change_id, exchanges).join_from(exchanged, exchanges).order_by(exchanges.c.seq)
    with reading(ledger) as db:
        for part in chunks(change_ids):
            for row in db.execute(query.where(exchanged.c.change_id.in_(part))).mappings():
                kept = {name: row[name] for name in Exchange.__dataclass_fields__}
                found[row["change_id"]].append(Exchange(**kept))
    return found


def _row(one: Exchange) -> dict[str, object]:
    return {name: redacted(value) for name, value in columns(one).items()}

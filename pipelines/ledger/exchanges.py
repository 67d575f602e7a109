"""What went over the wire for each attempt: requests and answers, many changes to one where they went as a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, select

from connectors.exchange import Exchange
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.tables import attempts, exchanged, exchanges
from pipelines.ledger.values import columns, redacted


def record_exchanges(ledger: Ledger, said: Sequence[tuple[Sequence[str], Sequence[Exchange]]]) -> None:
    """Keep what was said about changes, by their ids, under the newest attempt at each."""
    ids = [change_id for changes, found in said if found for change_id in changes]
    if not ids:
        return
    with writing(ledger) as db:
        generations: dict[str, int] = {}
        for part in chunks(ids):
            newest = select(attempts.c.change_id, func.max(attempts.c.generation)).where(attempts.c.change_id.in_(part))
            generations |= {row[0]: row[1] for row in db.execute(newest.group_by(attempts.c.change_id))}
        for changes, found in said:
            known = [change_id for change_id in changes if change_id in generations]
            for one in found if known else ():
                number = db.execute(insert(exchanges).returning(exchanges.c.seq), _row(one)).scalar_one()
                rows = [{"change_id": c, "generation": generations[c], "exchange": number} for c in known]
                db.execute(insert(exchanged), rows)


def exchanges_of(ledger: Ledger, change_ids: Sequence[str]) -> Mapping[str, list[Exchange]]:
    """What was said about changes, over all attempts, oldest first."""
    found: dict[str, list[Exchange]] = {change_id: [] for change_id in change_ids}
    query = select(exchanged.c.change_id, exchanges).join_from(exchanged, exchanges).order_by(exchanges.c.seq)
    with reading(ledger) as db:
        for part in chunks(change_ids):
            for row in db.execute(query.where(exchanged.c.change_id.in_(part))).mappings():
                kept = {name: row[name] for name in Exchange.__dataclass_fields__}
                found[row["change_id"]].append(Exchange(**kept))
    return found


def _row(one: Exchange) -> dict[str, object]:
    return {name: redacted(value) for name, value in columns(one).items()}

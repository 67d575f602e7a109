"""The write-ahead journal: intents before a request leaves, receipts after the answer, links derived from receipts.

The order is the protocol: an intent is on disk before its request leaves; a request without a receipt
or a refusal is *in doubt* and is settled before anything else is sent to that system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from models.change import Change, HeldChange, Receipt, Rejection, Value
from models.errors import LedgerError
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.links import carry_on, receipt_of
from pipelines.ledger.plans import change_of, close_finished
from pipelines.ledger.tables import attempts, changes, receipts
from pipelines.ledger.values import columns, redacted

_Settled = Literal["delivered", "held", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """That a change is about to be sent. ``tries`` counts how often it was, this time included.

    generation  1 for the first time a change takes effect, 2 when the same change is wanted again later
    key         what the vendor is given to know the change by (idempotency key, client-chosen id, marker)
    request     what is sent; secrets are hidden before it is kept
    """

    change: Change
    generation: int
    key: str
    request: Mapping[str, Any]
    started_at: datetime
    tries: int = 1


def next_generations(ledger: Ledger, change_ids: Sequence[str]) -> Mapping[str, int]:
    """The generation under which each change is to be sent.

    A change that is in doubt, or is known not to have taken effect, goes out under the generation (and so
    the key) it had, because the vendor may have kept it; one that was delivered or refused gets a new one.
    """
    with reading(ledger) as db:
        last = _last_attempts(db, change_ids)
    return {
        change_id: 1
        if (row := last.get(change_id)) is None
        else row.generation + (row.outcome in ("delivered", "rejected"))
        for change_id in change_ids
    }


def record_intents(ledger: Ledger, intents: Sequence[Intent]) -> None:
    """Commit, before their requests leave, that these changes are about to be sent.

    Raises LedgerError, and keeps none of them, when a change is not in a plan that may be applied (unknown,
    not approved, settled already) or its generation is not the next one.
    """
    ids = [intent.change.id for intent in intents]
    if len(set(ids)) < len(ids):
        raise LedgerError("One change was to be sent twice in one batch; send it once.")
    with writing(ledger) as db:
        rows, last = _newest_rows(db, ids), _last_attempts(db, ids)
        for intent in intents:
            _may_be_sent(intent, rows.get(intent.change.id), last.get(intent.change.id))
        first, again = _first_and_again(intents, last)
        if first:
            db.execute(insert(attempts), [_attempt_row(i, rows[i.change.id].seq) for i in first])
        if again:
            _send_again(db, again, rows)


def record_receipts(ledger: Ledger, proofs: Sequence[Receipt]) -> None:
    """Commit many receipts in one transaction: journal, books and links together. A receipt kept twice counts once.

    Raises LedgerError when a change was sent without an intent.
    """
    with writing(ledger) as db:
        last = _last_attempts(db, [proof.change_id for proof in proofs])
        fresh: dict[str, Receipt] = {}
        for proof in proofs:
            row = last.get(proof.change_id)
            if row is None:
                raise LedgerError(
                    f"{proof.system}.{proof.entity} {proof.core_id}: change {proof.change_id} has a receipt and no "
                    "intent; record the intent before the request leaves."
                )
            if row.outcome != "delivered":
                fresh.setdefault(proof.change_id, proof)
        if not fresh:
            return
        numbers = _insert_receipts(db, list(fresh.values()), last)
        _outcome(db, fresh, last, "delivered")
        _settle(db, dict.fromkeys(fresh), "delivered")
        carry_on(db, list(zip(fresh.values(), numbers, strict=True)))


def record_rejections(ledger: Ledger, refused: Sequence[Rejection]) -> None:
    """Keep the changes that a system refused for good, with its own words; they stay listed until a person acts."""
    reasons = {one.change.id: one.reason for one in refused}
    with writing(ledger) as db:
        last = _last_attempts(db, list(reasons))
        sent = [change_id for change_id in reasons if (row := last.get(change_id)) and row.outcome is None]
        _outcome(db, sent, last, "rejected")
        _settle(db, reasons, "rejected")


def record_absent(ledger: Ledger, change_ids: Sequence[str]) -> None:
    """Settle intents whose requests are known not to have taken effect: not in doubt any more, still to be sent."""
    with writing(ledger) as db:
        last = _last_attempts(db, change_ids)
        _outcome(db, [one for one in change_ids if (row := last.get(one)) and row.outcome is None], last, "absent")


def record_void(ledger: Ledger, change_ids: Sequence[str]) -> None:
    """Settle intents whose key led to a record that is gone: nothing was made, and the next one has another key."""
    with writing(ledger) as db:
        last = _last_attempts(db, change_ids)
        _outcome(db, [one for one in change_ids if (row := last.get(one)) and row.outcome is None], last, "rejected")


def record_held(ledger: Ledger, held: Sequence[HeldChange]) -> None:
    """Keep changes that are not sent in this run, each with its reason."""
    with writing(ledger) as db:
        _settle(db, {one.change.id: one.reason for one in held}, "held")


def in_doubt(ledger: Ledger, system: str) -> tuple[Intent, ...]:
    """Intents of a system without receipt or refusal, in the order in which they were sent."""
    query = (
        select(attempts, changes)
        .join_from(attempts, changes, attempts.c.change == changes.c.seq)
        .where(attempts.c.system == system, attempts.c.outcome.is_(None))
        .order_by(attempts.c.started_at, changes.c.seq)
    )
    with reading(ledger) as db:
        return tuple(
            Intent(
                change=change_of(row),
                generation=row.generation,
                key=row.key,
                request=row.request,
                started_at=row.started_at,
                tries=row.tries,
            )
            for row in db.execute(query)
        )


def receipts_of(ledger: Ledger, system: str, entity: str, core_id: str) -> tuple[Receipt, ...]:
    """Everything that we ever wrote to one target record, oldest first."""
    return receipts_of_all(ledger, [system], entity, core_id)


def receipts_of_all(ledger: Ledger, systems: Sequence[str], entity: str, core_id: str) -> tuple[Receipt, ...]:
    """What we ever wrote of one core record to these systems: in their order, and of each oldest first."""
    query = select(receipts).where(
        receipts.c.system.in_(systems), receipts.c.entity == entity, receipts.c.core_id == core_id
    )
    with reading(ledger) as db:
        found = [receipt_of(row) for row in db.execute(query.order_by(receipts.c.seq))]
    return tuple(sorted(found, key=lambda one: systems.index(one.system)))


def overwritten(
    ledger: Ledger, system: str, entity: str, core_ids: Sequence[str]
) -> Mapping[str, list[tuple[Mapping[str, Value], Mapping[str, Value]]]]:
    """What our delivered updates of these records overwrote: core_id -> (before, after) of each."""
    found: dict[str, list[tuple[Mapping[str, Value], Mapping[str, Value]]]] = {}
    wanted = select(changes.c.core_id, changes.c.before, changes.c.after).where(
        changes.c.system == system,
        changes.c.entity == entity,
        changes.c.action == "update",
        changes.c.state == "delivered",
    )
    with reading(ledger) as db:
        for part in chunks(core_ids):
            for row in db.execute(wanted.where(changes.c.core_id.in_(part))):
                found.setdefault(row.core_id, []).append((row.before, row.after))
    return found


def deletes_since(ledger: Ledger, system: str, entity: str, at: datetime) -> int:
    """How many target records we deleted from an instant on."""
    query = select(func.count()).where(
        receipts.c.system == system, receipts.c.entity == entity, receipts.c.action == "delete", receipts.c.at >= at
    )
    with reading(ledger) as db:
        return int(db.scalar(query) or 0)


def _may_be_sent(intent: Intent, row: Row[Any] | None, last: Row[Any] | None) -> None:
    change = intent.change
    name = f"{change.system}.{change.entity} {change.core_id}: change {change.id}"
    doubtful = last is not None and last.outcome is None
    if row is None:
        raise LedgerError(f"{name} is in no plan; only planned changes are sent.")
    if row.state != "planned" and not doubtful:
        raise LedgerError(f"{name} is {row.state} ({row.reason or 'settled'}); plan it again before it is sent.")
    settled = last is not None and last.outcome in ("delivered", "rejected")
    expected = 1 if last is None else last.generation + settled
    if intent.generation != expected:
        raise LedgerError(f"{name} goes out under generation {expected}, not {intent.generation}.")


def _first_and_again(intents: Sequence[Intent], last: Mapping[str, Row[Any]]) -> tuple[list[Intent], list[Intent]]:
    """Intents that need a line of their own, and those that repeat the newest one of their change."""
    parts: tuple[list[Intent], list[Intent]] = ([], [])
    for intent in intents:
        row = last.get(intent.change.id)
        parts[row is not None and row.generation == intent.generation].append(intent)
    return parts


def _attempt_row(intent: Intent, change: int) -> dict[str, Any]:
    return {
        "change_id": intent.change.id,
        "generation": intent.generation,
        "change": change,
        "system": intent.change.system,
        "key": intent.key,
        "request": redacted(intent.request),
        "started_at": intent.started_at,
        "tries": 1,
        "outcome": None,
    }


def _send_again(db: Connection, intents: Sequence[Intent], rows: Mapping[str, Row[Any]]) -> None:
    db.execute(
        update(attempts)
        .where(attempts.c.change_id == bindparam("id"), attempts.c.generation == bindparam("which"))
        .values(
            change=bindparam("row"),
            key=bindparam("sent_key"),
            request=bindparam("sent"),
            started_at=bindparam("since"),
            tries=attempts.c.tries + 1,
            outcome=None,
        ),
        [
            {
                "id": intent.change.id,
                "which": intent.generation,
                "row": rows[intent.change.id].seq,
                "sent_key": intent.key,
                "sent": redacted(intent.request),
                "since": intent.started_at,
            }
            for intent in intents
        ],
    )


def _newest_rows(db: Connection, change_ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    """The newest occurrence of each change in any plan."""
    found: dict[str, Row[Any]] = {}
    for part in chunks(change_ids):
        newest = select(func.max(changes.c.seq)).where(changes.c.change_id.in_(part)).group_by(changes.c.change_id)
        wanted = select(changes.c.seq, changes.c.change_id, changes.c.plan, changes.c.state, changes.c.reason)
        found |= {row.change_id: row for row in db.execute(wanted.where(changes.c.seq.in_(newest)))}
    return found


def _last_attempts(db: Connection, change_ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    """The newest generation of each change that was ever sent."""
    found: dict[str, Row[Any]] = {}
    for part in chunks(change_ids):
        newest = (
            select(attempts.c.change_id, func.max(attempts.c.generation).label("generation"))
            .where(attempts.c.change_id.in_(part))
            .group_by(attempts.c.change_id)
            .subquery()
        )
        same = and_(attempts.c.change_id == newest.c.change_id, attempts.c.generation == newest.c.generation)
        wanted = select(attempts.c.change_id, attempts.c.generation, attempts.c.outcome)
        found |= {row.change_id: row for row in db.execute(wanted.join(newest, same))}
    return found


def _outcome(db: Connection, change_ids: Iterable[str], last: Mapping[str, Row[Any]], outcome: str) -> None:
    sent: dict[int, list[str]] = {}
    for one in change_ids:
        sent.setdefault(last[one].generation, []).append(one)
    for generation, ids in sent.items():
        for part in chunks(ids):
            same = and_(attempts.c.change_id.in_(part), attempts.c.generation == generation)
            db.execute(update(attempts).where(same).values(outcome=outcome))


def _settle(db: Connection, reasons: Mapping[str, str | None], state: _Settled) -> None:
    """Write into the newest occurrence of each change what became of it, and close plans that are through."""
    rows = _newest_rows(db, list(reasons))
    if missing := sorted(set(reasons) - set(rows)):
        raise LedgerError(f"Change {missing[0]} is in no plan; only planned changes can be {state}.")
    settled: dict[str | None, list[int]] = {}
    for change_id, row in rows.items():
        settled.setdefault(reasons[change_id], []).append(row.seq)
    for reason, seqs in settled.items():
        for part in chunks(seqs):
            db.execute(update(changes).where(changes.c.seq.in_(part)).values(state=state, reason=reason))
    close_finished(db, sorted({row.plan for row in rows.values()}))


def _insert_receipts(db: Connection, proofs: Sequence[Receipt], last: Mapping[str, Row[Any]]) -> list[int]:
    """Their numbers, in the order of the proofs. SQLite says in no order which row got which: they are looked up."""
    rows = [columns(proof) | {"generation": last[proof.change_id].generation} for proof in proofs]
    numbers: dict[str, int] = {}
    for part in chunks(rows):
        db.execute(insert(receipts), part)
        newest = select(receipts.c.change_id, func.max(receipts.c.seq)).group_by(receipts.c.change_id)
        found = db.execute(newest.where(receipts.c.change_id.in_([row["change_id"] for row in part])))
        numbers |= {row[0]: row[1] for row in found}
    return [numbers[proof.change_id] for proof in proofs]

"""Booking: what became of changes goes into the ledger, with what the system holds of them now."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.spec import Written
from models.change import Delivery, HeldChange, Receipt, Rejection
from models.errors import SystemFailure
from pipelines import ledger as books
from pipelines.spelling import same_spelled
from pipelines.target import Outcome, Target, fetched, untouched

log = logging.getLogger(__name__)


def book(target: Target, outcomes: Sequence[Outcome], said: Sequence[books.Said] = ()) -> Delivery:
    """Write into the ledger, in one transaction, what was said about changes and what became of them.

    said  the ids of changes, and what went over the wire for them
    """
    receipts = _receipts(target, [o for o in outcomes if o.written is not None])
    rejected = tuple(Rejection(change=o.change, reason=o.rejected) for o in outcomes if o.rejected is not None)
    held = tuple(HeldChange(change=o.change, reason=o.held) for o in outcomes if o.held is not None)
    with books.together(target.ledger) as ledger:
        books.record_exchanges(ledger, said)
        books.record_receipts(ledger, receipts)
        books.record_rejections(ledger, rejected)
        books.record_absent(ledger, [o.change.id for o in outcomes if not o.sent])
        books.record_void(ledger, [o.change.id for o in outcomes if o.void])
        books.record_held(ledger, held)
    return Delivery(delivered=tuple(receipts), held=held, rejected=rejected)


def _receipts(target: Target, outcomes: Sequence[Outcome]) -> list[Receipt]:
    """Receipts with what the system holds now, read through the map that wrote it."""
    records: dict[str, Mapping[str, Any]] = {}
    versions: dict[str, str | None] = {}
    sure: set[str] = set()
    silent = [o.written.id for o in outcomes if o.written and o.written.record is None and o.change.action != "delete"]
    read_back = _read_back(target, silent) if silent else {}
    for outcome in outcomes:
        assert outcome.written is not None  # noqa: S101 - callers pass outcomes with an answer
        written = read_back.get(outcome.written.id, outcome.written)
        versions[outcome.change.id] = written.version
        if outcome.answered and untouched(outcome.written, written):
            sure.add(outcome.change.id)
        if written.record is not None:
            records[written.id] = written.record
    observed = target.decoder.decode(target.api.system, target.map, records)
    return [_receipt(target, o, versions[o.change.id], _ours(o, observed, sure=o.change.id in sure)) for o in outcomes]


def _ours(outcome: Outcome, observed: Mapping[str, Mapping[str, Any]], *, sure: bool) -> Mapping[str, Any]:
    """What the system holds because we wrote it, and nobody else.

    Of an update only the fields that it wrote: the rest of the record may be an edit that no read has seen. What was
    looked up after the write counts where it says the same as what was sent; else it is taken for somebody's edit.
    """
    change, seen = outcome.change, observed.get(outcome.written.id, {}) if outcome.written else {}
    if change.action == "delete":
        return {}
    if sure and outcome.made:
        return seen
    fields = [name for name in change.after if name in seen]
    if sure:
        return {name: seen[name] for name in fields}
    return {n: seen[n] if same_spelled(change.after[n], seen[n]) else change.after[n] for n in fields}


def _read_back(target: Target, ids: Sequence[str]) -> dict[str, Written]:
    """What the answers did not show. The writes are done and are booked as done, also when nobody can look."""
    try:
        return fetched(target, ids)
    except SystemFailure as problem:
        log.warning("%s; %d written records could not be read back", problem, len(ids))
        return {}


def _receipt(target: Target, outcome: Outcome, version: str | None, observed: Mapping[str, Any]) -> Receipt:
    change, written = outcome.change, outcome.written
    assert written is not None  # noqa: S101 - callers pass outcomes with an answer
    return Receipt(
        change_id=change.id,
        system=change.system,
        entity=change.entity,
        core_id=change.core_id,
        action="create" if outcome.made else change.action,
        target_id=written.id,
        version=version,
        pushed=change.after,
        observed=observed,
        at=target.plain_now(),
    )

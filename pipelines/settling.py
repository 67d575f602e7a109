"""Settling: what became of an intent that has no receipt, decided before anything else is sent to its system."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from connectors.spec import Outgoing, Written
from models.change import Change, Delivery, HeldChange, merge
from models.errors import Occupied, Rejected, SystemFailure
from pipelines import ledger as books
from pipelines.booking import book
from pipelines.decoding import differing
from pipelines.ledger import Intent, Ledger
from pipelines.sending import confirmed
from pipelines.spelling import same_spelled
from pipelines.target import Outcome, Target, outgoing

log = logging.getLogger(__name__)


def settle(targets: Mapping[str, Target], ledger: Ledger, system: str) -> Delivery:
    """Decide every intent of a system whose outcome is unknown, before anything else is sent there.

    A create is looked for by the write's identity; one with an idempotent key is sent again under the same
    key; a delete is compared with the record as it is, and so is an update, which took effect when anything that it
    changed says so: what does not was edited since. One that may have given it another id is also compared with the one
    that it made.
    """
    try:
        with books.turn(ledger, system):
            return _settle_all(targets, ledger, system)
    except Occupied as problem:
        log.warning("%s; what is in doubt there stays open", problem)
        return Delivery()


def _settle_all(targets: Mapping[str, Target], ledger: Ledger, system: str) -> Delivery:
    outcomes: list[Delivery] = []
    for intent in books.in_doubt(ledger, system):
        target = targets.get(intent.change.entity)
        if target is None:
            continue
        outcomes.append(_settle_one(target, intent))
    return merge(outcomes)


def _settle_one(target: Target, intent: Intent) -> Delivery:
    change = intent.change
    message = outgoing(target, change, intent.key)
    try:
        written = _look(target, message)
    except Rejected as problem:
        return book(target, [Outcome(change=change, rejected=str(problem))])
    except SystemFailure as problem:
        log.warning("%s: the outcome of %s stays open: %s", change.system, change.id, problem)
        return Delivery(held=(HeldChange(change=change, reason=str(problem)),))
    if written is None:
        books.record_absent(target.ledger, [change.id])
        return Delivery()
    return book(target, confirmed(target, [Outcome(change=change, written=written, answered=False)]))


def _look(target: Target, message: Outgoing) -> Written | None:
    """What the system holds of an intent: the record when the change took effect, None when it did not."""
    change, write = message.change, target.write
    if change.action == "create":
        if write.find is not None:
            return write.find(target.api, message)
        if write.create is not None:
            return write.create(target.api, message)
        assert write.many is not None  # noqa: S101 - a write that makes nothing has no create in doubt
        answer = write.many(target.api, [message])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
    current = write.fetch(target.api, str(change.target_id))
    if change.action == "delete":
        return Written(id=str(change.target_id)) if current is None else None
    if current is None and write.find is not None:
        current = write.find(target.api, message)  # an update may have given it another id
    if current is None or current.record is None:
        return None
    seen = target.decoder.decode(target.api.system, target.map, {current.id: current.record}).get(current.id, {})
    return current if _took_effect(change, seen) else None


def _took_effect(change: Change, seen: Mapping[str, Any]) -> bool:
    """Whether a record says what an update wrote: all of it, or something that it did not say before."""
    return not differing(change.after, seen, list(change.after)) or any(
        same_spelled(value, seen.get(name)) and not same_spelled(change.before.get(name), seen.get(name))
        for name, value in change.after.items()
    )

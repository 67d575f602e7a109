"""Sending: changes on their way, each with its precondition, and what its error means when there is one.

Nothing is raised: every change that comes in goes out as an ``Outcome``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.spec import Outgoing, SendMany, Written
from models.change import Change
from models.errors import (
    Ambiguous,
    ClosedPeriod,
    Gone,
    NumberTaken,
    PlumblineError,
    Rejected,
    Stale,
    SystemFailure,
    Transient,
    Unauthorized,
    Unreachable,
)
from pipelines.decoding import differing
from pipelines.target import Outcome, Target, fetched, untouched

log = logging.getLogger(__name__)

STALE_TRIES = 3
GONE = "{} is gone from {}; the next run looks at it again"
REPLAYED = "{} answered with {}, which is gone: an old answer to the same key; the next run makes it under another one"


def send(target: Target, messages: Sequence[Outgoing]) -> list[Outcome]:
    """Send changes of one action, as one batch where the system takes batches, else one after the other."""
    checked, outcomes = _compared(target, messages)
    many = target.write.many
    if many is not None and checked and checked[0].change.action != "delete":
        outcomes += _send_batch(target, many, checked)
    else:
        outcomes += [_send_one(target, message) for message in checked]
    return confirmed(target, outcomes)


def confirmed(target: Target, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Creates as the system holds them, where a key decides what is made.

    The answer to a key that was used before may be the old one, about a record that somebody deleted since.
    """
    made = [o.written.id for o in outcomes if o.written is not None and _is_made(o)]
    if target.write.identity != "key" or not made:
        return list(outcomes)
    try:
        found = fetched(target, made)
    except SystemFailure as problem:
        unread = f"{problem}; that it was made is not confirmed, which is settled at the next run"
        return [Outcome(change=o.change, held=unread) if _is_made(o) else o for o in outcomes]
    return [_confirmed(o, found) if _is_made(o) else o for o in outcomes]


def _is_made(outcome: Outcome) -> bool:
    return outcome.written is not None and outcome.change.action == "create"


def _confirmed(outcome: Outcome, found: Mapping[str, Written]) -> Outcome:
    assert outcome.written is not None  # noqa: S101 - callers pass outcomes with an answer
    id, change = outcome.written.id, outcome.change
    if id in found:
        same = outcome.answered and untouched(outcome.written, found[id])
        return replace(outcome, written=found[id], answered=same)
    return Outcome(change=change, held=REPLAYED.format(change.system, id), void=True)


def _compared(target: Target, messages: Sequence[Outgoing]) -> tuple[list[Outgoing], list[Outcome]]:
    """Read and compare before updates that the vendor does not guard: a value nobody has seen is never overwritten."""
    updates = [m for m in messages if m.change.action == "update"]
    if target.write.guarded or not updates:
        return list(messages), []
    try:
        current = fetched(target, [str(m.change.target_id) for m in updates])
    except SystemFailure as problem:
        rest = [m for m in messages if m.change.action != "update"]
        return rest, [Outcome(change=m.change, held=str(problem), sent=False, down=_down(problem)) for m in updates]
    seen = target.decoder.decode(target.api.system, target.map, {i: w.record for i, w in current.items() if w.record})
    passed: list[Outgoing] = []
    outcomes: list[Outcome] = []
    for message in messages:
        reason = _moved_on(message.change, current, seen) if message.change.action == "update" else None
        if reason is None:
            passed.append(message)
        else:
            outcomes.append(Outcome(change=message.change, held=reason, sent=False))
    return passed, outcomes


def _moved_on(change: Change, current: Mapping[str, Written], seen: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why an update must not be sent: the record is gone, says what no field can hold, or moved since we looked.

    current  the records that are there now; seen: what each says, as far as its map can read it
    """
    now = seen.get(str(change.target_id))
    if now is None and str(change.target_id) in current:
        return f"{change.target_id} in {change.system} cannot be read as {change.entity}; see `plumbline quarantine`"
    if now is None:
        return GONE.format(change.target_id, change.system)
    moved = [n for n in differing(change.before, now, list(change.before)) if now.get(n) != change.after.get(n)]
    if moved:
        return f"{', '.join(moved)} changed in {change.system} since it was read; the next run looks at it again"
    return None


def _send_batch(target: Target, many: SendMany, messages: Sequence[Outgoing]) -> list[Outcome]:
    """One request for many; a batch refused as a whole is split until the bad row is alone."""
    try:
        answers = many(target.api, messages)
    except (Rejected, Stale) as problem:
        return _split(target, many, messages, problem)
    except SystemFailure as problem:
        return [_failed(m.change, problem) for m in messages]
    except Exception as problem:  # noqa: BLE001 - a row that breaks the connector is isolated like one that is refused
        harmless = target.write.identity != "marker" or messages[0].change.action == "update"
        return _split(target, many, messages, problem) if harmless else [_failed(m.change, problem) for m in messages]
    return [
        _failed(m.change, answer) if isinstance(answer, Exception) else Outcome(change=m.change, written=answer)
        for m, answer in zip(messages, answers, strict=True)
    ]


def _split(target: Target, many: SendMany, messages: Sequence[Outgoing], problem: Exception) -> list[Outcome]:
    if len(messages) == 1:
        return [_failed(messages[0].change, problem)]
    half = len(messages) // 2
    return _send_batch(target, many, messages[:half]) + _send_batch(target, many, messages[half:])


def _send_one(target: Target, message: Outgoing) -> Outcome:
    """Send one change; a stale version is read again and, where our fields did not move, sent again."""
    change = message.change
    send = getattr(target.write, change.action)
    for _ in range(STALE_TRIES):
        try:
            return Outcome(change=change, written=send(target.api, message))
        except Stale:
            fresh = _refreshed(target, message.change)
            if isinstance(fresh, Outcome):
                return fresh
            message = replace(message, change=fresh)
        except Exception as problem:  # noqa: BLE001 - one record's failure is its own, the others can still be sent
            return _failed(change, problem)
    return Outcome(
        change=change, held=f"the record kept moving in {target.api.system}; the next run tries again", sent=False
    )


def _refreshed(target: Target, change: Change) -> Change | Outcome:
    """The change against the record as it is now, or why it may not be sent."""

    def waits(reason: str) -> Outcome:
        return Outcome(change=change, held=reason, sent=False)

    if change.target_id is None:
        return waits(f"{change.system} says that the new record exists already; the next run looks at it again")
    if change.action == "delete":
        return waits(f"{change.target_id} changed in {change.system} since it was read; it is not deleted unseen")
    try:
        current = target.write.fetch(target.api, change.target_id)
    except SystemFailure as problem:
        return replace(waits(str(problem)), down=_down(problem))
    if current is None:
        return waits(GONE.format(change.target_id, change.system))
    seen = target.decoder.decode(target.api.system, target.map, {change.target_id: current.record or {}})
    moved = _moved_on(change, {change.target_id: current}, seen)
    return waits(moved) if moved else replace(change, version=current.version)


def _failed(change: Change, problem: Exception) -> Outcome:
    """What an error means for its change."""
    if isinstance(problem, Ambiguous):
        return Outcome(change=change, held=f"{problem}; its outcome is settled at the next run")
    if isinstance(problem, Unauthorized | Unreachable):
        # A write may take several requests, and an earlier one of them may have been heard.
        return Outcome(change=change, held=str(problem), down=_down(problem))
    if isinstance(problem, ClosedPeriod | NumberTaken | Gone | Stale | Transient):
        return Outcome(change=change, held=str(problem), sent=False)
    if isinstance(problem, PlumblineError):  # also what the stack lacks for this change
        return Outcome(change=change, rejected=str(problem))
    log.error("%s: sending %s failed", change.system, change.id, exc_info=problem)
    said = f"its connector failed on it ({type(problem).__name__}: {problem}); its outcome is settled at the next run"
    return Outcome(change=change, held=f"{change.system}: {said}")


def _down(problem: Exception) -> str | None:
    """Why nothing else need be tried there now; None when only this one failed."""
    return str(problem) if isinstance(problem, Unauthorized | Unreachable) else None

"""Push: send a frozen plan, intent before request and receipt after answer, each change exactly once.

The order is not negotiable: commit the intent, send, commit the receipt. What is in doubt after a crash
or a lost answer is settled, before anything else is sent, by the write's identity strategy.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.spec import Api, Connector, Outgoing, Write, Written
from models.change import Change, Delivery, HeldChange, Plan, Receipt, Rejection, digest, merge
from models.errors import (
    Ambiguous,
    Gone,
    Occupied,
    PlumblineError,
    Rejected,
    Stale,
    SystemFailure,
    Transient,
    Unauthorized,
    Unreachable,
)
from models.fields import encode_record
from models.schema import Map
from pipelines import ledger as books
from pipelines.decoding import Decoder, differing
from pipelines.ledger import Intent, Ledger

log = logging.getLogger(__name__)

SOON = timedelta(hours=24)
STALE_TRIES = 3
WRITTEN_SINCE = "another run wrote it since this was planned; the next run looks at it again"
OPEN_OUTCOME = "an earlier write of it is still in doubt; it is settled first, at the next run"
REPLAYED = "{} answered with {}, which is gone: an old answer to the same key; the next run makes it under another one"
GROUP = 24  # single sends whose intents share one commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a plan goes: the system, how it is written, and how its answers are read."""

    api: Api
    connector: Connector
    write: Write
    map: Map
    decoder: Decoder
    ledger: Ledger
    now: Callable[[], datetime]

    def plain_now(self) -> datetime:
        return self.now().astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change: exactly one of the three, or nothing when it is in doubt.

    ``void``: its key led to a record that is gone, so nothing was made.
    """

    change: Change
    written: Written | None = None
    observed: Mapping[str, Any] | None = None
    rejected: str | None = None
    held: str | None = None
    sent: bool = True
    void: bool = False


def push(target: Target, plan: Plan) -> Delivery:
    """Send what may be sent of a plan; planned = delivered + held + rejected. All is held when it is not our turn."""
    try:
        with books.turn(target.ledger, plan.system):
            return _push(target, plan)
    except Occupied as problem:
        return merge([Delivery(held=plan.held), _hold(target, books.pending(target.ledger, plan.id), str(problem))])


def _push(target: Target, plan: Plan) -> Delivery:
    waiting = books.pending(target.ledger, plan.id)
    if not waiting:
        return Delivery(held=plan.held)
    if target.connector.prepare is not None:
        target.connector.prepare(target.api)
    doubtful, outrun = _doubtful(target, plan, waiting), _outrun(target, plan, waiting)
    deliveries = [Delivery(held=plan.held), _hold(target, doubtful, OPEN_OUTCOME)]
    deliveries.append(_hold(target, [c for c in outrun if c not in doubtful], WRITTEN_SINCE))
    ordered = _by_priority([c for c in waiting if c not in doubtful and c not in outrun], target.plain_now())
    for index, group in enumerate(groups := _groups(target.write, ordered)):
        try:
            deliveries.append(_send_group(target, group))
        except (Unauthorized, Unreachable) as problem:
            rest = [change for later in groups[index:] for change in later]
            unsent = [c for c in rest if c.id not in _settled(deliveries)]
            deliveries.append(_hold(target, unsent, str(problem)))
            break
    return merge(deliveries)


def _outrun(target: Target, plan: Plan, changes: Sequence[Change]) -> list[Change]:
    """Changes of records that another run wrote to after this plan was made: it does not know what they hold now."""
    if plan.knows is None:
        return []
    written = books.written_since(target.ledger, plan.system, plan.entity, plan.knows)
    return [change for change in changes if change.core_id in written]


def _doubtful(target: Target, plan: Plan, changes: Sequence[Change]) -> list[Change]:
    """Changes of records of which an earlier write is still in doubt: under another key they would be made twice."""
    unknown = {i.change.core_id for i in books.in_doubt(target.ledger, plan.system) if i.change.entity == plan.entity}
    return [change for change in changes if change.core_id in unknown]


def _settled(deliveries: Sequence[Delivery]) -> set[str]:
    done = {r.change_id for d in deliveries for r in d.delivered} | {
        r.change.id for d in deliveries for r in d.rejected
    }
    return done | {h.change.id for d in deliveries for h in d.held}


def _hold(target: Target, changes: Sequence[Change], reason: str) -> Delivery:
    held = tuple(HeldChange(change=c, reason=reason) for c in changes)
    if held:
        books.record_held(target.ledger, held)
    return Delivery(held=held)


def _by_priority(changes: Iterable[Change], now: datetime) -> list[Change]:
    """Appointments of the next 24 hours first, deletes before creates of the same moment; else as planned."""
    return sorted(changes, key=lambda c: 0 if c.starts is not None and now <= c.starts <= now + SOON else 1)


def _groups(write: Write, changes: Sequence[Change]) -> list[list[Change]]:
    """Changes that share one commit of intents: one batch request, or some single ones."""
    groups: list[list[Change]] = []
    for action in ("delete", "update", "create"):
        same = [c for c in changes if c.action == action]
        size = write.batch if write.many is not None and action != "delete" else GROUP
        groups += [same[i : i + size] for i in range(0, len(same), size)]
    return groups


def outgoing(target: Target, change: Change, key: str) -> Outgoing:
    """The change with its wire record and key."""
    values = dict(change.after) | {name: ref for name, ref in change.refs.items() if name in change.after}
    return Outgoing(change=change, record=encode_record(target.map.fields, values), key=key)


def _send_group(target: Target, group: Sequence[Change]) -> Delivery:
    generations = books.next_generations(target.ledger, [c.id for c in group])
    keys = {c.id: digest(c.id, generations[c.id], length=32) for c in group}
    messages = [outgoing(target, c, keys[c.id]) for c in group]
    books.record_intents(
        target.ledger,
        [
            Intent(
                change=m.change,
                generation=generations[m.change.id],
                key=m.key,
                request=dict(m.record),
                started_at=target.plain_now(),
            )
            for m in messages
        ],
    )
    return book(target, confirmed(target, _send(target, messages)))


def _send(target: Target, messages: Sequence[Outgoing]) -> list[Outcome]:
    checked, outcomes = _compared(target, messages)
    many = target.write.many
    if many is not None and checked and checked[0].change.action != "delete":
        return outcomes + _send_batch(target, many, checked)
    workers = max(1, target.connector.quota.concurrency)
    if workers == 1 or len(checked) == 1:
        return outcomes + [_send_one(target, message) for message in checked]
    with ThreadPoolExecutor(workers) as pool:
        return outcomes + list(pool.map(lambda message: _send_one(target, message), checked))


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
        return replace(outcome, written=found[id])
    return Outcome(change=change, held=REPLAYED.format(change.system, id), void=True)


def _compared(target: Target, messages: Sequence[Outgoing]) -> tuple[list[Outgoing], list[Outcome]]:
    """Read and compare before updates that the vendor does not guard: a value nobody has seen is never overwritten."""
    updates = [m for m in messages if m.change.action == "update"]
    if target.write.guarded or not updates:
        return list(messages), []
    try:
        current = fetched(target, [str(m.change.target_id) for m in updates])
    except (Unauthorized, Unreachable):
        raise
    except SystemFailure as problem:
        rest = [m for m in messages if m.change.action != "update"]
        return rest, [Outcome(change=m.change, held=str(problem), sent=False) for m in updates]
    seen = target.decoder.decode(target.api.system, target.map, {i: w.record for i, w in current.items() if w.record})
    passed: list[Outgoing] = []
    outcomes: list[Outcome] = []
    for message in messages:
        reason = _moved_on(message.change, seen) if message.change.action == "update" else None
        if reason is None:
            passed.append(message)
        else:
            outcomes.append(Outcome(change=message.change, held=reason, sent=False))
    return passed, outcomes


def fetched(target: Target, ids: Sequence[str]) -> dict[str, Written]:
    """The records as they are now, by id; missing ones are left out."""
    if target.write.fetch_many is not None:
        return dict(target.write.fetch_many(target.api, ids))
    return {i: found for i in ids if (found := target.write.fetch(target.api, i)) is not None}


def _moved_on(change: Change, seen: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why an update must not be sent: the record is gone, or somebody changed one of its fields since we looked."""
    now = seen.get(str(change.target_id))
    if now is None:
        return f"{change.target_id} is gone from {change.system}; the next run looks at it again"
    moved = [n for n in differing(change.before, now, list(change.before)) if now.get(n) != change.after.get(n)]
    if moved:
        return f"{', '.join(moved)} changed in {change.system} since it was read; the next run looks at it again"
    return None


def _send_batch(
    target: Target, many: Callable[..., Sequence[Written | Exception]], messages: Sequence[Outgoing]
) -> list[Outcome]:
    """One request for many; a batch refused as a whole is split until the bad row is alone."""
    try:
        answers = many(target.api, messages)
    except (Unauthorized, Unreachable):
        raise
    except (Rejected, Stale) as problem:
        if len(messages) == 1:
            return [_failed(messages[0].change, problem)]
        half = len(messages) // 2
        return _send_batch(target, many, messages[:half]) + _send_batch(target, many, messages[half:])
    except SystemFailure as problem:
        return [_failed(m.change, problem) for m in messages]
    return [
        _failed(m.change, answer) if isinstance(answer, Exception) else Outcome(change=m.change, written=answer)
        for m, answer in zip(messages, answers, strict=True)
    ]


def _send_one(target: Target, message: Outgoing) -> Outcome:
    """Send one change; a stale version is read again and, where our fields did not move, sent again."""
    send = getattr(target.write, message.change.action)
    for _ in range(STALE_TRIES):
        try:
            return Outcome(change=message.change, written=send(target.api, message))
        except Stale:
            fresh = _refreshed(target, message.change)
            if isinstance(fresh, str):
                return Outcome(change=message.change, held=fresh, sent=False)
            message = replace(message, change=fresh)
        except (Unauthorized, Unreachable):
            raise
        except PlumblineError as problem:  # also what the stack lacks for this change: the others can still be sent
            return _failed(message.change, problem)
    return Outcome(
        change=message.change,
        held=f"the record kept moving in {target.api.system}; the next run tries again",
        sent=False,
    )


def _refreshed(target: Target, change: Change) -> Change | str:
    """The change against the record as it is now, or why it may not be sent."""
    if change.target_id is None:
        return f"{change.system} says that the new record exists already; the next run looks at it again"
    if change.action == "delete":
        return f"{change.target_id} changed in {change.system} since it was read; it is not deleted unseen"
    try:
        current = target.write.fetch(target.api, change.target_id)
    except (Unauthorized, Unreachable):
        raise
    except SystemFailure as problem:
        return str(problem)
    if current is None:
        return f"{change.target_id} is gone from {change.system}; the next run looks at it again"
    seen = target.decoder.decode(target.api.system, target.map, {change.target_id: current.record or {}})
    return _moved_on(change, seen) or replace(change, version=current.version)


def _failed(change: Change, problem: Exception) -> Outcome:
    """What an error means for its change."""
    if isinstance(problem, Ambiguous):
        return Outcome(change=change, held=f"{problem}; its outcome is settled at the next run")
    if isinstance(problem, Rejected):
        return Outcome(change=change, rejected=str(problem))
    if isinstance(problem, Gone | Stale | Transient | Unauthorized | Unreachable):
        return Outcome(change=change, held=str(problem), sent=False)
    if isinstance(problem, PlumblineError):
        return Outcome(change=change, rejected=str(problem))
    raise problem


def book(target: Target, outcomes: Sequence[Outcome]) -> Delivery:
    """Write what became of a group into the ledger: receipts first, then what was refused and what waits."""
    receipts = _receipts(target, [o for o in outcomes if o.written is not None])
    rejected = tuple(Rejection(change=o.change, reason=o.rejected) for o in outcomes if o.rejected is not None)
    held = tuple(HeldChange(change=o.change, reason=o.held) for o in outcomes if o.held is not None)
    if receipts:
        books.record_receipts(target.ledger, receipts)
    if rejected:
        books.record_rejections(target.ledger, rejected)
    unsent = [o.change.id for o in outcomes if not o.sent]
    if unsent:
        books.record_absent(target.ledger, unsent)
    void = [o.change.id for o in outcomes if o.void]
    if void:
        books.record_void(target.ledger, void)
    if held:
        books.record_held(target.ledger, held)
    return Delivery(delivered=tuple(receipts), held=held, rejected=rejected)


def _receipts(target: Target, outcomes: Sequence[Outcome]) -> list[Receipt]:
    """Receipts with what the system holds now, read through the map that wrote it."""
    records: dict[str, Mapping[str, Any]] = {}
    versions: dict[str, str | None] = {}
    silent = [o.written.id for o in outcomes if o.written and o.written.record is None and o.change.action != "delete"]
    read_back = fetched(target, silent) if silent else {}
    for outcome in outcomes:
        assert outcome.written is not None  # noqa: S101 - callers pass outcomes with an answer
        written = read_back.get(outcome.written.id, outcome.written)
        versions[outcome.change.id] = written.version
        if written.record is not None:
            records[written.id] = written.record
    observed = target.decoder.decode(target.api.system, target.map, records)
    return [_receipt(target, o, versions[o.change.id], observed) for o in outcomes]


def _receipt(
    target: Target, outcome: Outcome, version: str | None, observed: Mapping[str, Mapping[str, Any]]
) -> Receipt:
    change, written = outcome.change, outcome.written
    assert written is not None  # noqa: S101 - callers pass outcomes with an answer
    seen = observed.get(written.id, {})
    return Receipt(
        change_id=change.id,
        system=change.system,
        entity=change.entity,
        core_id=change.core_id,
        action=change.action,
        target_id=written.id,
        version=version,
        pushed=change.after,
        observed={name: seen.get(name) for name in seen} if change.action != "delete" else {},
        at=target.plain_now(),
    )

"""Push: send a frozen plan, intent before request and receipt after answer, each change exactly once.

The order is not negotiable: commit the intent, send, commit the receipt. What is in doubt after a crash
or a lost answer is settled, before anything else is sent, by the write's identity strategy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.exchange import Exchange, recorded
from connectors.quota import Urgency, urgency
from connectors.spec import Outgoing
from models.change import Action, Change, Delivery, HeldChange, Plan, digest, merge
from models.errors import Occupied, PlumblineError
from pipelines import ledger as books
from pipelines.booking import book
from pipelines.ledger import Intent
from pipelines.sending import send
from pipelines.target import Outcome, Target, outgoing

SOON = timedelta(hours=24)
WRITTEN_SINCE = "another run wrote it since this was planned; the next run looks at it again"
OPEN_OUTCOME = "an earlier write of it is still in doubt; it is settled first, at the next run"
GROUP = 24  # single sends whose intents share one commit
ACTIONS: tuple[Action, ...] = ("delete", "update", "create")


def push(target: Target, plan: Plan) -> Delivery:
    """Send what may be sent of a plan; planned = delivered + held + rejected. All is held when it is not our turn."""
    try:
        with books.turn(target.ledger, plan.system):
            return _push(target, plan)
    except Occupied as problem:
        return merge([Delivery(held=plan.held), _hold(target, _waiting(target, plan), str(problem))])


def _push(target: Target, plan: Plan) -> Delivery:
    waiting = _waiting(target, plan)
    if not waiting:
        return Delivery(held=plan.held)
    if target.connector.prepare is not None:
        target.connector.prepare(target.api)
    doubtful = _doubtful(target, plan)
    outrun = _outrun(target, plan) - doubtful
    deliveries = [Delivery(held=plan.held)]
    deliveries.append(_hold(target, [c for c in waiting if c.core_id in doubtful], OPEN_OUTCOME))
    deliveries.append(_hold(target, [c for c in waiting if c.core_id in outrun], WRITTEN_SINCE))
    ready = [c for c in waiting if c.core_id not in doubtful | outrun]
    line = _Line(target)
    try:
        for level, groups in _stages(target, ready):
            deliveries += line.send(level, groups)
    finally:
        line.close()
    return merge(deliveries)


def _waiting(target: Target, plan: Plan) -> list[Change]:
    """What may be sent and is not settled yet."""
    ids = books.pending_ids(target.ledger, plan.id)
    return [change for change in plan.changes if change.id in ids]


def _outrun(target: Target, plan: Plan) -> set[str]:
    """Records that another run wrote to after this plan was made: it does not know what they hold now."""
    if plan.knows is None:
        return set()
    return set(books.written_since(target.ledger, plan.system, plan.entity, plan.knows))


def _doubtful(target: Target, plan: Plan) -> set[str]:
    """Records of which an earlier write is still in doubt: under another key they would be made twice."""
    return {i.change.core_id for i in books.in_doubt(target.ledger, plan.system) if i.change.entity == plan.entity}


def _hold(target: Target, changes: Sequence[Change], reason: str) -> Delivery:
    held = tuple(HeldChange(change=c, reason=reason) for c in changes)
    if held:
        books.record_held(target.ledger, held)
    return Delivery(held=held)


Group = Sequence[Change]


def _stages(target: Target, changes: Sequence[Change]) -> Iterator[tuple[Urgency, list[Group]]]:
    """Appointments of the next 24 hours first, and of those deletes first; one stage ends before the next begins.

    A group shares one commit of intents: one batch request, or some single ones.
    """
    now = target.plain_now()
    for level in (Urgency.SOON, Urgency.WRITE):
        for action in ACTIONS:
            same = [c for c in changes if c.action == action and _urgency(c, now) == level]
            size = target.write.batch if _batched(target, action) else GROUP
            if same:
                yield level, [same[i : i + size] for i in range(0, len(same), size)]


def _urgency(change: Change, now: datetime) -> Urgency:
    soon = change.starts is not None and now <= change.starts <= now + SOON
    return Urgency.SOON if soon else Urgency.WRITE


def _batched(target: Target, action: Action) -> bool:
    return target.write.many is not None and action != "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What became of changes that one worker sent, and what was said over the wire."""

    outcomes: Sequence[Outcome]
    exchanges: Sequence[Exchange] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Changes whose intents are on disk, and the answers to come."""

    refused: Sequence[Outcome]
    answers: Sequence[Future[_Answer]]


@dataclass(slots=True)
class _Line:
    """The workers that send. While they wait for answers, the intents of the next group are committed.

    over  why nothing more is sent: the system is down, or this process is ending
    """

    target: Target
    over: str | None = None
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.workers, thread_name_prefix=f"push-{self.target.api.system}")

    @property
    def workers(self) -> int:
        return max(1, self.target.connector.quota.concurrency)

    def close(self) -> None:
        self.end("the push was ended")
        self.pool.shutdown(cancel_futures=True)

    def end(self, reason: str) -> None:
        """Nothing more leaves; what is under way comes to its end."""
        if self.over is None:
            self.over = reason

    def send(self, level: Urgency, groups: Sequence[Group]) -> Iterator[Delivery]:
        """Send groups of one action; a few of them are under way at a time, and the next leave before any is booked."""
        waiting, under_way = deque(groups), deque[_Group]()
        most = 1 + (self.workers if _batched(self.target, groups[0][0].action) else 1)
        answered: list[_Group] = []
        while waiting or under_way or answered:
            if waiting and self.over is not None:
                yield _hold(self.target, [change for group in waiting for change in group], self.over)
                waiting.clear()
            under_way += self.begin(level, [waiting.popleft() for _ in range(min(len(waiting), most - len(under_way)))])
            if answered:
                yield self.finish(answered)
            answered = _answered(under_way)

    def begin(self, level: Urgency, groups: Sequence[Group]) -> list[_Group]:
        """Commit the intents, then let the requests go."""
        changes = [change for group in groups for change in group]
        if not changes:
            return []
        generations = books.next_generations(self.target.ledger, [c.id for c in changes])
        keys = {c.id: digest(c.id, generations[c.id], length=32) for c in changes}
        encoded = [_encoded(self.target, group, keys) for group in groups]
        at = self.target.plain_now()
        books.record_intents(
            self.target.ledger,
            [
                Intent(
                    change=m.change,
                    generation=generations[m.change.id],
                    key=m.key,
                    request=dict(m.record),
                    started_at=at,
                )
                for messages, _ in encoded
                for m in messages
            ],
        )
        return [
            _Group(
                refused=refused,
                answers=[
                    self.pool.submit(self.work, level, part) for part in _parts(self.target, messages, self.workers)
                ],
            )
            for messages, refused in encoded
        ]

    def work(self, level: Urgency, messages: Sequence[Outgoing]) -> _Answer:
        """In a worker: send, unless there is no point any more."""
        if self.over is not None:
            return _Answer(outcomes=[Outcome(change=m.change, held=self.over, sent=False) for m in messages])
        try:
            with urgency(level), recorded() as exchanges:
                outcomes = send(self.target, messages)
        except BaseException as problem:
            self.end(f"the push ended early ({type(problem).__name__})")
            raise
        for outcome in outcomes:
            if outcome.down is not None:
                self.end(outcome.down)
        return _Answer(outcomes=outcomes, exchanges=exchanges)

    def finish(self, groups: Sequence[_Group]) -> Delivery:
        """Book the answers: what was said, and what it means."""
        answers = [answer.result() for group in groups for answer in group.answers]
        said = [([o.change.id for o in answer.outcomes], answer.exchanges) for answer in answers]
        refused = [outcome for group in groups for outcome in group.refused]
        return book(self.target, [*refused, *(o for answer in answers for o in answer.outcomes)], said)


def _answered(under_way: deque[_Group]) -> list[_Group]:
    """The oldest group, once it is answered, and those behind it that are answered by then: they share a commit."""
    found: list[_Group] = []
    while under_way and (not found or all(answer.done() for answer in under_way[0].answers)):
        found.append(under_way.popleft())
        wait(found[-1].answers)
    return found


def _encoded(target: Target, group: Group, keys: dict[str, str]) -> tuple[list[Outgoing], list[Outcome]]:
    """What is sent for each change; one that cannot be said in the system's words is refused here."""
    messages: list[Outgoing] = []
    refused: list[Outcome] = []
    for change in group:
        try:
            messages.append(outgoing(target, change, keys[change.id]))
        except PlumblineError as problem:
            refused.append(Outcome(change=change, rejected=str(problem)))
        except (AttributeError, TypeError, ValueError, ArithmeticError, LookupError) as problem:
            said = f"{change.system}: its values cannot be written there ({problem}); correct the record"
            refused.append(Outcome(change=change, rejected=said))
    return messages, refused


def _parts(target: Target, messages: Sequence[Outgoing], workers: int) -> list[Sequence[Outgoing]]:
    """What each worker sends at a time: a batch; what is read and compared in one go; else one change."""
    if not messages:
        return []
    size, write = 1, target.write
    if _batched(target, messages[0].change.action):
        size = len(messages)
    elif messages[0].change.action == "update" and not write.guarded and write.fetch_many is not None:
        size = -(-len(messages) // workers)
    return [messages[i : i + size] for i in range(0, len(messages), size)]

"""A session: what one run works with, from the first record read to the last receipt."""

from __future__ import annotations

import gc
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from connectors.gateway import Gateway
from connectors.reading import ReadReport
from models.change import Delivery, Plan
from models.errors import PlumblineError
from pipelines import ledger as books
from pipelines.bookings import Watch
from pipelines.company import Company, open_system
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, open_ledger
from pipelines.reconcile import Reconciled
from pipelines.staging import Staged

# Objects made before Python looks for garbage among them. A sync makes rows and compiled SQL by the thousand and keeps
# them to its end: at the usual 700, a tenth of its processor time goes into finding none.
YOUNG = 20_000

Progress = Callable[[str, str], None]  # (stage, text)


@dataclass(slots=True)
class Session:
    """What one run works with.

    problems  system -> why it cannot be used in this run
    refused   system -> why what is absent from its reads is not believed
    believe   ``system.resource`` whose read is accepted however small it is: a person looked
    accounts  system -> why its account is another one than before; None when it is not
    behind    entity -> why its core rows are not what they should be, so that nothing may be planned on them
    core      entity -> its living records when all was decided; ``conflicts`` stand between them
    """

    company: Company
    ledger: Ledger
    run: str
    apis: dict[str, Gateway]
    decoder: Decoder
    progress: Progress
    believe: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, str | None] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)
    reports: dict[str, tuple[ReadReport, ...]] = field(default_factory=dict)
    staged: dict[str, Staged] = field(default_factory=dict)
    reconciled: dict[str, Reconciled] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    core: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0
    bookings: Watch = field(default_factory=Watch)
    moved: bool = False

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to the stage's seconds."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started

    def now(self) -> datetime:
        return self.company.clock()

    def plain_now(self) -> datetime:
        return self.now().astimezone(UTC).replace(tzinfo=None)


def new_run(company: Company) -> str:
    """The name of a run that starts now."""
    return f"run_{company.clock().astimezone(UTC):%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:6]}"


def no_progress(stage: str, text: str) -> None:
    """Say nothing."""


@contextmanager
def session(
    company: Company, *, kind: str = "sync", systems: Sequence[str] | None = None, progress: Progress = no_progress
) -> Iterator[Session]:
    """Open ledger and systems for one run, and close its books at the end whatever happens."""
    run = new_run(company)
    with ExitStack() as stack:
        current = _enter(stack, company, run, systems or tuple(company.stack.systems), progress)
        books.start_run(current.ledger, run=run, kind=kind, at=current.plain_now())
        try:
            yield current
        except BaseException as problem:
            books.finish_run(
                current.ledger,
                run,
                at=current.plain_now(),
                status="failed",
                error=f"{type(problem).__name__}: {problem}",
            )
            raise
        books.finish_run(current.ledger, run, at=current.plain_now(), status=_status(current))


@contextmanager
def part(
    company: Company, *, run: str, kind: str = "sync", systems: Sequence[str] = (), progress: Progress = no_progress
) -> Iterator[Session]:
    """One part of a run whose parts each open their own session, as an orchestrator's steps do.

    Only the named systems are opened. The books stay open for the next part: what is planned waits for the part
    that sends it, and a run that failed in one part stays failed.
    """
    with ExitStack() as stack:
        current = _enter(stack, company, run, systems, progress)
        books.join_run(current.ledger, run=run, kind=kind, at=current.plain_now())
        try:
            yield current
        except BaseException as problem:
            books.leave_run(current.ledger, run, at=current.plain_now(), error=f"{type(problem).__name__}: {problem}")
            raise
        said = "; ".join(f"{name}: {problem}" for name, problem in current.problems.items())
        books.leave_run(current.ledger, run, at=current.plain_now(), error=said or None)


def _enter(stack: ExitStack, company: Company, run: str, systems: Sequence[str], progress: Progress) -> Session:
    """Open what a session works with, to be closed by ``stack``.

    A system that cannot even be opened (a credential that leads nowhere) is a problem of its own; the others go on.
    """
    company.stack.home.mkdir(parents=True, exist_ok=True)
    stack.callback(gc.set_threshold, *gc.get_threshold())
    gc.set_threshold(YOUNG)
    ledger = stack.enter_context(open_ledger(company.stack.ledger_url))
    decoder = stack.enter_context(Decoder(company.model, company.fingerprint))
    current = Session(company=company, ledger=ledger, run=run, apis={}, decoder=decoder, progress=progress)
    for name in systems:
        try:
            current.apis[name] = stack.enter_context(open_system(company, name))
        except PlumblineError as problem:
            current.problems[name] = str(problem)
    return current


def _status(current: Session) -> Literal["done", "failed", "held"]:
    if current.problems:
        return "failed"
    return "held" if any(d.held for d in current.deliveries.values()) else "done"

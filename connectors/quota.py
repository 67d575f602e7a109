"""Quotas: how often a credential may call, shared by everything in this process that uses it.

A ``Meter`` lets a call leave when every published limit has room for it, the most urgent caller first. Answers feed
back: Retry-After holds everybody, or everybody about the same mailbox; a remaining count lowers ours, a stated price is
the price from then on.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from connectors.errors import wait_of
from connectors.spec import Cost, Quota
from connectors.windows import Budget, Window, counted_for
from models.errors import Throttled

log = logging.getLogger(__name__)

# Seconds beyond which nobody waits for a quota: the day's is used up, and a later run goes on.
LONGEST_WAIT = 600.0

Clock = Callable[[], datetime]
Pause = Callable[[float], Awaitable[None]]


class Urgency(IntEnum):
    """Who goes first where calls are scarce."""

    SOON = 0  # appointments of the next hours
    WRITE = 1
    READ = 2


_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.READ)


@contextmanager
def urgency(level: Urgency) -> Iterator[None]:
    """Calls made inside the block are this urgent, in this thread and in nothing that it starts besides."""
    token = _urgency.set(level)
    try:
        yield
    finally:
        _urgency.reset(token)


@dataclass(order=True, slots=True)
class _Ticket:
    """A caller in the line: by urgency, then by arrival."""

    level: Urgency
    number: int
    kind: str = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class Meter:
    """The quota of one credential of one system. Lives on the loop of ``connectors.loop``, and needs no lock there."""

    def __init__(self, quota: Quota, *, clock: Clock, pause: Pause, system: str = "it") -> None:
        self._clock, self._pause, self._system, self._left = clock, pause, system, quota.left
        self._free = max(1, quota.concurrency)
        self._limits = [limit for limit in quota.limits if limit.unit == "calls"]
        self._windows = {(limit, ""): Window(limit=limit) for limit in self._limits if not limit.each}
        self._budgets = [Budget(limit=limit) for limit in quota.limits if limit.unit != "calls"]
        self._line: list[_Ticket] = []
        self._numbers = itertools.count()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf
        self._held_until: dict[str, float] = {}
        self._reached = 0.0

    @asynccontextmanager
    async def turn(self, kind: str = "") -> AsyncIterator[Callable[[Cost | None], None]]:
        """Waits until a call of this kind (``METHOD /path``) may leave; it is under way while the block runs.

        Gives a function that takes what the answer said of its price. Throttled when the wait would be too long.
        """
        ticket = _Ticket(_urgency.get(), next(self._numbers), kind, asyncio.get_running_loop().create_future())
        self._line.append(ticket)
        self._admit()
        try:
            await ticket.turn
        except asyncio.CancelledError:
            self._abandon(ticket)
            raise
        costs: list[Cost | None] = []
        try:
            yield costs.append
        finally:
            self._give(kind, costs[-1] if costs else None)

    def heed(self, status: int, headers: Mapping[str, str], now: datetime, kind: str = "") -> None:
        """Learn from the answer to a call of a kind: how long it asks us to wait, how many calls it says are left.

        ``now`` is the system's time, against which a date in Retry-After counts; it may differ from ours.
        """
        wait = wait_of(headers, now) if status in (429, 503) else None
        if wait is not None:
            self.hold(wait, kind)
        for allowed, remaining in _remaining(headers):
            for window in self._windows.values():
                if window.limit.calls == allowed:
                    window.lower(remaining, self._now())
        left = self._left({name.lower(): value for name, value in headers.items()}) if self._left else None
        if left is not None and self._windows:
            max(self._windows.values(), key=lambda one: one.limit.seconds).lower(left, self._now())

    def hold(self, seconds: float, kind: str = "") -> None:
        """Let nobody call for so long, or nobody about the same where limits are counted for each: the system asked."""
        about = self._about(kind)
        self._held_until[about] = max(self._held_until.get(about, 0.0), self._now() + seconds)

    def _about(self, kind: str) -> str:
        """What a call is about where limits are counted for each; empty for a call about nothing of the kind."""
        return next((about for limit in self._limits if limit.each and (about := counted_for(limit, kind))), "")

    def _concerned(self, kind: str) -> list[Window]:
        """The windows in which a call of this kind counts."""
        counted = [(limit, about) for limit in self._limits if (about := counted_for(limit, kind)) is not None]
        return [self._windows.setdefault(one, Window(limit=one[0])) for one in counted]

    def _admit(self) -> None:
        """Let those go for whom there is room, the most urgent first; be woken when there is room for the next."""
        soonest = math.inf
        for ticket in sorted(self._line):
            now = self._now()
            at = self._slot(ticket.kind, now) if self._free else math.inf
            if at <= now:
                self._take(ticket, now)
            elif LONGEST_WAIT < at - now < math.inf:
                self._refuse(ticket, at - now)
            else:
                soonest = min(soonest, at)
        if soonest < self._alarm_at:
            self._set_alarm(soonest)

    def _slot(self, kind: str, now: float) -> float:
        held = [self._held_until.get(about, 0.0) for about in ("", self._about(kind))]
        windows = (window.slot(now) for window in self._concerned(kind))
        return max(now, *held, *windows, *(budget.slot(now, kind) for budget in self._budgets))

    def _take(self, ticket: _Ticket, now: float) -> None:
        self._line.remove(ticket)
        self._free -= 1
        for window in self._concerned(ticket.kind):
            window.take(now)
        for budget in self._budgets:
            budget.take(now, ticket.kind)
        ticket.turn.set_result(None)

    def _give(self, kind: str, cost: Cost | None) -> None:
        now = self._now()
        self._free += 1
        for window in self._concerned(kind):
            window.give(now)
        for budget in self._budgets:
            budget.give(now, kind, cost)
        self._admit()

    def _refuse(self, ticket: _Ticket, wait: float) -> None:
        self._line.remove(ticket)
        said = f"its quota is used up for {wait / 60:.0f} minutes; a later run goes on"
        ticket.turn.set_exception(Throttled(self._system, said, wait))

    def _abandon(self, ticket: _Ticket) -> None:
        """A caller that was interrupted: out of the line, or its turn given back."""
        if ticket in self._line:
            self._line.remove(ticket)
        elif not ticket.turn.cancelled() and ticket.turn.exception() is None:
            self._give(ticket.kind, None)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = asyncio.get_running_loop().create_task(self._wake(at))

    async def _wake(self, at: float) -> None:
        wait = at - self._now()
        if wait > 5:
            log.info("%s: its quota is used up; the next call leaves in %.0f s", self._system, wait)
        await self._pause(wait)
        self._alarm, self._alarm_at = None, math.inf
        # What was slept for has come, whatever the clock says: tests have clocks that stand still.
        self._reached = max(self._reached, at)
        self._admit()

    def _now(self) -> float:
        self._reached = max(self._reached, self._clock().timestamp())
        return self._reached


def _remaining(headers: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """(allowed, remaining) pairs that an answer states, whatever the vendor's prefix is.

    ``x-ratelimit-limit`` or ``-max`` goes with ``x-ratelimit-remaining``, ``x-ratelimit-daily`` with
    ``x-ratelimit-daily-remaining``.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, value in lowered.items():
        if "ratelimit-" not in name or not name.endswith("-remaining"):
            continue
        stem = name.removesuffix("-remaining")
        found = (lowered.get(one) for one in (f"{stem}-limit", f"{stem}-max", stem))
        allowed = next((one for one in found if one), "")
        if allowed.isdigit() and value.isdigit():
            yield int(allowed), int(value)


class Meters:
    """The meters of this process, one for each system and credential, so that two readers share one quota."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._meters: dict[tuple[str, str], Meter] = {}

    def meter(self, key: tuple[str, str], quota: Quota, *, clock: Clock, pause: Pause) -> Meter:
        """The meter for (system, digest of address and credentials), made at first use."""
        with self._lock:
            if key not in self._meters:
                self._meters[key] = Meter(quota, clock=clock, pause=pause, system=key[0])
            return self._meters[key]

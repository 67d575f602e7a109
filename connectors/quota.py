"""Quotas: how often a credential may call, shared by every thread that uses it.

A ``Meter`` keeps, for each published limit, the instants of the last calls, so that no window of the
vendor's ever sees more calls than it allows, wherever the window starts; a plain refilling bucket lets
up to twice as many through. Answers feed back: Retry-After holds everybody, a remaining count lowers ours.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import wait_of
from connectors.spec import Limit, Quota

# The vendor counts when a call arrives, we when it leaves; this much longer a window absorbs the difference.
MARGIN = 1.02

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class Bucket:
    """One limit's recent calls. Instants are seconds since the epoch."""

    limit: Limit
    calls: deque[float] = field(default_factory=deque)
    paced: float = 0.0

    def slot(self, now: float) -> float:
        """The first instant, not before ``now``, at which one more call is allowed."""
        window = self.limit.seconds * MARGIN
        full = len(self.calls) >= self.limit.calls
        start = max(now, self.calls[-self.limit.calls] + window) if full else now
        if self.limit.burst is None:
            return start
        return max(start, self.paced - (self.limit.burst - 1) * self._gap())

    def take(self, at: float) -> None:
        """Count a call made at this instant."""
        self.calls.append(at)
        self.paced = max(self.paced, at) + self._gap()
        while len(self.calls) > self.limit.calls:
            self.calls.popleft()

    def lower(self, remaining: int, now: float) -> None:
        """The vendor says that only this many calls are left in its window: others use the credential too."""
        window = self.limit.seconds * MARGIN
        recent = sum(1 for at in self.calls if at > now - window)
        for _ in range(self.limit.calls - recent - remaining):
            self.calls.append(now)
        while len(self.calls) > self.limit.calls:
            self.calls.popleft()

    def _gap(self) -> float:
        return self.limit.seconds * MARGIN / self.limit.calls


class Meter:
    """The quota of one credential of one system; safe to share between threads."""

    def __init__(self, quota: Quota, *, clock: Clock, sleep: Sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._under_way = threading.BoundedSemaphore(max(1, quota.concurrency))
        self._buckets = [Bucket(limit=limit) for limit in quota.limits]
        self._held_until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until a call may be made, and counts it as under way while the block runs."""
        with self._under_way:
            wait = self._reserve()
            if wait > 0:
                self._sleep(wait)
            yield

    def _reserve(self) -> float:
        with self._lock:
            now = self._clock().timestamp()
            at = max([now, self._held_until, *(bucket.slot(now) for bucket in self._buckets)])
            for bucket in self._buckets:
                bucket.take(at)
            return at - now

    def heed(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Learn from an answer: how long it asks us to wait, how many calls it says are left.

        ``now`` is the system's time, against which a date in Retry-After counts; it may differ from ours.
        """
        at = self._clock().timestamp()
        with self._lock:
            wait = wait_of(headers, now) if status in (429, 503) else None
            if wait is not None:
                self._held_until = max(self._held_until, at + wait)
            for allowed, remaining in _remaining(headers):
                for bucket in self._buckets:
                    if bucket.limit.calls == allowed:
                        bucket.lower(remaining, at)


def _remaining(headers: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """(allowed, remaining) pairs that an answer states, whatever the vendor's prefix is."""
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, value in lowered.items():
        prefix, found, _ = name.rpartition("ratelimit-remaining")
        if not found:
            continue
        allowed = lowered.get(f"{prefix}ratelimit-limit") or lowered.get(f"{prefix}ratelimit-max") or ""
        if allowed.isdigit() and value.isdigit():
            yield int(allowed), int(value)


class Meters:
    """The meters of this process, one for each system and credential, so that two readers share one quota."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._meters: dict[tuple[str, str], Meter] = {}

    def meter(self, key: tuple[str, str], quota: Quota, *, clock: Clock, sleep: Sleep) -> Meter:
        """The meter for (system, digest of its credentials), made at first use."""
        with self._lock:
            if key not in self._meters:
                self._meters[key] = Meter(quota, clock=clock, sleep=sleep)
            return self._meters[key]

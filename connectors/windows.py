"""What a vendor counts against a credential: calls in a sliding window, or points in a bucket that refills.

Plain state without waiting; ``connectors.quota`` asks when one more call fits. Instants are seconds since the epoch.
"""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass, field

from connectors.spec import Cost, Limit

# Our clock and the vendor's do not tick alike; this much longer a window absorbs the difference.
MARGIN = 1.005
# Windows of hours keep their calls in heaps of this share of the window, or they would hold a day's calls one by one.
GRAIN = 1 / 500
LONG = 3600.0


def counted_for(limit: Limit, kind: str) -> str | None:
    """What a limit counts a call of this kind (``METHOD /path``) for.

    That is what its ``each`` finds there; empty for the whole credential, None when the call is not counted.
    """
    if limit.only and not re.search(limit.only, kind):
        return None
    if not limit.each:
        return ""
    found = re.search(limit.each, kind)
    return found[1] if found else None


@dataclass(slots=True, kw_only=True)
class Window:
    """One limit's recent calls.

    A call counts from when it leaves until a window after its answer came: the vendor counted it somewhere in between,
    so that no window of the vendor's, wherever it starts, sees more calls than allowed.

    past  (when answered, how many), oldest first
    """

    limit: Limit
    past: deque[tuple[float, int]] = field(default_factory=deque)
    answered: int = 0
    under_way: int = 0
    paced: float = 0.0

    def slot(self, now: float) -> float:
        """The first instant, not before ``now``, at which one more call fits; never while too many are under way."""
        self._forget(now)
        start = now
        over = self.answered + self.under_way + 1 - self.limit.calls
        if over > self.answered:
            return math.inf
        for at, count in self.past if over > 0 else ():
            over -= count
            if over <= 0:
                start = at + self._length
                break
        if self.limit.burst is None:
            return start
        return max(start, self.paced - (self.limit.burst - 1) * self._gap)

    def take(self, now: float) -> None:
        """A call leaves."""
        self.under_way += 1
        self.paced = max(self.paced, now) + self._gap

    def give(self, now: float) -> None:
        """Its answer is here, or will not come."""
        self.under_way -= 1
        self._add(now, 1)

    def lower(self, remaining: int, now: float) -> None:
        """The vendor says that only this many calls are left in its window: others use the credential too."""
        unknown = self.limit.calls - self.answered - self.under_way - remaining
        if unknown > 0:
            self._add(now, unknown)

    def _add(self, now: float, count: int) -> None:
        self.answered += count
        if self.past and self._heap(self.past[-1][0]) == self._heap(now):
            count += self.past.pop()[1]
        self.past.append((now, count))

    def _heap(self, at: float) -> float:
        return at if self.limit.seconds < LONG else at // (self.limit.seconds * GRAIN)

    def _forget(self, now: float) -> None:
        while self.past and self.past[0][0] + self._length <= now:
            self.answered -= self.past.popleft()[1]

    @property
    def _length(self) -> float:
        return self.limit.seconds * MARGIN

    @property
    def _gap(self) -> float:
        return self._length / self.limit.calls


@dataclass(slots=True, kw_only=True)
class Budget:
    """Points of a bucket that refills steadily; what a call costs is known by what calls of its kind cost before.

    left, at  points that were there at an instant
    prices    kind of call -> points that one must find there
    taken     points of calls under way
    """

    limit: Limit
    left: float = math.inf
    at: float = 0.0
    taken: float = 0.0
    prices: dict[str, float] = field(default_factory=dict)

    def slot(self, now: float, kind: str) -> float:
        """The first instant, not before ``now``, at which a call of this kind finds its points."""
        return now + max(0.0, self._price(kind) - self._there(now)) / self._rate

    def take(self, now: float, kind: str) -> None:
        self.left, self.at = self._there(now) - self._price(kind), now
        self.taken += self._price(kind)

    def give(self, now: float, kind: str, cost: Cost | None) -> None:
        """A call of this kind was answered; what the answer says of the bucket is truer than our own sum."""
        self.taken -= self._price(kind)
        if cost is None:
            return
        if cost.left is not None:
            self.left, self.at = cost.left - self.taken, now
        self.prices[kind] = max(cost.asked, self.prices.get(kind, 0.0))

    def _price(self, kind: str) -> float:
        return min(self.prices.get(kind, 0.0), self.limit.calls)

    def _there(self, now: float) -> float:
        return min(float(self.limit.calls), self.left + max(0.0, now - self.at) * self._rate)

    @property
    def _rate(self) -> float:
        return self.limit.calls / self.limit.seconds

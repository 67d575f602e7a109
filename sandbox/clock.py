"""The sandbox's clock: it starts at the company's now, runs with real time, and can be moved ahead."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """UTC instants. ``ticker`` gives monotonic seconds and can be replaced, so tests never wait."""

    start: datetime
    ticker: Callable[[], float] = time.monotonic
    _ahead: timedelta = timedelta()
    _origin: float = field(default=0.0)

    def __post_init__(self) -> None:
        self._origin = self.ticker()

    def now(self) -> datetime:
        return (self.start + self._ahead + timedelta(seconds=self.ticker() - self._origin)).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._ahead += by

    def restart(self) -> None:
        """Back to ``start``, as if the sandbox began now."""
        self._ahead, self._origin = timedelta(), self.ticker()

"""Which instant it is: real time, or a sandbox company's own time when its stack says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from models.errors import StackError

Clock = Callable[[], datetime]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def utc_now() -> datetime:
    """The current instant, aware, UTC."""
    return datetime.now(UTC)


def clock_of(address: str | None) -> Clock:
    """Real time when there is no address; else the clock of the sandbox there, asked once when first needed.

    While no sandbox answers it is real time. StackError for an address that is not on this machine: a
    production company lives in real time.
    """
    if address is None:
        return utc_now
    if urlsplit(address).scheme != "http" or urlsplit(address).hostname not in LOOPBACK:
        raise StackError(f"clock: {address} is not on this machine; only a sandbox has a clock of its own")
    return _SandboxClock(address)


class _SandboxClock:
    """Real time shifted by how far the sandbox's clock was from it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.shift: float | None = None

    def __call__(self) -> datetime:
        if self.shift is None:
            self.shift = self._ask()
        return datetime.fromtimestamp(utc_now().timestamp() + (self.shift or 0.0), UTC)

    def _ask(self) -> float | None:
        try:
            with urlopen(self.address, timeout=5) as answer:  # noqa: S310 - http on this machine, checked above
                said = json.load(answer)
        except (URLError, OSError, ValueError):
            return None
        return datetime.fromisoformat(str(said["now"])).timestamp() - utc_now().timestamp()

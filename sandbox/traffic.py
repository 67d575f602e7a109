"""The log of requests that the twins got: what was asked and answered, never headers, bodies or secrets."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

LONGEST = 100_000
# Credentials that vendors take in the query; cursors such as pageToken and syncToken are not secret.
_SECRET = frozenset(
    {"access_token", "refresh_token", "id_token", "token", "client_secret", "api_key", "apikey", "hapikey", "key"}
    | {"password", "code", "assertion", "signature"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer; ``at`` by the sandbox clock, ``milliseconds`` by the wall.

    ``path`` is the vendor's path with its query. ``status`` is what the twin answered, also when ``fault`` cut
    the answer off; None when its handler failed. Sizes are bytes of the bodies.
    """

    sequence: int
    at: datetime
    system: str
    method: str
    path: str
    status: int | None
    milliseconds: float
    request_bytes: int
    response_bytes: int
    fault: str | None


@dataclass(slots=True)
class Traffic:
    """The newest ``LONGEST`` exchanges, numbered from 1 since the last reset."""

    _exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=LONGEST))
    _newest: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        *,
        at: datetime,
        system: str,
        method: str,
        path: str,
        status: int | None,
        milliseconds: float,
        request_bytes: int,
        response_bytes: int,
        fault: str | None,
    ) -> None:
        with self._lock:
            self._newest += 1
            self._exchanges.append(
                Exchange(
                    sequence=self._newest,
                    at=at,
                    system=system,
                    method=method,
                    path=path,
                    status=status,
                    milliseconds=milliseconds,
                    request_bytes=request_bytes,
                    response_bytes=response_bytes,
                    fault=fault,
                )
            )

    def since(self, sequence: int, system: str | None = None) -> list[Exchange]:
        """Exchanges after ``sequence``, oldest first, of one system or of all."""
        with self._lock:
            return [x for x in self._exchanges if x.sequence > sequence and system in (None, x.system)]

    def newest(self) -> int:
        """The number of the newest exchange; 0 when there was none."""
        with self._lock:
            return self._newest

    def clear(self) -> None:
        with self._lock:
            self._exchanges.clear()
            self._newest = 0


def without_secrets(path: str, query: str) -> str:
    """The path with its query, values of credentials replaced by ``***``."""
    if not query:
        return path
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name.lower() in _SECRET for name, _ in pairs):
        return f"{path}?{query}"
    shown = [(name, "***" if name.lower() in _SECRET else value) for name, value in pairs]
    return f"{path}?{urlencode(shown, safe='*')}"

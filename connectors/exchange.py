"""What went over the wire for a write: the request and its answer, without secrets, for whoever asks later.

``recorded`` collects the exchanges of the calls made inside its block; the push keeps them beside the receipts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

import httpx

from connectors.errors import scrub

LONGEST = 4000  # characters of a body that are kept
MOST = 20  # exchanges of one recording that are kept
_TELLING = frozenset(
    {"content-type", "date", "etag", "idempotency-key", "if-match", "if-none-match", "location", "retry-after"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came back. ``at`` is when it ended, aware.

    line     method and address as sent, without the host
    status   None when no answer arrived; ``answer`` then says why
    headers  those of the request and of the answer that say something about versions, ids and limits
    """

    at: datetime
    line: str
    request: str
    request_headers: Mapping[str, str]
    status: int | None
    answer: str
    answer_headers: Mapping[str, str]


_recording: ContextVar[list[Exchange] | None] = ContextVar("recording", default=None)


@contextmanager
def recorded() -> Iterator[list[Exchange]]:
    """The exchanges of the calls that are made inside the block, by this thread."""
    exchanges: list[Exchange] = []
    token = _recording.set(exchanges)
    try:
        yield exchanges
    finally:
        _recording.reset(token)


def note(request: httpx.Request, response: httpx.Response | Exception, at: datetime, secrets: Collection[str]) -> None:
    """Add an exchange to the recording of whoever makes this call, if there is one."""
    exchanges = _recording.get()
    if exchanges is None or len(exchanges) >= MOST:
        return
    answer = response if isinstance(response, httpx.Response) else None
    exchanges.append(
        Exchange(
            at=at,
            line=scrub(f"{request.method} {request.url.raw_path.decode()}", secrets),
            request=_short(_beginning(request.content, "utf-8"), secrets),
            request_headers=_telling(request.headers.items(), secrets),
            status=answer.status_code if answer is not None else None,
            answer=_short(_said(answer) if answer is not None else str(response), secrets),
            answer_headers=_telling(answer.headers.items(), secrets) if answer is not None else {},
        )
    )


def _telling(headers: Iterable[tuple[str, str]], secrets: Collection[str]) -> dict[str, str]:
    known = ((name.lower(), value) for name, value in headers)
    return {name: scrub(value, secrets) for name, value in known if name in _TELLING or name.endswith(("-id", "_tid"))}


def _said(answer: httpx.Response) -> str:
    return _beginning(answer.content, answer.encoding or "utf-8")


def _beginning(content: bytes, encoding: str) -> str:
    """As much of a body as ``_short`` looks at; no encoding takes more than four bytes for a character."""
    return content[: 8 * LONGEST].decode(encoding, errors="replace")


def _short(text: str, secrets: Collection[str]) -> str:
    # First cut roughly, so that no secret is cut in two at the end that is kept.
    said = scrub(text[: 2 * LONGEST], secrets)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"

"""One HTTP exchange as the vendor sees it, and the three ways of recording exchanges.

* ``RecordingTransport`` wraps an httpx transport (the connector's side);
* ``AsyncRecordingTransport`` does the same for httpx's asynchronous client;
* ``RecordingApp`` wraps the sandbox's ASGI application (the twin's side), so that any client at all, also a
  vendor's own client package, can be listened to.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

Pairs = tuple[tuple[str, str], ...]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MASKED = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key", "st-app-key"})
"""Headers whose values never enter a record: secrets stay out of what a failing test prints."""

ADMIN = "_sandbox"
"""First path segment of the sandbox's own surface: no vendor's API, so never recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    ``path`` is the vendor's own, percent-encoded as it was sent, without the sandbox's ``/<system>`` prefix;
    ``query`` keeps repeated parameters and their order, decoded; header names are in lower case.
    """

    system: str
    method: str
    path: str
    query: Pairs = ()
    request_headers: Pairs = ()
    request_body: bytes = b""
    status: int = 200
    response_headers: Pairs = ()
    response_body: bytes = b""

    def request_header(self, name: str) -> str | None:
        """The first value of a request header, or None when it was not sent."""
        return _first(self.request_headers, name)

    def response_header(self, name: str) -> str | None:
        """The first value of an answer's header, or None when it is absent."""
        return _first(self.response_headers, name)

    def __str__(self) -> str:
        return f"{self.system} {self.method} {self.path} -> {self.status}"


def _first(headers: Pairs, name: str) -> str | None:
    return next((value for key, value in headers if key == name.lower()), None)


def headers_of(raw: Iterable[tuple[bytes | str, bytes | str]]) -> Pairs:
    """Header pairs with lower-case names and with the values of secrets masked."""
    pairs = ((_text(name).lower(), _text(value)) for name, value in raw)
    return tuple((name, "***" if name in MASKED else value) for name, value in pairs)


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def query_of(query: str | bytes) -> Pairs:
    """The parameters of a raw query string, in order, blank ones kept."""
    return tuple(parse_qsl(_text(query), keep_blank_values=True))


def split_system(path: str) -> tuple[str, str]:
    """``/hubspot/crm/v3/owners`` gives ``("hubspot", "/crm/v3/owners")``: how the sandbox serves its twins."""
    system, _, rest = path.removeprefix("/").partition("/")
    return system, f"/{rest}"


@dataclass(slots=True)
class Recording:
    """The exchanges seen so far, oldest first; safe to fill from several threads."""

    exchanges: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, exchange: Exchange) -> None:
        """Keep one exchange; the sandbox's own surface is left out."""
        if exchange.system != ADMIN:
            with self._lock:
                self.exchanges.append(exchange)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self.exchanges))

    def __len__(self) -> int:
        return len(self.exchanges)


def exchange_of(
    request: httpx.Request, sent: bytes, response: httpx.Response, received: bytes, system: str | None
) -> Exchange:
    """What httpx sent and got; without ``system`` the first path segment names it."""
    url = urlsplit(str(request.url))
    name, path = (system, url.path) if system else split_system(url.path)
    return Exchange(
        system=name,
        method=request.method,
        path=path,
        query=query_of(url.query),
        request_headers=headers_of(request.headers.raw),
        request_body=sent,
        status=response.status_code,
        response_headers=headers_of(response.headers.raw),
        response_body=received,
    )


@dataclass(slots=True)
class RecordingTransport(httpx.BaseTransport):
    """Keeps every exchange that passes; ``system`` is given when the base address is not a sandbox's."""

    inner: httpx.BaseTransport
    system: str | None = None
    recording: Recording = field(default_factory=Recording)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send on, read the answer whole, keep both."""
        sent = request.read()
        response = self.inner.handle_request(request)
        received = response.read()
        self.recording.add(exchange_of(request, sent, response, received, self.system))
        return response

    def close(self) -> None:
        """Close the transport inside."""
        self.inner.close()


@dataclass(slots=True)
class AsyncRecordingTransport(httpx.AsyncBaseTransport):
    """``RecordingTransport`` for ``httpx.AsyncClient``."""

    inner: httpx.AsyncBaseTransport
    system: str | None = None
    recording: Recording = field(default_factory=Recording)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on, read the answer whole, keep both."""
        sent = await request.aread()
        response = await self.inner.handle_async_request(request)
        received = await response.aread()
        self.recording.add(exchange_of(request, sent, response, received, self.system))
        return response

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self.inner.aclose()


@dataclass(slots=True)
class RecordingApp:
    """An ASGI application around the sandbox's: records what any client sends to any twin."""

    inner: App
    system: str | None = None
    recording: Recording = field(default_factory=Recording)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; keep HTTP exchanges once they are complete."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        asked = await _whole_request(receive)
        waiting, answer = iter(asked), _Answer()

        async def listening() -> Message:
            return next(waiting, None) or await receive()

        async def telling(message: Message) -> None:
            if answer.takes_last(message):  # before the client has it: whoever got an answer finds it recorded
                sent = b"".join(part.get("body", b"") for part in asked)
                self.recording.add(_served(dict(scope), sent, answer, self.system))
            await send(message)

        await self.inner(scope, listening, telling)


async def _whole_request(receive: Receive) -> list[Message]:
    """All parts of the request, read before the application may refuse without looking at them."""
    asked = [await receive()]
    while asked[-1]["type"] == "http.request" and asked[-1].get("more_body", False):
        asked.append(await receive())
    return asked


@dataclass(slots=True)
class _Answer:
    status: int = 0
    headers: Pairs = ()
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False

    def takes_last(self, message: Message) -> bool:
        """Keep a part of the answer; whether the answer is complete with it, as a client counts."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], headers_of(message.get("headers", ()))
        if message["type"] != "http.response.body" or self.complete:
            return False
        self.body.extend(message.get("body", b""))
        length = _first(self.headers, "content-length")
        self.complete = not message.get("more_body", False) or (bool(self.body) and length == str(len(self.body)))
        return self.complete


def _served(scope: Scope, sent: bytes, answer: _Answer, system: str | None) -> Exchange:
    raw = scope.get("raw_path") or scope["path"].encode()
    path = _text(raw).partition("?")[0]
    name, path = (system, path) if system else split_system(path)
    return Exchange(
        system=name,
        method=scope["method"],
        path=path,
        query=query_of(scope.get("query_string", b"")),
        request_headers=headers_of(scope.get("headers", ())),
        request_body=sent,
        status=answer.status,
        response_headers=answer.headers,
        response_body=unpacked(bytes(answer.body), _first(answer.headers, "content-encoding")),
    )


def unpacked(body: bytes, encoding: str | None) -> bytes:
    """The body that was meant: an application compresses for a client that accepts it, httpx unpacks by itself."""
    return gzip.decompress(body) if encoding == "gzip" and body else body


def media_type(header: str | None) -> str:
    """``application/json; charset=utf-8`` gives ``application/json``; an absent header gives an empty string."""
    return (header or "").partition(";")[0].strip().lower()

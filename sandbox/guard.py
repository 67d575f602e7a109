"""What stands before every twin: the request log and the faults that hit any vendor's API."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Fault
from sandbox.replica import KIND as STALE
from sandbox.replica import Replica
from sandbox.store import Store
from sandbox.traffic import Traffic, without_secrets
from sandbox.twin import Refusal, Twin

# Refusals in the order in which a gateway would give them, with their usual status.
REFUSALS = {
    "rate_limit": 429,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "gone": 410,
    "server_error": 500,
}
PAGE = "html_error_page"
GENERAL = ("latency", *REFUSALS, PAGE, "cut_body", "dropped_answer")
_PAGES = {
    200: "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Sign in to go on</form></body></html>",
    502: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
}


class ConnectionCut(ConnectionResetError):
    """Ends a call whose answer is never to arrive: the server closes the connection on it."""


@dataclass(slots=True)
class _Meter:
    """Counts what passes; ``hold`` keeps the answer back, ``cut`` collects it to send half."""

    receive: Receive
    send: Send
    hold: bool = False
    cut: bool = False
    start: Message | None = None
    body: bytes = b""
    status: int | None = None
    request_bytes: int = 0
    response_bytes: int = 0

    async def received(self) -> Message:
        message = await self.receive()
        self.request_bytes += len(message.get("body", b""))
        return message

    async def sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.response_bytes += len(message.get("body", b""))
        if self.cut:
            await self._collected(message)
        elif not self.hold:
            await self.send(message)

    async def _collected(self, message: Message) -> None:
        """Half of the body, under a length that says it is all: only its reader can tell."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if message.get("more_body") or self.start is None:
            return
        half = self.body[: len(self.body) // 2]
        headers = [pair for pair in self.start["headers"] if pair[0].lower() != b"content-length"]
        await self.send({**self.start, "headers": [*headers, (b"content-length", str(len(half)).encode())]})
        await self.send({"type": "http.response.body", "body": half})


def guarded(app: ASGIApp, twin: Twin, store: Store, traffic: Traffic) -> ASGIApp:
    """The twin's routes behind its log and its faults."""
    replica = Replica(twin=twin, store=store)

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        meter, hit, began = _Meter(receive, send), _Hit(), time.perf_counter()
        stale = None if twin.one_door else replica.behind(scope["method"], path)
        hit.kind = STALE if stale else None
        try:
            await _answer(stale or app, twin, store, scope, path, meter, hit)
        finally:
            traffic.add(
                at=store.clock.now(),
                system=twin.name,
                method=scope["method"],
                path=without_secrets(path, scope["query_string"].decode("latin-1")),
                status=meter.status,
                milliseconds=round((time.perf_counter() - began) * 1000, 3),
                request_bytes=meter.request_bytes,
                response_bytes=meter.response_bytes,
                fault=hit.kind,
            )

    return call


@dataclass(slots=True)
class _Hit:
    kind: str | None = None


async def _answer(app: ASGIApp, twin: Twin, store: Store, scope: Scope, path: str, meter: _Meter, hit: _Hit) -> None:
    """One call through the faults in force to the twin."""
    if (late := store.faults.take("latency", scope["method"], path)) is not None:
        hit.kind = late.kind
        await asyncio.sleep(late.seconds)
    if (page := store.faults.take(PAGE, scope["method"], path)) is not None:
        hit.kind = page.kind
        await _page(page.status or 502)(scope, meter.received, meter.sent)
        return
    if (refused := _refusal(store, scope["method"], path)) is not None:
        hit.kind = refused.kind
        status = refused.status or REFUSALS[refused.kind]
        response = twin.refuse(Refusal(kind=refused.kind, status=status, retry_after=refused.retry_after))
        await response(scope, meter.received, meter.sent)
        return
    for kind in ("cut_body", "dropped_answer"):
        if store.faults.take(kind, scope["method"], path) is not None:
            meter.cut, meter.hold, hit.kind = kind == "cut_body", kind == "dropped_answer", kind
            break
    await app(scope, meter.received, meter.sent)
    if meter.hold:
        await _cut(meter)


def _page(status: int) -> Response:
    """What stands in front of an API when nothing behind it answers: a page for people."""
    return HTMLResponse(_PAGES[200 if status == 200 else 502], status)


def _refusal(store: Store, method: str, path: str) -> Fault | None:
    hits = (store.faults.take(kind, method, path) for kind in REFUSALS)
    return next((fault for fault in hits if fault is not None), None)


async def _cut(meter: _Meter) -> None:
    """Announces a byte that never comes, then fails: the one way to cut a connection that ASGI allows.

    Without the announcement the server would answer 500 for us, which a client could use.
    """
    await meter.send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    raise ConnectionCut("the answer was dropped on purpose (fault dropped_answer)")

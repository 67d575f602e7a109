"""What stands before every twin: the request log and the faults that hit any vendor's API."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Fault
from sandbox.store import Store
from sandbox.traffic import Traffic, without_secrets
from sandbox.twin import Refusal, Twin

# Refusals in the order in which a gateway would give them, with their usual status.
REFUSALS = {"rate_limit": 429, "unauthorized": 401, "forbidden": 403, "server_error": 500}
GENERAL = ("latency", *REFUSALS, "dropped_answer")


class ConnectionCut(ConnectionResetError):
    """Ends a call whose answer is never to arrive: the server closes the connection on it."""


@dataclass(slots=True)
class _Meter:
    """Counts what passes; ``hold`` keeps the answer back."""

    receive: Receive
    send: Send
    hold: bool = False
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
        if not self.hold:
            await self.send(message)


def guarded(app: ASGIApp, twin: Twin, store: Store, traffic: Traffic) -> ASGIApp:
    """The twin's routes behind its log and its faults."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        meter, hit, began = _Meter(receive, send), _Hit(), time.perf_counter()
        try:
            await _answer(app, twin, store, scope, path, meter, hit)
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
    if (refused := _refusal(store, scope["method"], path)) is not None:
        hit.kind = refused.kind
        status = refused.status or REFUSALS[refused.kind]
        response = twin.refuse(Refusal(kind=refused.kind, status=status, retry_after=refused.retry_after))
        await response(scope, meter.received, meter.sent)
        return
    meter.hold = store.faults.take("dropped_answer", scope["method"], path) is not None
    await app(scope, meter.received, meter.sent)
    if meter.hold:
        hit.kind = "dropped_answer"
        await _cut(meter)


def _refusal(store: Store, method: str, path: str) -> Fault | None:
    hits = (store.faults.take(kind, method, path) for kind in REFUSALS)
    return next((fault for fault in hits if fault is not None), None)


async def _cut(meter: _Meter) -> None:
    """Announces a byte that never comes, then fails: the one way to cut a connection that ASGI allows.

    Without the announcement the server would answer 500 for us, which a client could use.
    """
    await meter.send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    raise ConnectionCut("the answer was dropped on purpose (fault dropped_answer)")

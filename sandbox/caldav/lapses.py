"""What a CalDAV server does wrong on demand: it forgets a sync token, or keeps texts in another spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping

from icalendar import Calendar, vText
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.respelling import Members, respelled
from sandbox.store import Store

KINDS = ("expired_sync_token", "rewritten_values")
_RESPELT = Members(texts=frozenset({"SUMMARY", "LOCATION"}), notes=frozenset({"DESCRIPTION"}))
_EXPIRED = '<?xml version="1.0" encoding="utf-8"?>\n<error xmlns="DAV:"><valid-sync-token/></error>'


def lapsing(store: Store, server: ASGIApp) -> ASGIApp:
    """The server behind these faults.

    A token that is not known any more is answered with 403 and ``valid-sync-token`` (facts: Incremental read). A
    server that keeps another text than it was sent tells no ETag of it (RFC 4791, 5.3.4).
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("REPORT", "PUT"):
            await server(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if _shows_a_token(body) and store.faults.take("expired_sync_token", scope["method"], path) is not None:
            await Response(_EXPIRED, 403, media_type="text/xml")(scope, receive, send)
            return
        kept = _kept(store, scope["method"], path, body)
        await server(_resized(scope, kept), _given(kept), send if kept == body else _without_etag(send))

    return call


def _shows_a_token(body: bytes) -> bool:
    """Whether it is a sync-collection with a token, not the first one without."""
    return b"sync-collection" in body and re.search(rb"<[\w:]*sync-token>[^<\s]", body) is not None


def _kept(store: Store, method: str, path: str, body: bytes) -> bytes:
    """The event as it will stand in the calendar; a text that is no calendar is left to the server to refuse."""
    fault = store.faults.take("rewritten_values", method, path) if method == "PUT" else None
    if fault is None or not body.startswith(b"BEGIN:VCALENDAR"):
        return body
    calendar = Calendar.from_ical(body)
    for event in calendar.walk("VEVENT"):
        texts = {name: str(event[name]) for name in (*_RESPELT.texts, *_RESPELT.notes) if name in event}
        spelt: Mapping[str, str] = respelled(texts, fault.form or "trim", _RESPELT)
        event.update({name: vText(text) for name, text in spelt.items()})
    return bytes(calendar.to_ical())


def _resized(scope: Scope, body: bytes) -> Scope:
    others = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
    return {**scope, "headers": [*others, (b"content-length", str(len(body)).encode())]}


def _given(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _without_etag(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [pair for pair in message["headers"] if pair[0].lower() != b"etag"]}
        await send(message)

    return sent

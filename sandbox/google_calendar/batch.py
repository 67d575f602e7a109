"""``POST batch/calendar/v3``: many calls in one multipart body (facts section "Idempotency", batch).

Each part is an HTTP request as text and is answered by one; the answers keep the order of the calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Message as Event

from sandbox.google_calendar.dialect import CalendarError

MOST_CALLS = 50
_BOUNDARY = "batch_sandbox_answers"
_SPLIT = b"\r\n\r\n"


def batch_endpoint(router: Router) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that hands every inner call to ``router``."""

    async def endpoint(request: Request) -> Response:
        try:
            parts = _parts(request.headers.get("content-type", ""), await request.body())
        except CalendarError as refused:
            return refused.response()
        answers = [_wrapped(part, await _ask(router, request, part)) for part in parts]
        marker = f"--{_BOUNDARY}".encode()
        content = b"\r\n".join([*(marker + b"\r\n" + answer for answer in answers), marker + b"--", b""])
        return Response(content, media_type=f"multipart/mixed; boundary={_BOUNDARY}")

    return endpoint


def _parts(content_type: str, body: bytes) -> list[Message]:
    whole = BytesParser().parsebytes(f"Content-Type: {content_type}".encode() + _SPLIT + body)
    parts = whole.get_payload() if whole.get_content_type() == "multipart/mixed" else None
    if not isinstance(parts, list):
        raise CalendarError(400, "badRequest", "Failed to parse batch request.")
    if len(parts) > MOST_CALLS:
        message = f"The batch request could not be processed: it has more than {MOST_CALLS} calls."
        raise CalendarError(400, "badRequest", message)
    return [part for part in parts if isinstance(part, Message)]


async def _ask(router: Router, outer: Request, part: Message) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body with which the twin answers one inner call."""
    payload = part.get_payload(decode=True)
    text = payload.replace(b"\r\n", b"\n") if isinstance(payload, bytes) else b""
    head, _, body = text.partition(b"\n\n")
    line, _, header_lines = head.partition(b"\n")
    words = line.decode().split()
    if len(words) < 2:
        return 400, [], b""
    headers = {name.lower(): value for name, value in BytesHeaderParser().parsebytes(header_lines + b"\n\n").items()}
    if "authorization" in outer.headers:
        headers.setdefault("authorization", outer.headers["authorization"])
    answer: dict[str, Any] = {"body": b""}

    async def receive() -> Event:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Event) -> None:
        if event["type"] == "http.response.start":
            answer["status"], answer["headers"] = event["status"], event["headers"]
        else:
            answer["body"] += event.get("body", b"")

    await router(_scope(outer, words[0], words[1], headers), receive, send)
    return answer["status"], answer["headers"], answer["body"]


def _scope(outer: Request, method: str, target: str, headers: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(target)
    # Clients write the whole path of the address that they were given, mount included.
    path = unquote(url.path).removeprefix(outer.scope.get("root_path", ""))
    return {
        "type": "http",
        "asgi": outer.scope["asgi"],
        "http_version": "1.1",
        "method": method.upper(),
        "scheme": outer.scope["scheme"],
        "path": path,
        "raw_path": url.path.encode(),
        "root_path": "",
        "query_string": url.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": outer.scope.get("client"),
        "server": outer.scope.get("server"),
    }


def _wrapped(part: Message, answer: tuple[int, list[tuple[bytes, bytes]], bytes]) -> bytes:
    status, headers, body = answer
    asked = part.get("Content-ID", "").strip().removeprefix("<").removesuffix(">")
    lines = [b"Content-Type: application/http"]
    if asked:
        lines.append(f"Content-ID: <response-{asked}>".encode())
    lines += [b"", f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name.title() + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", body])

"""What goes over the wire: addresses, queries, bodies with exact numbers, answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

import httpx
import simplejson

from connectors.errors import is_markup
from models.errors import Unreachable

JSON = "application/json"
# WebDAV servers confirm a write with a small HTML page (RFC 4918 leaves the body free); nobody reads it.
WRITTEN = frozenset((method, status) for method in ("PUT", "DELETE", "MKCALENDAR", "MKCOL") for status in (201, 204))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An accepted answer. ``text`` is the body as text; ``json()`` parses it once, fractions as Decimal."""

    system: str
    line: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    encoding: str = "utf-8"
    _parsed: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, errors="replace")

    def json(self) -> Any:
        """The body; None when there is none to have (204). Unreachable when it is not JSON."""
        if not self._parsed:  # asked for by who judges the answer and by who reads it
            self._parsed.append(self._body())
        return self._parsed[0]

    def _body(self) -> Any:
        if not self.content and self.status in (204, 205):
            return None
        try:
            return json.loads(self.content, parse_float=Decimal)
        except ValueError as problem:
            kind = self.headers.get("content-type") or "no content type"
            raise Unreachable(
                self.system, f"{self.line} was answered with {kind} where JSON was expected; check its base address"
            ) from problem


def is_page(request: httpx.Request, reply: Reply) -> bool:
    """Whether a page for people stands where data should be.

    That is a success, or a "not found" that does not come from the API (a proxy, a wrong base address).
    """
    if (request.method, reply.status) in WRITTEN:
        return False
    wants_json = request.headers["accept"] == JSON
    if not (200 <= reply.status < 300 or (wants_json and reply.status in (404, 410))):
        return False
    return "html" in reply.headers.get("content-type", "") or is_markup(reply.content[:200].decode(errors="replace"))


def user_agent() -> str:
    """How we introduce ourselves."""
    try:
        return f"plumbline/{version('plumbline')}"
    except PackageNotFoundError:  # a source tree that was not installed
        return "plumbline"


def located(path: str, *, system: str, base_url: str, production: str, hosts: Sequence[str] = ()) -> str:
    """The whole address of a path, or of an address that the system itself gave us.

    An address at the vendor's production host moves along with the base address; one on any other host is
    refused, because our credentials would go there, unless it and the base are both hosts of one of the vendor's
    own domains (``hosts``). A path that already starts with the base address's own
    path (a WebDAV href) is taken as it stands.
    """
    base = base_url.rstrip("/")
    here = urlsplit(base)
    if "://" in path:
        for root in (base, production.rstrip("/")):
            if root and (path == root or path.startswith((f"{root}/", f"{root}?"))):
                return base + path[len(root) :]
        there = urlsplit(path)
        if (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port):
            return path
        if there.scheme == "https" and any(
            _within(there.hostname, one) and _within(here.hostname, one) for one in hosts
        ):
            return path
        elsewhere = f"{there.scheme}://{there.hostname}"
        raise Unreachable(system, f"it sends us to {elsewhere}, which is not {here.hostname}; set its base address")
    path = f"/{path.lstrip('/')}" if path else ""
    if here.path and (path == here.path or path.startswith(f"{here.path}/")):
        return f"{here.scheme}://{here.netloc}{path}"
    return base + path


def _within(host: str | None, domain: str) -> bool:
    return host is not None and (host == domain or host.endswith(f".{domain}"))


def query(params: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> Any:
    """Query parameters without the empty ones; decimals keep their digits."""
    pairs = params.items() if isinstance(params, Mapping) else params
    return httpx.QueryParams(
        [
            (key, str(one) if isinstance(one, Decimal) else one)
            for key, value in pairs
            if value is not None
            for one in (value if isinstance(value, list | tuple) else (value,))
        ]
    )


def dumps(value: Any) -> bytes:
    """JSON with exact numbers: a Decimal stands as the number it is."""
    return simplejson.dumps(value, use_decimal=True, ensure_ascii=False, separators=(",", ":")).encode()


def threaded(transport: httpx.BaseTransport) -> httpx.AsyncBaseTransport:
    """A plain transport for the loop: called in threads, so that it may block and serve many at once."""
    return _Threaded(transport)


class _Threaded(httpx.AsyncBaseTransport):
    def __init__(self, plain: httpx.BaseTransport) -> None:
        self._plain = plain

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await asyncio.to_thread(self._answer, request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        given = self._plain.handle_request(request)
        if isinstance(given.stream, httpx.AsyncByteStream):
            return given
        body = given.read()
        headers = [(name, value) for name, value in given.headers.multi_items() if name != "content-encoding"]
        return httpx.Response(given.status_code, headers=headers, content=body)

    async def aclose(self) -> None:
        self._plain.close()

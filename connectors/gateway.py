"""The one door through which connectors reach their systems: an ``Api`` over httpx.

Callers are plain functions in any thread; what they ask for happens on one loop, through one pool a system. It adds
what every vendor needs and no connector should repeat: base address, sign-in, quota, retries that never send twice
what may not be sent twice, exact numbers, and the error tree instead of status codes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self

import httpx

from connectors.auth import SignIn, sign_in
from connectors.errors import failure, lost, scrub
from connectors.exchange import note
from connectors.loop import wait_for
from connectors.quota import Meter, Meters, Pause
from connectors.spec import EMPTY, Connector, Cost
from connectors.vault import MemoryVault, Vault
from connectors.wire import JSON, Reply, dumps, is_page, located, query, threaded, user_agent
from models.errors import (
    Ambiguous,
    StackError,
    SystemFailure,
    Throttled,
    Transient,
    Unreachable,
    did_you_mean,
)
from models.schema import Context

log = logging.getLogger(__name__)
# httpx logs whole addresses, and a query may hold what is nobody's business; ours logs method and path.
logging.getLogger("httpx").setLevel(logging.WARNING)

REPEATABLE = frozenset(("GET", "HEAD", "PUT", "DELETE", "PROPFIND", "REPORT", "OPTIONS"))
SAFE = frozenset(("GET", "HEAD", "PROPFIND", "REPORT", "OPTIONS"))
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
PROCESS_METERS = Meters()

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]
OnExchange = Callable[[httpx.Request, httpx.Response], None]


def utc_now() -> datetime:
    """The current instant, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long passing failures are borne: ``tries`` in all, full-jitter pauses, never more than ``total`` seconds.

    draw  a number between 0 and its argument; tests give their own
    """

    tries: int = 5
    base: float = 0.5
    cap: float = 20.0
    total: float = 60.0
    draw: Callable[[float], float] = lambda most: random.uniform(0, most)  # noqa: S311 - spreads load, guards nothing

    def pause(self, attempt: int, wish: float | None) -> float:
        """Seconds to wait after this attempt (from 1); the server's own wish counts in full."""
        return wish if wish is not None else self.draw(min(self.cap, self.base * 2**attempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request with what the gateway must know to send it again or not.

    kind  what it counts as where calls are limited or priced: method, path, and the operation where GraphQL has one
    """

    request: httpx.Request
    line: str
    kind: str
    accept: frozenset[int]
    repeatable: bool
    safe: bool


class _Unsent(Transient):
    """The connection was never made: nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The ``Api`` of one system. Use it as a context manager, or ``close()`` it; safe to share between threads."""

    system: str
    connector: Connector = field(repr=False)
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any]
    base_url: str
    context: Context
    client: httpx.AsyncClient = field(repr=False)
    auth: httpx.Auth | None = field(repr=False)
    meter: Meter = field(repr=False)
    clock: Clock = field(repr=False)
    pause: Pause = field(repr=False)
    patience: Patience = field(repr=False)
    on_exchange: OnExchange | None = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        wait_for(self.client.aclose())

    def now(self) -> datetime:
        return self.clock()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
        repeatable: bool | None = None,
    ) -> Reply:
        """One request, as ``connectors.spec.Api`` promises it."""
        method = method.upper()
        known = {"base_url": self.base_url, "production": self.connector.base_url}
        url = httpx.URL(located(path, system=self.system, hosts=self.connector.hosts, **known))
        if params:
            url = url.copy_merge_params(query(params))
        sent = {"Accept": JSON, **self.connector.headers, **(headers or {})}
        if json is not None:
            content = dumps(json)
            sent.setdefault("Content-Type", JSON)
        form = dict(data) if data else None
        request = self.client.build_request(method, url, content=content, data=form, headers=sent)
        call = Call(
            request=request,
            line=f"{method} {url.path}",
            kind=" ".join(filter(None, (method, url.path, _operation(json)))),
            accept=frozenset(accept),
            safe=method in SAFE,
            repeatable=method in REPEATABLE if repeatable is None else repeatable,
        )
        return wait_for(self._persist(call))

    async def _persist(self, call: Call) -> Reply:
        """Send, and send again after passing failures as long as patience lasts and repeating is harmless."""
        waited, attempt = 0.0, 1
        while True:
            try:
                return await self._once(call)
            except Transient as problem:
                pause = self.patience.pause(attempt, problem.wait)
                if not self._may_repeat(call, problem, attempt, waited + pause):
                    if isinstance(problem, _Unsent):
                        raise Unreachable(self.system, str(problem).removeprefix(f"{self.system}: ")) from problem
                    raise
                log.info("%s; attempt %d, next in %.1f s", problem, attempt, pause)
            await self.pause(pause)
            waited, attempt = waited + pause, attempt + 1

    def _may_repeat(self, call: Call, problem: Transient, attempt: int, waited: float) -> bool:
        harmless = call.repeatable or not isinstance(problem, Ambiguous)
        return harmless and attempt < self.patience.tries and waited <= self.patience.total

    async def _once(self, call: Call) -> Reply:
        started = time.perf_counter()
        async with self.meter.turn(call.kind) as paid:
            try:
                response = await self._send(call)
            except SystemFailure as problem:
                note(call.request, problem, self.now(), self.credentials.values())
                raise
            note(call.request, response, self.now(), self.credentials.values())
            reply = self._reply(call, response)
            paid(self._cost(reply))
        self.meter.heed(reply.status, reply.headers, self.now(), call.kind)
        took = (time.perf_counter() - started) * 1000
        log.debug("%s: %s answered %d in %.0f ms", self.system, call.line, reply.status, took)
        if self.on_exchange is not None:
            self.on_exchange(response.request, response)
        try:
            return self._judged(call, reply)
        except Throttled as problem:
            if problem.wait is not None:  # some vendors say it in the body alone
                self.meter.hold(problem.wait, call.kind)
            raise

    async def _send(self, call: Call) -> httpx.Response:
        try:
            return await self.client.send(call.request, auth=self.auth)
        except UNSENT as problem:
            host, why = call.request.url.netloc.decode(), type(problem).__name__
            said = f"{host} cannot be reached ({why}); check the network and its base address"
            raise _Unsent(self.system, said) from problem
        except httpx.RequestError as problem:
            raise lost(self.system, call.line, type(problem).__name__, safe=call.safe) from problem

    def _reply(self, call: Call, response: httpx.Response) -> Reply:
        return Reply(
            system=self.system,
            line=call.line,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
            encoding=response.encoding or "utf-8",
        )

    def _cost(self, reply: Reply) -> Cost | None:
        """What the answer says of points, where the vendor counts them."""
        read = self.connector.quota.cost
        if read is None or "json" not in reply.headers.get("content-type", ""):
            return None
        try:
            return read(reply.json())
        except Unreachable:
            return None  # a body that is cut short prices nothing, and is refused by whoever reads it

    def _judged(self, call: Call, reply: Reply) -> Reply:
        """The answer if it is one; else the error that the connector, or its status, says it is."""
        status = reply.status
        if status in call.accept:
            return reply
        problem = self._refusal(call, reply)
        if problem is None:
            return reply
        if isinstance(problem, Transient) and not isinstance(problem, Throttled) and status >= 500 and not call.safe:
            # A server that broke while it worked may have finished the work first.
            problem = Ambiguous(self.system, _said(problem), problem.wait)
        problem.args = (scrub(str(problem), self.credentials.values()),)
        raise problem

    def _refusal(self, call: Call, reply: Reply) -> Exception | None:
        kind = reply.headers.get("content-type", "")
        good = 200 <= reply.status < 300
        if is_page(call.request, reply):
            said = f"{call.line} was answered with {kind or 'an HTML page'} instead of data; check its base address"
            return Unreachable(self.system, said) if call.repeatable or not good else Ambiguous(self.system, said)
        try:
            body = reply.json() if "json" in kind and reply.content else reply.text
        except Unreachable:
            if good:
                return lost(self.system, call.line, "the body is cut short", safe=call.safe)
            body = reply.text
        judge = self.connector.judge
        verdict = judge(self.system, reply.status, reply.headers, body) if judge else None
        if verdict is not None or good:
            return verdict
        return failure(self.system, call.line, reply.status, reply.headers, body, self.now())


def _said(problem: SystemFailure) -> str:
    text = str(problem).removeprefix(f"{problem.system}: ")
    return f"{text}: it may have taken effect; look before it is sent again"


def open_api(
    connector: Connector,
    *,
    system: str | None = None,
    credentials: Mapping[str, str] = EMPTY,
    settings: Mapping[str, Any] = EMPTY,
    base_url: str | None = None,
    context: Context | None = None,
    vault: Vault | None = None,
    clock: Clock = utc_now,
    transport: httpx.BaseTransport | None = None,
    sleep: Sleep | None = None,
    patience: Patience | None = None,
    meters: Meters | None = None,
    on_exchange: OnExchange | None = None,
) -> Gateway:
    """The system behind a connector, ready to be called.

    base_url     None: the vendor's production address; may have a path of its own in front of the vendor's
    vault        where renewed tokens are kept; without one they are forgotten with the process
    transport    what carries requests instead of the network; it is called in a thread beside the loop
    sleep        what waiting is, for tests whose time passes at once
    meters       whose quotas are shared; None: this process's, or own ones when sleep or transport are given
    on_exchange  called with every (request, response), for recorders

    Raises StackError and CredentialError when the stack gives too little.
    """
    name, address = system or connector.name, (base_url or connector.base_url).rstrip("/")
    options = checked_settings(connector, settings, name)
    client = httpx.AsyncClient(
        transport=threaded(transport) if transport is not None else None,
        timeout=httpx.Timeout(60.0, connect=5.0),
        headers={"User-Agent": user_agent()},
        verify=_trusted(),
    )
    about = SignIn(
        connector=connector, system=name, credentials=credentials, settings=options, base_url=address,
        vault=vault or MemoryVault(), clock=clock, post=lambda request: client.send(request, auth=None),
    )  # fmt: skip
    # Quotas run in the time in which we really wait, whatever time the business clock shows.
    pace, pause = (utc_now, asyncio.sleep) if sleep is None else (clock, _passing(sleep))
    pool = meters or (PROCESS_METERS if sleep is None and transport is None else Meters())
    return Gateway(
        system=name, connector=connector, credentials=credentials, settings=options, base_url=address,
        context=context or Context(), client=client, auth=sign_in(connector.auth, about), clock=clock, pause=pause,
        meter=pool.meter((name, _digest(address, credentials)), connector.quota, clock=pace, pause=pause),
        patience=patience or Patience(), on_exchange=on_exchange,
    )  # fmt: skip


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that we trust, read once for all systems: each reading takes longer than a request."""
    return httpx.create_ssl_context()


def _operation(body: Any) -> str:
    """GraphQL over HTTP names what it asks for in the body, where REST names it in the path."""
    return str(body.get("operationName") or "") if isinstance(body, Mapping) else ""


def _passing(sleep: Sleep) -> Pause:
    async def pause(seconds: float) -> None:
        sleep(seconds)

    return pause


def _digest(address: str, credentials: Mapping[str, str]) -> str:
    """Whose quota it is: companies share a process, and no two share an account."""
    return hashlib.sha256(json.dumps([address, dict(credentials)], sort_keys=True).encode()).hexdigest()


def checked_settings(connector: Connector, given: Mapping[str, Any], system: str) -> Mapping[str, Any]:
    """The settings with defaults filled in. StackError for an unknown or a missing one.

    Connectors with ``bindings`` keep their resources in the stack entry, so that only they know its keys.
    """
    known = {setting.name: setting for setting in connector.settings}
    for name in given:
        if name not in known and connector.bindings is None:
            raise StackError(f"{system}: there is no setting {name!r}; {did_you_mean(name, known)}")
    for name, setting in known.items():
        if setting.required and given.get(name) is None:
            raise StackError(f"{system}: setting {name!r} is missing in stack.yml: {setting.description}")
    return {name: setting.default for name, setting in known.items()} | dict(given)

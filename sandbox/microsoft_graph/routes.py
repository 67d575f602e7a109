"""The routes, and what happens around every handler: token, mailbox, limits, errors; alone or inside a batch."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, compile_path

from sandbox.microsoft_graph import auth, delta, events, people, shelf, subscriptions
from sandbox.microsoft_graph.batch import batch
from sandbox.microsoft_graph.dialect import API, Answer, Asked, Call, Caller, Failure, bad, failed, guid
from sandbox.microsoft_graph.limits import admit
from sandbox.store import Store

Handler = Callable[[Call], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]
_OF_A_CALENDAR: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/events", events.events),
    ("POST", "/events", events.create),
    ("GET", "/events/{event}", events.event),
    ("PATCH", "/events/{event}", events.change),
    ("DELETE", "/events/{event}", events.delete),
    ("POST", "/events/{event}/cancel", events.cancel),
    ("GET", "/events/{event}/instances", events.instances),
    ("GET", "/calendarView", events.view),
    ("GET", "/calendarView/delta()", delta.changes),
)
OPERATIONS: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/users", people.users),
    ("GET", "/users/{user}", people.user),
    ("GET", "/users/{user}/calendars", people.calendars),
    ("GET", "/users/{user}/calendar", people.calendar),
    ("GET", "/users/{user}/calendars/{calendar}", people.calendar),
    ("GET", "/users/{user}/calendar/calendarPermissions", people.permissions),
    ("POST", "/users/{user}/calendar/getSchedule", people.schedule),
    *((method, f"/users/{{user}}{path}", handler) for method, path, handler in _OF_A_CALENDAR),
    *((method, f"/users/{{user}}/calendars/{{calendar}}{path}", handler) for method, path, handler in _OF_A_CALENDAR),
    ("GET", "/subscriptions", subscriptions.subscriptions),
    ("POST", "/subscriptions", subscriptions.create),
    ("GET", "/subscriptions/{subscription}", subscriptions.subscription),
    ("PATCH", "/subscriptions/{subscription}", subscriptions.renew),
    ("DELETE", "/subscriptions/{subscription}", subscriptions.delete),
)
_PATTERNS = [(method, compile_path(path)[0], handler) for method, path, handler in OPERATIONS]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_DELTA = re.compile(r"/(?:microsoft\.graph\.)?delta(?:\(\))?$", re.IGNORECASE)
_DEFAULT = re.compile(r"^(/users/[^/]+)/calendar/(events|calendarView)\b", re.IGNORECASE)


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store; other spellings of them, and what the twin has not, come to the last one."""
    known = [Route(API + path, _serving(store), methods=[method]) for method, path, _ in OPERATIONS]
    token = Route("/{tenant}/oauth2/v2.0/token", _serving(store), methods=["POST"])
    together = Route(f"{API}/$batch", _serving(store), methods=["POST"])
    return [token, together, *known, Route("/{rest:path}", _serving(store), methods=_METHODS)]


def _serving(store: Store) -> Endpoint:
    """In a thread: an address that is subscribed may call us before it answers."""

    async def serve(request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(method=request.method, path=path, query=request.url.query, headers=headers,
                      body=await request.body())  # fmt: skip
        answer = await run_in_threadpool(_answered, store, asked)
        said = answer.response()
        said.headers["request-id"] = guid("request", str(store.clock.now()))
        if "client-request-id" in headers:
            said.headers["client-request-id"] = headers["client-request-id"]
        return said

    return serve


def _answered(store: Store, asked: Asked) -> Answer:
    if asked.path.endswith("/oauth2/v2.0/token"):
        with store.lock:
            return auth.token(store, asked)
    if not asked.path.startswith(f"{API}/"):
        return failed(bad("Invalid version: " + asked.path.split("/")[1], "BadRequest"), store.clock.now())
    inner = Asked(method=asked.method, path=asked.path.removeprefix(API), query=asked.query, headers=asked.headers,
                  body=asked.body)  # fmt: skip
    if inner.path != "/$batch":
        return perform(store, inner)
    try:
        auth.caller_of(store, inner.headers)
        return batch(store, inner, perform)
    except Failure as failure:
        return failed(failure, store.clock.now())


def perform(store: Store, asked: Asked) -> Answer:
    """One call, answered or refused."""
    try:
        with store.lock:
            call, handler = _admitted(store, asked)
            if handler is not subscriptions.create:
                return handler(call)
        return handler(call)
    except Failure as failure:
        return failed(failure, store.clock.now())


def _admitted(store: Store, asked: Asked) -> tuple[Call, Handler]:
    """The call and who handles it. Raises Failure for what may not be, or is not, there."""
    caller = auth.caller_of(store, asked.headers)
    handler, ids = _resolved(asked.method, _path(asked.path, caller))
    if (name := ids.get("user")) is not None:
        ids = {**ids, "user": shelf.owner(store, name)["id"]}
        if handler is not people.user:
            shelf.calendars(store, ids["user"])
            auth.check_mailbox(store, caller, ids["user"])
            admit(store, caller, ids["user"])
    return Call(store=store, asked=asked, caller=caller, ids=ids), handler


def _path(path: str, caller: Caller) -> str:
    """The path in its usual spelling: a person by id, the default calendar without its name, ``delta()``."""
    if path == "/me" or path.startswith("/me/"):
        if caller.person is None:
            raise bad("/me request is only valid with delegated authentication flow.")
        path = f"/users/{caller.person}{path[3:]}"
    return _DEFAULT.sub(r"\1/\2", _DELTA.sub("/delta()", path))


def _resolved(method: str, path: str) -> tuple[Handler, Mapping[str, Any]]:
    for wanted, pattern, handler in _PATTERNS:
        if wanted == method and (match := pattern.match(path)):
            return handler, match.groupdict()
    raise bad(f"Resource not found for the segment '{path.rsplit('/', 1)[-1]}'.", "BadRequest")

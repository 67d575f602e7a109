"""The methods, and what happens around every one of them: arguments, token, limits, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.slack import auth, conversations, files, messages
from sandbox.slack.dialect import API, Call, Failure, arguments, failed
from sandbox.slack.limits import admit
from sandbox.store import Store

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Method:
    """``scopes``: any of them lets a token in, none: every token; ``reads``: also by GET; ``open``: without a token."""

    work: Callable[[Call], Response]
    scopes: frozenset[str] = frozenset()
    reads: bool = False
    open: bool = False


CHANNELS = frozenset({"channels:read", "groups:read"})
HISTORY = frozenset({"channels:history", "groups:history"})
PEOPLE, WRITE, FILES = frozenset({"users:read"}), frozenset({"chat:write"}), frozenset({"files:write"})
METHODS: Mapping[str, Method] = {
    "auth.test": Method(auth.test, reads=True),
    "oauth.v2.access": Method(auth.access, reads=True, open=True),
    "conversations.list": Method(conversations.listed, CHANNELS, reads=True),
    "conversations.info": Method(conversations.info, CHANNELS, reads=True),
    "conversations.history": Method(conversations.history, HISTORY, reads=True),
    "conversations.join": Method(conversations.join, frozenset({"channels:join"})),
    "conversations.open": Method(conversations.opened, frozenset({"im:write"})),
    "users.list": Method(conversations.users, PEOPLE, reads=True),
    "users.info": Method(conversations.user, PEOPLE, reads=True),
    "users.lookupByEmail": Method(conversations.by_email, frozenset({"users:read.email"}), reads=True),
    "chat.postMessage": Method(messages.post, WRITE),
    "chat.update": Method(messages.update, WRITE),
    "chat.delete": Method(messages.delete, WRITE),
    "chat.scheduleMessage": Method(messages.schedule, WRITE),
    "chat.scheduledMessages.list": Method(messages.scheduled, reads=True),
    "chat.deleteScheduledMessage": Method(messages.unschedule, WRITE),
    "files.upload": Method(files.deprecated, FILES),
    "files.delete": Method(files.delete, FILES),
    "files.getUploadURLExternal": Method(files.ask, FILES),
    "files.completeUploadExternal": Method(files.complete, FILES),
}


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store; a method that the twin has not is unknown."""
    known = [
        Route(f"{API}/{name}", _serving(store, name, one), methods=["GET", "POST"] if one.reads else ["POST"])
        for name, one in METHODS.items()
    ]
    upload = Route("/upload/v1/{key}", _uploading(store), methods=["POST"])
    rest = Route("/{path:path}", _unknown, methods=["GET", "POST"])
    return [*known, upload, rest]


def _serving(store: Store, name: str, method: Method) -> Endpoint:
    async def serve(request: Request) -> Response:
        try:
            call = Call(store=store, request=request, method=name, given=await arguments(request))
            with store.lock:
                if not method.open:
                    auth.admitted(call, method.scopes)
                admit(call)
                messages.settle(store)
                return method.work(call)
        except Failure as failure:
            return failed(failure)

    return serve


def _uploading(store: Store) -> Endpoint:
    async def serve(request: Request) -> Response:
        body = await request.body()
        with store.lock:
            return files.take(store, request, body)

    return serve


async def _unknown(request: Request) -> Response:
    return failed(Failure(error="unknown_method", beside={"req_method": request.url.path.rpartition("/")[2]}))

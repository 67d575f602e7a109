"""The vendor's routes, and what happens around every handler: credentials, limits, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.asana import auth, boards, events, tasks, webhooks
from sandbox.asana.dialect import API, Call, Failure, failed
from sandbox.asana.limits import admit
from sandbox.store import Store

Handler = Callable[[Call], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

_TABLE: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/workspaces", boards.workspaces),
    ("GET", "/workspaces/{gid}", boards.workspace),
    ("GET", "/workspaces/{gid}/custom_fields", boards.custom_fields),
    ("GET", "/workspaces/{gid}/tasks/search", tasks.searched),
    ("GET", "/users", boards.users),
    ("GET", "/users/{gid}", boards.user),
    ("GET", "/projects", boards.projects),
    ("GET", "/projects/{gid}", boards.project),
    ("GET", "/projects/{gid}/tasks", tasks.of_project),
    ("GET", "/projects/{gid}/sections", boards.sections),
    ("POST", "/projects/{gid}/sections", boards.add_section),
    ("GET", "/projects/{gid}/custom_field_settings", boards.field_settings),
    ("POST", "/projects/{gid}/addCustomFieldSetting", boards.add_field_setting),
    ("POST", "/custom_fields", boards.add_custom_field),
    ("GET", "/sections/{gid}/tasks", tasks.of_section),
    ("POST", "/sections/{gid}/addTask", tasks.into_section),
    ("GET", "/tasks", tasks.listed),
    ("POST", "/tasks", tasks.made),
    ("GET", "/tasks/{gid}", tasks.got),
    ("PUT", "/tasks/{gid}", tasks.changed),
    ("DELETE", "/tasks/{gid}", tasks.deleted),
    ("GET", "/events", events.since),
    ("GET", "/webhooks", webhooks.listed),
    ("GET", "/webhooks/{gid}", webhooks.got),
    ("DELETE", "/webhooks/{gid}", webhooks.deleted),
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store; whatever Asana has and the twin has not answers 404."""
    known = [Route(f"{API}{path}", _locked(store, handler), methods=[method]) for method, path, handler in _TABLE]
    subscribing = Route(f"{API}/webhooks", _subscribing(store), methods=["POST"])
    token = Route("/-/oauth_token", _locked(store, auth.token, guarded=False), methods=["POST"])
    rest = Route("/{path:path}", _locked(store, _nothing_here, guarded=False), methods=_METHODS)
    return [*known, subscribing, token, rest]


def _locked(store: Store, handler: Handler, *, guarded: bool = True) -> Endpoint:
    async def serve(request: Request) -> Response:
        call = await _call(store, request)
        try:
            with store.lock:
                return handler(_admitted(call) if guarded else call)
        except Failure as failure:
            return failed(failure)
        except ValueError as refused:  # what a person's edit is refused for, a call is too
            return failed(Failure(status=400, message=str(refused)))

    return serve


def _subscribing(store: Store) -> Endpoint:
    """Without the lock: the target may call us before it answers."""

    async def serve(request: Request) -> Response:
        try:
            return await webhooks.made(_admitted(await _call(store, request)))
        except Failure as failure:
            return failed(failure)

    return serve


async def _call(store: Store, request: Request) -> Call:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return Call(store=store, request=request, body=await request.body(), path=path)


def _admitted(call: Call) -> Call:
    caller = replace(call, app=auth.signed_in(call))
    admit(caller)
    return caller


def _nothing_here(_call: Call) -> Response:
    raise Failure(status=404, message="No matching route for request")

"""The vendor's routes, and what happens around every handler: credentials, limits, errors, ids of answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.hubspot import account, auth, batching, linking, reading, schema, searching, writing
from sandbox.hubspot.dialect import Call, Failure, correlation, not_found, refusal_answer
from sandbox.hubspot.limits import admit
from sandbox.store import Store

Handler = Callable[[Call], Response]

_OBJECTS = "/crm/v3/objects/{type}"
_LINKS = "/crm/v4/objects/{type}/{id}/associations"
_PIPELINE = "/crm/v3/pipelines/{type}/{pipeline}"

_TABLE: Sequence[tuple[str, str, Handler]] = (
    ("POST", f"{_OBJECTS}/search", searching.searched),
    ("POST", f"{_OBJECTS}/merge", writing.merged),
    ("POST", f"{_OBJECTS}/batch/read", reading.batch_read),
    ("POST", f"{_OBJECTS}/batch/create", batching.batch_created),
    ("POST", f"{_OBJECTS}/batch/update", batching.batch_updated),
    ("POST", f"{_OBJECTS}/batch/upsert", batching.batch_upserted),
    ("POST", f"{_OBJECTS}/batch/archive", batching.batch_archived),
    ("GET", _OBJECTS, reading.listed),
    ("POST", _OBJECTS, writing.created),
    ("GET", f"{_OBJECTS}/{{id:path}}", reading.got),
    ("PATCH", f"{_OBJECTS}/{{id:path}}", writing.updated),
    ("DELETE", f"{_OBJECTS}/{{id:path}}", writing.archived),
    ("PUT", f"{_LINKS}/default/{{to}}/{{to_id}}", linking.v4_put_default),
    ("GET", f"{_LINKS}/{{to}}", linking.v4_list),
    ("PUT", f"{_LINKS}/{{to}}/{{to_id}}", linking.v4_put),
    ("DELETE", f"{_LINKS}/{{to}}/{{to_id}}", linking.v4_delete),
    ("GET", "/crm/v3/properties/{type}", schema.listed),
    ("POST", "/crm/v3/properties/{type}", schema.created),
    ("GET", "/crm/v3/properties/{type}/groups", schema.groups),
    ("GET", "/crm/v3/properties/{type}/{name}", schema.got),
    ("PATCH", "/crm/v3/properties/{type}/{name}", schema.updated),
    ("DELETE", "/crm/v3/properties/{type}/{name}", schema.archived),
    ("GET", "/crm/v3/owners", account.owners),
    ("GET", "/crm/v3/owners/", account.owners),
    ("GET", "/crm/v3/owners/{id}", account.owner),
    ("GET", "/crm/v3/pipelines/{type}", account.pipelines),
    ("GET", _PIPELINE, account.pipeline),
    ("GET", f"{_PIPELINE}/stages", account.stages),
    ("GET", f"{_PIPELINE}/stages/{{stage}}", account.stage),
    ("GET", "/account-info/v3/details", account.details),
)
_OPEN: Sequence[tuple[str, str, Handler]] = (
    ("POST", "/oauth/v1/token", auth.token),
    ("GET", "/oauth/v1/access-tokens/{token}", auth.access_token_info),
    ("GET", "/oauth/v1/refresh-tokens/{token}", auth.refresh_token_info),
    ("DELETE", "/oauth/v1/refresh-tokens/{token}", auth.refresh_token_revoked),
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store; whatever HubSpot has and the twin has not answers 404."""
    guarded = [
        Route(path, _endpoint(store, handler, guarded=True), methods=[method]) for method, path, handler in _TABLE
    ]
    open_ = [Route(path, _endpoint(store, handler, guarded=False), methods=[method]) for method, path, handler in _OPEN]
    rest = Route("/{path:path}", _endpoint(store, _nothing_here, guarded=False), methods=_METHODS)
    return [*guarded, *open_, rest]


def _endpoint(store: Store, handler: Handler, *, guarded: bool) -> Callable[[Request], object]:
    async def serve(request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        call = Call(store=store, request=request, body=await request.body(), path=path)
        with store.lock:
            return _answered(call, handler, guarded=guarded)

    return serve


def _answered(call: Call, handler: Handler, *, guarded: bool) -> Response:
    headers: dict[str, str] = {}
    try:
        if guarded:
            headers = admit(call, auth.caller(call), search=call.path.endswith("/search"))
        response = handler(call)
    except Failure as failure:
        return refusal_answer(failure, correlation(call.store), headers)
    response.headers.update({**headers, "x-hubspot-correlation-id": correlation(call.store)})
    return response


def _nothing_here(call: Call) -> Response:
    raise not_found(f"There is no {call.request.method} {call.path}")

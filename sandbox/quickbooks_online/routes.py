"""The vendor's routes over a store: who may pass, what is asked, how it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.quickbooks_online import auth, batch, reading, refusals, writing
from sandbox.quickbooks_online.books import books_of
from sandbox.quickbooks_online.dialect import MINOR_VERSION, dumps, envelope_time, loads
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.lapses import lapse, outdated, truncated
from sandbox.quickbooks_online.markup import as_xml
from sandbox.quickbooks_online.members import BY_NAME
from sandbox.quickbooks_online.refusals import Refused, Unauthenticated, fault_response, unauthorized_response
from sandbox.quickbooks_online.search import answered
from sandbox.quickbooks_online.throttle import count_call
from sandbox.store import Store
from sandbox.twin import Record

_JSON = "application/json"
_LONGEST_REQUEST_ID = 50
_REPLIES = "replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read: ``url`` is the vendor's path, ``path`` its parameters; ``headers`` have lower-case names."""

    method: str
    url: str
    base: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


Work = Callable[[Store, Call], Record]


def routes(store: Store) -> Sequence[BaseRoute]:
    """Paths as the vendor writes them, with its three hosts (API, sign-in, tokens) laid side by side."""
    company = "/v3/company/{realm}"
    return [
        _route(store, "/.well-known/openid_configuration", ["GET"], _discover),
        _route(store, "/connect/oauth2", ["GET"], _authorize),
        _route(store, auth.TOKEN_PATH, ["POST"], _tokens),
        _route(store, "/v2/oauth2/tokens/revoke", ["POST"], _revoke),
        _route(store, f"{company}/query", ["GET", "POST"], _api(_query)),
        _route(store, f"{company}/cdc", ["GET"], _api(_cdc)),
        _route(store, f"{company}/batch", ["POST"], _api(_replayed(_batch))),
        _route(store, f"{company}/{{entity}}", ["POST"], _api(_replayed(_write))),
        _route(store, f"{company}/{{entity}}/{{id}}", ["GET"], _api(_read)),
        _route(store, f"{company}/{{entity}}/{{id}}/send", ["POST"], _api(_replayed(_send))),
        _route(store, f"{company}/{{rest:path}}", ["GET", "POST", "PUT", "PATCH", "DELETE"], _api(_unsupported)),
    ]


def _route(store: Store, path: str, methods: list[str], handle: Callable[[Store, Call], Response]) -> Route:
    async def endpoint(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        call = Call(
            method=request.method,
            url=request.scope["path"].removeprefix(root),
            base=str(request.url.replace(path=root, query="", fragment="")),
            path=request.path_params,
            query=dict(request.query_params),
            headers=request.headers,
            body=await request.body(),
        )
        return await run_in_threadpool(handle, store, call)

    return Route(path, endpoint, methods=methods)


def _api(work: Work) -> Callable[[Store, Call], Response]:
    """A call of the accounting API: token, company, limits, then the work; one call at a time."""

    def handle(store: Store, call: Call) -> Response:
        with store.lock:
            now = store.clock.now()
            try:
                auth.check_access(store, call.headers.get("authorization", ""))
                if call.path["realm"] != auth.REALM_ID:
                    raise refusals.wrong_company()
                if not lapse(store, "unlimited", call.method, call.url):
                    count_call(store, batch=call.url.endswith("/batch"))
                response = _rendered(call, {"time": envelope_time(now)} | work(store, call))
            except Unauthenticated as refused:
                response = unauthorized_response(refused.detail, now)
            except Refused as refused:
                response = fault_response(refused, now)
            response.headers["intuit_tid"] = f"1-{int(now.timestamp()):08x}-{store.next_id('tid'):024x}"
            response.headers["QBO-Version"] = f"minorversion-{MINOR_VERSION}"
            return response

    return handle


def _rendered(call: Call, content: Record) -> Response:
    """JSON for those who ask for it; the vendor's default is XML."""
    if "json" in call.headers.get("accept", ""):
        return Response(dumps(content), media_type=_JSON)
    return Response(as_xml(content), media_type="application/xml")


def _replayed(work: Work) -> Work:
    """A write with a ``requestid`` that was already done is answered as the first time, and not done again.

    Only what was done is remembered: a request that was refused may come again with the same id. What the
    vendor does with another body under the same id is not published; here the first reply comes all the same.
    """

    def replayed(store: Store, call: Call) -> Record:
        id = call.query.get("requestid", "")
        if len(id) > _LONGEST_REQUEST_ID:
            raise refusals.too_long("requestid", _LONGEST_REQUEST_ID, len(id))
        replies: dict[str, bytes] = store.bag.setdefault(_REPLIES, {})
        if id in replies and not lapse(store, "ignored_idempotency_key", call.method, call.url):
            return dict(json.loads(replies[id]))
        result = {**work(store, call), "time": envelope_time(store.clock.now())}
        if id:
            replies.setdefault(id, dumps(result))
        return result

    return replayed


def _entity(call: Call) -> Entity:
    entity = BY_NAME.get(call.path["entity"].lower())
    if entity is None:
        raise refusals.unsupported(call.path["entity"])
    return entity


def _json(call: Call) -> Any:
    try:
        return loads(call.body)
    except ValueError as error:
        raise refusals.unsupported_property("body", call.body[:40].decode("utf-8", "replace")) from error


def _read(store: Store, call: Call) -> Record:
    found = reading.one(books_of(store), _entity(call), call.path["id"], call.path["realm"])
    return reading.with_link(found) if call.query.get("include") == "invoiceLink" else found


def _write(store: Store, call: Call) -> Record:
    entity = _entity(call)
    operation, include = call.query.get("operation", ""), call.query.get("include", "")
    return writing.write(store, entity, _json(call), operation=operation, include=include)


def _send(store: Store, call: Call) -> Record:
    return writing.send(store, _entity(call), call.path["id"], call.query.get("sendTo", ""))


def _query(store: Store, call: Call) -> Record:
    text = call.body.decode("utf-8", "replace") if call.method == "POST" else call.query.get("query", "")
    if not text.strip():
        raise refusals.missing("query")
    response = answered(books_of(store), text)
    if lapse(store, "truncated_page", call.method, call.url):
        response = truncated(response)
    if lapse(store, "stale_version", call.method, call.url):
        response = outdated(response)
    return {"QueryResponse": response}


def _cdc(store: Store, call: Call) -> Record:
    entities, since = call.query.get("entities", ""), call.query.get("changedSince", "")
    return {"CDCResponse": reading.changes(store, books_of(store), entities, since)}


def _batch(store: Store, call: Call) -> Record:
    return {"BatchItemResponse": batch.run(store, _json(call))}


def _unsupported(_store: Store, call: Call) -> Record:
    raise refusals.unsupported(f"{call.method} {call.path['rest']}")


def _discover(_store: Store, call: Call) -> Response:
    return Response(dumps(auth.discovery(call.base)), media_type=_JSON)


def _authorize(store: Store, call: Call) -> Response:
    with store.lock:
        try:
            return RedirectResponse(auth.consent(store, call.query), status_code=302)
        except auth.GrantRefused as refused:
            return _refused_grant(refused)


def _tokens(store: Store, call: Call) -> Response:
    hard_limit = call.headers.get("x-include-refresh-token-hard-expires-in") == "true"
    with store.lock:
        try:
            reply = auth.exchange(store, call.headers.get("authorization", ""), call.body, hard_limit=hard_limit)
        except auth.GrantRefused as refused:
            return _refused_grant(refused)
    return Response(dumps(reply), media_type=_JSON, headers={"Cache-Control": "no-store"})


def _revoke(store: Store, call: Call) -> Response:
    """JSON ``{"token": ..}``; an empty 200 when it is done."""
    with store.lock:
        try:
            auth.revoke(store, call.headers.get("authorization", ""), _token_in(call.body))
        except auth.GrantRefused as refused:
            return _refused_grant(refused)
    return Response(status_code=200)


def _token_in(body: bytes) -> str:
    try:
        content = loads(body)
    except ValueError as error:
        raise auth.GrantRefused("invalid_request", "The body is not JSON") from error
    return str(content.get("token", "")) if isinstance(content, Mapping) else ""


def _refused_grant(refused: auth.GrantRefused) -> Response:
    return Response(dumps(refused.body), status_code=refused.status, media_type=_JSON)

"""The HTTP face: one GraphQL endpoint, and the two OAuth endpoints beside it (facts, "Endpoint, auth")."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.jobber import cost, dialect, quota, tokens
from sandbox.jobber.reading import GRAPHQL_PATH
from sandbox.jobber.schema import schema
from sandbox.jobber.trailing import seen
from sandbox.jobber.view import Context
from sandbox.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One GraphQL request as it was posted."""

    query: str
    variables: dict[str, Any]
    operation: str | None
    version: str


def routes(store: Store) -> Sequence[BaseRoute]:
    """The API over this store."""

    async def graphql(request: Request) -> Response:
        declined = _declined(store, request)
        if declined is not None:
            return declined
        call = _call(await request.body(), request.headers["X-JOBBER-GRAPHQL-VERSION"])
        return await run_in_threadpool(_answered, store, call) if isinstance(call, Call) else call

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        status, body = tokens.granted(store, form)
        return JSONResponse(body, status)

    async def authorize(request: Request) -> Response:
        target = tokens.authorized(store, request.query_params)
        return RedirectResponse(target, 302) if target else dialect.bad_request("Unknown client or redirect_uri")

    return [
        Route(GRAPHQL_PATH, graphql, methods=["POST"]),
        Route("/api/oauth/token", token, methods=["POST"]),
        Route("/api/oauth/authorize", authorize, methods=["GET"]),
    ]


def _declined(store: Store, request: Request) -> Response | None:
    """What stops a request before its body is read: no good token, too many requests, no version."""
    why = tokens.refusal_of(store, request.headers.get("Authorization"))
    if why is not None:
        return dialect.unauthorized(why)
    if not quota.admitted(store):
        return dialect.too_many_requests()
    if dialect.served_version(request.headers.get("X-JOBBER-GRAPHQL-VERSION")) is None:
        return dialect.bad_request("The X-JOBBER-GRAPHQL-VERSION header must name an active version of the API")
    return None


def _call(body: bytes, version_header: str) -> Call | Response:
    try:
        posted = json.loads(body)
    except ValueError:
        return dialect.bad_request("The request body is not valid JSON")
    query = posted.get("query") if isinstance(posted, dict) else None
    if not isinstance(query, str) or not query.strip():
        return dialect.bad_request("No query string was present")
    return Call(
        query=query,
        variables=posted.get("variables") or {},
        operation=posted.get("operationName"),
        version=dialect.served_version(version_header) or dialect.VERSIONS[-1],
    )


def _answered(store: Store, call: Call) -> Response:
    """Parse, check, price, run. One request at a time sees and changes the store."""
    with store.lock:
        prepared = _prepared(call)
        if isinstance(prepared, list):
            return _reply(store, call, {"errors": prepared}, asked=0, spent=0)
        document, operation, variables = prepared
        asked = cost.requested(document, operation, variables)
        if asked > quota.available(store) or store.faults.take("throttled", "POST", GRAPHQL_PATH) is not None:
            return _reply(store, call, dialect.throttled(), asked=asked, spent=0)
        return _executed(store, call, document, operation, asked=asked, variables=variables)


def _prepared(call: Call) -> tuple[DocumentNode, OperationDefinitionNode, dict[str, Any]] | list[dict[str, Any]]:
    """The document, the operation to run and its coerced variables; or the errors that keep it from running."""
    try:
        document = parse(call.query)
    except GraphQLError as error:
        return [dialect.syntax_error(error)]
    wrong = validate(schema(), document)
    if wrong:
        return [dialect.invalid(error, document) for error in wrong]
    operation = get_operation_ast(document, call.operation)
    if operation is None:
        return [{"message": "An operation name is required"}]
    variables = get_variable_values(schema(), operation.variable_definitions, call.variables)
    if isinstance(variables, list):
        return [dialect.bad_variable(error, call.variables) for error in variables]
    return document, operation, variables


def _executed(
    store: Store,
    call: Call,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    asked: int,
    variables: dict[str, Any],
) -> Response:
    zone = next(iter(store.all("account")), {"timezone": "UTC"})["timezone"]
    shown = seen(store) if operation.operation is OperationType.QUERY else store
    context = Context(store=shown, now=store.clock.now(), zone=zone)
    result = execute_sync(
        schema(),
        document,
        context_value=context,
        variable_values=call.variables,
        operation_name=call.operation,
    )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [dialect.failed(error) for error in result.errors]
    spent = cost.actual(document, operation, variables, result.data)
    quota.spend(store, spent)
    return _reply(store, call, body, asked=asked, spent=spent)


def _reply(store: Store, call: Call, body: dict[str, Any], *, asked: int, spent: int) -> Response:
    """Every answer of the endpoint says what it cost and which version spoke."""
    priced = quota.status(store, asked=asked, cost=spent)
    return JSONResponse({**body, "extensions": {"cost": priced, "versioning": dialect.versioning(call.version)}})

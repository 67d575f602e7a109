"""The vendor's routes over a store: who may call, what is asked, how it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.respelling import Members, respelled
from sandbox.salesforce import auth, limits
from sandbox.salesforce.dialect import VERSIONS, Failure, bad, missing, refused
from sandbox.store import Store
from sandbox.twin import Record

ROOT = "/services/data"
LONGEST_QUERY = 16_384  # bytes of an address (Reads)
RESPELT = Members(
    texts=frozenset({"Name", "FirstName", "LastName", "Subject", "BillingStreet", "BillingCity", "Location"}),
    notes=frozenset({"Description"}),
    phones=frozenset({"Phone", "MobilePhone"}),
)


class _Slash(Convertor[str]):
    """The vendor's own clients put a slash at the end of some addresses."""

    regex = "/?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("slash", _Slash())


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read."""

    store: Store
    request: Request
    content: bytes
    path: str

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def at(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    @property
    def version(self) -> str:
        return self.at("version")

    def json(self) -> Any:
        """The body, respelled where the fault says so. Failure when it is not JSON."""
        try:
            told = json.loads(self.content)
        except ValueError as problem:
            raise bad("JSON_PARSER_ERROR", f"The body is not valid JSON: {problem}") from problem
        fault = self.store.faults.take("rewritten_values", self.request.method, self.path)
        return told if fault is None else respelled(told, fault.form or "trim", RESPELT)

    def body(self) -> Record:
        """The body, which is one object."""
        told = self.json()
        if not isinstance(told, dict):
            raise bad("JSON_PARSER_ERROR", "The body is not an object")
        return told

    def rows(self) -> tuple[list[Any], bool]:
        """The records of a collection, and whether all or none are to be taken."""
        told = self.body()
        if not isinstance(told.get("records"), list):
            raise bad("MISSING_ARGUMENT", "records is required")
        return told["records"], bool(told.get("allOrNone", False))


Work = Callable[[Call], Response]
Table = Sequence[tuple[str, str, Work]]


def mounted(store: Store, table: Table) -> list[BaseRoute]:
    """Paths below the version's own, each with or without a slash at its end."""
    return [
        Route(f"{ROOT}/{{version}}{path}{{_:slash}}", _handler(store, work), methods=[method])
        for method, path, work in table
    ]


def outer(store: Store) -> list[BaseRoute]:
    """What needs no session: the versions and the token endpoint."""

    async def versions(_request: Request) -> Response:
        found = [{"label": f"Release {n}", "url": f"{ROOT}/v{n}.0", "version": f"{n}.0"} for n in VERSIONS]
        return JSONResponse(found)

    async def token(request: Request) -> Response:
        form = await request.body()
        with store.lock:
            status, body = auth.token(store, form)
        return JSONResponse(body, status_code=status)

    return [
        Route(ROOT, versions, methods=["GET"]),
        Route("/services/oauth2/token", token, methods=["POST"]),
    ]


def nowhere(store: Store) -> BaseRoute:
    """Every other address."""

    def work(_call: Call) -> Response:
        raise missing()

    return Route("/{path:path}", _handler(store, work), methods=["GET", "POST", "PUT", "PATCH", "DELETE"])


def _handler(store: Store, work: Work) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        call = Call(store=store, request=request, content=await request.body(), path=path)
        return await run_in_threadpool(_answered, call, work)

    return handle


def _answered(call: Call, work: Work) -> Response:
    store, request, told = call.store, call.request, dict[str, str]()
    with store.lock:
        try:
            auth.check(store, request.headers)
            told = limits.admit(store, request.method, call.path)
            _check(request)
            response = work(call)
        except Failure as problem:
            response = refused(problem)
    for name, value in told.items():
        response.headers[name] = value
    return response


def _check(request: Request) -> None:
    """Failure for an address that is too long or of a version that there is not."""
    if len(str(request.url.query)) > LONGEST_QUERY:
        raise Failure(status=414, code="URI_TOO_LONG", message="The address is too long")
    if request.path_params.get("version", "v59.0") not in [f"v{n}.0" for n in VERSIONS]:
        raise missing()

"""The vendor's routes; whatever else it has and the twin has not answers 404."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.housecall_pro import auth, customers, jobs, office, visits
from sandbox.housecall_pro.dialect import Call, Failure
from sandbox.store import Store

Handler = Callable[[Call], Response]

_CUSTOMER, _JOB = "/customers/{id}", "/jobs/{id}"
_TABLE: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/company", office.company),
    ("GET", "/application", office.application),
    ("POST", "/webhooks/subscription", office.subscribed),
    ("DELETE", "/webhooks/subscription", office.subscribed),
    ("GET", "/employees", office.employees),
    ("GET", "/customers", customers.listed),
    ("POST", "/customers", customers.created),
    ("GET", _CUSTOMER, customers.got),
    ("PUT", _CUSTOMER, customers.updated),
    ("GET", f"{_CUSTOMER}/addresses", customers.addresses),
    ("POST", f"{_CUSTOMER}/addresses", customers.address_created),
    ("GET", f"{_CUSTOMER}/addresses/{{address}}", customers.address),
    ("GET", "/jobs", jobs.listed),
    ("POST", "/jobs", jobs.created),
    ("GET", _JOB, jobs.got),
    ("GET", f"{_JOB}/appointments", visits.listed),
    ("POST", f"{_JOB}/appointments", visits.created),
    ("PUT", f"{_JOB}/appointments/{{appointment}}", visits.updated),
    ("DELETE", f"{_JOB}/appointments/{{appointment}}", visits.deleted),
    ("PUT", f"{_JOB}/schedule", visits.scheduled),
    ("DELETE", f"{_JOB}/schedule", visits.unscheduled),
    ("PUT", f"{_JOB}/dispatch", visits.dispatched),
    ("GET", f"{_JOB}/invoices", office.invoices_of_job),
    ("GET", "/invoices", office.invoices),
    ("GET", "/api/invoices/{id}", office.invoice),
    ("GET", "/estimates", office.estimates),
    ("GET", "/estimates/{id}", office.estimate),
)


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store."""
    behind = [
        Route(path, _endpoint(store, handler, guarded=True), methods=[method]) for method, path, handler in _TABLE
    ]
    token = Route("/oauth/token", _endpoint(store, auth.token, guarded=False), methods=["POST"])
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*behind, token, Route("/{path:path}", _endpoint(store, auth.nothing_here, guarded=False), methods=methods)]


def _endpoint(store: Store, handler: Handler, *, guarded: bool) -> Callable[[Request], object]:
    async def serve(request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        call = Call(store=store, request=request, body=await request.body(), path=path)
        try:
            with store.lock:
                if guarded:
                    auth.admit(call)
                return handler(call)
        except Failure as failure:
            return JSONResponse(failure.body, failure.status)

    return serve

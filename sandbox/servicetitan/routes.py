"""The vendor's routes; whatever else it has and the twin has not answers 404."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.servicetitan import auth, billing, people, visits
from sandbox.servicetitan.dialect import Call, Failure, missing
from sandbox.servicetitan.listing import Shelf, exported, listed
from sandbox.store import Store

Handler = Callable[[Call], Response]

_CRM, _JPM, _DISPATCH = "/crm/v2/tenant/{tenant}", "/jpm/v2/tenant/{tenant}", "/dispatch/v2/tenant/{tenant}"
_BOOKS, _SETTINGS = "/accounting/v2/tenant/{tenant}", "/settings/v2/tenant/{tenant}"
_CUSTOMER, _VISIT = f"{_CRM}/customers/{{id}}", f"{_JPM}/appointments/{{id}}"
_CONTACT, _BOARD = f"{_CUSTOMER}/contacts/{{contact}}", f"{_DISPATCH}/appointment-assignments"
_FEEDS = {
    f"{_CRM}/export/customers": "customers", f"{_CRM}/export/customers/contacts": "contacts",
    f"{_CRM}/export/locations": "locations", f"{_JPM}/export/jobs": "jobs",
    f"{_JPM}/export/appointments": "appointments", f"{_DISPATCH}/export/appointment-assignments": "assignments",
    f"{_SETTINGS}/export/technicians": "technicians", f"{_BOOKS}/export/invoices": "invoices",
    f"{_BOOKS}/export/payments": "payments",
}  # fmt: skip
_LISTS = {
    f"{_CRM}/customers": Shelf(collection="customers", equal={"name": "name"}),
    f"{_CRM}/customers/contacts": Shelf(collection="contacts", among={"customerIds": "customerId"}, hidden=("active",)),
    f"{_CRM}/locations": Shelf(collection="locations", equal={"customerId": "customerId", "name": "name"}),
    f"{_JPM}/jobs": Shelf(
        collection="jobs", equal={"customerId": "customerId", "number": "jobNumber"}, hidden=("active",)
    ),
    f"{_JPM}/appointments": Shelf(collection="appointments", equal={"jobId": "jobId", "status": "status"}),
    f"{_JPM}/job-types": Shelf(collection="job_types"),
    _BOARD: Shelf(collection="assignments", equal={"jobId": "jobId"}, among={"appointmentIds": "appointmentId"}),
    f"{_SETTINGS}/technicians": Shelf(collection="technicians"),
    f"{_SETTINGS}/business-units": Shelf(collection="business_units"),
    f"{_BOOKS}/invoices": Shelf(
        collection="invoices", equal={"jobId": "job.id", "number": "referenceNumber"}, accounting=True
    ),
    f"{_BOOKS}/payments": Shelf(collection="payments", equal={"customerId": "customer.id"}, accounting=True),
    "/pricebook/v2/tenant/{tenant}/services": Shelf(collection="services"),
}
_TABLE: Sequence[tuple[str, str, Handler]] = (
    *(("GET", path, exported(collection)) for path, collection in _FEEDS.items()),
    *(("GET", path, listed(shelf)) for path, shelf in _LISTS.items()),
    ("POST", f"{_CRM}/customers", people.customer_created),
    ("GET", _CUSTOMER, people.customer),
    ("PATCH", _CUSTOMER, people.customer_patched),
    ("GET", f"{_CUSTOMER}/contacts", people.contacts),
    ("POST", f"{_CUSTOMER}/contacts", people.contact_created),
    ("PATCH", _CONTACT, people.contact_patched),
    ("DELETE", _CONTACT, people.contact_deleted),
    ("POST", f"{_CRM}/locations", people.location_created),
    ("GET", f"{_CRM}/locations/{{id}}", people.location),
    ("PATCH", f"{_CRM}/locations/{{id}}", people.location_patched),
    ("POST", f"{_JPM}/appointments", visits.created),
    ("GET", _VISIT, visits.one),
    ("DELETE", _VISIT, visits.deleted),
    ("PATCH", f"{_VISIT}/reschedule", visits.rescheduled),
    ("PUT", f"{_VISIT}/special-instructions", visits.instructed),
    ("POST", f"{_BOARD}/assign-technicians", visits.assigned),
    ("POST", f"{_BOARD}/unassign-technicians", visits.unassigned),
    ("PATCH", f"{_BOOKS}/invoices/{{id}}", billing.patched),
    ("POST", f"{_BOOKS}/invoices/markasexported", billing.marked),
)


def routes(store: Store) -> list[BaseRoute]:
    """The routes over this store."""
    behind = [
        Route(path, _endpoint(store, handler, guarded=True), methods=[method]) for method, path, handler in _TABLE
    ]
    token = Route("/connect/token", _endpoint(store, auth.token, guarded=False), methods=["POST"])
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*behind, token, Route("/{path:path}", _endpoint(store, _nowhere, guarded=False), methods=methods)]


def _nowhere(_call: Call) -> Response:
    raise missing()


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
            return JSONResponse(failure.body, failure.status, failure.headers)

    return serve

"""The field office: there is no official client, so it is called plainly, as the vendor's description says."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.servicetitan import TWIN
from tests.vendors.listening import Sandbox

TENANT, APP = TWIN.credentials["tenant_id"], TWIN.credentials["application_guid"]
FEEDS = (
    "crm/export/customers", "crm/export/customers/contacts", "crm/export/locations", "jpm/export/jobs",
    "jpm/export/appointments", "dispatch/export/appointment-assignments", "settings/export/technicians",
    "accounting/export/invoices", "accounting/export/payments",
)  # fmt: skip
LISTS = (
    "crm/customers", "crm/customers/contacts", "crm/locations", "jpm/jobs", "jpm/appointments", "jpm/job-types",
    "dispatch/appointment-assignments", "settings/technicians", "settings/business-units", "accounting/invoices",
    "accounting/payments", "pricebook/services",
)  # fmt: skip
ADDRESS = {"street": "7 Elm St", "unit": "B", "city": "Austin", "state": "TX", "zip": "78702", "country": "USA"}
NOWHERE = {"latitude": None, "longitude": None}


def walk(sandbox: Sandbox) -> None:
    """Every feed, every list, every record, every write, and the way in."""
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}") as http:
        _sign_in(http)
        for path in FEEDS:
            _feed(http, path)
        for path in LISTS:
            rows = _said(http, "GET", path, params={"page": 1, "pageSize": 3, "includeTotal": True})
            assert rows["totalCount"] >= len(rows["data"]) > 0
        customer = _customer(http)
        _location(http, customer)
        _visit(http)
        _invoices(http)


def _said(http: httpx.Client, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
    module, _, rest = path.partition("/")
    answer = http.request(method, f"/{module}/v2/tenant/{TENANT}/{rest}", **more)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def _sign_in(http: httpx.Client) -> None:
    form = {name: TWIN.credentials[name] for name in ("client_id", "client_secret")}
    form |= {"grant_type": "client_credentials"}
    assert http.post("/connect/token", data=form | {"client_secret": "x"}).status_code == 400
    told = http.post("/connect/token", data=form).json()
    assert told["expires_in"] == 900
    http.headers["Authorization"] = f"Bearer {told['access_token']}"
    _said(http, "GET", "crm/customers", status=401)
    http.headers["ST-App-Key"] = TWIN.credentials["app_key"]
    assert http.get("/crm/v2/tenant/1/customers").status_code == 403


def _feed(http: httpx.Client, path: str) -> None:
    """From the beginning to the end, then from a day on, then from nowhere."""
    body = _said(http, "GET", path)
    seen = len(body["data"])
    while body["hasMore"]:
        body = _said(http, "GET", path, params={"from": body["continueFrom"], "includeRecentChanges": True})
        seen += len(body["data"])
    assert seen > 0
    assert _said(http, "GET", path, params={"from": "2099-01-01"})["data"] == []
    _said(http, "GET", path, params={"from": "nowhere"}, status=400)


def _customer(http: httpx.Client) -> Any:
    kept = {"applicationGuid": APP, "externalData": [{"key": "walk", "value": "c-1"}]}
    body = {
        "name": "Dora Dunn", "type": "Residential", "address": ADDRESS, "externalData": kept,
        "locations": [{"name": "Dora Dunn", "address": ADDRESS}],
        "contacts": [{"type": "Email", "value": "dora@example.com"}],
    }  # fmt: skip
    _said(http, "POST", "crm/customers", json=body | {"locations": []}, status=400)
    made = _said(http, "POST", "crm/customers", json=body)
    path = f"crm/customers/{made['id']}"
    asked = {"externalDataApplicationGuid": APP, "externalDataKey": "walk", "externalDataValues": "c-1,c-2"}
    assert [one["id"] for one in _said(http, "GET", "crm/customers", params=asked)["data"]] == [made["id"]]
    _said(http, "PATCH", path, json={"name": "Dora Dale", "externalData": kept | {"patchMode": "Merge"}})
    number = _said(http, "POST", f"{path}/contacts", json={"type": "MobilePhone", "value": "5124741234"})
    _said(http, "PATCH", f"{path}/contacts/{number['id']}", json={"memo": "mornings"})
    _said(http, "DELETE", f"{path}/contacts/{number['id']}")
    assert [one["type"] for one in _said(http, "GET", f"{path}/contacts")["data"]] == ["Email"]
    _said(http, "GET", "crm/customers/1", status=404)
    return _said(http, "GET", path)


def _location(http: httpx.Client, customer: Any) -> None:
    body = {"customerId": customer["id"], "name": "Shed", "address": ADDRESS}
    made = _said(http, "POST", "crm/locations", json=body)
    path = f"crm/locations/{made['id']}"
    _said(http, "PATCH", path, json={"address": ADDRESS | NOWHERE | {"street": "9 Elm St"}})
    assert _said(http, "GET", path)["address"]["street"] == "9 Elm St"
    asked = {"customerId": customer["id"], "sort": "-ModifiedOn", "active": "Any"}
    assert [one["name"] for one in _said(http, "GET", "crm/locations", params=asked)["data"]] == ["Shed", "Dora Dunn"]


def _visit(http: httpx.Client) -> None:
    old = _said(http, "GET", "jpm/appointments", params={"status": "Scheduled", "pageSize": 1})["data"][0]
    times = {"start": "2026-03-20T15:00:00Z", "end": "2026-03-20T17:00:00Z"}
    made = _said(http, "POST", "jpm/appointments", json={"jobId": old["jobId"], **times})
    path = f"jpm/appointments/{made['id']}"
    window = {"arrivalWindowStart": "2026-03-21T15:00:00Z", "arrivalWindowEnd": "2026-03-21T16:00:00Z"}
    later = {"start": "2026-03-21T15:00:00Z", "end": "2026-03-21T17:00:00Z"}
    _said(http, "PATCH", f"{path}/reschedule", json=later | window)
    _said(http, "PUT", f"{path}/special-instructions", json={"specialInstructions": "Ring twice"})
    people = _said(http, "GET", "settings/technicians", params={"pageSize": 2})["data"]
    crew = {"jobAppointmentId": made["id"], "technicianIds": [one["id"] for one in people]}
    board = "dispatch/appointment-assignments"
    _said(http, "POST", f"{board}/assign-technicians", json=crew)
    asked = {"appointmentIds": str(made["id"])}
    assert len(_said(http, "GET", board, params=asked)["data"]) == 2
    _said(http, "POST", f"{board}/unassign-technicians", json=crew)
    _said(http, "DELETE", path)
    assert _said(http, "GET", path)["active"] is False
    done = _said(http, "GET", "jpm/appointments", params={"status": "Done", "pageSize": 1})["data"][0]
    _said(http, "PATCH", f"jpm/appointments/{done['id']}/reschedule", json=times, status=409)


def _invoices(http: httpx.Client) -> None:
    rows = _said(http, "GET", "accounting/invoices", params={"activeState": "All", "pageSize": 5000})["data"]
    pending, posted = (next(one["id"] for one in rows if one["syncStatus"] == state) for state in ("Pending", "Posted"))
    marks = [{"invoiceId": id, "externalId": "x-1"} for id in (pending, posted)]
    told = _said(http, "POST", "accounting/invoices/markasexported", json=marks)
    assert [one["success"] for one in told] == [False, True]
    _said(http, "PATCH", f"accounting/invoices/{pending}", json={"summary": "Done", "dueDate": "2026-04-01"})
    _said(http, "PATCH", f"accounting/invoices/{posted}", json={"summary": "Done"}, status=400)

"""The schedule: there is no official client, so it is called plainly, as the vendor's examples do."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.housecall_pro import TWIN
from tests.vendors.listening import Sandbox

ADDRESS = {"street": "7 Elm St", "city": "Austin", "state": "TX", "zip": "78702", "country": "USA"}
TIMES = {"start_time": "2026-03-16T14:00:00Z", "end_time": "2026-03-16T15:00:00Z"}


def walk(sandbox: Sandbox) -> None:
    """Every list, every record, every write, and the way in for apps."""
    headers = {"Authorization": f"Token {TWIN.credentials['token']}"}
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}", headers=headers) as http:
        _lists(http)
        customer = _customer(http)
        _job(http, customer)
        _token(http)


def _said(http: httpx.Client, method: str, path: str, **more: Any) -> Any:
    answer = http.request(method, path, **more)
    assert answer.is_success, answer.text
    return answer.json()


def _lists(http: httpx.Client) -> None:
    query = {"page": 1, "page_size": 5, "sort_by": "created_at", "sort_direction": "asc"}
    for path in ("/company", "/application"):
        _said(http, "GET", path)
    for name in ("customers", "employees", "jobs", "invoices", "estimates"):
        rows = _said(http, "GET", f"/{name}", params=query)[name]
        place = {"invoices": "/api/invoices", "employees": ""}.get(name, f"/{name}")
        if place:
            _said(http, "GET", f"{place}/{rows[0]['id']}")
            assert http.get(f"{place}/none").status_code == 404
    _said(http, "GET", "/jobs", params={"expand[]": "appointments", "work_status[]": "scheduled"})
    for method in ("POST", "DELETE"):
        _said(http, method, "/webhooks/subscription", json={})


def _customer(http: httpx.Client) -> Any:
    made = _said(http, "POST", "/customers", json={"first_name": "Dora", "addresses": [ADDRESS]})
    path = f"/customers/{made['id']}"
    _said(http, "PUT", path, json={"email": "dora@example.com"})
    added = _said(http, "POST", f"{path}/addresses", json=ADDRESS)
    _said(http, "GET", f"{path}/addresses")
    _said(http, "GET", f"{path}/addresses/{added['id']}")
    return _said(http, "GET", path)


def _job(http: httpx.Client, customer: Any) -> None:
    body = {"customer_id": customer["id"], "address_id": customer["addresses"][0]["id"], "invoice_number": 9001}
    path = f"/jobs/{_said(http, 'POST', '/jobs', json=body)['id']}"
    assert http.post("/jobs", json=body).status_code == 422
    _said(http, "PUT", f"{path}/schedule", json={**TIMES, "notify": False, "expand": ["appointments"]})
    employee = _said(http, "GET", "/employees")["employees"][0]["id"]
    _said(http, "PUT", f"{path}/dispatch", json={"dispatched_employees": [{"employee_id": employee}]})
    visit = {**TIMES, "dispatched_employees_ids": [employee]}
    second = _said(http, "POST", f"{path}/appointments", json=visit)["id"]
    _said(http, "PUT", f"{path}/appointments/{second}", json=visit)
    assert len(_said(http, "GET", f"{path}/appointments")["appointments"]) == 2
    _said(http, "DELETE", f"{path}/appointments/{second}")
    _said(http, "DELETE", f"{path}/schedule")
    _said(http, "GET", f"{path}/invoices")


def _token(http: httpx.Client) -> None:
    app = {name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")}
    token = _said(http, "POST", "/oauth/token", json={**app, "grant_type": "refresh_token"})
    _said(http, "GET", "/company", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert http.get("/company", headers={"Authorization": "Token wrong"}).status_code == 401

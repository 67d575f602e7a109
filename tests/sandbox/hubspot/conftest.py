"""A small company of four customers, and its HubSpot on a clock that only moves when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.clock import Clock
from sandbox.company import Address, Company, Customer, Spelling, Technician
from sandbox.faults import Fault, Faults
from sandbox.hubspot import TWIN
from sandbox.store import Store
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
ELM = Address(street="12 Elm St", unit="Apt 4", city="Austin", state="TX", postal_code="78701")


def spelling(given: str, family: str, email: str | None, company: str | None = None) -> Spelling:
    return Spelling(
        given_name=given, family_name=family, company_name=company, email=email, phone="(512) 555-0100", address=ELM
    )


def customer(key: str, spelled: Spelling, *, system: str = "hubspot") -> Customer:
    return Customer(
        key=key,
        is_company=spelled.company_name is not None,
        truth=spelled,
        seen_by={system: spelled},
        tags=(),
        created_at=NOW - timedelta(days=100),
    )


def technician(number: int, *, active: bool) -> Technician:
    return Technician(
        key=f"tech{number}",
        given_name=f"Tech{number}",
        family_name="Ito",
        email=f"tech{number}@acme.example.com",
        phone="+15125550100",
        active=active,
    )


@pytest.fixture(scope="session")
def company() -> Company:
    customers = (
        customer("c1", spelling("Ann", "Bell", "Ann.Bell@Example.com")),
        customer("c2", spelling("Bo", "Carr", None)),
        customer("c3", spelling("Cy", "Dunn", "cy@dunn.example.com", "Dunn Cafe LLC")),
        customer("c4", spelling("Ann", "Bell Twice", "ANN.BELL@example.com")),
        customer("c5", spelling("Only", "Elsewhere", "e@example.com"), system="jobber"),
    )
    nothing: dict[str, Any] = dict.fromkeys(
        ("sites", "products", "jobs", "appointments", "invoices", "payments", "busy"), ()
    )
    return Company(
        seed=1,
        name="Acme Heating & Air",
        time_zone="America/Chicago",
        currency="USD",
        now=NOW,
        customers=customers,
        technicians=(technician(1, active=True), technician(2, active=False)),
        **nothing,
    )


@dataclass(slots=True, kw_only=True)
class Portal:
    """The twin over its store; ``call`` sends one request with the private app's token unless told otherwise."""

    store: Store
    app: RecordingApp
    runner: asyncio.Runner
    contacts: str = "/crm/v3/objects/contacts"
    companies: str = "/crm/v3/objects/companies"
    token: str | None = field(default=TWIN.credentials["access_token"])

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Any request; ``more`` are arguments of httpx (params, data, content, headers)."""
        return self.runner.run(self._send(method, path, json, more))

    async def _send(self, method: str, path: str, json: Any, more: dict[str, Any]) -> httpx.Response:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hubspot.test", headers=headers) as client:
            return await client.request(method, path, **({"json": json} if json is not None else {}), **more)

    def later(self, **length: float) -> None:
        self.store.clock.advance(timedelta(**length))

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="hubspot", kind=kind, **more))

    def create(self, **properties: str) -> str:
        """A new contact's id."""
        response = self.call("POST", self.contacts, {"properties": properties})
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def properties(self, id: str) -> dict[str, str]:
        record = self.store.get("contacts", id)
        assert record is not None
        return dict(record["properties"])

    def search(self, body: dict[str, Any], kind: str = "contacts") -> httpx.Response:
        """A search, a second after the last one: five a second are allowed."""
        self.later(seconds=1)
        return self.call("POST", f"/crm/v3/objects/{kind}/search", body)

    def found(self, *filters: dict[str, Any], kind: str = "contacts", **more: Any) -> list[str]:
        """The ids that a search with these filters finds."""
        response = self.search({"filterGroups": [{"filters": list(filters)}], "limit": 200, **more}, kind)
        assert response.status_code == 200, response.text
        return [record["id"] for record in response.json()["results"]]

    def make_unique(self, name: str = "plumbline_id", kind: str = "contacts") -> httpx.Response:
        """Create a property with unique values, as a client does for its own key."""
        body = {
            "name": name,
            "label": "External id",
            "type": "string",
            "fieldType": "text",
            "groupName": {"contacts": "contactinformation", "companies": "companyinformation"}[kind],
            "hasUniqueValue": True,
        }
        return self.call("POST", f"/crm/v3/properties/{kind}", body)


@pytest.fixture
def portal(company: Company) -> Iterator[Portal]:
    store = Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults(), base_url="http://hubspot.test")
    TWIN.seed(company, store)
    app = RecordingApp(Starlette(routes=TWIN.routes(store)), system="hubspot")
    with asyncio.Runner() as runner:
        yield Portal(store=store, app=app, runner=runner)

"""A small company of known people and sums, and a desk from which to call the twin that keeps its books."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.clock import Clock
from sandbox.company import (
    Address,
    Allocation,
    Company,
    Customer,
    Invoice,
    InvoiceLine,
    Payment,
    Product,
    Spelling,
    Technician,
)
from sandbox.faults import Fault, Faults
from sandbox.quickbooks_online import TWIN
from sandbox.quickbooks_online.auth import FIRST_ACCESS_TOKEN, REALM_ID
from sandbox.store import Store
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
PREFIX = f"/quickbooks_online/v3/company/{REALM_ID}"
HOME = Address(street="12 Oak St", unit="B", city="Austin", state="TX", postal_code="78701")


def person(key: str, given: str, family: str, *, seen: bool = True, company: str | None = None) -> Customer:
    spelling = Spelling(
        given_name=given,
        family_name=family,
        company_name=company,
        email=f"{key}@example.com",
        phone="(512) 474-1234",
        address=HOME,
    )
    return Customer(
        key=key,
        is_company=company is not None,
        truth=spelling,
        seen_by={"quickbooks_online" if seen else "hubspot": spelling},
        tags=(),
        created_at=datetime(2025, 6, 2, 14, tzinfo=UTC),
    )


def bill(key: str, customer: str, status: str, *, quantity: str = "2", tax: str = "16.50") -> Invoice:
    amount = Decimal(quantity) * 100
    line = InvoiceLine(
        product="visit", description="Visit", quantity=Decimal(quantity), unit_price=Decimal(100), amount=amount
    )
    return Invoice(
        key=key,
        number=f"J-{key}",
        customer=customer,
        job=None,
        issued_on=date(2026, 2, 2),
        due_on=date(2026, 3, 4),
        lines=(line,),
        tax=Decimal(tax),
        total=amount + Decimal(tax),
        status=status,
        in_jobber=False,
    )


COMPANY = Company(
    seed=1,
    name="Acme Heating",
    time_zone="America/Chicago",
    currency="USD",
    now=NOW,
    customers=(
        person("ann", "Ann", "Lee"),
        person("ann2", "Ann", "Lee"),
        person("bob", "Bob", "O'Neil", company="Neil Cooling Inc"),
        person("eve", "Eve", "Elsewhere", seen=False),
    ),
    sites=(),
    technicians=(
        Technician(key="t1", given_name="Tom", family_name="Tech", email="t@x.co", phone="5124740001", active=True),
        Technician(key="t2", given_name="Una", family_name="Gone", email="u@x.co", phone="5124740002", active=False),
    ),
    products=(
        Product(key="visit", name="Visit", description="A visit", unit_price=Decimal(100), taxable=True),
        Product(key="filter", name="Filter", description="A filter", unit_price=Decimal("19.99"), taxable=False),
    ),
    jobs=(),
    appointments=(),
    invoices=(bill("1", "ann", "paid"), bill("2", "ann", "open"), bill("3", "bob", "void"), bill("4", "bob", "draft")),
    payments=(
        Payment(
            key="p1",
            reference="CHK-1",
            customer="ann",
            received_on=date(2026, 2, 9),
            amount=Decimal("300.00"),
            method="check",
            allocations=(
                Allocation(invoice="1", amount=Decimal("216.50")),
                Allocation(invoice="2", amount=Decimal("50.25")),
            ),
        ),
    ),
    busy=(),
)


def slow_clock() -> Clock:
    """A clock that moves a fifth of a second at every look, so that nobody runs into the limits by chance."""
    return Clock(NOW, ticker=itertools.count(step=0.2).__next__)


@dataclass(slots=True)
class InProcess(httpx.BaseTransport):
    """A synchronous client's way into an ASGI application in this process."""

    app: RecordingApp

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        inner = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await httpx.ASGITransport(app=self.app).handle_async_request(inner)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@dataclass(slots=True)
class Desk:
    """A seeded twin and a client that speaks JSON to it; every exchange is recorded."""

    store: Store = field(default_factory=lambda: Store(clock=slow_clock(), faults=Faults()))
    app: RecordingApp = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        TWIN.seed(COMPANY, self.store)
        inner = Starlette(routes=[Mount("/quickbooks_online", routes=list(TWIN.routes(self.store)))])
        self.app = RecordingApp(inner)
        headers = {"Authorization": f"Bearer {FIRST_ACCESS_TOKEN}", "Accept": "application/json"}
        self.http = httpx.Client(transport=InProcess(self.app), base_url="http://127.0.0.1", headers=headers)

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(PREFIX + path, params=query)

    def post(self, path: str, body: Any, **query: str) -> httpx.Response:
        return self.http.post(PREFIX + path, json=body, params=query)

    def made(self, entity: str, body: dict[str, Any], **query: str) -> dict[str, Any]:
        """The record that a successful POST gives back."""
        response = self.post(f"/{entity.lower()}", body, **query)
        assert response.status_code == 200, response.text
        record: dict[str, Any] = response.json()[entity]
        return record

    def read(self, entity: str, id: str) -> dict[str, Any]:
        response = self.get(f"/{entity.lower()}/{id}")
        assert response.status_code == 200, response.text
        record: dict[str, Any] = response.json()[entity]
        return record

    def query(self, statement: str) -> dict[str, Any]:
        response = self.get("/query", query=statement)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()["QueryResponse"]
        return found

    def by_number(self, number: str) -> dict[str, Any]:
        statement = f"select * from Invoice where DocNumber = '{number}'"  # noqa: S608 - the vendor's language
        (invoice,) = self.query(statement)["Invoice"]
        record: dict[str, Any] = invoice
        return record

    def fault(self, kind: str, **members: Any) -> None:
        self.store.faults.add(Fault(system="quickbooks_online", kind=kind, **members))


def refusal(response: httpx.Response) -> tuple[int, str]:
    """The HTTP status and the code of a refused request."""
    return response.status_code, response.json()["Fault"]["Error"][0]["code"]


def sale(customer: str, *, item: str = "1", amount: Any = 100, **members: Any) -> dict[str, Any]:
    """An invoice of one taxable line."""
    detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": amount, "TaxCodeRef": {"value": "TAX"}}
    line = {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}
    return {"CustomerRef": {"value": customer}, "Line": [line], **members}


def settlement(customer: str, total: Any, *parts: tuple[str, Any]) -> dict[str, Any]:
    """A payment that puts parts towards invoices."""
    lines = [{"Amount": part, "LinkedTxn": [{"TxnId": id, "TxnType": "Invoice"}]} for id, part in parts]
    return {"CustomerRef": {"value": customer}, "TotalAmt": total, "Line": lines}

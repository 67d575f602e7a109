"""A hand-made company of three customers, answered for by the twin alone while the clock stands still."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.company import (
    Address,
    Allocation,
    Appointment,
    Company,
    Customer,
    Invoice,
    InvoiceLine,
    Job,
    Payment,
    Product,
    Site,
    Spelling,
    Technician,
)
from sandbox.estate import Estate, Served
from sandbox.faults import Fault, Faults
from sandbox.jobber import TWIN, tokens
from sandbox.serving import listen, serving_app
from sandbox.store import Store
from tests.vendors.description import VENDORS, load
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 7, 6, 15, 0, tzinfo=UTC)  # a Monday, ten in the morning in Chicago
HOME = Address(street="12 Oak Street", unit="Unit 4", city="Austin", state="TX", postal_code="78701")


def spelled(given: str, family: str, company: str | None = None, **known: Any) -> Spelling:
    return Spelling(
        **{
            "given_name": given, "family_name": family, "company_name": company, "email": f"{family}@x.example".lower(),
            "phone": "(512) 555-0142", "address": HOME, **known,
        }
    )  # fmt: skip


def customer(key: str, spelling: Spelling, *systems: str, is_company: bool = False) -> Customer:
    return Customer(
        key=key, is_company=is_company, truth=spelling, seen_by=dict.fromkeys(systems, spelling),
        tags=("VIP",) if key == "c1" else (), created_at=NOW - timedelta(days=90),
    )  # fmt: skip


def job(key: str, number: int, status: str, *, customer: str = "c1", site: str = "s1", done: bool = False) -> Job:
    return Job(
        key=key, number=number, customer=customer, site=site, title=f"Job {number}", instructions="Ring twice",
        status=status, total=Decimal("250.00"), created_at=NOW - timedelta(days=30),
        completed_at=NOW - timedelta(days=3) if done else None,
    )  # fmt: skip


def appointment(key: str, job: str, hours: float | None, status: str = "scheduled") -> Appointment:
    """``hours`` from now until it starts; None when it is not scheduled."""
    start = None if hours is None else NOW + timedelta(hours=hours)
    return Appointment(
        key=key, job=job, title=f"Visit {key}", starts_at=start, ends_at=start and start + timedelta(hours=2),
        all_day=False, time_zone="America/Chicago", technicians=("t1",), status=status,
    )  # fmt: skip


def invoice(key: str, number: str, status: str, *, in_jobber: bool = True, job: str | None = None) -> Invoice:
    line = InvoiceLine(
        product="p1", description="Filter", quantity=Decimal(2), unit_price=Decimal("50.00"), amount=Decimal("100.00")
    )
    return Invoice(
        key=key, number=number, customer="c1", job=job, issued_on=date(2026, 6, 20), due_on=date(2026, 7, 4),
        lines=(line,), tax=Decimal("8.25"), total=Decimal("108.25"), status=status, in_jobber=in_jobber,
    )  # fmt: skip


def technician(key: str, given: str, *, active: bool = True) -> Technician:
    mail = f"{given}@acme.example".lower()
    return Technician(key=key, given_name=given, family_name="Reyes", email=mail, phone="+15125550100", active=active)


def payment(key: str, method: str, invoice: str, amount: str) -> Payment:
    share = Allocation(invoice=invoice, amount=Decimal(amount))
    return Payment(
        key=key, reference=f"ref-{key}", customer="c1", received_on=date(2026, 6, 25), amount=Decimal(amount),
        method=method, allocations=(share,),
    )  # fmt: skip


def small_company() -> Company:
    ann, bob = spelled("Ann", "Lee"), spelled("Bob", "Stone", address=None, phone=None)
    acme = spelled("Cy", "Ray", "Acme Offices", email=None)
    sites = [
        Site(key=key, customer=owner, name=name, address=HOME, latitude=30.27, longitude=-97.74)
        for key, owner, name in (("s1", "c1", None), ("s2", "c2", "North wing"), ("s3", "c3", None))
    ]
    return Company(
        seed=1, name="Acme Heating", time_zone="America/Chicago", currency="USD", now=NOW,
        customers=(
            customer("c1", ann, "jobber", "hubspot"), customer("c2", acme, "jobber", is_company=True),
            customer("c3", bob, "hubspot"),
        ),
        sites=sites,
        technicians=(technician("t1", "Tia"), technician("t2", "Tom"), technician("t3", "Gus", active=False)),
        products=(Product(key="p1", name="Filter", description="20x20", unit_price=Decimal("50.00"), taxable=True),),
        jobs=(
            job("j1", 101, "scheduled"), job("j2", 102, "completed", done=True), job("j3", 103, "new"),
            job("j4", 104, "canceled"), job("j5", 105, "scheduled", customer="c3", site="s3"),
        ),
        appointments=(
            appointment("v1", "j1", 2), appointment("v2", "j1", 50), appointment("v3", "j2", -72, "completed"),
            appointment("v4", "j3", None), appointment("v5", "j4", 10, "canceled"), appointment("v6", "j5", 4),
        ),
        invoices=(
            invoice("i1", "1001", "paid", job="j2"), invoice("i2", "1002", "open"), invoice("i3", "1003", "draft"),
            invoice("i4", "1004", "void"), invoice("i5", "1005", "open", in_jobber=False),
        ),
        payments=(
            payment("m1", "check", "i1", "108.25"), payment("m2", "card", "i2", "8.25"),
            payment("m3", "cash", "i5", "50.00"), payment("m4", "ach", "i2", "10.00"),
        ),
        busy=(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class InProcess:
    """Calls an application without a network, in the few ways that the tests need of an ``httpx.Client``."""

    app: RecordingApp

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._send(method, path, more))

    async def _send(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(method, path, **more)


@dataclass(slots=True, kw_only=True)
class Api:
    """The twin as a caller meets it, with the store and the clock behind it for the test's own use."""

    client: InProcess | httpx.Client
    store: Store
    clock: Clock
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "Authorization": f"Bearer {TWIN.credentials['access_token']}",
            "X-JOBBER-GRAPHQL-VERSION": "2025-04-16",
        }
    )

    def post(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return self.client.request("POST", "/jobber/api/graphql", json=body, headers=self.headers)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        response = self.post(query, **variables)
        assert response.status_code == 200, response.text
        body = response.json()
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        response = self.post(query, **variables)
        assert response.status_code == 200, response.text
        errors: list[dict[str, Any]] = response.json()["errors"]
        return errors

    def do(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation that was accepted."""
        payload: dict[str, Any] = next(iter(self.ask(mutation, **variables).values()))
        assert payload["userErrors"] == []
        return payload

    def fault(self, kind: str, **known: Any) -> None:
        self.store.faults.add(Fault(system="jobber", kind=kind, **known))

    def wait(self, **time: float) -> None:
        """Let time pass; the caller keeps a good access token."""
        self.clock.advance(timedelta(**time))
        tokens.first_connection(self.store)

    def first(self, collection: str, **wanted: Any) -> dict[str, Any]:
        """The first stored record with these fields."""
        found = (one for one in self.store.all(collection) if all(one[key] == value for key, value in wanted.items()))
        return next(found)

    def patch(self, collection: str, id: str, **patch: Any) -> dict[str, Any]:
        """A person's edit."""
        response = self.client.request("PATCH", f"/_sandbox/state/jobber/{collection}/{id}", json=patch)
        assert response.status_code == 200, response.text
        edited: dict[str, Any] = response.json()
        return edited


def founded() -> tuple[Estate, Store]:
    clock = Clock(NOW, ticker=lambda: 0.0)
    store = Store(clock=clock, faults=Faults())
    TWIN.seed(small_company(), store)
    return Estate(clock=clock, served={"jobber": Served(twin=TWIN, store=store)}, seed=1), store


@pytest.fixture
def api() -> Iterator[Api]:
    """Every answer given during a test must fit the vendor's description, where that is present."""
    estate, store = founded()
    recorder = RecordingApp(inner=assemble(estate))
    yield Api(client=InProcess(recorder), store=store, clock=estate.clock)
    if (VENDORS / "jobber").is_dir():
        described = [one for one in recorder.recording if one.path != "/api/oauth/authorize"]
        wrong = [line for one in described for line in load("jobber").problems(one) if line.startswith("answer")]
        assert wrong == []


@pytest.fixture
def served() -> Iterator[Api]:
    """The same over HTTP, by a server of its own on loopback."""
    estate, store = founded()
    with (
        contextlib.closing(listen("127.0.0.1", 0)) as bound,
        serving_app(assemble(estate), bound) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield Api(client=client, store=store, clock=estate.clock)

"""A small company of known people and jobs, and a desk from which to call the twin that holds its work, in process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

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
from sandbox.guard import ConnectionCut
from sandbox.housecall_pro import TWIN
from sandbox.store import Record, Store
from tests.vendors.exchange import RecordingApp

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
BASE = "http://127.0.0.1/housecall_pro"
ZONE = "America/Chicago"


def place(street: str) -> Address:
    return Address(street=street, unit=None, city="Austin", state="TX", postal_code="78701")


def person(key: str, given: str, family: str, phone: str, *, company: str | None = None) -> Customer:
    spelled = Spelling(
        given_name=given,
        family_name=family,
        company_name=company,
        email=f"{key}@example.com",
        phone=phone,
        address=place(f"{len(key)} {family} St"),
    )
    made = datetime(2025, 6, 2, 14, len(key), tzinfo=UTC)
    return Customer(key=key, is_company=company is not None, truth=spelled, seen_by={}, tags=("vip",), created_at=made)


def site(key: str, customer: str, street: str) -> Site:
    return Site(key=key, customer=customer, name=None, address=place(street), latitude=30.2, longitude=-97.7)


def technician(number: int, *, active: bool = True) -> Technician:
    return Technician(
        key=f"t{number}",
        given_name=f"Tech{number}",
        family_name="Ito",
        email=f"t{number}@acme.example.com",
        phone=f"+1512474000{number}",
        active=active,
    )


def job(number: int, customer: str, where: str, status: str) -> Job:
    return Job(
        key=f"j{number}",
        number=100 + number,
        customer=customer,
        site=where,
        title=f"Repair {number}",
        instructions="Ring twice" if number == 1 else "",
        status=status,
        total=Decimal("120.50"),
        created_at=datetime(2026, 2, 1, 12, number, tzinfo=UTC),
        completed_at=datetime(2026, 2, 20, 16, tzinfo=UTC) if status == "completed" else None,
    )


def visit(key: str, of: str, day: int, *people: str, all_day: bool = False) -> Appointment:
    starts = datetime(2026, 3, day, 5 if all_day else 15, tzinfo=UTC)
    return Appointment(
        key=key,
        job=of,
        title="Visit",
        starts_at=starts,
        ends_at=starts + (timedelta(days=2) if all_day else timedelta(hours=2)),
        all_day=all_day,
        time_zone=ZONE,
        technicians=people,
        status="scheduled",
    )


LINE = InvoiceLine(
    product="p1", description="A repair", quantity=Decimal("1.5"), unit_price=Decimal(80), amount=Decimal(120)
)
BILLS = tuple(
    Invoice(
        key=f"i{number}",
        number=f"{100 + number}",
        customer="ann",
        job="j1",
        issued_on=date(2026, 2, number),
        due_on=date(2026, 3, number),
        lines=(LINE,),
        tax=Decimal("9.90"),
        total=Decimal("129.90"),
        status=status,
        in_jobber=False,
    )
    for number, status in enumerate(("paid", "open", "void"), start=1)
)
COMPANY = Company(
    seed=1,
    name="Acme Heating",
    time_zone=ZONE,
    currency="USD",
    now=NOW,
    customers=(
        person("ann", "Ann", "Lee", "+15124741234"),
        person("bobby", "Bob", "O'Neil", "+15124741237", company="Neil Cooling Inc"),
        person("cy", "Cy", "Dunn", "+15124741239"),
        person("eve", "Eve", "Elsewhere", "+15124741230"),
    ),
    sites=(
        site("s1", "ann", "12 Oak St"), site("s2", "bobby", "5 O'Neil St"), site("s3", "cy", "9 Elm St"),
        site("s4", "ann", "14 Oak St"),
    ),
    technicians=(technician(1), technician(2), technician(3, active=False)),
    products=(Product(key="p1", name="Repair", description="A repair", unit_price=Decimal(80), taxable=True),),
    jobs=(
        job(1, "ann", "s1", "completed"), job(2, "bobby", "s2", "scheduled"), job(3, "cy", "s3", "new"),
        job(4, "ann", "s4", "scheduled"), job(5, "cy", "s3", "canceled"), job(6, "cy", "s3", "in_progress"),
    ),
    appointments=(
        visit("v1", "j1", 2, "t1"), visit("v2", "j2", 12, "t1", "t2"), visit("v3", "j4", 13, all_day=True),
        visit("v4", "j6", 11, "t2"),
    ),
    invoices=BILLS,
    payments=(
        Payment(
            key="m1",
            reference="CHK-1",
            customer="ann",
            received_on=date(2026, 2, 9),
            amount=Decimal("129.90"),
            method="check",
            allocations=(Allocation(invoice="i1", amount=Decimal("129.90")),),
        ),
    ),
    busy=(),
)  # fmt: skip


@dataclass(slots=True)
class InProcess(httpx.BaseTransport):
    """A synchronous client's way into an ASGI application in this process."""

    app: RecordingApp

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        inner = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        try:
            answer = await httpx.ASGITransport(app=self.app).handle_async_request(inner)
        except ConnectionCut as cut:
            raise httpx.ReadError("the connection was cut", request=request) from cut
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@dataclass(slots=True)
class Desk:
    """A seeded twin and a client that speaks JSON to it as the account's API key may; every exchange is recorded."""

    store: Store = field(init=False)
    app: RecordingApp = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        clock = Clock(NOW, ticker=lambda: 0.0)
        self.store = Store(clock=clock, faults=Faults(), base_url=BASE)
        TWIN.seed(COMPANY, self.store)
        estate = Estate(clock=clock, served={TWIN.name: Served(twin=TWIN, store=self.store)}, seed=1)
        self.app = RecordingApp(assemble(estate))
        headers = {"Authorization": f"Token {TWIN.credentials['token']}"}
        self.http = httpx.Client(transport=InProcess(self.app), base_url=BASE, headers=headers)

    def call(
        self, method: str, path: str, json: Any = None, *, status: int = 200, query: Mapping[str, Any] | None = None
    ) -> Any:
        """The body of the answer, which must have this status."""
        sent = {} if json is None else {"json": json}
        answer = self.http.request(method, path, params=query, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    def rows(self, name: str, **query: Any) -> list[Record]:
        """The first page of a list."""
        found: list[Record] = self.call("GET", f"/{name}", query=query)[name]
        return found

    def job(self, number: int) -> Record:
        """A job by its number, with its visits."""
        rows = self.rows("jobs", page_size=200, **{"expand[]": "appointments"})
        return next(one for one in rows if one["invoice_number"] == str(number))

    def customer(self, first_name: str) -> Record:
        return next(one for one in self.rows("customers", page_size=200) if one["first_name"] == first_name)

    def later(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def edit(self, collection: str, id: str, **members: Any) -> None:
        """A person changes a record, some minutes after the last thing that happened."""
        self.later(minutes=15)
        record = self.store.get(collection, id)
        assert record is not None
        self.store.put(collection, id, TWIN.touch(self.store, collection, {**record, **members}))

    def remove(self, collection: str, id: str) -> None:
        self.later(minutes=15)
        TWIN.remove(self.store, collection, id)

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system=TWIN.name, kind=kind, **more))

"""The synthetic company that every twin shows its own part of: the truth before anybody mistyped it.

``build(seed)`` always gives the same company for the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    street: str
    unit: str | None
    city: str
    state: str
    postal_code: str
    country: str = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How one system writes a customer; differs from the truth for customers kept in several systems."""

    given_name: str
    family_name: str
    company_name: str | None
    email: str | None
    phone: str | None
    address: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """``seen_by`` maps a system's name (hubspot, jobber, quickbooks_online) to how it spells this customer."""

    key: str
    is_company: bool
    truth: Spelling
    seen_by: dict[str, Spelling]
    tags: Sequence[str]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place where work is done; belongs to one customer (by key)."""

    key: str
    customer: str
    name: str | None
    address: Address
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    key: str
    given_name: str
    family_name: str
    email: str
    phone: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    key: str
    name: str
    description: str
    unit_price: Decimal
    taxable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``status`` is one of new, scheduled, in_progress, paused, completed, canceled."""

    key: str
    number: int
    customer: str
    site: str
    title: str
    instructions: str
    status: str
    total: Decimal
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """``starts_at``/``ends_at`` are UTC and both None when unscheduled; ``technicians`` are keys.

    ``status`` is one of scheduled, en_route, started, paused, completed, canceled.
    """

    key: str
    job: str
    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    time_zone: str
    technicians: Sequence[str]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    product: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Every invoice is in the accounting system; ``in_jobber`` ones are also in the scheduling system."""

    key: str
    number: str
    customer: str
    job: str | None
    issued_on: date
    due_on: date
    lines: Sequence[InvoiceLine]
    tax: Decimal
    total: Decimal
    status: str  # draft, open, paid, void
    in_jobber: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    invoice: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """``amount`` is at least the sum of the allocations; what is over is unapplied."""

    key: str
    reference: str
    customer: str
    received_on: date
    amount: Decimal
    method: str  # cash, check, card, ach
    allocations: Sequence[Allocation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Time that a technician is not free for work: shift end, time off, personal events."""

    key: str
    technician: str
    title: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The whole company at ``now`` (UTC): the sandbox clock starts there."""

    seed: int
    name: str
    time_zone: str
    currency: str
    now: datetime
    customers: Sequence[Customer]
    sites: Sequence[Site]
    technicians: Sequence[Technician]
    products: Sequence[Product]
    jobs: Sequence[Job]
    appointments: Sequence[Appointment]
    invoices: Sequence[Invoice]
    payments: Sequence[Payment]
    busy: Sequence[Busy]

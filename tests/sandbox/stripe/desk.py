"""A small company that is paid by card and bank account, and what it made in Stripe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sandbox.clock import Clock
from sandbox.company import Allocation, Payment
from sandbox.faults import Faults
from sandbox.store import Store
from sandbox.stripe import TWIN
from tests.sandbox.quickbooks_online.desk import COMPANY as BOOKS
from tests.sandbox.quickbooks_online.desk import bill

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)


def paid(key: str, customer: str, day: int, amount: str, method: str, *parts: tuple[str, str]) -> Payment:
    return Payment(
        key=key, reference=f"PMT-{key}", customer=customer, received_on=date(2026, 2, day), amount=Decimal(amount),
        method=method, allocations=tuple(Allocation(invoice=one, amount=Decimal(part)) for one, part in parts),
    )  # fmt: skip


COMPANY = replace(
    BOOKS,
    invoices=(bill("1", "ann", "paid"), bill("2", "ann", "open"), bill("3", "bob", "void"), bill("4", "bob", "draft")),
    payments=(
        paid("p1", "ann", 9, "300.00", "card", ("1", "216.50"), ("2", "50.25")),
        paid("p2", "bob", 10, "80.10", "ach"),
        paid("p3", "ann2", 12, "12.34", "card"),
        paid("p4", "bob", 13, "55.00", "check"),
        paid("p5", "ann", 27, "99.99", "card"),
    ),
)


def opened() -> Store:
    """The twin's store with this company in it; its clock stands still."""
    store = Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults(), base_url="http://stripe.test")
    TWIN.seed(COMPANY, store)
    return store

"""Invoices and payments: every sum to the cent, every allocation within its invoice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sandbox.company import Allocation, Customer, Invoice, InvoiceLine, Job, Payment, Product
from sandbox.founding.catalog import line, pick_lines

TAX_RATE = Decimal("0.0825")  # Texas 6.25 % with the usual local 2 %
INVOICES = 450
JOB_INVOICES = 150
DRAFTS = 4
VOIDS = 8
# payments, 380 in all
OF_TWO_INVOICES = 25
HALVES = 20  # invoices settled by two payments
PARTIALS = 30
OVERPAID = 12
DEPOSITS = 5  # received, applied to nothing
SINGLE = 380 - OF_TWO_INVOICES - 2 * HALVES - PARTIALS - DEPOSITS
UNPAID = INVOICES - DRAFTS - VOIDS - 2 * OF_TWO_INVOICES - HALVES - PARTIALS - SINGLE
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """What is to be invoiced: to whom, since when, for which job."""

    customer: str
    job: str | None
    issued_on: date
    lines: tuple[InvoiceLine, ...]


def invoices(
    rng: random.Random,
    customers: Sequence[Customer],
    jobs: Sequence[Job],
    lines: dict[str, tuple[InvoiceLine, ...]],
    offer: Sequence[Product],
    today: date,
) -> tuple[Invoice, ...]:
    """450 invoices in the order of their dates: 150 for jobs, 300 of customers without jobs. None paid yet."""
    sales = [*_job_sales(rng, customers, jobs, lines, today), *_counter_sales(rng, customers, offer, today)]
    sales.sort(key=lambda sale: (sale.issued_on, sale.customer, sale.job or ""))
    taxable = {product.key for product in offer if product.taxable}
    issued = [_invoice(rng, n, sale, taxable) for n, sale in enumerate(sales, start=1)]
    drafts = set(rng.sample(range(INVOICES - 40, INVOICES), DRAFTS))
    voids = set(rng.sample(range(INVOICES - 40), VOIDS))
    return tuple(
        replace(invoice, status="draft" if n in drafts else "void" if n in voids else "open")
        for n, invoice in enumerate(issued)
    )


def _job_sales(
    rng: random.Random,
    customers: Sequence[Customer],
    jobs: Sequence[Job],
    lines: dict[str, tuple[InvoiceLine, ...]],
    today: date,
) -> Iterator[_Sale]:
    """Completed jobs of customers known to both systems first, then jobs billed while under way."""
    both = {c.key for c in customers if {"jobber", "quickbooks_online"} <= set(c.seen_by)}
    ready = [job for job in jobs if job.customer in both and job.status in ("completed", "paused", "in_progress")]
    ready.sort(key=lambda job: job.status != "completed")
    for job in ready[:JOB_INVOICES]:
        done = (job.completed_at or job.created_at).astimezone(ZoneInfo("America/Chicago")).date()
        issued_on = min(today, done + timedelta(days=rng.choice((0, 0, 1, 2, 3))))
        yield _Sale(customer=job.customer, job=job.key, issued_on=issued_on, lines=lines[job.key])


def _counter_sales(
    rng: random.Random, customers: Sequence[Customer], offer: Sequence[Product], today: date
) -> Iterator[_Sale]:
    """Maintenance plans by the quarter and parts, over the last eight months."""
    buyers = [c.key for c in customers if "quickbooks_online" in c.seen_by and "jobber" not in c.seen_by]
    plan, parts = offer[-1], [product for product in offer if product.taxable]
    for n in range(INVOICES - JOB_INVOICES):
        lines = (line(plan, Decimal(1)),) if rng.random() < 0.4 else pick_lines(rng, parts)
        issued_on = today - timedelta(days=rng.randrange(240))
        yield _Sale(customer=buyers[n % len(buyers)], job=None, issued_on=issued_on, lines=lines)


def _invoice(rng: random.Random, nth: int, sale: _Sale, taxable: set[str]) -> Invoice:
    net = sum((item.amount for item in sale.lines), Decimal(0))
    taxed = sum((item.amount for item in sale.lines if item.product in taxable), Decimal(0))
    tax = (taxed * TAX_RATE).quantize(_CENT, ROUND_HALF_UP)
    return Invoice(
        key=f"invoice-{nth:03}",
        number=str(1000 + nth),
        customer=sale.customer,
        job=sale.job,
        issued_on=sale.issued_on,
        due_on=sale.issued_on + timedelta(days=rng.choice((0, 15, 30, 30))),
        lines=sale.lines,
        tax=tax,
        total=net + tax,
        status="open",
        in_jobber=sale.job is not None,
    )


def payments(rng: random.Random, issued: Sequence[Invoice], today: date) -> tuple[Payment, ...]:
    """380 payments in the order of their dates; drafts and voided invoices get none."""
    payable = [invoice for invoice in issued if invoice.status == "open"]
    pairs = _pairs(rng, payable)
    rest = [invoice for invoice in payable if not any(invoice in pair for pair in pairs)]
    recent = rng.sample(rest[-160:], UNPAID + PARTIALS)
    settled = [invoice for invoice in rest if invoice not in recent]
    rng.shuffle(settled)
    received = [
        *(_full(rng, pair, today) for pair in pairs),
        *(_part(rng, invoice, _share(rng, invoice), today) for invoice in recent[UNPAID:]),
        *(part for invoice in settled[:HALVES] for part in _halves(rng, invoice, today)),
        *(_full(rng, (invoice,), today) for invoice in settled[HALVES + OVERPAID :]),
        *(_over(rng, invoice, today) for invoice in settled[HALVES : HALVES + OVERPAID]),
        *(_deposit(rng, invoice, today) for invoice in rng.sample(recent, DEPOSITS)),
    ]
    received.sort(key=lambda payment: (payment.received_on, payment.customer, payment.amount))
    return tuple(_receipted(rng, n, payment) for n, payment in enumerate(received, start=1))


def settle(issued: Sequence[Invoice], received: Sequence[Payment]) -> tuple[Invoice, ...]:
    """The invoices with ``paid`` exactly where the allocations reach the total."""
    allocated: dict[str, Decimal] = {}
    for payment in received:
        for part in payment.allocations:
            allocated[part.invoice] = allocated.get(part.invoice, Decimal(0)) + part.amount
    return tuple(
        replace(invoice, status="paid") if allocated.get(invoice.key) == invoice.total else invoice
        for invoice in issued
    )


def _pairs(rng: random.Random, payable: Sequence[Invoice]) -> list[tuple[Invoice, Invoice]]:
    """Two invoices of one customer each, no customer twice."""
    of: dict[str, list[Invoice]] = {}
    for invoice in payable:
        of.setdefault(invoice.customer, []).append(invoice)
    several = [group for group in of.values() if len(group) > 1]
    return [(group[0], group[1]) for group in rng.sample(several, OF_TWO_INVOICES)]


def _payment(rng: random.Random, of: Sequence[Invoice], amounts: Sequence[Decimal], today: date) -> Payment:
    """A payment that settles these amounts of these invoices, some days after the newest of them."""
    newest = max(invoice.issued_on for invoice in of)
    return Payment(
        key="",
        reference="",
        customer=of[0].customer,
        received_on=min(today, newest + timedelta(days=rng.randrange(28))),
        amount=sum(amounts, Decimal(0)),
        method=rng.choice(("cash", "check", "check", "card", "card", "card", "ach")),
        allocations=tuple(
            Allocation(invoice=invoice.key, amount=amount) for invoice, amount in zip(of, amounts, strict=True)
        ),
    )


def _full(rng: random.Random, of: Sequence[Invoice], today: date) -> Payment:
    return _payment(rng, of, [invoice.total for invoice in of], today)


def _part(rng: random.Random, invoice: Invoice, amount: Decimal, today: date) -> Payment:
    return _payment(rng, (invoice,), (amount,), today)


def _share(rng: random.Random, invoice: Invoice) -> Decimal:
    """Between a fifth and four fifths of the total, to the cent."""
    return (invoice.total * rng.randrange(20, 80) / 100).quantize(_CENT)


def _halves(rng: random.Random, invoice: Invoice, today: date) -> tuple[Payment, Payment]:
    first = _share(rng, invoice)
    return _part(rng, invoice, first, today), _part(rng, invoice, invoice.total - first, today)


def _over(rng: random.Random, invoice: Invoice, today: date) -> Payment:
    paid = _full(rng, (invoice,), today)
    return replace(paid, amount=paid.amount + Decimal(rng.randrange(500, 20000)) / 100)


def _deposit(rng: random.Random, invoice: Invoice, today: date) -> Payment:
    paid = _part(rng, invoice, Decimal(rng.randrange(50, 500)), today)
    return replace(paid, allocations=())


def _receipted(rng: random.Random, nth: int, payment: Payment) -> Payment:
    reference = str(rng.randrange(1000, 9999)) if payment.method == "check" else f"PMT-{nth:04}"
    return replace(payment, key=f"payment-{nth:03}", reference=reference)

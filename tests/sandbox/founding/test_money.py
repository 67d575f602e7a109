from __future__ import annotations

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from sandbox.founding import build

CENT = Decimal("0.01")
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def allocated(seed: int) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment in build(seed).payments:
        for part in payment.allocations:
            sums[part.invoice] += part.amount
    return sums


@SEEDS
def test_every_sum_is_exact_to_the_cent(seed: int) -> None:
    company = build(seed)
    taxable = {product.key for product in company.products if product.taxable}
    for invoice in company.invoices:
        assert all(line.amount == line.quantity * line.unit_price for line in invoice.lines)
        assert all(line.amount == line.amount.quantize(CENT) for line in invoice.lines)
        base = sum((line.amount for line in invoice.lines if line.product in taxable), Decimal(0))
        assert invoice.tax == (base * Decimal("0.0825")).quantize(CENT, ROUND_HALF_UP)
        assert invoice.total == sum(line.amount for line in invoice.lines) + invoice.tax
        assert invoice.total > 0


@SEEDS
def test_allocations_stay_within_the_payment_and_the_invoice(seed: int) -> None:
    company, totals = build(seed), {invoice.key: invoice.total for invoice in build(seed).invoices}
    for payment in company.payments:
        assert payment.amount == payment.amount.quantize(CENT)
        assert 0 < payment.amount >= sum(part.amount for part in payment.allocations)
        assert all(part.amount > 0 for part in payment.allocations)
    assert all(amount <= totals[key] for key, amount in allocated(seed).items())


@SEEDS
def test_an_invoice_is_paid_exactly_when_it_is_fully_allocated(seed: int) -> None:
    paid = allocated(seed)
    for invoice in build(seed).invoices:
        assert (invoice.status == "paid") == (paid.get(invoice.key) == invoice.total)
        if invoice.status in {"draft", "void"}:
            assert invoice.key not in paid
    statuses = Counter(invoice.status for invoice in build(seed).invoices)
    assert set(statuses) == {"draft", "open", "paid", "void"}
    assert (statuses["draft"], statuses["void"]) == (4, 8)


@SEEDS
def test_every_invoice_is_of_a_customer_of_the_accounting_system(seed: int) -> None:
    company = build(seed)
    seen = {customer.key: set(customer.seen_by) for customer in company.customers}
    jobs = {job.key: job for job in company.jobs}
    for invoice in company.invoices:
        assert "quickbooks_online" in seen[invoice.customer]
        assert invoice.in_jobber == (invoice.job is not None) == ("jobber" in seen[invoice.customer])
        if invoice.job is not None:
            job = jobs[invoice.job]
            assert job.customer == invoice.customer
            assert job.total == invoice.total - invoice.tax
    of_jobs = [invoice.job for invoice in company.invoices if invoice.job]
    assert len(of_jobs) == len(set(of_jobs)) == 150


@SEEDS
def test_payments_are_partial_unapplied_and_for_two_invoices(seed: int) -> None:
    company, totals = build(seed), {invoice.key: invoice for invoice in build(seed).invoices}
    parts = [payment.allocations for payment in company.payments]
    assert sum(len(part) == 2 for part in parts) == 25
    assert sum(len(part) == 0 for part in parts) == 5
    remainders = [p.amount - sum((a.amount for a in p.allocations), Decimal(0)) for p in company.payments]
    assert sum(remainder > 0 for remainder in remainders) == 17
    assert sum(0 < amount < totals[key].total for key, amount in allocated(seed).items()) == 30
    for payment in company.payments:
        assert all(totals[part.invoice].customer == payment.customer for part in payment.allocations)
        assert all(totals[part.invoice].issued_on <= payment.received_on for part in payment.allocations)
        assert payment.received_on <= company.now.date()


@SEEDS
def test_numbers_follow_the_dates(seed: int) -> None:
    invoices = build(seed).invoices
    assert len({invoice.number for invoice in invoices}) == 450
    assert [invoice.issued_on for invoice in invoices] == sorted(invoice.issued_on for invoice in invoices)
    assert all(invoice.issued_on <= invoice.due_on for invoice in invoices)
    assert max(invoice.issued_on for invoice in invoices) <= build(seed).now.date()

from __future__ import annotations

import pytest

from sandbox.company import Company
from sandbox.founding import build

COUNTS = {
    "customers": 400,
    "technicians": 8,
    "products": 25,
    "jobs": 600,
    "appointments": 900,
    "invoices": 450,
    "payments": 380,
    "busy": 25,
}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_company_has_its_size_whatever_the_seed(seed: int) -> None:
    company = build(seed)
    assert {part: len(getattr(company, part)) for part in COUNTS} == COUNTS


@pytest.mark.parametrize("part", [*COUNTS, "sites"])
def test_keys_are_unique(part: str) -> None:
    keys = [record.key for record in getattr(build(1), part)]
    assert len(set(keys)) == len(keys)
    assert all(keys)


def test_a_seed_always_gives_the_same_company() -> None:
    assert build.__wrapped__(1) == build.__wrapped__(1)


def test_another_seed_gives_another_company() -> None:
    one, two = build(1), build(2)
    assert one.customers != two.customers
    assert one.payments != two.payments
    assert (one.name, one.now) == (two.name, two.now)


def test_every_reference_leads_somewhere() -> None:
    company = build(1)
    customers, sites, jobs = _keys(company, "customers"), _keys(company, "sites"), _keys(company, "jobs")
    technicians, products, invoices = (_keys(company, part) for part in ("technicians", "products", "invoices"))
    assert {site.customer for site in company.sites} <= customers
    assert {job.customer for job in company.jobs} <= customers
    assert {job.site for job in company.jobs} <= sites
    assert {visit.job for visit in company.appointments} <= jobs
    assert {who for visit in company.appointments for who in visit.technicians} <= technicians
    assert {invoice.customer for invoice in company.invoices} <= customers
    assert {invoice.job for invoice in company.invoices} - {None} <= jobs
    assert {line.product for invoice in company.invoices for line in invoice.lines} <= products
    assert {part.invoice for payment in company.payments for part in payment.allocations} <= invoices
    assert {busy.technician for busy in company.busy} <= technicians


def _keys(company: Company, part: str) -> set[str]:
    return {record.key for record in getattr(company, part)}

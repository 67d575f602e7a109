from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.checks.invoice import total_adds_up
from tests.quality.frames import ENTITIES, core_frame, violating

GOOD = {
    "status": "open",
    "issued_on": "2025-03-01",
    "due_on": "2025-03-31",
    "currency": "USD",
    "subtotal": "100.00",
    "tax": "8.25",
    "total": "108.25",
    "balance": "50.00",
    "lines": '[{"amount": "60.00"}, {"amount": "40.00"}]',
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("subtotal_adds_up", {"subtotal": "100.02"}),
        ("total_adds_up", {"total": "108.2601"}),
        ("total_adds_up", {"tax": None}),
        ("total_adds_up", {"lines": None, "subtotal": "99.00"}),
        ("total_not_negative", {"total": "-108.25"}),
        ("tax_not_negative", {"tax": "-8.25"}),
        ("balance_within_total", {"balance": "108.27"}),
        ("balance_within_total", {"balance": "-0.01"}),
        ("status_fits_balance", {"status": "paid"}),
        ("status_fits_balance", {"status": "void"}),
        ("status_fits_balance", {"balance": "0"}),
        ("due_after_issue", {"due_on": "2025-02-28"}),
        ("currency_form", {"currency": "US"}),
        ("job_of_the_same_customer", {"customer": "cus_a", "job_customer": "cus_b"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("invoice", check, [GOOD, GOOD | change, {}]) == ["c1"]


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("total_adds_up", {"total": "108.26"}),
        ("total_adds_up", {"lines": "[]"}),
        ("total_adds_up", {"lines": '[{"amount": "60.00"}, {"description": "Thank you"}]'}),
        ("total_adds_up", {"lines": None, "subtotal": None}),
        ("balance_within_total", {"balance": "108.25"}),
        ("balance_within_total", {"balance": "0"}),
        ("status_fits_balance", {"status": "paid", "balance": "0"}),
        ("status_fits_balance", {"status": "paid", "balance": None}),
        ("status_fits_balance", {"status": "open", "balance": "0", "total": "0"}),
        ("status_fits_balance", {"status": "draft"}),
        ("job_of_the_same_customer", {"customer": "cus_a", "job_customer": "cus_a"}),
        ("job_of_the_same_customer", {"customer": "cus_a"}),
    ],
)
def test_what_is_in_order_is_left_alone(check, change):
    assert violating("invoice", check, [GOOD | change]) == []


@settings(max_examples=40)
@given(
    lines=st.lists(st.integers(0, 10**7), min_size=1, max_size=6), tax=st.integers(0, 10**6), off=st.integers(-300, 300)
)
def test_a_bill_adds_up_exactly_when_it_is_within_a_cent(lines, tax, off):
    amounts = ", ".join(f'{{"amount": "{Decimal(c) / 100}"}}' for c in lines)
    total = Decimal(sum(lines) + tax) / 100 + Decimal(off) / 10000
    rows = [{"lines": f"[{amounts}]", "tax": Decimal(tax) / 100, "total": total}]
    assert total_adds_up(core_frame(ENTITIES["invoice"], rows)).tolist() == [abs(off) <= 100]

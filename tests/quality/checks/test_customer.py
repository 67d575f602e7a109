from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "given_name": "Ada",
    "email": "ada@example.com",
    "phone": "+15125550100",
    "balance": "12.50",
    "currency": "USD",
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("has_a_name", {"given_name": None}),
        ("can_be_reached", {"email": None, "phone": None}),
        ("email_form", {"email": "ada at example"}),
        ("phone_form", {"phone": "512-555-0100"}),
        ("currency_form", {"currency": "$"}),
        ("balance_has_currency", {"currency": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("customer", check, [GOOD, GOOD | change]) == ["c1"]


@pytest.mark.parametrize("name", ["family_name", "company_name"])
def test_any_name_will_do(name):
    assert violating("customer", "has_a_name", [{name: "Ada"}]) == []

from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "amount": "100.00",
    "unapplied": "40.00",
    "currency": "USD",
    "allocations": '[{"invoice": "1", "amount": "60.00"}]',
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("amount_not_negative", {"amount": "-100.00"}),
        ("unapplied_within_amount", {"unapplied": "100.02"}),
        ("unapplied_within_amount", {"unapplied": "-0.01"}),
        ("allocations_add_up", {"unapplied": "39.00"}),
        ("allocations_add_up", {"unapplied": None, "amount": "59.00"}),
        ("currency_form", {"currency": "Dollar"}),
        ("amount_not_null", {"amount": None, "unapplied": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("payment", check, [GOOD, GOOD | change]) == ["c1"]


@pytest.mark.parametrize(
    "change", [{"unapplied": None}, {"allocations": None}, {"unapplied": "40.01"}, {"allocations": "[]"}]
)
def test_a_payment_of_which_less_is_known_is_left_alone(change):
    assert violating("payment", "allocations_add_up", [GOOD | change]) == []


def test_a_payment_that_was_entered_twice_is_seen_and_two_of_one_day_for_two_bills_are_not():
    one = GOOD | {
        "customer": "cus_a",
        "received_on": "2025-03-01",
        "allocations": '[{"invoice": "1", "amount": "5.00"}]',
    }
    other = one | {"allocations": '[{"invoice": "2", "amount": "5.00"}]'}
    loose = one | {"allocations": None}
    assert violating("payment", "received_once", [one, other, one, loose, loose]) == ["c0", "c2"]

from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "total": "108.25",
    "subtotal": "100.00",
    "tax": "8.25",
    "remaining": "48.25",
    "currency": "USD",
    "allocations": '[{"invoice": "1", "amount": "60.00"}]',
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("total_adds_up", {"tax": None}),
        ("used_within_total", {"remaining": "48.27"}),
        ("total_not_negative", {"total": "-1.00", "subtotal": "-1.00", "tax": None, "allocations": None}),
        ("currency_form", {"currency": "Dollar"}),
        ("total_not_null", {"total": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("credit_note", check, [GOOD, GOOD | change]) == ["c1"]


@pytest.mark.parametrize("change", [{"remaining": "0"}, {"remaining": None, "allocations": None}, {"subtotal": None}])
def test_what_was_given_back_or_is_not_known_is_left_alone(change):
    """A part of a credit may have been paid out, and not every system says what it was used for."""
    for check in ("total_adds_up", "used_within_total"):
        assert violating("credit_note", check, [GOOD | change]) == []

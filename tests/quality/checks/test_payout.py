from __future__ import annotations

import pytest

from tests.quality.frames import violating

LINES = '[{"kind": "payment", "amount": "100.00"}, {"kind": "fee", "amount": "-3.20"}]'
GOOD = {"amount": "96.80", "currency": "USD", "lines": LINES}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("lines_add_up", {"amount": "96.82"}),
        ("currency_form", {"currency": "Dollar"}),
        ("amount_not_null", {"amount": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("payout", check, [GOOD, GOOD | change]) == ["c1"]


def test_a_payout_without_lines_is_left_alone():
    assert violating("payout", "lines_add_up", [GOOD | {"lines": None}]) == []

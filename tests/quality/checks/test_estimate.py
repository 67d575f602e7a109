from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {"total": "10.00", "currency": "USD", "issued_on": "2025-03-01", "expires_on": "2025-03-31"}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("total_not_negative", {"total": "-1"}),
        ("expires_after_issue", {"expires_on": "2025-02-28"}),
        ("currency_form", {"currency": "usd"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("estimate", check, [GOOD, GOOD | change, {}]) == ["c1"]

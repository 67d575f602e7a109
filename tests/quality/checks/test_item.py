from __future__ import annotations

from tests.quality.frames import violating


def test_a_price_below_nothing_is_found():
    rows = [{"name": "Visit", "unit_price": "0"}, {"name": "Visit", "unit_price": "-0.0001"}, {"name": "Visit"}]
    assert violating("item", "price_not_negative", rows) == ["c1"]

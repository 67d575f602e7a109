from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.records import merged


# The cases of RFC 7386, appendix A, that have an object on both sides.
@pytest.mark.parametrize(
    ("record", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch(record: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]) -> None:
    assert merged(record, patch) == result


def test_numbers_join_a_record_of_decimals_exactly() -> None:
    result = merged({"total": Decimal("1.00"), "n": 1}, {"total": 19.99, "lines": [{"amount": 0.1}], "n": 2})
    assert result == {"total": Decimal("19.99"), "lines": [{"amount": Decimal("0.1")}], "n": 2}
    assert isinstance(result["lines"][0]["amount"], Decimal)
    assert isinstance(merged({"total": 1.0}, {"total": 19.99})["total"], float)

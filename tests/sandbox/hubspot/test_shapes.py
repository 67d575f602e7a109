"""Bodies of a wrong shape are refused as such, wherever the shape is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hubspot.shapes import BATCH, PROPERTY, SEARCH, WRITE, misfit
from tests.sandbox.hubspot.conftest import Portal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(SEARCH)), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("search", {"filterGroups": [{"filters": "email"}]}),
        ("search", {"filterGroups": [{"filters": [{"propertyName": ["email"], "operator": "EQ"}]}]}),
        ("search", {"sorts": "email"}),
        ("batch/create", {"inputs": {"properties": {}}}),
        ("batch/create", {"inputs": [None]}),
        ("batch/upsert", {"inputs": [{"id": "1", "idProperty": {}, "properties": {}}]}),
        ("batch/read", {"properties": "email", "propertiesWithHistory": [], "inputs": [{"id": "1"}]}),
        ("merge", {"primaryObjectId": ["1"]}),
    ],
)
def test_the_vendor_calls_it_invalid_input(portal: Portal, action: str, body: dict[str, Any]) -> None:
    response = portal.call("POST", f"{portal.contacts}/{action}", body)
    assert response.status_code == 400
    assert response.json()["message"].startswith("Invalid input JSON")


@given(JSON)
def test_any_json_fits_or_is_named(value: Any) -> None:
    for shape in (WRITE, BATCH, SEARCH, PROPERTY):
        problem = misfit(value, shape)
        assert problem is None or "must be" in problem


def test_good_bodies_fit() -> None:
    row = {"id": "1", "idProperty": "email", "properties": {"a": "b"}, "objectWriteTraceId": "t"}
    assert misfit({"inputs": [row, {"properties": {}}]}, BATCH) is None
    assert misfit({"sorts": ["-email", {"propertyName": "email"}], "after": 0, "limit": 5}, SEARCH) is None

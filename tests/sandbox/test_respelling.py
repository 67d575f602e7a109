from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.respelling import FORMS, Members, respelled

MEMBERS = Members(
    texts=frozenset({"name"}),
    notes=frozenset({"note"}),
    phones=frozenset({"phone"}),
    amounts=frozenset({"amount"}),
    lists=frozenset({"tags"}),
)
RECORD = {
    "id": " x ",
    "name": " ada  byron",
    "note": "a < b\nc",
    "parts": [{"phone": "+15125550101", "amount": Decimal("1.005")}],
    "amount": "2.5",
    "tags": ["a", "b"],
}


@pytest.mark.parametrize(
    ("form", "moved"),
    [
        ("trim", {"name": "ada byron", "note": "a < b c"}),
        ("upper", {"name": " ADA  BYRON", "note": "A < B\nC"}),
        ("title", {"name": " Ada  Byron", "note": "A < B\nC"}),
        ("html", {"note": "<p>a &lt; b<br>c</p>"}),
        ("phone", {"parts": [{"phone": "(512) 555-0101", "amount": Decimal("1.005")}]}),
        ("round", {"amount": "2.50", "parts": [{"phone": "+15125550101", "amount": Decimal("1.01")}]}),
        ("order", {"tags": ["b", "a"]}),
    ],
)
def test_a_form_changes_its_members_and_nothing_else(form: str, moved: dict[str, Any]) -> None:
    once = respelled(RECORD, form, MEMBERS)
    assert once == RECORD | moved
    assert form == "html" or respelled(once, form, MEMBERS) == once


def test_every_form_is_tried_above_and_odd_values_stay_as_they_are() -> None:
    odd = {"name": None, "phone": "+442079460000", "amount": "", "tags": "a;b", "note": 1}
    assert [respelled(odd, form, MEMBERS) for form in FORMS] == [odd] * 6 + [odd | {"tags": "b;a"}]

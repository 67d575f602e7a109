from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.change import Cause, Change, Delivery, HeldChange, Plan, Receipt, Rejection, digest, merge, to_json

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
CHANGE = Change(
    system="crm",
    entity="customer",
    core_id="cus_1",
    action="update",
    target_id="7",
    version="e1",
    before={"phone": "+15125550100"},
    after={"phone": "+15125550199"},
)
PLAN = Plan(system="crm", entity="customer", mode="live", run="r1", created_at=NOW, changes=(CHANGE,))


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("-0.00"), "0"),
        (Decimal("0.0001"), "0.0001"),
        (datetime(2026, 3, 11, 9, 5, tzinfo=None), "2026-03-11 09:05:00"),  # noqa: DTZ001 - canonical instants are naive
        (date(2026, 3, 11), "2026-03-11"),
        ({"b": (Decimal("1.0"), None), 1: True}, {"b": ["1", None], "1": True}),
        ("ü", "ü"),
    ],
)
def test_a_canonical_value_has_one_spelling(value: Any, spelled: Any) -> None:
    assert to_json(value) == spelled


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_an_amount_keeps_its_value_and_has_no_exponent(amount: Decimal) -> None:
    text = to_json(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert to_json(amount * Decimal("1.000")) == text


def test_a_digest_does_not_depend_on_the_order_of_keys_but_on_that_of_lists() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(None) != digest("None")
    assert len(digest("x", length=40)) == 40


def test_the_same_change_planned_twice_has_the_same_id() -> None:
    again = replace(
        CHANGE,
        after=dict(CHANGE.after),
        version="e2",
        cause={"phone": Cause(system="x", source_id="1", load="l", rule="r")},
    )
    assert again.id == CHANGE.id
    assert CHANGE.id.startswith("chg_")


@pytest.mark.parametrize(
    "other",
    [
        {"system": "books"},
        {"entity": "invoice"},
        {"core_id": "cus_2"},
        {"action": "delete"},
        {"target_id": "8"},
        {"before": {"phone": None}},
        {"after": {"phone": "+15125550198"}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_change_has_another_id(other: dict[str, Any]) -> None:
    assert replace(CHANGE, **other).id != CHANGE.id


def test_an_id_is_the_same_for_equal_amounts_however_they_are_written() -> None:
    ids = {replace(CHANGE, after={"total": Decimal(text)}).id for text in ("12.5", "12.50", "1.25E+1")}
    assert len(ids) == 1


def test_a_plans_id_covers_every_row_and_nothing_about_the_run() -> None:
    assert replace(PLAN, run="r2", created_at=NOW.replace(hour=3), hold="too many").id == PLAN.id
    other = replace(CHANGE, core_id="cus_2")
    held = HeldChange(change=other, reason="waits")
    assert len({p.id for p in (PLAN, replace(PLAN, changes=(CHANGE, other)), replace(PLAN, held=(held,)))}) == 3
    assert replace(PLAN, held=(replace(held, reason="waits longer"),)).id != replace(PLAN, held=(held,)).id


def test_a_plan_counts_its_actions_and_names_its_handoff() -> None:
    plan = replace(PLAN, changes=(CHANGE, replace(CHANGE, action="create"), replace(CHANGE, action="create")))
    assert (plan.count("create"), plan.count("update"), plan.count("delete")) == (2, 1, 0)
    assert plan.handoff == "crm.customer"


def test_every_planned_change_is_delivered_held_or_rejected() -> None:
    receipt = Receipt(
        change_id=CHANGE.id, system="crm", entity="customer", core_id="cus_1", action="update", target_id="7",
        version="e2", pushed=CHANGE.after, observed=CHANGE.after, at=NOW,
    )  # fmt: skip
    one = Delivery(delivered=(receipt,), held=(HeldChange(change=CHANGE, reason="waits"),))
    two = Delivery(rejected=(Rejection(change=CHANGE, reason="no such field"),))
    both = merge([one, two])
    assert (one.planned, two.planned, both.planned, merge([]).planned) == (2, 1, 3, 0)
    assert (both.delivered, both.held, both.rejected) == (one.delivered, one.held, two.rejected)

"""What a condition demands, and what it says when it is not met."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models.conditions import Condition, check, unmet
from models.entities import ENTITIES
from models.errors import PlumblineError
from models.schema import Model

MODEL = Model(entities=ENTITIES, bindings=(), rules={})


@pytest.mark.parametrize(
    ("one", "values", "reason"),
    [
        (Condition(path="a", one_of=("x", "y")), {"a": "y"}, None),
        (Condition(path="a", one_of=("x", "y")), {"a": "z"}, "waits: a is z and must be x or y"),
        (Condition(path="a", one_of=("x",)), {"a": None}, "waits: a is not known and must be x"),
        (Condition(path="a", none_of=("x",)), {"a": None}, None),
        (Condition(path="a", none_of=("x",)), {"a": "x"}, "waits: a is x"),
        (Condition(path="a", one_of=("x",)), {"a": ["w", "x"]}, None),
        (Condition(path="a", none_of=("x",)), {"a": ["w", "x"]}, "waits: a is w, x"),
        (Condition(path="a.b.c", one_of=("x", "y")), {"a.b.c": ["x", "y"]}, None),
        (Condition(path="a.b.c", one_of=("x",)), {"a.b.c": ["w", "x"]}, "waits: a.b.c is w, x and must be x"),
        (Condition(path="a.b.c", one_of=("x",)), {"a.b.c": None}, "waits: a.b.c is not known and must be x"),
        (Condition(path="a", at_most=Decimal(5)), {"a": Decimal(5)}, None),
        (Condition(path="a", at_most=Decimal(5)), {"a": Decimal("5.01")}, "waits: a is 5.01, above the 5 allowed"),
        (Condition(path="a", at_most=Decimal(5)), {"a": None}, "waits: a is not known"),
        (Condition(path="a", at_most="b.c"), {"a": Decimal(1), "b.c": Decimal(2)}, None),
        (Condition(path="a", at_most="b.c"), {"a": Decimal(1), "b.c": None}, "waits: b.c is not known"),
    ],
)
def test_what_holds_passes_and_what_does_not_is_told(
    one: Condition, values: dict[str, Any], reason: str | None
) -> None:
    assert unmet([one], values) == reason


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (Condition(path="job.status", one_of=("completed",)), None),
        (Condition(path="total", at_most="job.total"), None),
        (Condition(path="colour", one_of=("red",)), "colour"),
        (Condition(path="memo.status", one_of=("x",)), "memo refers to nothing"),
        (Condition(path="status", one_of=("approved",)), "status is never 'approved'; it is one of draft"),
        (Condition(path="job.status", none_of=("warranty",)), "job.status is never 'warranty'"),
        (Condition(path="memo", at_most=Decimal(1)), "memo is none"),
        (Condition(path="total", at_most="memo"), "memo is none"),
    ],
)
def test_what_no_record_could_meet_is_refused_beforehand(one: Condition, problem: str | None) -> None:
    entity = MODEL.entity("invoice")
    if problem is None:
        check(MODEL, entity, one)
        return
    with pytest.raises(PlumblineError, match=problem):
        check(MODEL, entity, one)


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (Condition(path="allocations.invoice.status", one_of=("open",)), None),
        (Condition(path="allocations.invoice.status", one_of=("approved",)), "never 'approved'"),
        (Condition(path="allocations.bill.status", one_of=("open",)), "allocations refers to nothing"),
        (Condition(path="allocations.invoice.total.net", one_of=("1",)), "allocations refers to nothing"),
        (Condition(path="amount", at_most="allocations.invoice.total"), "invoice.total leads through a list"),
    ],
)
def test_a_path_may_lead_through_a_list(one: Condition, problem: str | None) -> None:
    entity = MODEL.entity("payment")
    if problem is None:
        check(MODEL, entity, one)
        return
    with pytest.raises(PlumblineError, match=problem):
        check(MODEL, entity, one)

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from models.errors import DeclarationError
from models.paths import array_at, json_at, literal, steps, text_at
from tests.models.world import World

RECORD = {
    "a": {"b": "deep", "n": None},
    "Invoice No.": "17",
    "it's": "quoted",
    "1099": "digits",
    "größe": "XL",
    "a*b": "star",
    "list": [{"id": "first"}, {"id": "second", "main": True}, {"id": "third", "main": True}],
    "none": [{"id": "only", "main": False}],
    "numbers": [1, 2.5, "x"],
    "flag": True,
    "number": 12.5,
}


def at(world: World, expression: exp.Expr, record: Any = RECORD, root: str = "record") -> Any:
    query = f"SELECT {expression.sql('duckdb')} FROM (SELECT ?::JSON AS {root}) AS t"  # noqa: S608
    return world.warehouse.value(query, [json.dumps(record)])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", "deep"),
        ("a.n", None),
        ("a.missing.deeper", None),
        ('"Invoice No."', "17"),
        ('"it\'s"', "quoted"),
        ("1099", "digits"),
        ("größe", "XL"),
        ("a*b", "star"),
        ("list[0].id", "first"),
        ("list[9].id", None),
        ("list[main].id", "second"),
        ("none[main].id", "only"),
        ("missing[main].id", None),
        ("a[main].id", None),
        ("flag", "true"),
        ("number", "12.5"),
    ],
)
def test_the_text_at_a_path(world: World, path: str, found: str | None) -> None:
    assert at(world, text_at(path)) == found


def test_json_and_lists_at_a_path(world: World) -> None:
    assert json.loads(at(world, json_at("numbers"))) == [1, 2.5, "x"]
    assert [json.loads(one) for one in at(world, array_at("numbers"))] == [1, 2.5, "x"]
    assert at(world, array_at("missing")) is None
    assert at(world, array_at("flag")) is None


def test_an_element_is_the_root_where_the_path_says_so(world: World) -> None:
    assert at(world, text_at("@.id"), {"id": "inner"}, root="element") == "inner"


@pytest.mark.parametrize(("path", "place"), [("a..b", 3), ("a[", 2), ("a]", 2), ("[]", 1), ('a."', 3)])
def test_a_path_that_cannot_be_read_says_where(path: str, place: int) -> None:
    with pytest.raises(DeclarationError, match=f"cannot be read at character {place}"):
        steps(path)


def test_a_path_has_a_step() -> None:
    with pytest.raises(DeclarationError, match="at least one step"):
        steps("")


def test_the_key_that_sql_takes_for_all_keys_is_refused() -> None:
    with pytest.raises(DeclarationError, match="stands for every key"):
        text_at("*")


def test_steps_are_keys_indices_and_flags() -> None:
    assert steps('a."b.c"[2][main].d') == ["a", "b.c", 2, ("main",), "d"]


@given(st.text(min_size=1, max_size=20).filter(lambda key: '"' not in key and key != "*"))
def test_any_key_without_quotes_can_be_named(key: str) -> None:
    assert steps(f'"{key}"') == [key]


@pytest.mark.parametrize("value", ["it's", "", "x\ny", 7, True, None])
def test_constants_come_out_as_they_went_in(world: World, value: Any) -> None:
    assert world.warehouse.value(exp.select(literal(value))) == value

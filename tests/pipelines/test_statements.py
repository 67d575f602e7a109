"""Compiled SQL is kept, and never used for anything else than what it was compiled from."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from models.ownership import prefer
from pipelines import statements
from pipelines.settings import load
from pipelines.statements import Statements, fingerprint
from pipelines.warehouse import Warehouse, open_warehouse
from tests.pipelines.bench import model_of
from tests.pipelines.desk import Desk
from tests.pipelines.shop import MAP

MODEL = model_of({"crm": [MAP]})


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_texts", {})


def compiler(calls: list[int]) -> Any:
    def build() -> exp.Select:
        calls.append(1)
        return exp.select("1")

    return build


def test_a_text_is_compiled_once_and_found_again_by_the_next_run(tmp_path: Path) -> None:
    calls: list[int] = []
    for _ in range(2):
        with open_warehouse(tmp_path / "w.duckdb", MODEL, "one") as warehouse:
            for _ in range(2):
                assert warehouse.compiled("a", compiler(calls)) == "SELECT 1"
        statements._texts.clear()  # another process
    assert len(calls) == 1


def test_another_fingerprint_compiles_anew_and_drops_what_was_kept(tmp_path: Path) -> None:
    calls: list[int] = []
    for mark in ("one", "two"):
        with open_warehouse(tmp_path / "w.duckdb", MODEL, mark) as warehouse:
            warehouse.compiled("a", compiler(calls))
    assert len(calls) == 2
    with open_warehouse(tmp_path / "w.duckdb", MODEL, "two") as warehouse:
        assert {r["fingerprint"] for r in warehouse.rows("SELECT fingerprint FROM meta.statements")} == {"two"}


def test_a_field_declared_since_gets_its_column(tmp_path: Path) -> None:
    less = replace(MAP, fields={"city": MAP.fields["city"]})
    with open_warehouse(tmp_path / "w.duckdb", model_of({"crm": [less]}), "less") as warehouse:
        warehouse.compiled("a", compiler([]))
    with open_warehouse(tmp_path / "w.duckdb", MODEL, "more") as warehouse:
        assert warehouse.rows('SELECT given_name FROM staged."crm__customer"') == []


def test_without_a_fingerprint_nothing_is_kept() -> None:
    calls: list[int] = []
    one = Statements()
    assert [one.text("a", compiler(calls)) for _ in range(2)] == ["SELECT 1"] * 2
    assert len(calls) == 2


def test_everything_that_is_compiled_in_changes_the_fingerprint(desk: Desk) -> None:
    def mark() -> str:
        company = desk.company()
        return fingerprint(company.stack, company.model)

    seen = [mark(), mark()]
    assert seen[0] == seen[1]
    for change in (
        {"ownership": {"customer.phone": {"prefer": ["crm", "field"]}}},
        {"time_zone": "America/Chicago"},
        {"currency": "CAD"},
        {"country": "CA"},
    ):
        desk.rest |= change
        seen.append(mark())
    desk.roles = {"crm": "crm", "field": "calendar"}
    seen.append(mark())
    assert len(set(seen)) == len(seen) - 1
    stack = load(desk.stack)
    assert fingerprint(stack, model_of({"crm": [MAP]}, {"customer": prefer("crm")}))


def test_a_value_that_was_looked_up_leaves_the_warehouse_free_for_a_table() -> None:
    with closing(Warehouse(":memory:")) as warehouse:
        warehouse.replace_table("numbers", "SELECT range AS number FROM range(3000)")
        assert warehouse.value("SELECT count(*) FROM numbers") == 3000
        assert warehouse.value("SELECT number FROM numbers ORDER BY number DESC") == 2999
        assert warehouse.arrow("FROM numbers").num_rows == 3000

"""Frames and checks for the tests of this room: as the warehouse gives them, and by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pandas as pd

from models.compile.tables import core_columns
from models.entities import load
from models.schema import Entity
from quality.checks import checks_of
from quality.gx import run
from quality.spec import Check, Verdict

ENTITIES = {entity.name: entity for entity in load()}


def frame(values: Any, **more: Any) -> pd.DataFrame:
    """Rows of an entity ``thing`` with one field ``x``; core_ids count from c0."""
    size = len(values)
    first = {
        "core_id": [f"c{n}" for n in range(size)],
        "deleted_at": pd.Series([pd.NaT] * size, dtype="datetime64[us]"),
    }
    return pd.DataFrame(first | {"x": values} | more)


def thing(kind: Any, field: str = "x", **more: Any) -> Check:
    given = {"name": f"thing_{field}_{kind}", "entity": "thing", "field": field, "kind": kind, "why": "a test"}
    return Check(**(given | more))


def nothing_lives(_entity: str) -> pd.Series[str]:
    return pd.Series([], dtype="str")


def one(check: Check, rows: pd.DataFrame, references: Callable[[str], Any] = nothing_lives) -> Verdict:
    (verdict,) = run([check], rows, references)
    return verdict


def core_frame(entity: Entity, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Core rows as the warehouse hands them over: typed by DuckDB, fields that are not given empty."""
    columns = core_columns(entity)
    with duckdb.connect() as connection:
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE next ({listed})")
        for number, row in enumerate(rows):
            given = {"core_id": f"c{number}", **row}
            names, marks = ", ".join(f'"{name}"' for name in given), ", ".join("?" for _ in given)
            connection.execute(f"INSERT INTO next ({names}) VALUES ({marks})", list(given.values()))  # noqa: S608 - names of our own
        return connection.execute("SELECT * FROM next").df()


def violating(entity_name: str, check_name: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """core_ids that break one of an entity's checks; fails the test when the check is broken."""
    entity = ENTITIES[entity_name]
    check = next(c for c in checks_of(entity) if c.name == f"{entity_name}_{check_name}")
    verdict = one(check, core_frame(entity, rows))
    assert verdict.outcome != "broken", verdict.problem
    assert verdict.violations == len(verdict.examples)
    return [example["core_id"] for example in verdict.examples]

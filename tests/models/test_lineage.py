"""Declared lineage is what the compiled SQL says when it is parsed, for every column of the demo company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage

from models import lineage as declared
from models.compile import core, staged, tables
from models.compile.spine import place_of
from models.compile.xref import XREF_COLUMNS
from models.entities import ENTITIES
from models.lineage import Source
from models.ownership import declared as declared_rule
from models.ownership import latest, only
from models.paths import steps
from models.schema import Entity, Map, Model
from pipelines.company import assemble
from pipelines.settings import load

DEMO = Path(__file__).parents[2] / "examples" / "demo" / "stack.yml"
BATCH = {
    "id": "VARCHAR",
    "record": "JSON",
    "deleted": "BOOLEAN",
    "read_at": "TIMESTAMP",
    "load_id": "VARCHAR",
    "seq": "BIGINT",
}  # fmt: skip
SPINE = {"core_id": "VARCHAR", "deleted_at": "TIMESTAMP", "kept": "BOOLEAN"}

Column = tuple[str, str | None, str, str]  # layer, system, table, column


@pytest.fixture(scope="module")
def model() -> Model:
    return assemble(load(DEMO)).model


@pytest.fixture(scope="module")
def schema(model: Model) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    systems = [binding.name for binding in model.bindings]
    return {
        "main": {"spine": SPINE | dict.fromkeys(map(place_of, systems), "BIGINT"), "batch": BATCH},
        "meta": {
            "pins": dict.fromkeys(("entity", "core_id", "field", "value"), "VARCHAR"),
            "zones": {"name": "VARCHAR"},
        },
        "xref": {e.name: dict(XREF_COLUMNS) for e in model.entities},
        "core": {e.name: tables.core_columns(e) for e in model.entities},
        "staged": {
            f"{b.name}__{one.to}": tables.staged_columns(model, b.name, model.entity(one.to)) | {"rowid": "BIGINT"}
            for b in model.bindings
            for one in b.maps
        },
    }


def leaves(node: Node) -> Iterator[tuple[exp.Table, str]]:
    """The table columns that a parsed column comes down to."""
    for found in node.walk():
        if not found.downstream and isinstance(found.expression, exp.Table):
            yield found.expression, parse_one(found.name, into=exp.Column).name


def parsed_core(model: Model, entity: Entity, schema: object) -> dict[str, set[Column]]:
    query = core.records(model, entity).sql("duckdb")
    nodes = lineage(None, query, schema=schema, dialect="duckdb", trim_selects=False)
    return {name: {spelled(entity, name, *leaf) for leaf in leaves(node)} for name, node in nodes.items()}


def spelled(entity: Entity, column: str, table: exp.Table, name: str) -> Column:
    if table.db == "staged":
        system, _, of = table.name.rpartition("__")
        return "staged", system, of, name
    if table.db == "meta":  # pins are one row a field: which field is a condition inside the SQL
        return "pin", None, entity.name, column.removesuffix("__from").removesuffix("__at")
    if table.name == "spine":  # its core_ids are those of the crosswalk
        return "xref", None, entity.name, name
    return table.db, None, table.name, name


def flowing(sources: tuple[Source, ...]) -> set[Column]:
    """What stands in the SQL of the column itself; what only leads there stands in a join."""
    return {(one.layer, one.system, one.table, one.column) for one in sources if one.role != "leads"}


@pytest.mark.parametrize("name", [entity.name for entity in ENTITIES])
def test_core_columns_come_from_where_the_sql_says(model: Model, schema: object, name: str) -> None:
    entity = model.entity(name)
    if entity not in model.active():
        pytest.skip(f"no system of the demo company maps {name}")
    parsed, said = parsed_core(model, entity, schema), declared.core(model, entity)
    pins = {f.name for f in entity.fields if f.joined}  # a joined field is pinned through its parts
    assert set(said) == set(parsed) - {"core_id", "deleted_at"}
    for column, sources in said.items():
        found = {one for one in parsed[column] if one[0] != "pin" or column.partition("__")[0] not in pins}
        wanted = {one for one in flowing(sources) if one[0] != "pin" or column.partition("__")[0] not in pins}
        assert wanted == found, column


POLICIES = (
    {"customer": declared_rule(edits="accept", nulls="cleared")},
    {"customer": latest("crm", "scheduling"), "invoice": declared_rule(nulls="cleared", edits="accept")},
    {"customer": declared_rule(nulls="unknown"), "invoice.balance": only("accounting", nulls="cleared")},
)


@pytest.mark.parametrize("rules", POLICIES)
@pytest.mark.parametrize("name", ["customer", "invoice"])
def test_lineage_holds_under_every_policy(model: Model, schema: object, rules: Any, name: str) -> None:
    under = replace(model, rules=rules)
    entity = under.entity(name)
    parsed, said = parsed_core(under, entity, schema), declared.core(under, entity)
    for column, sources in said.items():
        assert flowing(sources) == parsed[column], column


def test_a_reference_is_found_by_the_systems_own_id(model: Model) -> None:
    sources = declared.core(model, model.entity("appointment"))["job"]
    assert Source(layer="xref", table="job", column="core_id") in sources
    assert Source(layer="staged", system="jobber", table="appointment", column="job", role="leads") in sources


def test_staged_columns_come_from_the_paths_that_their_sql_reads(model: Model, schema: object) -> None:
    checked = 0
    for binding in model.bindings:
        for one in binding.maps:
            parsed = parsed_paths(model, binding.name, one, schema)
            for field, codec in one.fields.items():
                said = {keys(f"{one.each}.{path[2:]}" if path.startswith("@.") else path) for path in codec.paths}
                read = longest(parsed[field])
                # A path may also only tell why a record cannot be read: it stands in ``broken`` then.
                assert read <= said <= read | parsed["broken"], (binding.name, one.resource, field)
                checked += 1
    assert checked > 100


def test_staged_lineage_names_resource_and_whole_path(model: Model) -> None:
    for binding in model.bindings:
        for one in binding.maps:
            said = declared.staged(binding, model.entity(one.to))
            for field, codec in one.fields.items():
                whole = {f"{one.each}[].{path[2:]}" if path.startswith("@.") else path for path in codec.paths}
                found = {s.column for s in said[field] if (s.system, s.table) == (binding.name, one.resource)}
                assert whole <= found


def parsed_paths(model: Model, system: str, one: Map, schema: object) -> dict[str, set[tuple[str, ...]]]:
    """Field -> the key paths into the record that its compiled SQL reads, over all steps of the query."""
    query = staged.rows(model, system, one).sql("duckdb")
    nodes = lineage(None, query, schema=schema, dialect="duckdb", trim_selects=False)
    return {
        name: {path for step in node.walk() for path in reads(step.expression, one)} for name, node in nodes.items()
    }


def reads(expression: exp.Expression, one: Map) -> Iterator[tuple[str, ...]]:
    for found in expression.find_all(exp.JSONExtract, exp.JSONExtractScalar):
        root = found.this.name if isinstance(found.this, exp.Column) else ""
        inside = tuple(str(key.this) for key in found.expression.find_all(exp.JSONPathKey))
        if root == "record":
            yield inside
        elif root == "element" and one.each:
            yield keys(one.each) + inside


def keys(path: str) -> tuple[str, ...]:
    """The keys of a path up to its first list, whose elements the SQL looks at by other names."""
    found: list[str] = []
    for step in steps(path):
        if isinstance(step, tuple):
            break
        found += [step] if isinstance(step, str) else []
    return tuple(found)


def longest(paths: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The paths that no other one goes on from: the list of a map with ``each`` is read on the way to its elements."""
    return {one for one in paths if not any(other != one and other[: len(one)] == one for other in paths)}

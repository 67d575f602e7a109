"""The SQL of every pass over the small company, word for word, so that a change of what is compiled is seen in review.

``PLUMBLINE_GOLDEN=write python -m pytest tests/models/compile/test_golden.py`` writes the files anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlglot import exp

from models.compile import conflicts, core, plan, provenance, spine, staged, xref
from models.handoff import Handoff
from models.schema import Model
from tests.models.world import BOOKS, CRM, EVENTS, NOON, PEOPLE, PERSON, SCHEDULING, VISIT, World, small

FOLDER = Path(__file__).parent / "golden"
TO_CRM = Handoff(system=CRM, entity="visit", mode="live", deletes="mirror", starts=NOON)

PASSES: dict[str, Callable[[Model], exp.Expr]] = {
    "staged_rows": lambda model: staged.rows(model, CRM, PEOPLE),
    "staged_arrivals": lambda model: staged.arrivals(model, CRM, EVENTS),
    "staged_stored": lambda model: staged.stored(model, CRM, VISIT, EVENTS),
    "xref_nodes": lambda model: xref.nodes(model, SCHEDULING, PERSON),
    "core_placed": lambda model: spine.placed(model, PERSON),
    "core_behind": lambda _: spine.behind(),
    "core_spine": lambda model: spine.spine(model, PERSON),
    "core_records": lambda model: core.records(model, PERSON),
    "core_records_looked_up": lambda model: core.records(model, VISIT),
    "core_conflicts": lambda model: conflicts.fields(model, VISIT),
    "core_changes": lambda _: core.changes(VISIT),
    "plan_changes": lambda model: plan.changes(model, TO_CRM, EVENTS, plan.written_fields(model, TO_CRM, EVENTS)),
    "provenance_versions": lambda model: provenance.versions(
        model, "visit", provenance.Origin(entity="person", field="name", steps=(("person", "person"),))
    ),
}


@pytest.mark.parametrize("name", PASSES)
def test_the_compiled_sql_is_as_reviewed(name: str) -> None:
    text = PASSES[name](small()).sql("duckdb", pretty=True) + "\n"
    path = FOLDER / f"{name}.sql"
    if os.environ.get("PLUMBLINE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "see the head of this file for how to write it anew"


def test_every_golden_file_belongs_to_a_pass() -> None:
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(PASSES)


def test_provenance_finds_record_and_load_behind_a_looked_up_field(world: World) -> None:
    world.stage(CRM, "p1", "A", name="Ann")
    world.stage(SCHEDULING, "c1", "A", name="Annie")
    world.stage(BOOKS, "b1", "A", name="Anne")
    world.stage(SCHEDULING, "v1", "V", "visit", person="c1")
    world.stage(SCHEDULING, "v2", "W", "visit", person="unknown")
    world.alter(CRM, "raw_load = 'load 7'")
    world.publish("person")
    world.publish("visit")
    world.warehouse.set(core_ids=["V", "W"])
    rows = world.warehouse.rows(PASSES["provenance_versions"](world.model))
    who = {
        row["core_id"]: row["who__from"] for row in world.warehouse.rows("SELECT core_id, who__from FROM core.visit")
    }
    told = [(row["core_id"], row["system"], row["source_id"], row["raw_load"]) for row in rows]
    found = {core_id: (system, *rest) for core_id, system, *rest in told if who[core_id] == system}
    assert found == {"V": (CRM, "p1", "load 7")}


def test_provenance_lists_every_record_of_a_thing(world: World) -> None:
    world.stage(CRM, "p1", "A", name="Ann")
    world.stage(SCHEDULING, "c1", "A", name="Annie")
    world.stage(CRM, "p2", "B", name="Bob")
    world.warehouse.set(core_id="A")
    rows = world.warehouse.rows(provenance.members(world.model, "person"))
    assert sorted((row["system"], row["source_id"]) for row in rows) == [(SCHEDULING, "c1"), (CRM, "p1")]


def test_an_id_leads_to_its_records_by_whatever_kind_it_is_asked_for(world: World) -> None:
    world.stage(CRM, "p1", "A", name="Ann")
    world.stage(SCHEDULING, "p1", "B", name="Bob")
    world.stage(SCHEDULING, "v1", "V", "visit", person="p1")
    world.warehouse.run("INSERT INTO meta.aliases (entity, alias, core_id) VALUES ('person', 'Z', 'A')")
    for link in ((BOOKS, "person", "A", "made", "create"), (BOOKS, "person", "B", "gone", "delete")):
        columns = "system, entity, core_id, target_id, action"
        world.warehouse.run(f"INSERT INTO meta.links ({columns}) VALUES (?, ?, ?, ?, ?)", link)  # noqa: S608 - ours

    def found(kind: str, column: str, id: str) -> list[tuple[str, str]]:
        world.warehouse.set(wanted_id=id)
        rows = world.warehouse.rows(provenance.located(world.model, kind, column))
        return [(row["entity"], row["core_id"]) for row in rows]

    assert found("person", "core_id", "A") == found("person", "core_id", "Z") == [("person", "A")]
    assert found("person", "source_id", "p1") == [("person", "A"), ("person", "B")]
    assert found(CRM, "source_id", "p1") == [("person", "A")]
    assert found(SCHEDULING, "source_id", "v1") == [("visit", "V")]
    assert found(BOOKS, "source_id", "made") == found("person", "source_id", "made") == [("person", "A")]
    assert found("visit", "core_id", "A") == found("visit", "source_id", "made") == found(CRM, "source_id", "v1") == []
    assert found(BOOKS, "source_id", "gone") == []

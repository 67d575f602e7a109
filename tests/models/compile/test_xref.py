from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from models.compile import tables as t
from models.compile import xref as compiled
from tests.models.world import CRM, NOON, SCHEDULING, World


def observe(world: World, system: str) -> None:
    """Note the evidence of everything that is staged, as a sync does."""
    entity, columns = world.model.entity("person"), ", ".join(compiled.NODE_COLUMNS)
    staged = t.staged(system, entity.name).sql("duckdb")
    world.warehouse.run(
        f"CREATE OR REPLACE TEMP TABLE touched_refs AS SELECT '{system}' AS system, source_id FROM {staged}"  # noqa: S608
    )
    found = compiled.nodes(world.model, system, entity).sql("duckdb")
    world.warehouse.run(f"INSERT INTO xref.person__nodes ({columns}) {found}")


def keys(world: World, system: str, entity: str = "person") -> list[str]:
    world.warehouse.run(
        f"CREATE OR REPLACE TEMP TABLE touched_refs AS SELECT '{system}' AS system, source_id "  # noqa: S608
        f"FROM {t.staged(system, entity).sql('duckdb')}"
    )
    (row,) = world.warehouse.rows(compiled.nodes(world.model, system, world.model.entity(entity)))
    return list(row["keys"])


def test_keys_are_without_case_accents_and_punctuation_and_ranked(world: World) -> None:
    world.stage(CRM, "1", "A", email="ann@x.com", phone="+15125550100", name="O'Brién, José")
    assert keys(world, CRM) == ["0:ann@x.com", "1:+15125550100|obrienjose"]


def test_an_address_keeps_the_dots_that_tell_people_apart(world: World) -> None:
    world.stage(CRM, "1", "A", email="a.nn-lee@x.com")
    assert keys(world, CRM) == ["0:a.nn-lee@x.com"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Иван Петров", "иванпетров"),
        ("Ὀρφεύς & Υἱοί", "ορφευςυιοι"),
        ("שרה־לוי", "שרהלוי"),
        ("محمد، علي", "محمدعلي"),
        ("李 小龙", "李小龙"),
        ("Straße № 7 — “Café” 🔧…", "straße7cafe"),
    ],
)
def test_letters_of_every_script_tell_people_apart(world: World, name: str, key: str) -> None:
    world.stage(CRM, "1", "A", phone="+15125550100", name=name)
    assert keys(world, CRM) == [f"1:+15125550100|{key}"]


def test_marks_are_no_letters_and_no_digits(world: World) -> None:
    signs = [chr(code) for code in (*range(0x20, 0x250), *range(0x2000, 0x2070), *range(0x2190, 0x2C00))]
    query = "SELECT list_filter($signs, lambda sign: regexp_replace(sign, $marks, '') = '') AS dropped"
    (row,) = world.warehouse.rows(query, {"signs": signs, "marks": compiled.MARKS})
    kept = {sign for sign in signs if sign not in row["dropped"]}
    letters = {sign for sign in signs if unicodedata.category(sign)[0] in "LN"}
    assert kept - letters == {"+"}
    assert kept >= {sign for sign in letters if unicodedata.category(sign) in ("Lu", "Ll", "Lt", "Nd")}


@pytest.mark.parametrize("missing", [{"name": None}, {"name": "?!"}, {"phone": None}])
def test_a_key_needs_all_its_parts(world: World, missing: dict[str, Any]) -> None:
    world.stage(CRM, "1", "A", **{"phone": "+15125550100", "name": "Ann"} | missing)
    assert keys(world, CRM) == []


def test_a_system_without_a_keys_field_has_no_such_key(world: World) -> None:
    world.stage(SCHEDULING, "1", "A", phone="+15125550100", name="Ann")
    assert keys(world, SCHEDULING) == ["1:+15125550100|ann"]


def test_a_deleted_record_identifies_nobody(world: World) -> None:
    world.stage(CRM, "1", "A", email="ann@x.com", deleted_at="2026-03-11 12:00:00")
    assert keys(world, CRM) == []


def test_only_touched_records_are_looked_at(world: World) -> None:
    world.stage(CRM, "1", "A", email="ann@x.com")
    world.warehouse.run(
        f"CREATE OR REPLACE TEMP TABLE touched_refs AS SELECT '{CRM}' AS system, 'another' AS source_id"
    )
    assert world.warehouse.rows(compiled.nodes(world.model, CRM, world.model.entity("person"))) == []


def test_targets_are_what_was_read_and_what_we_wrote_each_once(world: World) -> None:
    world.stage(CRM, "1", "A")
    world.link(CRM, "A", "2")
    world.link(SCHEDULING, "A", "s1")
    world.link(SCHEDULING, "B", "s2", action="delete")
    rows = world.warehouse.rows("FROM meta.targets ORDER BY system")
    assert [(row["system"], row["core_id"], row["source_id"]) for row in rows] == [
        (SCHEDULING, "A", "s1"),
        (CRM, "A", "1"),
    ]


def test_the_target_of_what_was_deleted_and_made_again_is_the_one_that_lives(world: World) -> None:
    world.stage(CRM, "1", "A", email="ann@x.com", deleted_at=NOON)
    world.stage(CRM, "2", "A", email="ann@x.com")
    world.link(CRM, "A", "1")
    world.stage(CRM, "3", "B", deleted_at=NOON)
    observe(world, CRM)
    rows = world.warehouse.rows("FROM meta.targets ORDER BY core_id")
    assert [(row["core_id"], row["source_id"]) for row in rows] == [("A", "2"), ("B", "3")]


def test_what_points_at_a_moved_record_is_touched(world: World) -> None:
    world.stage(SCHEDULING, "v1", "V", "visit", person="c1")
    world.stage(SCHEDULING, "v2", "W", "visit", person="c2")
    world.warehouse.run(
        "CREATE OR REPLACE TEMP TABLE moved_links AS SELECT ? AS system, 'c1' AS source_id, 'A' AS core_id",
        [SCHEDULING],
    )
    world.warehouse.run(compiled.referrers(SCHEDULING, world.model.entity("visit"), "person"))
    assert world.warehouse.rows("FROM meta.touched_core") == [{"entity": "visit", "core_id": "V"}]

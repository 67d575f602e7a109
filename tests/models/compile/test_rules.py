"""The SQL of each rule and policy, word for word, and what it decides.

``PLUMBLINE_GOLDEN=write python -m pytest tests/models/compile/test_rules.py`` writes the files anew.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from models.compile import tables as t
from models.compile.rules import candidate, decide, grouped, taken
from models.ownership import Ownership, declared, furthest, latest, only, prefer, union
from tests.models.world import BOOKS, CRM, NOON, SCHEDULING, STAGES, World, small

FOLDER = Path(__file__).parent / "golden" / "rules"
HOUR = timedelta(hours=1)
RULES: dict[str, Ownership] = {
    "prefer": prefer("a", "b"),
    "only": only("a"),
    "latest": latest("a", "b"),
    "furthest": furthest(STAGES, "a", "b"),
    "union": union("a", "b"),
    "group": prefer("a", "b"),
    "group_latest": latest("a", "b"),
    "accept": prefer("a", "b", edits="accept"),
    "group_accept": prefer("a", "b", edits="accept"),
    "nulls_cleared": prefer("a", "b", nulls="cleared"),
    "nulls_unknown": prefer("a", "b", nulls="unknown"),
    "only_cleared": only("a", nulls="cleared"),
}


def compiled(name: str) -> str:
    """A field ``f`` of systems a and b decided; in a group its fields are ``f`` and ``g``."""
    rule = RULES[name]
    found = [
        grouped(system, "f", ["f", "g"], "f") if name.startswith("group") else candidate(system, "f")
        for system in rule.order
    ]
    edit = t.col("f", "taken") if rule.accepts else None
    decision = decide(rule, found, t.col("f", "pin"), exp.Null(), edit)
    parts = {"value": decision.value, "from": decision.source, "at": decision.clock}
    parts |= {"taken": taken(rule, found)} if rule.accepts else {}
    selected = [exp.alias_(part, alias, quoted=True) for alias, part in parts.items()]
    return exp.select(*selected).sql("duckdb", pretty=True) + "\n"


@pytest.mark.parametrize("name", RULES)
def test_the_sql_of_a_rule_is_as_reviewed(name: str) -> None:
    path = FOLDER / f"{name}.sql"
    if os.environ.get("PLUMBLINE_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(compiled(name), encoding="utf-8")
    assert compiled(name) == path.read_text(encoding="utf-8"), "see the head of this file for how to write it anew"


def test_every_golden_file_belongs_to_a_rule() -> None:
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(RULES)


def accepting(world: World, **rules: Ownership) -> World:
    return world.under(small(**(rules or {"person__name": declared(edits="accept")})))


@pytest.mark.parametrize(
    ("crm", "scheduling", "winner"),
    [
        ((0, -1), (0, 1), SCHEDULING),  # edited there since we know both
        ((0, 2), (0, 1), CRM),  # edited by its owner after that
        ((0, -1), (2, 1), CRM),  # the other one was first read after its stamp: no edit that we saw
        ((2, -1), (0, 1), CRM),  # the owner was first read after the edit
        ((0, -1), (0, -1), CRM),
        ((0, 1), (0, 1), CRM),  # of equal clocks the owner
    ],
)
def test_an_edit_is_accepted_when_we_saw_it_happen_after_the_owners_word(
    world: World, crm: tuple[int, int], scheduling: tuple[int, int], winner: str
) -> None:
    for system, (first, at) in ((CRM, crm), (SCHEDULING, scheduling)):
        world.stage(system, "1", "A", name=system, at=NOON + at * HOUR, first_read_at=NOON + first * HOUR)
    assert accepting(world).decide()["A"]["name__from"] == winner


def test_a_value_that_a_non_owner_took_away_is_no_edit_to_accept(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", at=NOON - HOUR, first_read_at=NOON)
    world.stage(SCHEDULING, "2", "A", name=None, at=NOON + HOUR, first_read_at=NOON)
    assert accepting(world).decide()["A"]["name"] == "Ann"


def test_an_accepted_edit_takes_its_whole_group_along(world: World) -> None:
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin", state="TX", at=NOON - HOUR, first_read_at=NOON)
    clocks = {"city": NOON + HOUR}
    world.stage(SCHEDULING, "2", "A", street="1 Main", city="Dallas", at=NOON, clocks=clocks, first_read_at=NOON)
    row = accepting(world, person__street=declared(edits="accept")).decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == ["1 Main", "Dallas", None]


def test_the_conflict_of_an_accepted_edit_says_so(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", at=NOON - HOUR, first_read_at=NOON)
    world.stage(SCHEDULING, "2", "A", name="Anna", at=NOON + HOUR, first_read_at=NOON)
    world.stage(BOOKS, "3", "A", name="Annie", at=NOON - HOUR, first_read_at=NOON)
    found = {row["loser"]: (row["winner"], row["accepted"]) for row in accepting(world).conflicts()}
    assert found == {CRM: (SCHEDULING, True), BOOKS: (SCHEDULING, False)}


@pytest.mark.parametrize(
    ("rule", "crm", "at", "expected"),
    [
        (declared(nulls="cleared"), None, 1, (None, CRM, NOON + HOUR)),
        (declared(nulls="cleared"), None, -1, ("Annie", SCHEDULING, NOON)),
        (declared(nulls="cleared"), "Ann", 1, ("Ann", CRM, NOON + HOUR)),
        (declared(nulls="unknown"), None, -1, (None, CRM, NOON - HOUR)),
        (only("crm", nulls="cleared"), None, 1, (None, CRM, NOON + HOUR)),
        (only("crm", nulls="cleared"), None, -1, (None, CRM, None)),
    ],
)
def test_an_empty_value_of_the_owner_means_what_its_policy_says(
    world: World, rule: Ownership, crm: str | None, at: int, expected: tuple[Any, ...]
) -> None:
    world.stage(CRM, "1", "A", name=crm, at=NOON + at * HOUR, first_read_at=NOON)
    world.stage(SCHEDULING, "2", "A", name="Annie", first_read_at=NOON)
    row = accepting(world, person__name=rule).decide()["A"]
    assert (row["name"], row["name__from"], row["name__at"]) == expected


ROWS = st.lists(
    st.tuples(
        st.sampled_from([CRM, SCHEDULING, BOOKS]),
        st.sampled_from("ABC"),
        st.sampled_from([None, "Ann", "Bob"]),
        st.sampled_from([-1, 0, 1, 2]),
        st.sampled_from([0, 1]),
    ),
    min_size=4,
    max_size=9,
    unique_by=lambda row: (row[0], row[1]),
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, data=st.data())
def test_whatever_arrives_first_core_and_the_winners_are_the_same(
    world: World, rows: list[Any], data: st.DataObject
) -> None:
    strict = accepting(world, person__name=prefer("crm", "scheduling", edits="accept", nulls="cleared"))

    def decided(ordered: list[Any]) -> Any:
        world.clear()
        for system, core_id, name, at, first in ordered:
            clock, first_read_at = NOON + at * HOUR, NOON + first * HOUR
            world.stage(system, f"{system}{core_id}", core_id, name=name, at=clock, first_read_at=first_read_at)
        return strict.decide(), sorted(strict.conflicts(), key=repr)

    assert decided(rows) == decided(data.draw(st.permutations(rows)))

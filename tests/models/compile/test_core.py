from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.compile import core as compiled
from models.ownership import furthest, latest, only, prefer
from models.schema import Model
from tests.models.world import BOOKS, CRM, ENTITIES, NOON, SCHEDULING, STAGES, World, small

HOUR = timedelta(hours=1)
EARLIER, LATER = NOON - HOUR, NOON + HOUR


def with_rules(world: World, **rules: Any) -> World:
    """The same warehouse under other rules: they change what is compiled, not the tables."""
    return world.under(small(**rules))


def test_prefer_takes_the_first_that_has_a_value_and_says_whose_it_is(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", phone="+15125550100", at=EARLIER)
    world.stage(SCHEDULING, "2", "A", name="Annie", phone=None, at=LATER)
    row = world.decide()["A"]
    assert (row["name"], row["name__from"], row["name__at"]) == ("Ann", CRM, EARLIER)
    assert (row["phone"], row["phone__from"]) == ("+15125550100", CRM)
    assert (row["group"], row["group__from"], row["group__at"]) == (None, None, None)


def test_only_lets_the_owners_null_win(world: World) -> None:
    owned = with_rules(world, person__name=only("scheduling"))
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "2", "A", name=None)
    row = owned.decide()["A"]
    assert (row["name"], row["name__from"]) == (None, SCHEDULING)


def test_only_gives_nothing_where_its_owner_has_no_such_record(world: World) -> None:
    owned = with_rules(world, person__name=only("scheduling"))
    world.stage(CRM, "1", "A", name="Ann")
    row = owned.decide()["A"]
    assert (row["name"], row["name__from"]) == (None, None)
    assert owned.conflicts() == []  # there is nobody to disagree with
    world.stage(SCHEDULING, "2", "A", name=None)
    (conflict,) = owned.conflicts()
    assert (conflict["winner"], conflict["loser"], conflict["loser_value"]) == (SCHEDULING, CRM, "Ann")


def test_only_an_absent_system_leaves_the_field_empty(world: World) -> None:
    nobody = with_rules(world, person__name=only("payments"))
    world.stage(CRM, "1", "A", name="Ann")
    world.pin("A", "note", "pinned all the same")
    row = nobody.decide()["A"]
    assert (row["name"], row["name__from"], row["note"]) == (None, None, "pinned all the same")


@pytest.mark.parametrize(
    ("crm_at", "scheduling_at", "winner"),
    [
        (EARLIER, LATER, SCHEDULING),
        (LATER, EARLIER, CRM),
        (NOON, NOON, CRM),
        (None, NOON, SCHEDULING),
        (NOON, None, CRM),
        (None, None, CRM),
    ],
)
def test_latest_takes_the_newest_clock_and_of_equal_ones_the_first(
    world: World, crm_at: Any, scheduling_at: Any, winner: str
) -> None:
    world.stage(CRM, "1", "A", note="crm", at=crm_at)
    world.stage(SCHEDULING, "2", "A", note="scheduling", at=scheduling_at)
    assert world.decide()["A"]["note__from"] == winner


def test_latest_ignores_the_clock_of_a_system_that_says_nothing(world: World) -> None:
    world.stage(CRM, "1", "A", note="crm", at=EARLIER)
    world.stage(SCHEDULING, "2", "A", note=None, at=LATER)
    row = world.decide()["A"]
    assert (row["note"], row["note__at"]) == ("crm", EARLIER)


@pytest.mark.parametrize(
    ("crm", "scheduling", "winner"),
    [
        ("new", "working", SCHEDULING),
        ("done", "working", CRM),
        ("working", "working", CRM),
        (None, "new", SCHEDULING),
        ("unheard of", "new", SCHEDULING),
        ("unheard of", "neither", CRM),
        (None, None, None),
    ],
)
def test_furthest_along_the_lifecycle_wins_and_of_equals_the_first(
    world: World, crm: str | None, scheduling: str | None, winner: str | None
) -> None:
    world.stage(CRM, "1", "A", status=crm)
    world.stage(SCHEDULING, "2", "A", status=scheduling)
    assert world.decide()["A"]["status__from"] == winner


@pytest.mark.parametrize(
    ("crm", "scheduling", "together"),
    [
        (["b", "a"], ["c", "a"], ["a", "b", "c"]),
        (None, ["x"], ["x"]),
        ([], None, []),
        (None, None, None),
        (["x", None], ["y"], ["x", "y"]),
    ],
)
def test_union_puts_all_labels_together(world: World, crm: Any, scheduling: Any, together: Any) -> None:
    world.stage(CRM, "1", "A", tags=crm)
    world.stage(SCHEDULING, "2", "A", tags=scheduling)
    assert world.decide()["A"]["tags"] == together


def test_a_group_comes_from_one_system_and_its_gaps_stay_gaps(world: World) -> None:
    world.stage(CRM, "1", "A", street=None, city="Austin", state=None)
    world.stage(SCHEDULING, "2", "A", street="1 Main St", city="Dallas")
    row = world.decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == [None, "Austin", None]
    assert {row[f"{name}__from"] for name in ("street", "city", "state")} == {CRM}


def test_a_system_that_lacks_a_field_of_a_group_still_takes_the_whole_group(world: World) -> None:
    asked = with_rules(world, person__street=prefer("scheduling"))
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin", state="TX")
    world.stage(SCHEDULING, "2", "A", street="1 Main St", city="Dallas")
    row = asked.decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == ["1 Main St", "Dallas", None]
    assert {row[f"{name}__from"] for name in ("street", "city", "state")} == {SCHEDULING}


def test_a_preferred_system_without_the_groups_first_field_is_still_preferred(world: World) -> None:
    asked = with_rules(world, person__street=prefer("accounting", "crm"))
    world.stage(BOOKS, "9", "A", city="Houston")
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin", state="TX")
    row = asked.decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == [None, "Houston", None]


@pytest.mark.parametrize("member", ["street", "city", "state"])
def test_a_rule_for_any_field_of_a_group_rules_the_group(world: World, member: str) -> None:
    asked = with_rules(world, **{f"person__{member}": prefer("scheduling", "crm")})
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin", state="TX")
    world.stage(SCHEDULING, "2", "A", street="1 Main St", city="Dallas")
    assert asked.decide()["A"]["city"] == "Dallas"


def test_latest_does_not_tear_a_group_apart(world: World) -> None:
    asked = with_rules(world, person__street=latest("crm", "scheduling"))
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin", state="TX", at=EARLIER)
    world.stage(SCHEDULING, "2", "A", street="1 Main St", city=None, at=EARLIER, clocks={"street": LATER})
    row = asked.decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == ["1 Main St", None, None]


def test_furthest_does_not_tear_a_group_apart(world: World) -> None:
    asked = with_rules(world, person__street=furthest(STAGES, "crm", "scheduling"))
    world.stage(CRM, "1", "A", street="new", city="crm", state="crm")
    world.stage(SCHEDULING, "2", "A", street="done", city="scheduling")
    row = asked.decide()["A"]
    assert [row[name] for name in ("street", "city", "state")] == ["done", "scheduling", None]


def test_joined_fields_put_their_parts_in_one_line(world: World) -> None:
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin")
    world.stage(CRM, "2", "B", city="Dallas")
    world.stage(CRM, "3", "C", name="Nowhere")
    rows = world.decide()
    assert [rows[i]["place"] for i in "ABC"] == ["5 Oak, Austin", "Dallas", None]


def test_fields_are_looked_up_through_a_reference_with_their_source_and_clock(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", city="Austin", at=EARLIER)
    world.stage(SCHEDULING, "c7", "A")
    world.publish("person")
    world.stage(SCHEDULING, "v1", "V", "visit", person="c7", title="Tune-up")
    world.stage(SCHEDULING, "v2", "W", "visit", person="nobody we know")
    rows = world.decide("visit")
    assert (rows["V"]["person"], rows["V"]["who"], rows["V"]["where"]) == ("A", "Ann", "Austin")
    assert (rows["V"]["who__from"], rows["V"]["who__at"]) == (CRM, EARLIER)
    assert (rows["W"]["person"], rows["W"]["who"]) == (None, None)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [("name", "Pinned", "Pinned"), ("tags", '["b", "a, c"]', ["b", "a, c"]), ("status", "done", "done")],
)
def test_a_pin_stands_above_every_rule(world: World, field: str, text: str, value: Any) -> None:
    world.stage(CRM, "1", "A", name="Ann", status="new", tags=["x"])
    world.stage(CRM, "2", "B", name="Bob")
    world.pin("A", field, text)
    rows = world.decide()
    assert (rows["A"][field], rows["A"][f"{field}__from"]) == (value, "pin")
    assert rows["B"]["name"] == "Bob"


def test_a_pin_of_one_field_leaves_the_rest_of_its_group(world: World) -> None:
    world.stage(CRM, "1", "A", street="5 Oak", city="Austin")
    world.pin("A", "city", "Round Rock")
    row = world.decide()["A"]
    assert (row["street"], row["city"], row["place"]) == ("5 Oak", "Round Rock", "5 Oak, Round Rock")


def test_a_system_where_the_record_is_deleted_does_not_speak(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "2", "A", name="Gone", phone="+15125550100", deleted_at=NOON)
    row = world.decide()["A"]
    assert (row["name"], row["phone"], row["deleted_at"]) == ("Ann", None, None)


def test_a_record_deleted_at_its_first_founder_is_deleted_and_keeps_its_last_words(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", deleted_at=NOON)
    world.stage(SCHEDULING, "2", "A", name="Annie")
    row = world.decide()["A"]
    assert (row["name"], row["deleted_at"]) == ("Ann", NOON)


def test_a_system_that_is_no_founder_brings_nothing_into_being(world: World) -> None:
    strict = Model(
        entities=ENTITIES,
        bindings=tuple(
            type(b)(name=b.name, roles=("calendar",), maps=b.maps) if b.name == BOOKS else b
            for b in world.model.bindings
        ),
    )
    world.stage(BOOKS, "1", "A", name="Only in the calendar")
    world.stage(BOOKS, "2", "B", name="Both")
    world.stage(CRM, "2", "B")
    rows = world.under(strict).decide()
    assert set(rows) == {"B"}
    assert rows["B"]["name"] == "Both"


def test_of_two_rows_of_one_system_the_living_then_the_newest_then_the_lowest_speaks(world: World) -> None:
    world.stage(CRM, "9", "A", name="newest, dead", changed_at=LATER, deleted_at=NOON)
    world.stage(CRM, "3", "A", name="older", changed_at=EARLIER)
    world.stage(CRM, "2", "A", name="newer", changed_at=NOON)
    world.stage(CRM, "5", "A", name="as new", changed_at=NOON)
    assert world.decide()["A"]["name"] == "newer"


def test_conflicts_name_winner_loser_and_rule(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", at=EARLIER)
    world.stage(SCHEDULING, "2", "A", name="Annie", at=LATER)
    world.stage(BOOKS, "3", "A", name="Ann")
    (row,) = world.conflicts()
    assert row == {
        "core_id": "A",
        "field": "name",
        "winner": CRM,
        "winner_value": "Ann",
        "winner_at": EARLIER,
        "loser": SCHEDULING,
        "loser_value": "Annie",
        "loser_at": LATER,
        "rule": f"prefer({CRM}, {SCHEDULING}, {BOOKS})",
        "accepted": False,
    }


def test_silence_and_lists_are_no_conflict(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", tags=["x"])
    world.stage(SCHEDULING, "2", "A", name=None, tags=["y"])
    assert world.conflicts() == []


def test_what_we_wrote_ourselves_is_no_conflict_whatever_its_type(world: World) -> None:
    cut = with_rules(world, person__balance=prefer("crm", "accounting"), person__name=prefer("crm"))
    world.stage(CRM, "1", "A", name="Maximiliana Long", group="x")
    world.stage(BOOKS, "3", "A", name="Maximiliana", balance="12.50")
    world.pin("A", "balance", "13")
    world.link(BOOKS, "A", "3", observed={"name": "Maximiliana", "balance": "12.5"})
    assert cut.conflicts() == []


def test_who_goes_back_to_what_we_wrote_once_has_edited_and_is_told(world: World) -> None:
    """We wrote "Annie", somebody wrote something else, then "Annie" again; the owner says "Ann" by now."""
    world.stage(CRM, "1", "A", name="Ann", at=LATER)
    world.link(SCHEDULING, "A", "2", observed={"name": "Annie"}, at=EARLIER)
    world.stage(SCHEDULING, "2", "A", name="Annie", at=LATER)
    assert [(row["loser"], row["loser_value"]) for row in world.conflicts()] == [(SCHEDULING, "Annie")]


def test_who_goes_back_has_edited_also_when_we_wrote_another_field_since(world: World) -> None:
    """We wrote "Annie" long ago; who goes back to it does so shortly before we write, but another field."""
    world.stage(CRM, "1", "A", name="Ann", at=LATER)
    long_ago = EARLIER - timedelta(days=1)
    world.link(SCHEDULING, "A", "2", observed={"name": "Annie"}, at=LATER, earlier={"name": long_ago})
    world.stage(SCHEDULING, "2", "A", name="Annie", at=EARLIER)
    assert [(row["loser"], row["loser_value"]) for row in world.conflicts()] == [(SCHEDULING, "Annie")]


def test_two_links_to_one_target_double_nothing(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "2", "A", name="Annie")
    world.link(SCHEDULING, "merged away", "2", receipt=1, observed={"name": "Annie"})
    world.link(SCHEDULING, "A", "2", receipt=2, observed={"name": "Ann"})
    assert len(world.conflicts()) == 1


def test_changes_tell_old_new_source_and_nothing_else(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", tags=["x"])
    world.publish()
    assert world.changes() == []
    world.stage(SCHEDULING, "2", "A", phone="+15125550100", at=LATER)
    world.alter(CRM, "name = NULL, name__at = '2026-03-11 13:00:00'")
    found = {row["field"]: row for row in world.changes()}
    assert set(found) == {"name", "phone"}
    assert (found["name"]["old"], found["name"]["new"]) == ("Ann", None)
    assert (found["phone"]["source"], found["phone"]["at"]) == (SCHEDULING, LATER)


def test_a_deletion_is_a_change_with_its_time(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.publish()
    world.alter(CRM, "deleted_at = '2026-03-11 13:00:00'")
    assert [(r["field"], r["old"], r["at"]) for r in world.changes()] == [("deleted_at", None, LATER)]


VALUES = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "Ann", "Bob"]),
        "street": st.sampled_from([None, "5 Oak", "1 Main"]),
        "city": st.sampled_from([None, "Austin"]),
        "status": st.sampled_from([None, *STAGES]),
        "note": st.sampled_from([None, "one", "two"]),
        "tags": st.sampled_from([None, [], ["a"], ["b", "c"]]),
    }
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from([CRM, SCHEDULING]),
        st.sampled_from("ABCDEFGH"),
        VALUES,
        st.sampled_from([None, EARLIER, NOON, LATER]),
        st.sampled_from([None, None, NOON]),
    ),
    min_size=8,
    max_size=16,
    unique_by=lambda row: (row[0], row[1]),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, data=st.data())
def test_core_does_not_depend_on_the_order_of_arrival(world: World, rows: list[Any], data: st.DataObject) -> None:
    def decided(ordered: list[Any]) -> Any:
        world.clear()
        for system, core_id, values, at, deleted_at in ordered:
            world.stage(system, f"{system}{core_id}", core_id, at=at, deleted_at=deleted_at, changed_at=at, **values)
        return world.decide(), sorted(world.conflicts(), key=repr)

    assert decided(rows) == decided(data.draw(st.permutations(rows)))


def test_the_same_declarations_compile_to_the_same_text() -> None:
    for entity in small().active():
        one = compiled.records(small(), entity).sql("duckdb")
        assert compiled.records(small(), entity).sql("duckdb") == one

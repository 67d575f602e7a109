from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.compile import plan as compiled
from models.handoff import Handoff
from models.ownership import only, prefer
from tests.models.world import ACCOUNTS, BOOKS, CLIENTS, CRM, EVENTS, NOON, PEOPLE, SCHEDULING, VISITS, World, small

HOUR = timedelta(hours=1)
TO_CRM = Handoff(system=CRM, entity="person", mode="live")
TO_SCHEDULING = Handoff(system=SCHEDULING, entity="person", mode="live", deletes="mirror")
TO_BOOKS = Handoff(system=BOOKS, entity="person", mode="live")
VISITS_TO_CRM = Handoff(system=CRM, entity="visit", mode="live", deletes="mirror")


def test_a_record_that_the_target_lacks_is_made_with_all_that_is_known(world: World) -> None:
    world.stage(SCHEDULING, "7", "A", name="Ann", street="5 Oak", city="Austin")
    row = world.plan(TO_CRM, PEOPLE)["A"]
    assert (row["action"], row["target_id"], row["version"]) == ("create", None, None)
    assert (row["d_name"], row["o_name"], row["c_name"]) == ("Ann", None, True)
    assert (row["s_place"], row["f_name"]) == ("5 Oak, Austin", SCHEDULING)
    assert not row["c_email"]


def test_a_handoff_that_makes_nothing_plans_no_create(world: World) -> None:
    world.stage(SCHEDULING, "7", "A", name="Ann")
    assert world.plan(replace(TO_CRM, creates=False), PEOPLE) == {}


def test_a_difference_is_an_update_of_that_field_with_the_seen_version(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", city="Austin", version="e3")
    world.stage(SCHEDULING, "7", "A", name="Annie", city="Austin")
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["target_id"]) == ("update", "7")
    assert (row["d_name"], row["o_name"], row["c_name"]) == ("Ann", "Annie", True)
    assert (row["d_city"], row["o_city"], row["c_city"]) == ("Austin", "Austin", False)
    assert world.plan(TO_CRM, PEOPLE) == {}


def test_a_field_gives_way_to_the_one_that_takes_its_place(world: World) -> None:
    """Where a company's name stands there is no room for a person's."""
    instead = replace(CLIENTS, instead={"name": "note"})
    world.stage(CRM, "1", "A", name="Ann", note="Lee LLC", city="Austin")
    made = world.plan(TO_SCHEDULING, instead)["A"]
    assert (made["d_name"], made["d_note"], made["d_city"]) == (None, "Lee LLC", "Austin")
    world.stage(SCHEDULING, "7", "A", name=None, note="Lee LLC", city="Austin")
    assert world.plan(TO_SCHEDULING, instead) == {}
    assert world.plan(TO_SCHEDULING, CLIENTS)["A"]["c_name"]


@pytest.mark.parametrize(("status", "planned"), [("new", True), ("working", False), (None, False)])
def test_a_record_takes_changes_only_in_the_states_in_which_it_does(
    world: World, status: str | None, planned: bool
) -> None:
    world.stage(CRM, "1", "A", name="Ann", status=status)
    world.stage(SCHEDULING, "7", "A", name="Annie", status=status)
    assert bool(world.plan(TO_SCHEDULING, replace(CLIENTS, takes={"status": ("new",)}))) is planned


def test_agreement_plans_nothing(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", phone=None)
    world.stage(SCHEDULING, "7", "A", name="Ann", phone=None)
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}


def test_no_value_is_never_written_over_a_value(world: World) -> None:
    cleared = world.under(small(person__name=only("crm")))
    world.stage(CRM, "1", "A", name=None)
    world.stage(SCHEDULING, "7", "A", name="Annie")
    assert cleared.plan(TO_SCHEDULING, CLIENTS) == {}


def test_the_target_keeps_its_own_form_of_what_we_wrote(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "7", "A", name="ANN")
    world.link(SCHEDULING, "A", "7", pushed={"name": "Ann"}, observed={"name": "ANN"})
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}


@pytest.mark.parametrize(("wanted", "stands"), [("Anna", "ANN"), ("Ann", "Bob")], ids=["we moved", "they moved"])
def test_own_form_is_accepted_only_while_neither_side_moves(world: World, wanted: str, stands: str) -> None:
    world.stage(CRM, "1", "A", name=wanted)
    world.stage(SCHEDULING, "7", "A", name=stands)
    world.link(SCHEDULING, "A", "7", at=NOON - HOUR, pushed={"name": "Ann"}, observed={"name": "ANN"})
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["d_name"], row["o_name"]) == ("update", wanted, stands)


def test_own_form_of_money_and_labels_is_known_by_value_not_by_spelling(world: World) -> None:
    ours = world.under(small(person__balance=prefer("crm", "accounting")))
    world.stage(BOOKS, "9", "A", name="Ann", balance=Decimal("12.50"))
    world.pin("A", "balance", "12.505")
    world.link(BOOKS, "A", "9", pushed={"balance": "12.505"}, observed={"balance": "12.5"})
    assert ours.plan(replace(TO_BOOKS, fields=("balance",)), ACCOUNTS) == {}
    world.stage(CRM, "1", "A", tags=["a", "b"])
    world.stage(SCHEDULING, "7", "A", tags=["a"])
    world.link(SCHEDULING, "A", "7", pushed={"tags": ["a", "b"]}, observed={"tags": ["a"]})
    assert world.plan(replace(TO_SCHEDULING, fields=("tags",)), CLIENTS) == {}


def test_a_value_longer_than_the_target_keeps_is_cut_before_it_is_compared(world: World) -> None:
    world.stage(SCHEDULING, "7", "A", name="Maximiliana Longname")
    world.stage(CRM, "1", "A")
    assert world.plan(TO_CRM, PEOPLE)["A"]["d_name"] == "Maximiliana "[:12]


def test_a_choice_that_the_target_does_not_have_is_not_written(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", status="done")
    world.stage(SCHEDULING, "7", "A", name="Ann", status="working")
    assert world.plan(replace(TO_SCHEDULING, deletes="off"), CLIENTS) == {}


def test_what_we_wrote_after_the_last_read_counts_as_seen(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "7", "A", name="Annie", version="old")
    world.link(SCHEDULING, "A", "7", at=NOON + HOUR, pushed={"name": "Ann"}, version="new")
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}
    world.alter(CRM, "name = 'Anna'")
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["o_name"], row["d_name"], row["version"]) == ("Ann", "Anna", "new")


def test_a_write_of_another_field_makes_what_was_read_no_older(world: World) -> None:
    """What a person set before our last look stands, whatever we wrote into the record since."""
    world.stage(CRM, "1", "A", name="Ann", city="Boston")
    world.stage(SCHEDULING, "7", "A", name="Annie", city="Boston")
    wrote = {"name": "Ann", "city": "Austin"}
    world.link(SCHEDULING, "A", "7", at=NOON + HOUR, pushed=wrote, earlier={"city": NOON - HOUR})
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}
    world.alter(CRM, "city = 'Dallas'")
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["c_name"], row["o_city"], row["c_city"]) == (False, "Boston", True)


def test_what_we_made_and_have_not_read_yet_is_not_made_twice(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.link(SCHEDULING, "A", "7", pushed={"name": "Ann"})
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}


def test_a_record_that_we_only_wrote_to_is_never_deleted(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", deleted_at=NOON)
    world.stage(SCHEDULING, "s1", "A", name="Ann")
    world.link(SCHEDULING, "A", "s1", action="update", pushed={"name": "Ann"})
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}


def test_a_record_gone_from_core_is_deleted_where_we_made_it(world: World) -> None:
    for core_id, source in (("A", "1"), ("B", "2"), ("C", "3")):
        world.stage(CRM, source, core_id, name="Ann", deleted_at=NOON if core_id == "A" else None)
        world.stage(SCHEDULING, f"s{source}", core_id, name="Ann")
    world.alter(CRM, "deleted_at = '2026-03-11 12:00:00' WHERE source_id = '3'")
    world.link(SCHEDULING, "A", "s1", pushed={"name": "Ann"})
    world.link(SCHEDULING, "B", "s2", pushed={"name": "Ann"})
    rows = world.plan(TO_SCHEDULING, CLIENTS)
    assert {core_id: (row["action"], row["target_id"]) for core_id, row in rows.items()} == {"A": ("delete", "s1")}
    assert world.plan(replace(TO_SCHEDULING, deletes="off"), CLIENTS) == {}


def test_a_gone_state_deletes_like_a_deletion_and_is_not_made(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann", status="done")
    world.stage(SCHEDULING, "s1", "A", name="Ann")
    world.stage(CRM, "2", "B", name="Bob", status="done")
    world.stage(CRM, "3", "C", name="Cat", status=None)
    world.link(SCHEDULING, "A", "s1", pushed={"name": "Ann"})
    rows = world.plan(TO_SCHEDULING, CLIENTS)
    assert {core_id: row["action"] for core_id, row in rows.items()} == {"A": "delete", "C": "create"}


def test_what_somebody_deleted_in_the_target_is_a_revival_not_a_create(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "s1", "A", name="Ann", deleted_at=NOON)
    assert world.plan(TO_SCHEDULING, CLIENTS)["A"]["action"] == "revive"
    world.link(SCHEDULING, "A", "s1", at=NOON - HOUR, pushed={"name": "Ann"})
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["target_id"]) == ("revive", "s1")


def test_what_we_deleted_ourselves_is_made_anew_when_it_comes_back(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "s1", "A", name="Ann", deleted_at=NOON)
    world.link(SCHEDULING, "A", "s1", action="delete")
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["target_id"], row["o_name"]) == ("create", None, None)


def test_the_record_made_anew_is_the_target_although_the_old_one_is_still_known(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "s1", "A", name="Ann", deleted_at=NOON)
    world.link(SCHEDULING, "A", "s2", pushed={"name": "Ann"})
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}
    world.alter(CRM, "name = 'Anna'")
    assert world.plan(TO_SCHEDULING, CLIENTS)["A"]["target_id"] == "s2"


def test_a_record_that_was_made_again_is_written_once_and_the_deleted_one_is_no_second_target(world: World) -> None:
    world.stage(CRM, "1", "A", name="Anna")
    for gone in ("s1", "s2"):
        world.stage(SCHEDULING, gone, "A", name="Ann", deleted_at=NOON - HOUR)
    world.stage(SCHEDULING, "s3", "A", name="Ann")
    world.link(SCHEDULING, "A", "s3", at=NOON - HOUR, pushed={"name": "Ann"})
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["target_id"]) == ("update", "s3")


def test_what_a_person_made_in_place_of_what_we_deleted_is_the_target(world: World) -> None:
    world.stage(CRM, "1", "A", name="Ann")
    world.stage(SCHEDULING, "ours", "A", name="Ann", deleted_at=NOON - HOUR)
    world.stage(SCHEDULING, "theirs", "A", name="Ann")
    world.link(SCHEDULING, "A", "ours", action="delete")
    assert world.plan(TO_SCHEDULING, CLIENTS) == {}


def test_after_a_merge_in_the_target_the_living_record_is_the_target(world: World) -> None:
    world.stage(CRM, "1", "A", name="Anna")
    world.stage(SCHEDULING, "kept", "A", name="Ann")
    world.stage(SCHEDULING, "merged", None, name="Ann", deleted_at=NOON)
    world.link(SCHEDULING, "A", "merged", at=NOON - HOUR, pushed={"name": "Ann"})
    row = world.plan(TO_SCHEDULING, CLIENTS)["A"]
    assert (row["action"], row["target_id"]) == ("update", "kept")


@pytest.mark.parametrize(
    ("starts_at", "planned"),
    [(None, False), (NOON - HOUR, False), (NOON, True), (NOON + HOUR, True), (NOON + 2 * HOUR, False)],
)
def test_things_with_a_time_are_made_only_inside_the_window(world: World, starts_at: Any, planned: bool) -> None:
    world.stage(SCHEDULING, "v1", "V", "visit", title="Tune-up", starts_at=starts_at)
    window = replace(VISITS_TO_CRM, starts=NOON, ends=NOON + 2 * HOUR)
    assert (set(world.plan(window, EVENTS)) == {"V"}) is planned


def test_the_window_bounds_creates_and_nothing_else(world: World) -> None:
    world.stage(SCHEDULING, "v1", "V", "visit", title="Tune-up", starts_at=NOON - 99 * HOUR)
    world.stage(CRM, "e1", "V", "visit", title="Old", starts_at=NOON - 99 * HOUR)
    window = replace(VISITS_TO_CRM, starts=NOON)
    assert world.plan(window, EVENTS)["V"]["action"] == "update"


def test_references_are_the_targets_own_ids(world: World) -> None:
    world.stage(CRM, "p1", "A", name="Ann")
    world.stage(SCHEDULING, "c1", "A", name="Ann")
    world.stage(SCHEDULING, "c2", "B", name="Bob")
    world.stage(SCHEDULING, "v1", "V", "visit", person="c1", starts_at=NOON)
    world.stage(SCHEDULING, "v2", "W", "visit", person="c2", starts_at=NOON)
    rows = world.plan(VISITS_TO_CRM, EVENTS)
    assert (rows["V"]["r_person"], rows["V"]["d_person"], rows["V"]["s_person"]) == ("p1", "p1", "A")
    assert (rows["W"]["r_person"], rows["W"]["d_person"], rows["W"]["s_person"]) == (None, None, "B")
    world.link(CRM, "B", "p2")
    assert world.plan(VISITS_TO_CRM, EVENTS)["W"]["r_person"] == "p2"


def test_fields_that_the_target_alone_owns_are_not_written_to_it() -> None:
    model = small(person__name=only("crm"))
    assert "name" not in compiled.written_fields(model, TO_CRM, PEOPLE)
    assert "name" in compiled.written_fields(model, TO_SCHEDULING, CLIENTS)
    assert compiled.written_fields(model, TO_BOOKS, ACCOUNTS) == ("name", "city")


def test_a_handoff_may_name_its_fields_and_a_connector_may_write_more() -> None:
    named = replace(TO_SCHEDULING, fields=("city", "name"))
    assert compiled.written_fields(small(), named, CLIENTS) == ("name", "city")
    reading = replace(VISITS, fields={"title": replace(VISITS.fields["title"], encode=None)})
    assert compiled.written_fields(small(), Handoff(system=SCHEDULING, entity="visit"), reading) == ()
    extra = compiled.written_fields(small(), Handoff(system=SCHEDULING, entity="visit"), reading, ("title",))
    assert extra == ("title",)


def test_a_record_of_which_no_owner_says_anything_is_not_made_as_an_empty_one(world: World) -> None:
    asked = world.under(small(person=only("crm")))
    world.stage(BOOKS, "9", "A", name="Ann", city="Austin")
    world.stage(BOOKS, "8", "B", name="Bob")
    world.stage(CRM, "1", "B", tags=[])
    assert asked.plan(TO_SCHEDULING, CLIENTS) == {}
    world.stage(SCHEDULING, "7", "A", deleted_at=NOON)
    assert asked.plan(TO_SCHEDULING, CLIENTS) == {}, "nor is it made again"
    world.pin("B", "name", "Bob")
    assert asked.plan(TO_SCHEDULING, CLIENTS)["B"]["action"] == "create"


@pytest.mark.parametrize(("tags", "made"), [([], False), (["vip"], True)])
def test_a_list_says_something_when_it_has_a_member(world: World, tags: list[str], made: bool) -> None:
    world.stage(CRM, "1", "A", email="ann@example.com", tags=tags)
    assert ("A" in world.plan(replace(TO_SCHEDULING, fields=("name", "tags")), CLIENTS)) is made


def test_what_only_refers_to_a_record_that_is_not_made_yet_is_planned_and_waits(world: World) -> None:
    world.stage(SCHEDULING, "c2", "B", name="Bob")
    world.stage(SCHEDULING, "v2", "W", "visit", person="c2", starts_at=NOON)
    assert world.plan(replace(VISITS_TO_CRM, fields=("person",)), EVENTS)["W"]["r_person"] is None


def test_a_handoff_without_fields_plans_creates_and_deletes_but_no_update(world: World) -> None:
    world.stage(SCHEDULING, "7", "A", name="Ann")
    world.stage(SCHEDULING, "8", "B", name="Bob")
    world.stage(CRM, "1", "B", name="Robert")
    rows = world.plan(replace(TO_CRM, fields=()), PEOPLE)
    assert {core_id: row["action"] for core_id, row in rows.items()} == {"A": "create"}

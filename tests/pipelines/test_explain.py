"""Why this value? From the record that everybody shares back to what a system said, and from a target forwards."""

from __future__ import annotations

import pytest

from models.errors import PlumblineError
from pipelines.explain import FieldStory, Story
from pipelines.looking import story
from pipelines.overruling import pin
from tests.pipelines.desk import ADA, Desk


@pytest.fixture
def known(desk: Desk) -> Desk:
    return desk.after(_in_both)


def _in_both(desk: Desk) -> None:
    """Ada in both systems, with one conflict, and a visit of a technician."""
    desk.edit("crm", "1", **ADA)
    desk.edit("field", "7", first="Adele", last="Byron", email="ada@example.com", phone="512-555-0101")
    desk.edit("field", "w1", collection="workers", name="Wil", email="wil@example.com")
    desk.edit("field", "v1", collection="visits", title="Heater", start="2026-03-12T15:00:00Z", crew=[{"id": "w1"}])
    desk.sync()


def only(found: Story) -> FieldStory:
    [field] = found.fields
    return field


def test_a_field_names_its_record_its_rule_its_losers_and_where_it_was_written(known: Desk) -> None:
    company = known.company()
    [ada] = known.customers()
    by_core = only(story(company, "customer", ada["core_id"], "given_name"))

    assert (by_core.value, by_core.system, by_core.source_id) == ("Ada", "crm", "1")
    assert by_core.rule == "prefer(crm, field)"
    assert by_core.raw_load
    assert by_core.loaded_at is not None
    assert [(x["system"], x["value"]) for x in by_core.losers] == [("field", "Adele")]
    assert [(x["system"], x["target_id"], x["pushed"]) for x in by_core.written] == [("field", "7", "Ada")]

    for kind, id in (("field", "7"), ("crm", "1"), ("customer", "7")):
        assert only(story(company, kind, id, "given_name")) == by_core


def test_a_looked_up_field_is_traced_to_the_record_it_was_looked_up_in(known: Desk) -> None:
    [row] = known.rows("SELECT core_id FROM core.assignment")
    title = only(story(known.company(), "assignment", row["core_id"], "title"))
    assert (title.value, title.system, title.source_id) == ("Heater", "field", "v1")
    name = only(story(known.company(), "assignment", "v1:w1", "technician_name"))
    assert (name.value, name.system, name.source_id) == ("Wil", "field", "w1")


def test_every_field_of_every_record_has_its_story(known: Desk) -> None:
    company = known.company()
    for entity in ("customer", "technician", "appointment", "assignment"):
        for row in known.rows(f"SELECT core_id FROM core.{entity}"):  # noqa: S608 - our own names
            for field in story(company, entity, row["core_id"], None).fields:
                assert field.system is not None, (entity, field.field)
                assert field.source_id is not None, (entity, field.field)
                assert field.raw_load is not None, (entity, field.field)


def test_an_override_stands_above_the_rules_and_says_whose_it_is(known: Desk) -> None:
    [ada] = known.customers()
    pin(known.company(), "customer", ada["core_id"], "city", "Waco", by="Mia", why="she called", until=None)
    known.sync()
    city = only(story(known.company(), "customer", ada["core_id"], "city"))
    assert (city.value, city.system) == ("Waco", "pin")
    assert city.override is not None
    assert (city.override["who"], city.override["why"]) == ("Mia", "she called")
    assert {known.person("crm", "1")["city"], known.person("field", "7")["city"]} == {"Waco"}


def test_an_id_that_was_merged_away_leads_to_the_survivor(desk: Desk) -> None:
    desk.rest["handoffs"] = {}
    desk.edit("crm", "1", **ADA)
    desk.edit("field", "7", first="Ada", email="old@example.com")
    desk.sync()
    before = {row["core_id"] for row in desk.customers()}
    desk.edit("field", "7", email="ada@example.com")
    desk.sync()
    [left] = desk.customers()
    [merged] = before - {left["core_id"]}
    assert story(desk.company(), "customer", merged, None).core_id == left["core_id"]


@pytest.mark.parametrize(
    ("kind", "id", "field", "says"),
    [
        ("customer", "cus_unknown", None, "'cus_unknown' is not known"),
        ("customr", "1", None, "did you mean 'customer'"),
        ("customer", "1", "frist_name", "no field 'frist_name'"),
    ],
)
def test_what_does_not_exist_is_said_in_a_sentence(known: Desk, kind: str, id: str, field: str, says: str) -> None:
    with pytest.raises(PlumblineError, match=says):
        story(known.company(), kind, id, field)

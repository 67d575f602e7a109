"""Whole syncs of a small company, told as what people do and what they find afterwards."""

from __future__ import annotations

from tests.pipelines.desk import ADA, Desk, planned


def test_a_new_customer_reaches_the_other_system_and_then_nothing_is_left_to_do(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    first = desk.sync()
    assert planned(first) == (1, 0, 0)
    assert first["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}
    [made] = desk.people("field").values()
    assert (made["first"], made["email"], made["phone"]) == ("Ada", "ada@example.com", "+15125550101")

    for _ in range(2):
        again = desk.sync()
        assert planned(again) == (0, 0, 0)
    assert len(desk.customers()) == 1
    assert desk.conflicts() == []


def test_story_33_an_edit_by_the_account_of_the_integration_still_arrives(desk: Desk) -> None:
    """What we wrote is known by its content: whoever edits the very record that we made is heard."""
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    [made] = desk.people("field")
    desk.edit("field", made, phone="512-555-0199")  # scheduling owns phones

    desk.sync()

    assert desk.customers()[0]["phone"] == "+15125550199"
    assert desk.person("crm", "1")["phone"] == "+15125550199"
    assert planned(desk.sync()) == (0, 0, 0)


def test_an_edit_by_a_system_that_does_not_own_the_field_is_kept_as_a_conflict_and_put_right(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    [made] = desk.people("field")
    desk.edit("field", made, first="Adele")  # the CRM owns names

    said = desk.sync()

    assert desk.conflicts() == [("given_name", "crm", "Ada", "field")]
    assert planned(said) == (0, 1, 0)
    assert desk.person("field", made)["first"] == "Ada"

    assert planned(desk.sync()) == (0, 0, 0)
    assert desk.conflicts() == []
    assert desk.conflicts("reverted") == [("given_name", "crm", "Ada", "field")]


def test_who_takes_back_what_we_wrote_before_we_read_it_has_edited_though_it_says_what_it_said(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    [made] = desk.people("field")
    desk.edit("crm", "1", first="Adele")  # the CRM owns names
    desk.sync()
    assert desk.person("field", made)["first"] == "Adele"
    desk.edit("field", made, first="Ada")

    said = desk.sync()

    assert desk.conflicts() == [("given_name", "crm", "Adele", "field")]
    assert planned(said) == (0, 1, 0)
    assert planned(desk.sync()) == (0, 0, 0)
    assert desk.conflicts("reverted") == [("given_name", "crm", "Adele", "field")]


def test_both_edited_different_fields_and_both_arrive_everywhere(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.edit("crm", "1", city="Austin", status="active")
    desk.edit("field", made, phone="512-555-0199", tags=["gate code"])

    desk.sync()
    desk.sync()

    here, there = desk.person("crm", "1"), desk.person("field", made)
    shared = ("first", "last", "email", "city", "status", "tags")
    assert {n: here.get(n) for n in shared} == {n: there.get(n) for n in shared}
    assert (here["phone"], there["phone"], there["city"]) == ("+15125550199", "512-555-0199", "Austin")
    assert planned(desk.sync()) == (0, 0, 0)


def test_an_edit_between_read_and_push_is_not_overwritten_and_decided_next_time(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.sync()
    desk.edit("crm", "1", city="Austin")
    desk.faults("field", race={"people": {made: {"city": "Houston"}}})

    said = desk.sync()

    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    assert desk.person("field", made)["city"] == "Houston"
    desk.sync()
    assert desk.person("field", made)["city"] == "Austin"  # seen now, and overruled by the owner
    assert ("city", "crm", "Austin", "field") in desk.conflicts("open") + desk.conflicts("reverted")


def test_a_system_that_keeps_values_in_capitals_is_not_fought(desk: Desk) -> None:
    desk.faults("field", form="upper")
    desk.edit("crm", "1", **ADA, city="Austin")
    assert planned(desk.sync()) == (1, 0, 0)
    for _ in range(3):
        assert planned(desk.sync()) == (0, 0, 0)
    assert desk.customers()[0]["city"] == "Austin"


def test_a_system_that_rewrites_values_after_it_answered_is_not_fought_for_ever(desk: Desk) -> None:
    desk.faults("field", form="late")
    desk.edit("crm", "1", **ADA, city="Austin")
    desk.sync()
    writes = [sum(planned(desk.sync())) for _ in range(6)]
    assert sum(writes) <= 2, writes
    assert writes[-3:] == [0, 0, 0], writes


def test_a_record_that_no_owner_knows_is_not_made_as_an_empty_one(desk: Desk) -> None:
    """A third system knows her, and is asked about nobody: the target would get a record that says nothing."""
    desk.roles = {**desk.roles, "books": "accounting"}
    desk.rest = {"ownership": {"customer": {"only": "crm"}}, "handoffs": {"field.customer": {"mode": "live"}}}
    desk.store("books", {"faults": {}})
    desk.edit("books", "9", **ADA)
    assert planned(desk.sync()) == (0, 0, 0)
    desk.edit("crm", "1", **ADA)
    assert planned(desk.sync()) == (1, 0, 0)
    [made] = desk.people("field").values()
    assert made["first"] == "Ada"


def test_a_record_that_became_unreadable_is_not_called_gone(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [id] = desk.people("field")
    desk.edit("crm", "1", city="Austin")
    desk.faults("field", race={"people": {id: {"status": "nonsense"}}})
    desk.sync()
    assert desk.held() == [f"{id} in field cannot be read as customer; see `plumbline quarantine`"]
    assert desk.person("field", id)["status"] == "nonsense"

"""What becomes of an edit by a system that does not own the field, and of a value that its owner takes away."""

from __future__ import annotations

from random import Random

import pytest

from models.errors import StackError
from tests.pipelines.desk import ADA, Desk, planned


@pytest.fixture
def accepting(desk: Desk) -> Desk:
    return desk.after(_accepts)


def _accepts(desk: Desk) -> None:
    """Ada stands in both systems; the CRM owns names and takes over what others correct."""
    desk.rest["ownership"] = {"customer.given_name": {"edits": "accept"}}
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()


def made_in(desk: Desk, system: str = "field") -> str:
    [id] = desk.people(system)
    return id


def test_an_accepted_edit_reaches_the_owner_and_stays(accepting: Desk) -> None:
    made = made_in(accepting)
    accepting.edit("field", made, first="Adele")

    said = accepting.sync()

    assert planned(said) == (0, 1, 0)
    assert accepting.person("crm", "1")["first"] == "Adele"
    [ada] = accepting.customers()
    assert (ada["given_name"], ada["given_name__from"]) == ("Adele", "field")
    for _ in range(3):
        assert planned(accepting.sync()) == (0, 0, 0)
    assert accepting.person("field", made)["first"] == "Adele"


def test_the_owners_later_edit_wins_over_an_accepted_one(accepting: Desk) -> None:
    made = made_in(accepting)
    accepting.edit("field", made, first="Adele")
    accepting.sync()
    accepting.edit("crm", "1", first="Adelaide")
    accepting.sync()
    assert accepting.person("field", made)["first"] == "Adelaide"
    accepting.edit("field", made, first="Della")
    accepting.sync()
    assert accepting.person("crm", "1")["first"] == "Della"
    assert planned(accepting.sync()) == (0, 0, 0)


def test_of_two_edits_between_syncs_the_later_one_wins_whoever_made_it(accepting: Desk) -> None:
    made = made_in(accepting)
    accepting.edit("field", made, first="Adele")
    accepting.now = accepting.now.replace(second=30)
    accepting.edit("crm", "1", first="Adelaide")
    accepting.sync()
    assert accepting.person("field", made)["first"] == accepting.person("crm", "1")["first"] == "Adelaide"


def test_what_differed_when_we_first_looked_is_no_edit(desk: Desk) -> None:
    desk.rest["ownership"] = {"customer.given_name": {"edits": "accept"}}
    desk.edit("crm", "1", **ADA)
    desk.now = desk.now.replace(minute=5)
    desk.edit("field", "7", first="Adele", last="Byron", email="ada@example.com", phone="512-555-0101")
    desk.sync()
    assert desk.person("field", "7")["first"] == desk.person("crm", "1")["first"] == "Ada"


def test_systems_that_spell_in_their_own_way_do_not_hand_an_accepted_edit_back_and_forth(accepting: Desk) -> None:
    accepting.faults("crm", form="late")
    made = made_in(accepting)
    accepting.edit("field", made, first="Adele")
    writes = [sum(planned(accepting.sync())) for _ in range(6)]
    assert writes[-3:] == [0, 0, 0], writes


def test_edits_are_accepted_only_where_the_owner_can_be_told(desk: Desk) -> None:
    desk.rest["ownership"] = {"customer.given_name": {"edits": "accept"}}
    desk.rest["handoffs"] = {"field.customer": {"mode": "live"}}
    with pytest.raises(StackError, match=r"edits of customer\.given_name cannot be forwarded: its owner crm is not"):
        desk.company()
    desk.rest["handoffs"] = {"crm.customer": {"mode": "live", "fields": ["given_name"]}}
    desk.company()
    desk.rest["ownership"] = {"customer": {"edits": "accept"}}
    with pytest.raises(StackError, match=r"give customer\.family_name `edits: revert`"):
        desk.company()


# --- nothing is a value too ----------------------------------------------------------------------------------


def cleared(desk: Desk, policy: str | None) -> tuple[object, object]:
    """A phone that stands in both systems is taken out where it is owned: what core and the CRM say then."""
    desk.rest["ownership"] = {"customer.phone": {"nulls": policy}} if policy else {}
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    desk.edit("field", made_in(desk), phone=None)
    desk.sync()
    [ada] = desk.customers()
    assert planned(desk.sync()) == (0, 0, 0)
    return ada["phone"], desk.person("crm", "1").get("phone")


@pytest.mark.parametrize(
    ("policy", "core", "crm"),
    [
        (None, "+15125550101", "512-555-0101"),
        ("not_ours", "+15125550101", "512-555-0101"),
        ("unknown", None, "512-555-0101"),
        ("cleared", None, None),
    ],
)
def test_story_29_an_empty_value_wipes_nothing_unless_its_owner_cleared_it(
    desk: Desk, policy: str | None, core: str | None, crm: str | None
) -> None:
    assert cleared(desk, policy) == (core, crm)


def test_story_29_an_owner_that_never_had_a_value_clears_nothing(desk: Desk) -> None:
    desk.rest["ownership"] = {"customer.phone": {"nulls": "cleared"}}
    desk.edit("field", "7", first="Ada", last="Byron", email="ada@example.com")  # owns phones, has none
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    assert desk.customers()[0]["phone"] == "+15125550101"
    assert desk.person("crm", "1")["phone"] == "512-555-0101"


def test_story_29_what_another_system_fills_in_after_the_owner_cleared_it_is_taken_out_again(desk: Desk) -> None:
    cleared(desk, "cleared")
    desk.edit("crm", "1", phone="512-555-0177")
    desk.sync()
    assert desk.person("crm", "1")["phone"] is None
    assert ("phone", "field", None, "crm") in desk.conflicts()
    desk.edit("field", made_in(desk), phone="512-555-0188")
    desk.sync()
    assert desk.person("crm", "1")["phone"] == "+15125550188"


def test_story_56_of_a_thousand_edits_by_a_bookkeeper_none_is_lost(desk: Desk) -> None:
    """The books own cities; the CRM is edited at the same time, sometimes the very same record."""
    desk.roles = {"crm": "crm", "books": "accounting"}
    desk.rest["handoffs"] = {"crm.customer": {"mode": "live"}, "books.customer": {"mode": "live"}}
    desk.rest["ownership"] = {"customer.city": {"prefer": ["books", "crm"]}}
    desk.store("books", {"faults": {}})
    people = {str(n): {"id": str(n), "version": "1", "email": f"{n}@example.com", "city": "Start"} for n in range(40)}
    for system in ("books", "crm"):
        desk.store(system, {"faults": {}, "people": people})
    desk.sync()
    random, said = Random(56), dict.fromkeys(people, "Start")
    for turn in range(4):
        books, crm = desk.data("books"), desk.data("crm")
        for edit in range(250):
            id = random.choice(tuple(people))
            said[id] = f"{random.choice(('Austin', 'Waco', 'Dallas'))} {turn}"
            books["people"][id] |= {"city": said[id], "version": str(1000 * turn + edit + 2)}
            if random.random() < 0.3:
                crm["people"][id] |= {"city": f"Houston {turn}", "version": str(1000 * turn + edit + 2)}
        desk.store("books", books)
        desk.store("crm", crm)
        desk.sync()
        assert {id: person["city"] for id, person in desk.people("books").items()} == said
    assert {id: person["city"] for id, person in desk.people("crm").items()} == said
    assert planned(desk.sync()) == (0, 0, 0)

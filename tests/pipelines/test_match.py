"""Records that may be one thing: what is joined, what waits for a person, and what a merge inside a system does."""

from __future__ import annotations

import pytest

from models.errors import StackError
from pipelines.candidates import candidates, decide
from pipelines.overruling import pin as override
from tests.pipelines.desk import ADA, Desk, planned

JOHN = {"first": "John", "last": "Whitfield", "street": "14 Oak Street", "zip": "78701", "city": "Austin"}
SLIP = JOHN | {"last": "Whitfeild", "street": "14 Oak St."}


def ids(desk: Desk) -> dict[tuple[str, str], str]:
    return {
        (row["system"], row["source_id"]): row["core_id"]
        for row in desk.rows("SELECT * FROM xref.customer WHERE method <> 'merged'")
    }


def aliases(desk: Desk) -> dict[str, str]:
    return {row["alias"]: row["core_id"] for row in desk.rows("SELECT * FROM meta.aliases")}


def say(desk: Desk, *names: str, same: bool) -> None:
    decide(desk.company(), names, same=same, by="Mia", why="I know them both")


@pytest.fixture
def quiet(desk: Desk) -> Desk:
    """Nothing is written, so that nothing but the evidence decides."""
    desk.rest = {}
    return desk


def test_a_slip_of_the_pen_is_joined_without_a_person(quiet: Desk) -> None:
    quiet.edit("crm", "1", **JOHN, phone="512-555-0143")
    quiet.edit("field", "7", **SLIP, phone="512-555-0143")
    quiet.sync()
    assert ids(quiet)["crm", "1"] == ids(quiet)["field", "7"]


def test_story_06_namesakes_stay_two_and_a_changed_phone_is_proposed_and_not_made(desk: Desk) -> None:
    desk.edit("field", "7", first="John", last="Whitfield", street="902 Elm Road", zip="78745", phone="512-555-0999")
    desk.edit("crm", "1", **JOHN, phone="512-555-0143")
    desk.sync()
    assert len(desk.customers()) == 2
    assert candidates(desk.company()) == []

    desk.edit("crm", "2", first="Ada", last="Byron", city="Austin", zip="78701", phone="512-555-0101")
    desk.edit("field", "8", first="Ada", last="Byron", city="Austin", zip="78701", phone="512-555-0777")
    before = len(desk.people("crm")), len(desk.people("field"))
    said = desk.sync()
    [found] = candidates(desk.company())
    assert {found["left"]["source_id"], found["right"]["source_id"]} == {"2", "8"}
    assert said["pushed"]["held"] == 2
    assert "plumbline match" in desk.held()[0]
    assert (len(desk.people("crm")), len(desk.people("field"))) == before

    say(desk, found["id"], same=True)
    desk.sync()
    assert ids(desk)["crm", "2"] == ids(desk)["field", "8"]
    assert candidates(desk.company()) == []


def test_a_refused_pair_is_two_for_good_and_survives_a_lost_warehouse(quiet: Desk) -> None:
    quiet.edit("crm", "1", **ADA)
    quiet.edit("field", "7", **ADA)
    quiet.sync()
    whole = ids(quiet)["crm", "1"]
    assert set(ids(quiet).values()) == {whole}

    say(quiet, "crm:1", "field:7", same=False)
    quiet.sync()
    apart = ids(quiet)
    assert apart["crm", "1"] == whole  # the record that the id was made from
    assert apart["field", "7"] != whole
    quiet.edit("field", "7", **ADA, city="Austin")
    quiet.sync()
    assert ids(quiet) == apart

    quiet.company().warehouse.unlink()
    quiet.sync()
    assert len(set(ids(quiet).values())) == 2

    say(quiet, "crm:1", "field:7", same=True)
    quiet.sync()
    assert len(set(ids(quiet).values())) == 1
    assert len(aliases(quiet)) == 1


def test_a_system_never_gets_one_thing_twice_whoever_says_so(quiet: Desk) -> None:
    quiet.edit("crm", "1", **ADA)
    quiet.edit("crm", "2", first="Ada", last="Byrom", phone="512-555-0101")
    quiet.edit("field", "7", **ADA)
    quiet.sync()
    with pytest.raises(StackError, match="merge the two records in crm itself"):
        say(quiet, "crm:1", "crm:2", same=True)
    with pytest.raises(StackError, match="merge the two records in crm itself"):
        say(quiet, "crm:2", "field:7", same=True)
    with pytest.raises(StackError, match="no candidate"):
        say(quiet, "m_nobody", same=False)


def test_story_13_an_address_change_is_an_update(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.sync()
    before = ids(desk)
    desk.edit("crm", "1", email="ada@elsewhere.example")
    desk.sync()
    assert ids(desk) == before
    assert desk.person("field", made)["email"] == "ada@elsewhere.example"


def test_story_13_what_a_person_decided_follows_a_merge_and_stays_with_the_older_side_of_a_split(quiet: Desk) -> None:
    """An opt-out is a label or a person's override of the status; both go where the person goes."""
    before = merged_company(quiet)
    quiet.edit("field", "7", tags=["do-not-mail"])
    pin(quiet, before["field", "7"], "status", "inactive")
    quiet.sync()
    quiet.merge("crm", "2", into="1")
    quiet.sync()
    [ada] = quiet.customers()
    assert (ada["core_id"], ada["tags"], ada["status"]) == (before["crm", "1"], ["do-not-mail"], "inactive")

    say(quiet, "crm:1", "field:7", same=False)
    quiet.sync()
    split = {row["core_id"]: row for row in quiet.customers()}
    assert split[ids(quiet)["field", "7"]]["tags"] == ["do-not-mail"]
    assert split[before["crm", "1"]]["status"] == "inactive"


def pin(desk: Desk, core_id: str, field: str, value: str) -> None:
    override(desk.company(), "customer", core_id, field, value, by="Mia", why="asked for it", until=None)


def merged_company(quiet: Desk) -> dict[tuple[str, str], str]:
    """Two contacts of one person, the second one with a client and a visit of the other system behind it."""
    quiet.edit("crm", "1", first="Ada", last="Byron", email="ada@example.com")
    quiet.edit("crm", "2", first="A.", last="Byron", email="ada@work.example")
    quiet.edit("field", "7", first="A.", last="Byron", email="ada@work.example")
    quiet.sync()
    return ids(quiet)


def test_story_14_a_merge_inside_a_system_is_an_alias_and_no_deletion(quiet: Desk) -> None:
    before = merged_company(quiet)
    quiet.merge("crm", "2", into="1")
    said = quiet.sync()

    after = ids(quiet)
    assert after == {("crm", "1"): before["crm", "1"], ("field", "7"): before["crm", "1"]}
    assert aliases(quiet) == {before["crm", "2"]: before["crm", "1"]}
    assert len(quiet.customers()) == 1
    assert planned(said) == (0, 0, 0)
    [lost] = quiet.rows("SELECT core_id, method FROM xref.customer WHERE system = 'crm' AND source_id = '2'")
    assert lost == {"core_id": before["crm", "1"], "method": "merged"}  # its children lead to the survivor


def test_story_14_a_merge_that_shows_after_the_record_was_gone_is_still_an_alias(quiet: Desk) -> None:
    before = merged_company(quiet)
    quiet.tear_out("crm", "2")
    quiet.sync()
    quiet.merge("crm", "2", into="1")
    quiet.sync()
    assert aliases(quiet) == {before["crm", "2"]: before["crm", "1"]}


def test_story_14_a_merge_of_two_that_another_system_keeps_apart_makes_nothing_anew(desk: Desk) -> None:
    """Both contacts have a client of their own: there is no one thing to make of them, and no contact to bring back."""
    desk.edit("crm", "1", first="Ada", last="Byron", email="ada@example.com")
    desk.edit("crm", "2", first="Augusta", last="King", email="king@example.com")
    desk.sync()
    desk.sync()
    before = ids(desk)
    desk.merge("crm", "2", into="1")
    said = desk.sync()
    assert planned(said)[0] == 0
    assert set(desk.people("crm")) == {"1"}
    assert ids(desk) == before

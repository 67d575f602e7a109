"""A record that is gone in one system and there in another: who is asked, and what the answer does."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import PlumblineError
from pipelines.looking import conflicts, story
from pipelines.overruling import decide
from tests.pipelines.desk import ADA, Desk, planned


@pytest.fixture
def both(desk: Desk) -> Desk:
    return desk.after(_known_to_both)


def _known_to_both(desk: Desk) -> None:
    """Ada in the CRM, which owns customers, and in the field's own books, which knew her before."""
    desk.edit("crm", "1", **ADA, city="Austin")
    desk.edit("field", "7", first="Ada", last="Byron", email="ada@example.com", phone="512-555-0101")
    desk.sync()
    desk.sync()


def look(desk: Desk) -> dict[str, Any]:
    """A sync that believes that the only record of a system is gone."""
    return desk.sync(believe=["crm.people", "field.people"])


def standing(desk: Desk) -> list[dict[str, Any]]:
    return [c for c in conflicts(desk.company(), settled=False) if c["field"] == "deleted_at"]


def answer(desk: Desk, choice: Any) -> None:
    [asked] = standing(desk)
    assert asked["state"] == "waiting"
    decide(desk.company(), asked["id"], choice, by="Mia", why="she called")
    look(desk)


def contested(desk: Desk) -> None:
    """The owner deletes while the field corrects a phone number."""
    desk.tear_out("crm", "1")
    desk.edit("field", "7", phone="512-555-0199")
    look(desk)


def test_story_21_a_deletion_against_an_edit_waits_and_loses_no_field(both: Desk) -> None:
    contested(both)

    [asked] = standing(both)
    assert (asked["state"], asked["winner"], asked["loser"]) == ("waiting", "field", "crm")
    [ada] = both.customers()
    assert (ada["phone"], ada["city"], ada["given_name"]) == ("+15125550199", "Austin", "Ada")
    assert "7" in both.people("field")
    assert both.people("crm") == {}
    told = story(both.company(), "customer", ada["core_id"], None)
    assert {(r["system"], r["deleted_at"] is not None) for r in told.records} == {("crm", True), ("field", False)}
    for _ in range(2):
        look(both)
    assert [c["id"] for c in standing(both)] == [asked["id"]]


def test_story_21_kept_by_a_person_it_is_made_again_with_every_field(both: Desk) -> None:
    contested(both)
    answer(both, "keep")
    [again] = both.people("crm").values()
    assert (again["first"], again["city"], again["phone"]) == ("Ada", "Austin", "+15125550199")
    look(both)
    assert len(both.customers()) == 1
    assert standing(both) == []
    assert planned(look(both)) == (0, 0, 0)
    [row] = [c for c in conflicts(both.company(), settled=True) if c["field"] == "deleted_at"]
    assert (row["state"], row["decided_by"], row["decided_why"]) == ("reverted", "Mia", "she called")
    assert [h["state"] for h in row["history"]] == ["waiting", "reverted", "reverted"]


def test_story_21_a_deletion_that_a_person_confirms_stands_until_somebody_edits_again(both: Desk) -> None:
    contested(both)
    answer(both, "delete")
    assert both.customers() == []
    assert [c["state"] for c in standing(both)] == ["accepted"]
    both.edit("field", "7", phone="512-555-0142")
    look(both)
    assert [c["state"] for c in standing(both)] == ["waiting"]
    assert len(both.customers()) == 1


def test_story_21_a_deletion_without_an_edit_is_no_question(both: Desk) -> None:
    both.edit("field", "7", phone="512-555-0199")
    look(both)
    both.tear_out("crm", "1")
    look(both)
    assert both.customers() == []
    assert standing(both) == []


@pytest.mark.parametrize(("policy", "lives"), [("keep", 1), ("delete", 0)])
def test_story_21_a_company_may_decide_beforehand(both: Desk, policy: str, lives: int) -> None:
    both.rest["ownership"] = {"customer": {"when_deleted": policy}}
    contested(both)
    assert len(both.customers()) == lives
    look(both)
    assert len(both.people("crm")) == lives
    rows = [c for c in conflicts(both.company(), settled=True) if c["field"] == "deleted_at"]
    assert [c["state"] for c in rows] == ["reverted" if lives else "accepted"]


def test_story_18_what_another_system_deletes_is_escalated_and_made_again_once_when_asked(both: Desk) -> None:
    both.tear_out("field", "7")
    said = look(both)
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    assert len(both.customers()) == 1
    answer(both, "keep")
    assert len(both.people("field")) == 1
    look(both)
    assert standing(both) == []

    both.tear_out("field", next(iter(both.people("field"))))
    look(both)
    assert both.people("field") == {}
    assert [c["state"] for c in standing(both)] == ["waiting"]


def test_story_18_what_was_made_again_is_written_to_once_beside_the_one_that_is_gone(both: Desk) -> None:
    both.tear_out("field", "7")
    look(both)
    answer(both, "keep")
    look(both)
    [again] = both.people("field")
    both.edit("crm", "1", city="Dallas")
    assert look(both)["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}
    assert {id: one["city"] for id, one in both.people("field").items()} == {again: "Dallas"}


def test_story_18_a_policy_to_keep_makes_it_again_once_and_then_asks(both: Desk) -> None:
    both.rest["ownership"] = {"customer": {"when_deleted": "keep"}}
    both.tear_out("field", "7")
    look(both)
    look(both)
    [again] = both.people("field")
    both.tear_out("field", again)
    for _ in range(3):
        look(both)
    assert both.people("field") == {}
    assert [c["state"] for c in standing(both)] == ["waiting"]


def test_story_18_a_deletion_may_be_let_be_where_it_happened(both: Desk) -> None:
    both.tear_out("field", "7")
    look(both)
    answer(both, "delete")
    assert both.people("field") == {}
    assert len(both.customers()) == 1
    both.edit("crm", "1", city="Dallas")
    said = look(both)
    assert (planned(said), said["pushed"]["held"]) == ((0, 0, 0), 0)


def test_story_19_inactive_is_not_deleted(both: Desk) -> None:
    both.edit("crm", "1", status="gone")
    look(both)
    assert [c["status"] for c in both.customers()] == ["inactive"]
    assert both.person("field", "7")["status"] == "gone"
    both.edit("crm", "1", status="active")
    look(both)
    assert both.person("field", "7")["status"] == "active"


def made_unseen(desk: Desk) -> str:
    """Ada is made in the field's books, and somebody throws her away before any read shows her."""
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.tear_out("field", made)
    return made


def test_story_18_what_was_deleted_before_any_read_showed_it_is_asked_about_once(desk: Desk) -> None:
    made = made_unseen(desk)
    look(desk)
    [asked], [why] = standing(desk), desk.held()
    assert why.startswith(f"somebody deleted {made} in field; `plumbline decide {asked['id']} --keep`")
    desk.edit("crm", "1", city="Dallas")
    look(desk)
    answer(desk, "keep")
    assert [one["city"] for one in desk.people("field").values()] == ["Dallas"]
    look(desk)
    assert standing(desk) == []
    assert planned(look(desk)) == (0, 0, 0)


@pytest.mark.parametrize(("policy", "stand"), [("keep", 1), ("delete", 0)])
def test_story_18_a_company_decides_beforehand_also_of_what_no_read_showed(desk: Desk, policy: str, stand: int) -> None:
    desk.rest["ownership"] = {"customer": {"when_deleted": policy}}
    made_unseen(desk)
    for _ in range(3):
        look(desk)
    assert (len(desk.people("field")), len(desk.customers()), desk.held()) == (stand, 1, [])


def test_what_a_lagging_list_leaves_out_is_not_gone(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.faults("field", hidden=[made])
    for _ in range(2):
        assert planned(look(desk)) == (0, 0, 0)
    assert standing(desk) == []
    assert list(desk.people("field")) == [made]


def test_only_a_deletion_that_stands_can_be_decided(both: Desk) -> None:
    with pytest.raises(PlumblineError, match=r"'con_x' is no deletion that waits"):
        decide(both.company(), "con_x", "keep", by="Mia", why="so")

"""Undo: what a plan wrote is taken back, and what people wrote since is kept."""

from __future__ import annotations

import random
from typing import Any

import pytest

from models.errors import LedgerError
from pipelines import ledger as books
from pipelines.applying import apply_plan
from pipelines.deciding import let_go
from pipelines.undo import undo
from tests.pipelines.desk import ADA, Desk, planned

FIELDS = ("first", "last", "city", "email")


def field_customer(said: dict[str, Any]) -> Any:
    return next(one for one in said["handoffs"] if one["handoff"] == "field.customer")


def newest_plan(said: dict[str, Any]) -> str:
    return str(field_customer(said)["plan"])


def take_back(desk: Desk, plan: str) -> Any:
    back = undo(desk.company(), plan, by="Mia", why="wrong company")
    apply_plan(desk.company(), back.id) if back.changes else None
    return back


def test_what_we_made_is_removed_and_stays_away_until_the_handoff_is_released(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    plan = newest_plan(desk.sync())
    back = take_back(desk, plan)
    assert [c.action for c in back.changes] == ["delete"]
    assert desk.people("field") == {}
    assert "is taken back: wrong company" in field_customer(desk.sync())["hold"]
    assert desk.people("field") == {}
    let_go(desk.company(), "field.customer", by="Mia", why="it was right after all")
    desk.sync()
    assert len(desk.people("field")) == 1
    assert planned(desk.sync()) == (0, 0, 0)


def test_a_record_that_somebody_edited_since_is_not_removed(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    plan = newest_plan(desk.sync())
    [made] = desk.people("field")
    desk.edit("field", made, city="Houston")
    desk.edit("field", made, first="Adah")
    back = take_back(desk, plan)
    assert (back.changes, [h.reason for h in back.held]) == (
        (),
        ["somebody changed given_name since; it is not removed"],
    )
    assert desk.person("field", made)["first"] == "Adah"


def test_overwritten_fields_get_their_former_values_where_nobody_wrote_since(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA, city="Dallas")
    desk.sync()
    [made] = desk.people("field")
    desk.edit("crm", "1", city="Austin", last="Lovelace")
    plan = newest_plan(desk.sync())
    desk.edit("field", made, last="King")
    take_back(desk, plan)
    held = desk.person("field", made)
    assert (held["city"], held["last"]) == ("Dallas", "King")


def test_what_we_removed_is_made_again(desk: Desk) -> None:
    desk.rest["handoffs"]["field.customer"]["deletes"] = "mirror"
    for i in range(9):
        desk.edit("crm", f"{i}", first=f"F{i}", email=f"e{i}@example.com")
    desk.edit("crm", "ada", **ADA)
    desk.sync()
    desk.tear_out("crm", "ada")
    plan = newest_plan(desk.sync())
    assert "Ada" not in {one["first"] for one in desk.people("field").values()}
    take_back(desk, plan)
    [again] = [one for one in desk.people("field").values() if one["first"] == "Ada"]
    assert (again["last"], again["email"]) == ("Byron", "ada@example.com")


def test_an_undo_that_is_applied_twice_does_nothing_more(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    plan = newest_plan(desk.sync())
    take_back(desk, plan)
    assert undo(desk.company(), plan, by="Mia", why="again").changes == ()


def test_a_plan_that_delivered_nothing_cannot_be_taken_back(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    with pytest.raises(LedgerError, match="delivered nothing"):
        undo(desk.company(), newest_plan(desk.sync()), by="Mia", why="no")


def test_undo_is_in_the_trail(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    undo(desk.company(), newest_plan(desk.sync()), by="Mia", why="wrong company")
    [entry] = desk.with_books(books.trail)
    assert (entry.by, entry.act, entry.subject) == ("Mia", "hold", "field.customer")


def _six_were_made(desk: Desk) -> None:
    for i in range(6):
        desk.edit("crm", str(i), first=f"F{i}", last=f"L{i}", city=f"C{i}", email=f"e{i}@example.com")
    desk.sync()


@pytest.mark.parametrize("seed", range(6))
def test_after_random_edits_every_field_is_as_before_or_as_a_person_left_it(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    before = desk.after(_six_were_made).people("field")
    for i in chance.sample(range(6), 4):
        desk.edit("crm", str(i), **{name: f"new {name}" for name in chance.sample(("first", "last", "city"), 2)})
    for i in range(6, 8):
        desk.edit("crm", str(i), first=f"F{i}", last=f"L{i}", city=f"C{i}", email=f"e{i}@example.com")
    plan = newest_plan(desk.sync())
    people: dict[tuple[str, str], str] = {}
    for made in chance.sample(sorted(desk.people("field")), 3):
        name = chance.choice(FIELDS[:3])
        people[made, name] = f"person {name}"
        desk.edit("field", made, **{name: f"person {name}"})
    take_back(desk, plan)
    now = desk.people("field")
    for made, record in before.items():
        wanted = {name: people.get((made, name), record[name]) for name in FIELDS}
        assert {name: now[made][name] for name in FIELDS} == wanted
    assert set(now) - set(before) == {made for made, _ in people if made not in before}

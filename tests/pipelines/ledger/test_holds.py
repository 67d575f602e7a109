"""Holds by people, known accounts, norms and partial approvals, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from models.errors import LedgerError
from pipelines import ledger as books
from pipelines.ledger import Fingerprint, Hold, Ledger
from pipelines.ledger.database import writing
from pipelines.ledger.tables import changes
from tests.pipelines.ledger.samples import at, change, plan

HANDOFF = "hubspot.customer"


def test_a_hold_stands_until_it_is_released_by_name(ledger: Ledger) -> None:
    books.hold(ledger, Hold(handoff=HANDOFF, by="Mia", at=at(0), reason="stocktaking"))
    assert books.standing_holds(ledger)[HANDOFF].reason == "stocktaking"
    with pytest.raises(LedgerError, match="held already, by Mia"):
        books.hold(ledger, Hold(handoff=HANDOFF, by="Noor", at=at(1), reason="me too"))
    with pytest.raises(LedgerError, match="needs a reason"):
        books.release(ledger, HANDOFF, by="Mia", at=at(2), reason=" ")
    books.release(ledger, HANDOFF, by="Mia", at=at(2), reason="done")
    assert books.standing_holds(ledger) == {}
    with pytest.raises(LedgerError, match="not held by anybody"):
        books.release(ledger, HANDOFF, by="Mia", at=at(3), reason="again")
    assert [one.act for one in books.trail(ledger)] == ["release", "hold"]


def test_the_first_account_is_kept_and_another_needs_a_name(ledger: Ledger) -> None:
    first = Fingerprint(system="hubspot", account="1", name="Acme", environment="production")
    other = Fingerprint(system="hubspot", account="2", name="Rival", environment="production")
    assert books.meet_account(ledger, first, at=at(0)) == first
    assert books.meet_account(ledger, other, at=at(1)) == first
    books.trust_account(ledger, other, by="Mia", at=at(2), reason="moved portals")
    assert books.known_account(ledger, "hubspot") == other
    assert books.known_account(ledger, "jobber") is None


@pytest.fixture
def waiting(ledger: Ledger) -> tuple[Ledger, str, list[str]]:
    books.start_run(ledger, run="r1", kind="sync", at=at(0))
    one = plan(*(change(f"cus_{i}") for i in range(3)), mode="review")
    books.save_plan(ledger, one)
    return ledger, one.id, [c.id for c in one.changes]


def test_some_rows_of_a_plan_are_released_and_the_others_wait(waiting: tuple[Ledger, str, list[str]]) -> None:
    ledger, plan_id, ids = waiting
    books.approve(ledger, plan_id, by="Mia", at=at(2), only=ids[:2])
    assert [c.id for c in books.pending(ledger, plan_id)] == ids[:2]
    assert books.load_plan(ledger, plan_id).state == "frozen"
    with pytest.raises(LedgerError, match="has no change chg_other"):
        books.approve(ledger, plan_id, by="Mia", at=at(2), only=["chg_other"])
    books.approve(ledger, plan_id, by="Noor", at=at(3), only=ids[2:])
    assert books.load_plan(ledger, plan_id).state == "approved"
    assert [a.by for a in books.load_plan(ledger, plan_id).approvals] == ["Mia", "Noor"]


def test_the_same_rows_planned_again_keep_what_was_released_one_by_one(waiting: tuple[Ledger, str, list[str]]) -> None:
    ledger, plan_id, ids = waiting
    books.approve(ledger, plan_id, by="Mia", at=at(2), only=ids[:1])
    books.start_run(ledger, run="r2", kind="sync", at=at(5))
    books.save_plan(ledger, plan(*(change(f"cus_{i}") for i in range(3)), mode="review", run="r2"))
    assert [c.id for c in books.pending(ledger, plan_id)] == ids[:1]
    assert [a.changes for a in books.load_plan(ledger, plan_id).approvals] == [(ids[0],)]


@pytest.mark.parametrize("column", ["after", "desired", "refs", "target_id", "version"])
def test_a_plan_that_was_tampered_with_is_neither_shown_nor_approved(
    waiting: tuple[Ledger, str, list[str]], column: str
) -> None:
    ledger, plan_id, ids = waiting
    value = "t_other" if column in ("target_id", "version") else {"name": "Eve"}
    with writing(ledger) as db:
        db.execute(update(changes).where(changes.c.change_id == ids[0]).values({column: value}))
    for look in (books.load_plan, lambda *args: books.approve(*args, by="Mia", at=at(2))):
        with pytest.raises(LedgerError, match="not as it was frozen"):
            look(ledger, plan_id)


def test_the_norm_is_known_after_some_plans_that_went_through(
    ledger: Ledger, delivered_plans: Callable[[Ledger, int, int], None]
) -> None:
    delivered_plans(ledger, 7, 3)
    assert books.usual(ledger, "hubspot", "customer") is None
    delivered_plans(ledger, 1, 5)
    assert books.usual(ledger, "hubspot", "customer") == {"create": 5}
    assert books.usual(ledger, "hubspot", "invoice") is None


@pytest.fixture
def delivered_plans() -> Callable[[Ledger, int, int], None]:
    made = iter(range(1000))

    def deliver(ledger: Ledger, number: int, size: int) -> None:
        for _ in range(number):
            turn = next(made)
            books.start_run(ledger, run=f"n{turn}", kind="sync", at=at(turn))
            one = plan(*(change(f"cus_{turn}_{i}") for i in range(size)), run=f"n{turn}")
            books.save_plan(ledger, one)
            with writing(ledger) as db:
                ids = [c.id for c in one.changes]
                db.execute(update(changes).where(changes.c.change_id.in_(ids)).values(state="delivered"))

    return deliver

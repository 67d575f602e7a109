"""Two pushes of one system: they take turns, and the later one does not write what the earlier one wrote."""

from __future__ import annotations

import pytest

from pipelines import ledger as books
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, in_doubt, turn, turns
from pipelines.push import push
from tests.pipelines.shop import Counter, Shop, counter, creation, lost, write


@pytest.fixture
def desk(shop: Shop, ledger: Ledger, decoder: Decoder) -> Counter:
    return counter(shop, ledger, decoder, write("marker"))


def test_a_push_beside_another_one_sends_nothing_and_says_why(
    desk: Counter, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    with turn(desk.ledger, "shop"):
        delivery = desk.push(creation())
    assert [held.reason for held in delivery.held] == [
        "another run is writing to shop; the next run after it goes on from there"
    ]
    assert shop.requests == []
    assert desk.counts().balanced
    assert len(desk.push(creation()).delivered) == 1


def test_doubts_are_not_settled_beside_a_push(desk: Counter, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.lost = {"create": [lost()]}
    desk.push(creation())
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    with turn(desk.ledger, "shop"):
        desk.settle()
        assert len(in_doubt(desk.ledger, "shop")) == 1
    desk.settle()
    assert in_doubt(desk.ledger, "shop") == ()


def test_what_another_run_wrote_after_a_plan_was_made_is_not_written_by_it(desk: Counter, shop: Shop) -> None:
    desk.push(creation("Bo", "cus_2"))
    known = next(
        one.receipt for one in books.list_links(desk.ledger, {("shop", "customer"): 0}) if one.core_id == "cus_2"
    )
    push(desk.target, desk.plan(creation("Ada"), knows=known))
    late = push(desk.target, desk.plan(creation("Ada Maria"), creation("Cy", "cus_3"), knows=known))
    assert [(h.change.core_id, h.reason.split(" since")[0]) for h in late.held] == [("cus_1", "another run wrote it")]
    assert sorted(record["mark"] for record in shop.records.values()) == ["cus_1", "cus_2", "cus_3"]
    assert desk.counts().balanced


def test_a_plan_keeps_what_it_knew(desk: Counter) -> None:
    plan = desk.plan(creation(), knows=7)
    assert books.load_plan(desk.ledger, plan.id).plan.knows == 7

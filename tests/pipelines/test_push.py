"""The protocol of writing: each change takes effect once, none lands on something unseen, and the books add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.spec import Identity, Write
from models.change import Change, HeldChange
from models.errors import Rejected, StackError, Stale, Transient, Unauthorized, Unreachable
from models.fields import text
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, in_doubt, list_rejected, open_ledger, receipts_of
from tests.pipelines.shop import (
    Counter,
    Killed,
    Shop,
    change_of,
    counter,
    creation,
    deletion_of,
    lost,
    many,
    write,
)

Open = Callable[..., Counter]
IDENTITIES: tuple[Identity, ...] = ("key", "client_id", "upsert", "marker")


@pytest.fixture
def desk(shop: Shop, ledger: Ledger, decoder: Decoder) -> Open:
    def make(one: Write | None = None, *, concurrency: int = 1) -> Counter:
        return counter(shop, ledger, decoder, one or write(), concurrency=concurrency)

    return make


def one_record(shop: Shop) -> str:
    return shop.put("p1", {"first": "Ada", "last": "Löwe", "city": "Austin", "mark": "cus_1"}).id


# --- exactly once --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_create_whose_answer_was_lost_is_made_once(identity: Identity, shop: Shop, desk: Open) -> None:
    at = desk(write(identity))
    shop.lost = {"create": [lost()]}
    first = at.push(creation())
    assert [h.change.core_id for h in first.held] == ["cus_1"]
    assert "settled at the next run" in first.held[0].reason

    settled = at.settle()

    assert [r.core_id for r in settled.delivered] == ["cus_1"]
    assert [r["mark"] for r in shop.records.values()] == ["cus_1"]
    assert at.receipts() == list(shop.records)
    assert in_doubt(at.ledger, "shop") == ()


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("moment", ["failures", "lost"])
def test_killed_while_a_create_is_under_way_it_is_made_once(
    identity: Identity, moment: str, shop: Shop, desk: Open
) -> None:
    at = desk(write(identity))
    setattr(shop, moment, {"create": [Killed()]})
    with pytest.raises(Killed):
        at.push(creation())
    assert len(in_doubt(at.ledger, "shop")) == 1

    at.settle()
    if not at.receipts():  # known not to have happened: the next plan holds it again
        at.push(creation())

    assert len(shop.records) == 1
    assert at.receipts() == list(shop.records)
    assert in_doubt(at.ledger, "shop") == ()


@pytest.mark.parametrize("moment", ["failures", "lost"])
@pytest.mark.parametrize("city", ["Austin", "Reno"])
def test_an_update_in_doubt_took_effect_when_something_says_so_and_the_rest_was_edited_since(
    moment: str, city: str, shop: Shop, desk: Open
) -> None:
    """A person had put the city back, or set another one, before anybody looked: that is an edit and not our write."""
    at, id = desk(), one_record(shop)
    setattr(shop, moment, {"update": [lost()]})
    at.push(change_of(shop, id, given_name="Ada Maria", city="Dallas"))
    shop.put(id, {"city": city})

    at.settle()

    receipts = receipts_of(at.ledger, "shop", "customer", "cus_1")
    wrote = {"given_name": "Ada Maria", "city": "Dallas"}
    assert [(r.pushed, r.observed) for r in receipts] == ([(wrote, wrote)] if moment == "lost" else [])
    assert in_doubt(at.ledger, "shop") == ()


@pytest.mark.parametrize("identity", IDENTITIES)
def test_what_could_not_be_settled_is_not_sent_again(identity: Identity, shop: Shop, desk: Open) -> None:
    at = desk(write(identity))
    shop.lost = {"create": [lost()]}
    at.push(creation())
    looking = "find" if identity == "marker" else "create"
    shop.failures = {looking: [Transient("shop", "maintenance")]}
    assert at.settle().delivered == ()
    sent = len([r for r in shop.requests if r[0] == "create"])

    # the source moved meanwhile: another content, another change, the same new record
    again = at.push(creation("Ada Maria"))

    assert [h.reason for h in again.held] != []
    assert len([r for r in shop.requests if r[0] == "create"]) == sent
    assert len(shop.records) == 1
    assert at.counts().balanced
    at.settle()
    assert at.receipts() == list(shop.records)


def test_an_update_whose_answer_was_lost_counts_when_the_record_shows_it(shop: Shop, desk: Open) -> None:
    at, id = desk(), one_record(shop)
    shop.lost = {"update": [lost()]}
    at.push(change_of(shop, id, city="Dallas"))

    settled = at.settle()

    assert [r.target_id for r in settled.delivered] == [id]
    assert [r for r in shop.requests if r[0] == "update"] == [("update", id)]
    assert in_doubt(at.ledger, "shop") == ()


def test_an_update_that_never_arrived_is_free_to_be_sent_again(shop: Shop, desk: Open) -> None:
    at, id = desk(), one_record(shop)
    shop.failures = {"update": [Killed()]}
    with pytest.raises(Killed):
        at.push(change_of(shop, id, city="Dallas"))

    assert at.settle().delivered == ()
    assert at.push(change_of(shop, id, city="Dallas")).delivered != ()

    assert shop.records[id]["city"] == "Dallas"
    assert in_doubt(at.ledger, "shop") == ()


@pytest.mark.parametrize("moment", ["failures", "lost"])
def test_a_delete_in_doubt_is_settled_by_looking(moment: str, shop: Shop, desk: Open) -> None:
    at, id = desk(), one_record(shop)
    setattr(shop, moment, {"delete": [Killed()]})
    with pytest.raises(Killed):
        at.push(deletion_of(shop, id))

    settled = at.settle()

    assert len(settled.delivered) == (1 if moment == "lost" else 0)
    assert in_doubt(at.ledger, "shop") == ()


def test_a_create_that_is_refused_while_it_is_settled_is_a_rejection(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.failures = {"create": [Killed()]}
    with pytest.raises(Killed):
        at.push(creation())
    shop.failures = {"create": [Rejected("shop", "the period is closed")]}

    at.settle()

    assert in_doubt(at.ledger, "shop") == ()
    assert ["closed" in r.reason for r in list_rejected(at.ledger)] == [True]


def test_the_same_change_wanted_again_later_gets_another_key(shop: Shop, desk: Open) -> None:
    at = desk(write("key"))
    at.push(creation())
    at.push(deletion_of(shop, "p1"))
    at.push(creation())
    assert len(shop.by_key) == 2


# --- nothing unseen is overwritten ---------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_between_read_and_push_is_never_overwritten(guarded: bool, shop: Shop, desk: Open) -> None:
    at, id = desk(write(guarded=guarded)), one_record(shop)
    planned = change_of(shop, id, city="Dallas")
    shop.put(id, {"city": "Houston"})

    delivery = at.push(planned)

    assert shop.records[id]["city"] == "Houston"
    assert [("city changed" in h.reason) for h in delivery.held] == [True]
    assert in_doubt(at.ledger, "shop") == ()


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_of_another_field_is_kept_and_ours_is_written(guarded: bool, shop: Shop, desk: Open) -> None:
    at, id = desk(write(guarded=guarded)), one_record(shop)
    planned = change_of(shop, id, city="Dallas")
    shop.put(id, {"first": "Adele"})

    delivery = at.push(planned)

    assert (shop.records[id]["first"], shop.records[id]["city"]) == ("Adele", "Dallas")
    assert len(delivery.delivered) == 1


def test_a_record_that_was_edited_is_not_deleted_unseen(shop: Shop, desk: Open) -> None:
    at, id = desk(), one_record(shop)
    planned = deletion_of(shop, id)
    shop.put(id, {"city": "Houston"})

    delivery = at.push(planned)

    assert id in shop.records
    assert len(delivery.held) == 1
    assert len(at.push(deletion_of(shop, id)).delivered) == 1  # seen now, and still to go
    assert id not in shop.records


@pytest.mark.parametrize("guarded", [True, False])
def test_a_record_that_is_gone_is_not_made_by_an_update(guarded: bool, shop: Shop, desk: Open) -> None:
    at, id = desk(write(guarded=guarded)), one_record(shop)
    planned = change_of(shop, id, city="Dallas")
    if guarded:
        shop.failures = {"update": [Stale("shop", "no such record")]}
    del shop.records[id]

    delivery = at.push(planned)

    assert shop.records == {}
    assert ["gone" in h.reason for h in delivery.held] == [True]


def test_a_record_that_keeps_moving_is_left_for_the_next_run(shop: Shop, desk: Open) -> None:
    at, id = desk(), one_record(shop)
    shop.failures = {"update": [Stale("shop", "moved") for _ in range(3)]}
    delivery = at.push(change_of(shop, id, city="Dallas"))
    assert ["kept moving" in h.reason for h in delivery.held] == [True]
    assert in_doubt(at.ledger, "shop") == ()


# --- the books -----------------------------------------------------------------------------------------------


def test_a_refused_row_is_counted_and_the_others_go(shop: Shop, desk: Open) -> None:
    at = desk()
    delivery = at.push(creation("Ada", "cus_1"), creation("Refused", "cus_2"), creation("Bo", "cus_3"))
    assert (len(delivery.delivered), len(delivery.rejected), len(shop.records)) == (2, 1, 2)
    assert [r.change.core_id for r in list_rejected(at.ledger)] == ["cus_2"]
    assert at.counts().balanced
    assert len(at.push(creation("Refused", "cus_2")).rejected) == 1  # tried again, counted again


def test_what_the_stack_lacks_for_a_change_is_its_rejection_and_no_end_of_the_run(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.failures = {"create": [StackError("shop: setting 'calendar' is missing; name it in the stack")]}
    delivery = at.push(creation("Ada", "cus_1"), creation("Bo", "cus_2"))
    assert (len(delivery.delivered), len(delivery.rejected)) == (1, 1)
    assert "setting 'calendar'" in delivery.rejected[0].reason
    assert at.counts().balanced


def test_a_bad_row_of_a_batch_ends_up_alone(shop: Shop, desk: Open) -> None:
    at = desk(replace(write(), many=many, batch=8))
    rows = [creation("Refused" if i == 5 else f"N{i}", f"cus_{i}") for i in range(8)]

    delivery = at.push(*rows)

    assert [r.change.core_id for r in delivery.rejected] == ["cus_5"]
    assert len(delivery.delivered) == len(shop.records) == 7
    assert at.counts().balanced


@pytest.mark.parametrize("problem", [Unreachable("shop", "no answer"), Unauthorized("shop", "token refused")])
def test_a_system_that_goes_away_holds_the_rest(problem: Exception, shop: Shop, desk: Open) -> None:
    at = desk()
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(30)]
    tries = count()

    def tired(values: dict[str, object]) -> dict[str, object]:
        if next(tries) == 26:  # in the second group of sends
            shop.failures = {"create": [problem]}
        return values

    shop.rewrite = tired
    delivery = at.push(*rows)

    assert delivery.planned == 30
    assert len(delivery.delivered) < 30
    assert all(str(problem) in h.reason for h in delivery.held)
    assert at.counts().balanced
    at.settle()
    at.push(*[row for row in rows if not at.receipts(row.core_id)])
    assert len(shop.records) == 30


def test_what_was_held_by_the_plan_stays_counted(desk: Open) -> None:
    at = desk()
    waiting = HeldChange(change=creation("Bo", "cus_2"), reason="waits for its location")
    delivery = at.push(creation(), held=(waiting,))
    assert (len(delivery.delivered), [h.reason for h in delivery.held]) == (1, ["waits for its location"])
    assert at.counts().balanced


def test_visits_of_the_next_day_go_first(shop: Shop, desk: Open) -> None:
    at = desk()
    soon = (at.now + timedelta(hours=3)).replace(tzinfo=None)
    rows = [creation("Later", "cus_1"), replace(creation("Soon", "cus_2"), starts=soon)]
    at.push(*rows)
    assert [about for method, about in shop.requests if method == "create"] == ["cus_2", "cus_1"]


def test_a_transient_failure_is_tried_again_by_the_next_run(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.failures = {"create": [Transient("shop", "busy")]}
    assert len(at.push(creation()).held) == 1
    assert in_doubt(at.ledger, "shop") == ()
    assert len(at.push(creation()).delivered) == 1


def test_a_receipt_says_what_the_system_keeps(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.rewrite = lambda values: {**values, "city": str(values["city"]).upper()}
    receipt = at.push(creation()).delivered[0]
    assert (receipt.pushed["city"], receipt.observed["city"]) == ("Austin", "AUSTIN")


def test_many_at_once_are_each_sent_once(shop: Shop, desk: Open) -> None:
    at = desk(write("client_id"), concurrency=4)
    delivery = at.push(*[creation(f"N{i}", f"cus_{i}") for i in range(60)])
    assert len(delivery.delivered) == len(shop.records) == 60
    assert len(shop.requests) == 60


@settings(max_examples=25)
@given(
    fates=st.lists(st.sampled_from(["ok", "transient", "rejected", "lost", "stale", "moved"]), min_size=1, max_size=12)
)
def test_planned_is_always_delivered_held_and_rejected(
    fates: list[str], decoder: Decoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = Shop()
    with open_ledger(f"sqlite:///{tmp_path_factory.mktemp('books') / 'ledger.sqlite'}") as ledger:
        at = counter(shop, ledger, decoder, write())
        for i in range(len(fates)):
            shop.put(f"p{i}", {"first": "Ada", "city": "Austin"})
        rows = [change_of(shop, f"p{i}", f"cus_{i}", city="Dallas") for i in range(len(fates))]
        _arrange(shop, fates, rows)

        delivery = at.push(*rows)

        assert delivery.planned == len(rows)
        assert at.counts().balanced
        at.settle()
        assert in_doubt(ledger, "shop") == ()
        assert all(shop.records[f"p{i}"]["city"] == "Houston" for i, fate in enumerate(fates) if fate == "moved")


def _arrange(shop: Shop, fates: list[str], rows: list[Change]) -> None:
    """Give each row its fate, in the order of sending."""
    problems = {"transient": Transient("shop", "busy"), "rejected": Rejected("shop", "no"), "lost": lost()}
    plan = {str(row.target_id): fate for row, fate in zip(rows, fates, strict=True)}
    taken: set[object] = set()

    for id, fate in plan.items():
        if fate == "moved":
            shop.put(id, {"city": "Houston"})
        if fate == "stale":
            shop.put(id, {"first": "Adele"})

    def rewrite(values: dict[str, object]) -> dict[str, object]:
        fate = plan.get(str(values["id"]), "ok")
        if fate in problems and values["id"] not in taken and values.get("city") == "Dallas":
            taken.add(values["id"])
            raise problems[fate]
        return values

    shop.rewrite = rewrite


def test_a_map_that_reads_nothing_back_leaves_an_honest_receipt(desk: Open) -> None:
    # the record that comes back is broken for its map: what is observed is nothing, not what was meant
    at = desk()
    at.target = replace(at.target, map=replace(at.target.map, id=text("nowhere")))
    receipt = at.push(creation()).delivered[0]
    assert dict(receipt.observed) == {}

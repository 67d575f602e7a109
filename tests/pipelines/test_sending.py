"""Changes on their way: one that breaks is alone, the urgent go first, nothing is lost or doubled by an early end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.quota import Urgency, _urgency
from connectors.spec import Api, Outgoing, Write, Written
from models.errors import NumberTaken, Transient, Unauthorized
from models.fields import instant
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, in_doubt, list_held, list_rejected
from tests.pipelines.shop import (
    Counter,
    Killed,
    Shop,
    change_of,
    counter,
    create_by,
    creation,
    deletion_of,
    many,
    write,
)

Open = Callable[..., Counter]


@pytest.fixture
def desk(shop: Shop, ledger: Ledger, decoder: Decoder) -> Open:
    def make(one: Write | None = None, *, concurrency: int = 1) -> Counter:
        return counter(shop, ledger, decoder, one or write("client_id"), concurrency=concurrency)

    return make


def poisoned(api: Api, out: Outgoing) -> Written:
    if out.record.get("first") == "Poison":
        raise KeyError("no such member")
    return create_by("client_id")(api, out)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_story_38_a_record_that_breaks_its_connector_is_set_aside(concurrency: int, shop: Shop, desk: Open) -> None:
    at = desk(replace(write("client_id"), create=poisoned), concurrency=concurrency)
    rows = [creation("Poison" if i == 30 else f"N{i}", f"cus_{i}") for i in range(60)]
    delivery = at.push(*rows)
    assert (len(delivery.delivered), len(shop.records)) == (59, 59)
    assert [h.change.core_id for h in delivery.held] == ["cus_30"]
    assert "KeyError" in delivery.held[0].reason
    assert at.counts().balanced


def test_story_38_a_row_that_breaks_a_batch_is_isolated(shop: Shop, desk: Open) -> None:
    def fragile(api: Api, messages: Sequence[Outgoing]) -> Sequence[Written | Exception]:
        if any(m.record.get("first") == "Poison" for m in messages):
            raise KeyError("no such member")
        return many(api, messages)

    at = desk(replace(write("upsert"), many=fragile, batch=16))
    delivery = at.push(*[creation("Poison" if i == 5 else f"N{i}", f"cus_{i}") for i in range(40)])
    assert (len(delivery.delivered), len(shop.records)) == (39, 39)
    assert [h.change.core_id for h in delivery.held] == ["cus_5"]


def test_story_38_a_value_that_cannot_be_said_there_is_refused_alone(desk: Open) -> None:
    at = desk()
    at.target = replace(at.target, map=replace(at.target.map, fields={"given_name": instant("first")}))
    delivery = at.push(creation("Ada", "cus_1"), replace(creation("Bo", "cus_2"), after={"given_name": at.now}))
    assert [r.core_id for r in delivery.delivered] == ["cus_2"]
    assert [r.change.core_id for r in delivery.rejected] == ["cus_1"]
    assert in_doubt(at.ledger, "shop") == ()


def test_visits_of_the_next_day_go_before_all_else(shop: Shop, desk: Open) -> None:
    at = desk()
    for i in (1, 2):
        shop.put(f"p{i}", {"first": "Ada", "city": "Austin", "mark": f"cus_{i}"})
    soon = (at.now + timedelta(hours=3)).replace(tzinfo=None)
    old, other = deletion_of(shop, "p1", "cus_1"), change_of(shop, "p2", "cus_2", city="Dallas")
    at.push(old, other, creation("Later", "cus_3"), replace(creation("Soon", "cus_4"), starts=soon))
    assert shop.requests == [("create", "cus_4"), ("delete", "p1"), ("update", "p2"), ("create", "cus_3")]


def test_the_urgency_of_a_change_is_that_of_its_calls(desk: Open) -> None:
    seen: dict[str, Urgency] = {}

    def noted(api: Api, out: Outgoing) -> Written:
        seen[out.change.core_id] = _urgency.get()
        return create_by("client_id")(api, out)

    at = desk(replace(write("client_id"), create=noted))
    soon = (at.now + timedelta(hours=3)).replace(tzinfo=None)
    at.push(creation("Later", "cus_1"), replace(creation("Soon", "cus_2"), starts=soon))
    assert seen == {"cus_1": Urgency.WRITE, "cus_2": Urgency.SOON}
    assert _urgency.get() == Urgency.READ


def test_what_was_delivered_before_a_system_went_away_is_booked(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.failures = {"create": []}
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(30)]

    def tired(values: dict[str, Any]) -> dict[str, Any]:
        if len(shop.records) == 9:
            shop.failures = {"create": [Unauthorized("shop", "token refused")]}
        return values

    shop.rewrite = tired
    delivery = at.push(*rows)
    assert len(delivery.delivered) == len(shop.records) == 10
    assert len(in_doubt(at.ledger, "shop")) == 1, "the refused one may have been heard in part"
    assert at.counts().balanced


def test_a_process_that_dies_sends_nothing_more(shop: Shop, desk: Open) -> None:
    at = desk()
    shop.lost = {"create": [Transient("shop", "busy"), Killed()]}
    with pytest.raises(Killed):
        at.push(*[creation(f"N{i}", f"cus_{i}") for i in range(60)])
    assert len(shop.records) == 2
    assert len(in_doubt(at.ledger, "shop")) == 48, "two groups were on their way"


def test_a_written_record_that_cannot_be_read_back_is_booked(shop: Shop, desk: Open) -> None:
    def silent(api: Api, out: Outgoing) -> Written:
        return replace(create_by("client_id")(api, out), record=None)

    at = desk(replace(write("client_id"), create=silent))
    shop.failures = {"fetch": [Transient("shop", "busy")]}
    [receipt] = at.push(creation()).delivered
    assert ([receipt.target_id], dict(receipt.observed)) == (list(shop.records), {})


def test_story_8_a_collision_waits_with_its_proposal_and_is_never_renumbered(
    shop: Shop, ledger: Ledger, decoder: Decoder
) -> None:
    at = counter(shop, ledger, decoder, write("key"))
    shop.failures = {"create": [NumberTaken("shop", "number 'J-77' is that of CreditMemo 9; 'J-77-2' is free")]}
    [held] = at.push(creation()).held
    assert "'J-77-2' is free" in held.reason
    assert [one.change.core_id for one in list_held(ledger)] == ["cus_1"]
    assert list_rejected(ledger) == ()
    assert len(at.push(creation()).delivered) == 1

"""A key is not always what it promises: it replays dead records, is forgotten, or is ignored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.spec import Api, Outgoing, Write, Written
from models.errors import Transient, Unreachable
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, in_doubt
from tests.pipelines.shop import Counter, Shop, counter, create_by, creation, find, lost, shop_of, write

Open = Callable[[Write], Counter]


@pytest.fixture
def desk(shop: Shop, ledger: Ledger, decoder: Decoder) -> Open:
    return lambda one: counter(shop, ledger, decoder, one)


def replaying(api: Api, out: Outgoing) -> Written:
    """A create as a vendor answers it that keeps its first answer to a key for ever."""
    kept = shop_of(api).by_key.get(out.key)
    if kept is None:
        return create_by("key")(api, out)
    return Written(id=kept, version="1", record={"id": kept, "version": "1", **out.record})


def test_story_3_a_key_that_replays_a_dead_record_is_given_up_for_the_next(shop: Shop, desk: Open) -> None:
    at = desk(replace(write("key"), create=replaying))
    shop.lost = {"create": [lost()]}
    at.push(creation())
    [dead] = shop.records
    del shop.records[dead]  # a person deletes it before we know that it was made

    assert at.settle().delivered == ()
    assert in_doubt(at.ledger, "shop") == ()
    [receipt] = at.push(creation()).delivered

    assert list(shop.records) == [receipt.target_id]
    assert len(shop.by_key) == 2


def test_a_replay_within_a_push_is_held_and_made_by_the_next_run(desk: Open) -> None:
    # as after the loss of a ledger: the new one begins with keys that the vendor remembers
    tried: list[str] = []

    def remembering(api: Api, out: Outgoing) -> Written:
        tried.append(out.key)
        return Written(id="gone") if len(tried) == 1 else create_by("key")(api, out)

    at = desk(replace(write("key"), create=remembering))
    [held] = at.push(creation()).held
    assert "is gone: an old answer to the same key" in held.reason
    assert at.counts().balanced
    assert len(at.push(creation()).delivered) == 1
    assert len(set(tried)) == 2


@pytest.mark.parametrize("problem", [Transient("shop", "busy"), Unreachable("shop", "no answer")])
def test_a_create_that_cannot_be_confirmed_stays_in_doubt(problem: Exception, shop: Shop, desk: Open) -> None:
    at = desk(write("key"))
    shop.failures = {"fetch": [problem]}
    [held] = at.push(creation()).held
    assert "not confirmed" in held.reason
    assert len(in_doubt(at.ledger, "shop")) == 1
    assert len(at.settle().delivered) == 1
    assert len(shop.records) == 1


def test_story_1_a_vendor_that_ignores_keys_is_searched_before_anything_is_sent_again(shop: Shop, desk: Open) -> None:
    at = desk(replace(write("key"), create=create_by("marker"), find=find))
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(40)]
    shop.lost = {"create": [lost() for _ in range(8)]}
    at.push(*rows)
    at.settle()
    at.push(*[row for row in rows if not at.receipts(row.core_id)])
    assert sorted(record["mark"] for record in shop.records.values()) == sorted(row.core_id for row in rows)

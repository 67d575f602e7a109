"""What a receipt takes for ours: what we wrote, in the system's form, and nothing that somebody else wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.spec import Api, Outgoing, Written
from models.change import Receipt
from pipelines import ledger as books
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger
from tests.pipelines.shop import Shop, change_of, counter, creation, fetch, guarded_update, lost, shop_of, write


def silent_update(api: Api, out: Outgoing) -> Written:
    """An answer that does not show the record."""
    return Written(id=guarded_update(api, out).id)


def overtaken(**edits: str) -> Any:
    """A read-back before which a person was faster."""

    def look(api: Api, id: str) -> Written | None:
        shop_of(api).put(id, edits)
        return fetch(api, id)

    return look


def newest(ledger: Ledger) -> Receipt:
    return books.receipts_of(ledger, "shop", "customer", "cus_1")[-1]


def test_an_edit_between_a_silent_write_and_its_read_back_is_not_taken_for_ours(
    ledger: Ledger, decoder: Decoder, shop: Shop
) -> None:
    shop.put("p1", {"first": "Ada", "city": "Waco"})
    one = replace(write(), update=silent_update, fetch=overtaken(city="Houston"))
    at = counter(shop, ledger, decoder, one)

    at.push(change_of(shop, "p1", city="Austin"))

    assert shop.records["p1"]["city"] == "Houston"
    assert newest(ledger).observed == {"city": "Austin"}


def test_a_read_back_in_the_systems_own_spelling_is_ours(ledger: Ledger, decoder: Decoder, shop: Shop) -> None:
    shop.put("p1", {"first": "Ada", "city": "Waco"})
    at = counter(shop, ledger, decoder, replace(write(), update=silent_update, fetch=overtaken(city="AUSTIN")))

    at.push(change_of(shop, "p1", city="Austin"))

    assert newest(ledger).observed == {"city": "AUSTIN"}


def test_an_edit_of_another_field_that_the_answer_shows_is_not_taken_for_ours(
    ledger: Ledger, decoder: Decoder, shop: Shop
) -> None:
    shop.put("p1", {"first": "Ada", "city": "Waco"})
    at = counter(shop, ledger, decoder, write())
    planned = change_of(shop, "p1", city="Austin")
    shop.edits = {"p1": {"first": "Adele"}}  # the version moved, the city did not: it is sent again

    assert len(at.push(planned).delivered) == 1

    assert shop.records["p1"]["first"] == "Adele"
    assert newest(ledger).observed == {"city": "Austin"}


@pytest.mark.parametrize("spelled", ["Houston", "AUSTIN"])
def test_a_create_that_was_looked_up_later_may_have_been_edited(
    spelled: str, ledger: Ledger, decoder: Decoder, shop: Shop
) -> None:
    at = counter(shop, ledger, decoder, write("marker"))
    shop.lost = {"create": [lost()]}
    at.push(creation())
    shop.put("p1", {"city": spelled, "last": "Byron"})

    at.settle()

    assert newest(ledger).observed == {"given_name": "Ada", "city": "Austin" if spelled == "Houston" else spelled}

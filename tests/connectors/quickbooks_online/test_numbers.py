"""Numbers that are taken, and requests that are repeated."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import NumberTaken, Stale
from sandbox.quickbooks_online import TWIN
from tests.connectors.quickbooks_online.conftest import Books, canonical
from tests.connectors.quickbooks_online.test_writing import ANN, BILL, DORA, count, send

LINE = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
KINDS = ("invoices", "estimates", "salesreceipts", "creditmemos", "refundreceipts")


def written_by_hand(books: Books, collection: str, number: str) -> None:
    """The bookkeeper enters a document for another customer."""
    id = str(900 + books.store.next_id("by hand"))
    body = {"Id": id, "DocNumber": number, "CustomerRef": {"value": "2"}, "TxnDate": "2026-01-05", "Line": [LINE]}
    TWIN.touch(books.store, collection, body)


@pytest.mark.parametrize("collection", KINDS)
def test_story_8_a_number_that_any_document_has_is_not_given_again(books: Books, collection: str) -> None:
    written_by_hand(books, collection, "J-77")
    written_by_hand(books, "creditmemos", "J-77-2")
    before = count(books, "invoices")
    with pytest.raises(
        NumberTaken, match=r"'J-77' of invoice inv_1 is that of .* 901; give .* another number; 'J-77-3' is free"
    ):
        books.create("invoice", BILL, refs=ANN, core_id="inv_1")
    assert count(books, "invoices") == before


def test_story_8_an_invoice_is_not_given_the_number_of_another_document_later(books: Books) -> None:
    made = books.create("invoice", BILL, refs=ANN, core_id="inv_1")
    written_by_hand(books, "creditmemos", "J-80")
    with pytest.raises(NumberTaken, match="CreditMemo"):
        send(books, "invoice", "update", {"number": "J-80"}, on=made)
    changed = send(books, "invoice", "update", {"number": "J-81"}, on=made)
    assert canonical("invoice", changed.record)["number"] == "J-81"
    again = send(books, "invoice", "update", {"number": "J-81"}, on=changed)
    assert again.id == made.id, "its own number is no other document's"


@pytest.mark.parametrize("kept", [True, False], ids=["first reply again", "request ids ignored"])
def test_a_change_whose_answer_was_lost_takes_effect_once(books: Books, kept: bool) -> None:
    made = books.create("customer", DORA)
    if not kept:
        books.fault("ignored_idempotency_key")
    books.fault("dropped_answer", times=1, method="POST", path="customer")
    outcome: Any = None
    try:
        outcome = send(books, "customer", "update", {"phone": "+15124746666"}, on=made)
    except Stale:
        assert not kept
    held = books.held("customer", made.id)
    assert int(held.version or 0) == int(made.version or 0) + 1
    assert outcome == (held if kept else None)


def test_every_write_names_its_request_and_a_new_version_is_a_new_request(books: Books) -> None:
    made = books.create("customer", DORA)
    once = send(books, "customer", "update", {"phone": "+15124746666"}, on=made)
    send(books, "customer", "update", {"phone": "+15124747777"}, on=once)
    send(books, "customer", "delete", on=books.held("customer", made.id))
    asked = [
        dict(one.query)["requestid"] for one in books.recording if one.method == "POST" and "/customer" in one.path
    ]
    assert len(set(asked)) == len(asked) == 4
    assert all(len(id) <= 50 for id in asked)

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import Line, agrees, cents, lines_of, number_taken, other_numbers, parts_of, plain
from models.change import Change
from models.errors import Rejected


def invoice(**desired: Any) -> Change:
    return Change(
        system="acme", entity="invoice", core_id="inv_1", action="create", desired=desired, refs={"customer": "c-1"}
    )


def only(part: dict[str, Any], places: int = 2) -> Line:
    (line,) = lines_of(invoice(lines=json.dumps([part])), places)
    return line


def test_a_line_whose_quantity_and_price_make_its_amount_keeps_them() -> None:
    line = only({"item": "Filter", "description": "20x25", "quantity": "2", "unit_price": "9.995", "amount": "19.99"})
    assert line == Line(
        item="Filter", description="20x25", quantity=Decimal(2), price=Decimal("9.995"), amount=Decimal("19.99")
    )


def test_where_the_source_rounded_otherwise_the_amount_counts() -> None:
    line = only({"quantity": "3", "unit_price": "9.99", "amount": "30.00"})
    assert (line.quantity, line.price, line.amount) == (None, None, Decimal("30.00"))


@pytest.mark.parametrize(
    ("part", "amount"),
    [({"quantity": "2", "unit_price": "1.25"}, "2.50"), ({"amount": "7"}, "7.00"), ({"item": "Visit"}, "0.00")],
)
def test_an_amount_is_what_it_says_else_what_it_makes(part: dict[str, Any], amount: str) -> None:
    assert only(part).amount == Decimal(amount)


def test_a_currency_of_three_decimals_keeps_them() -> None:
    assert only({"quantity": "1", "unit_price": "1.125"}, 3).amount == Decimal("1.125")
    assert only({"amount": "112.5"}, 0).amount == Decimal(113)


@pytest.mark.parametrize("lines", [None, "[]", []])
def test_an_invoice_without_lines_is_for_a_person(lines: Any) -> None:
    with pytest.raises(Rejected, match="invoice inv_1 has no lines; give it some at its owner"):
        lines_of(invoice(lines=lines))


def test_amounts_in_lists_are_exact() -> None:
    assert parts_of('[{"amount": 0.1}]')[0]["amount"] == Decimal("0.1")
    assert (cents("0.125"), plain(Decimal("120.00"))) == (Decimal("0.13"), Decimal(120))


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ({}, True),
        ({"customer": "c-2"}, False),
        ({"day": "2026-03-03"}, False),
        ({"day": "2026-03-02T00:00:00"}, True),
        ({"day": None}, False),
        ({"amount": "10.01"}, False),
        ({"asked": None, "amount": "10.01"}, True),
    ],
)
def test_a_document_is_the_same_by_customer_date_and_amount(told: dict[str, Any], same: bool) -> None:
    there = {"customer": "c-1", "day": "2026-03-02", "dated": "issued_on", "asked": "10", "amount": "10.00", **told}
    assert agrees(invoice(issued_on=date(2026, 3, 2)), **there) is same


def test_a_date_that_we_do_not_know_cannot_disagree() -> None:
    assert agrees(invoice(), customer="c-1", day="2026-03-03", dated="issued_on", asked=None, amount=None)


def test_a_number_that_is_taken_comes_with_one_that_is_free() -> None:
    said = number_taken(invoice(), "J-77", "Invoice 901", {"J-77", "J-77-2"})
    assert said == (
        "number 'J-77' of invoice inv_1 is that of Invoice 901; give one of the two another number; 'J-77-3' is free"
    )


def test_where_none_of_ours_is_free_none_is_proposed() -> None:
    assert number_taken(invoice(), "7", "Invoice 1", other_numbers("7")).endswith("another number")


def test_a_proposal_is_no_longer_than_a_number_may_be() -> None:
    assert other_numbers("N" * 21, 21)[0] == "N" * 19 + "-2"

"""Amounts in smallest units: read and written exactly, whatever number of decimals their currency has."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.days import day_of
from models.errors import DeclarationError
from models.fields import const, encode_record, json_list, text
from models.minor import currency, exponent, from_minor, less, minor, to_minor, together
from tests.models.reading import LAW, broken, many, one, read
from tests.models.world import World

ODD = {"ISK": 2, "MGA": 0}
PLACES = {"USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "CLF": 4, "ISK": 2, "MGA": 0, "XYZ": 2}
PAIRS = st.sampled_from(sorted(PLACES)).flatmap(
    lambda code: st.integers(-(10**14), 10**14).map(lambda n: (Decimal(n).scaleb(-PLACES[code]), code))
)
FIELDS = {"total": minor("deep.total", exponents=ODD), "currency": currency("currency")}


@LAW
@given(pairs=many(PAIRS))
def test_an_amount_comes_back_to_the_last_unit_of_its_currency(world: World, pairs: list[tuple[Decimal, str]]) -> None:
    records = [encode_record(FIELDS, {"total": amount, "currency": code}) for amount, code in pairs]
    assert all(isinstance(record["deep"]["total"], int) for record in records)
    assert read(world, FIELDS["total"], records) == [amount for amount, _ in pairs]
    assert read(world, FIELDS["currency"], records) == [code for _, code in pairs]


@given(pair=PAIRS)
def test_python_and_sql_agree_on_what_a_count_is(pair: tuple[Decimal, str]) -> None:
    amount, code = pair
    assert from_minor(to_minor(amount, code.lower(), ODD), code, ODD) == amount


def test_what_is_smaller_than_the_smallest_unit_is_rounded_half_up() -> None:
    assert [to_minor(Decimal(text), "USD") for text in ("0.005", "-0.005", "10.994")] == [1, -1, 1099]
    assert to_minor(Decimal("10.5"), "JPY") == 11


@pytest.mark.parametrize("code", ["", "US", "USDX", "U$D", "ÜSD"])
def test_what_is_no_currency_is_not_guessed(world: World, code: str) -> None:
    with pytest.raises(DeclarationError, match="no currency"):
        exponent(code)
    assert broken(world, FIELDS["total"], [{"deep": {"total": 5}, "currency": code}]) == [True]


def test_an_amount_without_its_currency_is_neither_read_nor_written(world: World) -> None:
    assert broken(world, FIELDS["total"], [{"deep": {"total": 5}}]) == [True]
    with pytest.raises(DeclarationError, match="write both together"):
        encode_record(FIELDS, {"total": Decimal(5)})
    assert encode_record(FIELDS, {"total": None}) == {"deep": {"total": None}}


def test_a_fee_is_negative_and_a_unit_price_may_have_part_of_a_cent(world: World) -> None:
    record = {"fee": 59, "price": "1099.5", "currency": "usd"}
    assert one(world, minor("fee", negative=True), record) == Decimal("-0.59")
    assert encode_record({"fee": minor("fee", negative=True)}, {"fee": Decimal("-0.59"), "currency": "USD"}) == {
        "fee": 59
    }
    assert one(world, minor("price"), record) == Decimal("10.995")


def test_a_tax_is_what_two_amounts_differ_by(world: World) -> None:
    tax = less(minor("total"), minor("net"))
    assert one(world, tax, {"total": 1083, "net": 1000, "currency": "usd"}) == Decimal("0.83")
    assert one(world, tax, {"total": 1083, "currency": "usd"}) is None


def test_two_lists_are_one_without_what_amounts_to_nothing(world: World) -> None:
    def listed(kind: str, path: str, negative: bool) -> Any:
        parts = {
            "kind": const(kind),
            "of": text("@.id"),
            "amount": minor(path, currency="@.currency", negative=negative),
        }
        return json_list("rows", parts)

    rows = [
        {"id": "a", "gross": 1000, "fee": 59, "currency": "usd"},
        {"id": "b", "gross": 500, "fee": 0, "currency": "jpy"},
    ]
    both = together(listed("payment", "@.gross", False), listed("fee", "@.fee", True))
    assert json.loads(one(world, both, {"rows": rows})) == [
        {"kind": "payment", "of": "a", "amount": "10.0000"},
        {"kind": "payment", "of": "b", "amount": "500.0000"},
        {"kind": "fee", "of": "a", "amount": "-0.5900"},
    ]
    assert json.loads(one(world, both, {"rows": []})) == []
    assert one(world, both, {}) is None


def test_a_day_is_that_of_the_companys_zone_unless_another_is_named(world: World) -> None:
    record = {"at": 1773284400}  # 2026-03-12T03:00:00Z
    assert one(world, day_of("at"), record) == date(2026, 3, 11)
    assert one(world, day_of("at", zone="UTC"), record) == date(2026, 3, 12)
    assert broken(world, day_of("at"), [{"at": "soon"}, {"at": 10**17}, {"at": None}]) == [True, True, False]

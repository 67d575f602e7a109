from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import fields as f
from models.errors import DeclarationError
from models.fields import Codec, encode_record
from models.schema import Context
from tests.models.reading import LAW, SPACES, at, broken, kept, many, one, read, round_trip
from tests.models.world import World

# --- text ---------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=60).map(lambda value: value.strip(SPACES)).filter(bool)


@LAW
@given(values=many(TEXTS | st.none()))
@pytest.mark.parametrize("codec", [f.text("f"), f.text("deep.er"), f.text('"Col. No [1]"'), f.text("1099")])
def test_text_comes_back_as_it_was_written(world: World, codec: Codec, values: list[Any]) -> None:
    assert round_trip(world, codec, values) == values


@LAW
@given(values=many(TEXTS))
def test_text_that_is_cut_comes_back_as_the_system_can_keep_it(world: World, values: list[str]) -> None:
    codec = f.text("f", max=5)
    fitting = kept(world, codec, values, "VARCHAR")
    assert fitting == [value[:5] for value in values]
    assert round_trip(world, codec, fitting) == [value.strip(SPACES) or None for value in fitting]


def test_text_is_trimmed_and_empty_is_no_value(world: World) -> None:
    records: list[dict[str, Any]] = [
        {"f": v} for v in ("  a b\u00a0", "", " \u2003 ", None, 0, False, 12.5, [], "ж" * 100_000)
    ]
    read_values = read(world, f.text("f"), [*records, {}])
    assert read_values == ["a b", None, None, None, "0", "false", "12.5", "[]", "ж" * 100_000, None]


def test_html_text_keeps_its_lines_in_one_form(world: World) -> None:
    assert one(world, f.html_text("f"), {"f": " a\r\nb\nc "}) == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" Ann.Lee+x@X.Example ", "ann.lee+x@x.example"),
        ("jörg@büro.de", "jörg@büro.de"),
        ("ann@x", None),
        ("ann", None),
        ("a@x.co, b@x.co", None),
        ("a b@x.co", None),
        ("a@@x.co", None),
        ("", None),
        (None, None),
    ],
)
def test_email(world: World, text: str | None, found: str | None) -> None:
    assert one(world, f.email("f"), {"f": text}) == found
    assert f.email("f").soft


@LAW
@given(values=many(st.emails().map(str.lower).filter(lambda e: not set(e) & set(",; ") and "." in e.split("@")[-1])))
def test_an_address_comes_back_as_it_was_written(world: World, values: list[str]) -> None:
    assert round_trip(world, f.email("f"), values) == values


# --- amounts and numbers ------------------------------------------------------------------------------

# A number in JSON carries fifteen digits for sure; amounts beyond are written and read as text.
AMOUNTS = st.decimals(-(10**10), 10**10, places=4, allow_nan=False).map(lambda d: d + Decimal(0))


@LAW
@given(values=many(AMOUNTS | st.sampled_from([Decimal(0), Decimal(100), Decimal("1E+3"), Decimal("-0.0001")])))
@pytest.mark.parametrize("codec", [f.money("f"), f.decimal("f")])
def test_amounts_come_back_to_the_last_digit(world: World, codec: Codec, values: list[Decimal]) -> None:
    assert round_trip(world, codec, values) == values


@LAW
@given(values=many(st.integers(0, 10**12).map(lambda cents: Decimal(cents) / 100)))
def test_amounts_in_cents_come_back_to_the_last_cent(world: World, values: list[Decimal]) -> None:
    codec = f.money("f", minor=True)
    assert round_trip(world, codec, values) == values
    assert all(isinstance(encode_record({"f": codec}, {"f": v})["f"], int) for v in values)


@LAW
@given(values=many(AMOUNTS))
def test_what_a_system_of_cents_can_keep_is_what_comes_back(world: World, values: list[Decimal]) -> None:
    codec = f.money("f", minor=True)
    assert round_trip(world, codec, values) == kept(world, codec, values, "DECIMAL(19, 4)")


def test_amounts_never_pass_through_a_float(world: World) -> None:
    cents = 999_999_999_999_999
    assert one(world, f.money("f", minor=True), {"f": str(cents)}) == Decimal(cents) / 100
    assert one(world, f.money("f"), {"f": "123456789012345.6789"}) == Decimal("123456789012345.6789")


def test_an_amount_without_decimals_is_written_without_an_exponent(world: World) -> None:
    yen = f.money("f")
    assert str(encode_record({"f": yen}, {"f": Decimal("5000.0000")})["f"]) == "5000"
    assert round_trip(world, yen, [Decimal(5000)]) == [Decimal(5000)]


@pytest.mark.parametrize("text", ["1,234.50", "$12", "twelve", "NaN", "Infinity", "1" * 20, "12.50 USD"])
def test_what_is_no_amount_breaks_the_row(world: World, text: str) -> None:
    for codec in (f.money("f"), f.money("f", minor=True), f.decimal("f")):
        assert broken(world, codec, [{"f": text}]) == [True]
        assert not codec.soft


@LAW
@given(values=many(st.integers(-(2**63), 2**63 - 1).map(str)))
def test_whole_numbers_come_back_whatever_their_size(world: World, values: list[str]) -> None:
    assert read(world, f.number("f"), [{"f": value} for value in values]) == [int(value) for value in values]


def test_a_whole_number_has_no_fraction(world: World) -> None:
    texts = ["3", "3.0", 7, 7.0, "-1e3", "1.5", "x", "9" * 30, "nan", None]
    assert read(world, f.number("f"), [{"f": t} for t in texts]) == [3, 3, 7, 7, -1000, None, None, None, None, None]
    assert broken(world, f.number("f"), [{"f": "1.5"}, {"f": None}]) == [True, False]
    assert round_trip(world, f.number("f"), [0, -5, 2**53]) == [0, -5, 2**53]


@pytest.mark.parametrize("inverted", [False, True])
def test_flags_come_back(world: World, inverted: bool) -> None:
    codec = f.flag("f", inverted=inverted)
    assert round_trip(world, codec, [True, False, None]) == [True, False, None]
    assert one(world, codec, {"f": "TRUE"}) is not inverted
    assert broken(world, codec, [{"f": "perhaps"}, {"f": ""}]) == [True, False]


# --- lists and choices --------------------------------------------------------------------------------


def test_choices_are_read_by_name_without_case_and_written_by_the_first_name(world: World) -> None:
    codec = f.choice("f", {"Open": "open", "sent": "open", "PAID": "paid"})
    assert read(world, codec, [{"f": v} for v in ("OPEN", " Sent", "paid", None)]) == ["open", "open", "paid", None]
    assert broken(world, codec, [{"f": "lost"}]) == [True]
    assert encode_record({"f": codec}, {"f": "open"}) == {"f": "Open"}
    assert round_trip(world, codec, ["open", "paid", None]) == ["open", "paid", None]


def test_a_choice_may_count_the_rest_as_something(world: World) -> None:
    codec = f.choice("f", {"open": "open"}, other="draft")
    assert read(world, codec, [{"f": v} for v in ("open", "else", "", None)]) == ["open", "draft", None, None]


def test_a_choice_that_the_system_does_not_have_does_not_fit(world: World) -> None:
    codec = f.choice("f", {"open": "open", "sent": "open", "paid": "paid"}, other="draft")
    assert kept(world, codec, ["open", "paid", "draft", "void", None], "VARCHAR") == ["open", "paid", None, None, None]


LABELS = st.lists(st.text(max_size=10), max_size=5, unique=True).map(sorted)


@LAW
@given(values=many(LABELS | st.none()))
def test_labels_come_back_in_order(world: World, values: list[Any]) -> None:
    assert round_trip(world, f.tags("f"), values) == values


def test_labels_are_a_set(world: World) -> None:
    records = [{"f": v} for v in (["b", "a", "b", None, 1], [], None, "a;b", {"a": 1})]
    assert read(world, f.tags("f"), records) == [["1", "a", "b"], [], None, None, None]


def test_lines_are_read_with_exact_amounts_as_text(world: World) -> None:
    codec = f.json_list(
        "lines", {"item": f.ref("@.item.id"), "amount": f.money("@.amount"), "n": f.number("@.n")},
        where=("@.kind", "sale"),
    )  # fmt: skip
    lines = [{"kind": "sale", "item": {"id": 7}, "amount": 0.1, "n": 2}, {"kind": "subtotal", "amount": 1}]
    found = read(world, codec, [{"lines": lines}, {"lines": []}, {}])
    assert found == ['[{"item":"7","amount":"0.1000","n":2}]', "[]", None]


# --- built from others --------------------------------------------------------------------------------


def test_constants_and_the_companys_own(world: World) -> None:
    assert one(world, f.const("x"), {}) == "x"
    assert one(world, f.const(None), {}) is None
    assert one(world, f.company_zone(), {}) == "America/Chicago"
    assert one(world, f.company_currency(), {}) == "USD"


def test_the_first_reading_that_has_a_value(world: World) -> None:
    codec = f.first(f.instant("start"), f.instant("begin"), f.unreadable("problem"))
    records = [
        {"start": "2026-03-11T10:00:00Z", "begin": "2026-03-12T10:00:00Z"},
        {"start": "?", "begin": "2026-03-12T10:00:00Z"},
        {"problem": "no such zone"},
        {},
    ]
    assert read(world, codec, records) == [at(2026, 3, 11, 10), at(2026, 3, 12, 10), None, None]
    assert broken(world, codec, records) == [False, False, True, False]
    assert codec.target == "start"
    assert codec.paths == ("start", "begin", "problem")


def test_first_needs_something() -> None:
    with pytest.raises(DeclarationError, match="at least one"):
        f.first()


def test_composed_ids_keep_gaps_apart_and_nothing_is_no_id(world: World) -> None:
    codec = f.composed("a", "b", "c")
    records = [{"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 3}, {"a": 1, "b": 3}, {}]
    assert read(world, codec, records) == ["1:2:3", "1::3", "1:3:", None]
    assert read(world, f.composed("a"), [{"a": 1}, {}]) == ["1", None]


def test_expressions_name_what_they_read(world: World) -> None:
    codec = f.sql("upper(record->>'$.a.b') || coalesce(element->>'$.c', '')")
    assert codec.paths == ("a.b", "@.c")
    assert codec.encode is None
    assert one(world, f.sql("upper(record->>'$.a.b')"), {"a": {"b": "x"}}) == "X"


# --- writing ------------------------------------------------------------------------------------------


def test_a_record_holds_what_can_be_written_where_it_belongs() -> None:
    codecs = {
        "name": f.text("person.name"),
        "city": f.text("person.address.city"),
        "number": f.text('"Invoice No."'),
        "phone": f.text("phones[primary].number"),
        "mail": f.written_as(f.text("mails[0].address"), "mail"),
        "state": f.read_only(f.text("state")),
        "kind": f.const("x"),
    }
    values = {"name": "Ann", "city": None, "number": "7", "phone": "1", "mail": "a@b.co", "state": "s", "kind": "x"}
    assert encode_record(codecs, values | {"unknown": 1}) == {
        "person": {"name": "Ann", "address": {"city": None}},
        "Invoice No.": "7",
        "mail": "a@b.co",
    }


@pytest.mark.parametrize("target", ["phones[0]", "phones[primary].number", "@.number"])
def test_nothing_is_written_into_a_list(target: str) -> None:
    with pytest.raises(DeclarationError, match="leads into a list"):
        f.written_as(f.text("phone"), target)


def test_a_codec_reads_the_same_every_time_it_is_compiled(world: World) -> None:
    context = Context()
    for codec in (f.text("f"), f.phone("f"), f.zone("f"), f.choice("f", {"a": "b"}), f.instant("f"), f.composed("a")):
        once = codec.read(context).sql("duckdb")
        assert codec.read(context).sql("duckdb") == once
    assert world.model is not None

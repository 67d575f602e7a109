"""Phone numbers: the reading in SQL must say what libphonenumber says, for every spelling that people use."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.fields import phone
from models.schema import Context
from pipelines.phone import phone_e164
from tests.models.reading import SPACES, broken, read, round_trip
from tests.models.world import World

SPELLINGS = (
    "{a}{b}{c}", "{a}-{b}-{c}", "({a}) {b}-{c}", "{a}.{b}.{c}", "{a} {b} {c}", "1{a}{b}{c}", "1-{a}-{b}-{c}",
    "+1{a}{b}{c}", "+1 {a} {b} {c}", "+1 ({a}) {b}-{c}", "+1-{a}-{b}-{c}", "1 ({a}) {b} {c}", "({a}){b}{c}",
    " ({a}) - {b} - {c} ", "+1.{a}.{b}.{c}", "{a}-{b}{c}", "1.{a}.{b}.{c}", "(({a})) {b}-{c}", "{a})-{b}-{c}",
    "-{a}-{b}-{c}", ").{a} {b} {c}", "{a}--{b}--{c}", "+1{a}-{b}.{c}",
    "{a}/{b}/{c}", "{a}-{b}-{c} x12", "{a}-{b}-{c} ext. 9", "tel:{a}-{b}-{c}", "001{a}{b}{c}", "011 1 {a} {b} {c}",
    "+{a}{b}{c}", "{b}-{c}", "{a}{b}{c}0", "{a}\t{b}\t{c}", "{a}\n{b} {c}", "{a}\u00a0{b}\u00a0{c}",
    "({a}\u2013{b}\u2013{c}", "1 1 {a} {b} {c}", "+1 1 {a} {b} {c}",
    "+ 1 {a} {b} {c}", "(1) {a} {b} {c}", "{a} {b} {c} or 5",
)  # fmt: skip


def generated(seed: int, amount: int) -> Iterator[str]:
    """Spellings of numbers as they stand in North American address books, real exchanges and impossible ones."""
    chance = random.Random(seed)
    for _ in range(amount):
        area = f"{chance.randrange(2, 10) if chance.random() < 0.9 else chance.randrange(2)}{chance.randrange(100):02d}"
        exchange = (
            f"{chance.randrange(2, 10) if chance.random() < 0.9 else chance.randrange(2)}{chance.randrange(100):02d}"
        )
        yield chance.choice(SPELLINGS).format(a=area, b=exchange, c=f"{chance.randrange(10_000):04d}")


def expected(text: str, region: str) -> str | None:
    return phone_e164(text.strip(SPACES), region)


@pytest.mark.parametrize("region", ["US", "CA"])
def test_north_american_numbers_read_in_sql_as_libphonenumber_reads_them(world: World, region: str) -> None:
    texts = list(generated(seed=3, amount=6000))
    found = read(world, phone("f"), [{"f": text} for text in texts], context=Context(region=region))
    differing = {
        text: (said, expected(text, region))
        for text, said in zip(texts, found, strict=True)
        if said != expected(text, region)
    }
    assert differing == {}
    assert sum(said is not None for said in found) > 4000


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text("0123456789 ()+-./x\t", max_size=18).map(lambda text: text.strip(SPACES)), min_size=30, max_size=200
    )
)
def test_any_mix_of_digits_and_marks_reads_as_libphonenumber_reads_it(world: World, texts: list[str]) -> None:
    found = read(world, phone("f"), [{"f": text} for text in texts], context=Context(region="US"))
    assert found == [expected(text, "US") if text else None for text in texts]


def test_a_number_without_a_country_belongs_to_the_companys_country(world: World) -> None:
    records = [{"f": "030 901820"}, {"f": "+1 512 555 0100"}]
    assert read(world, phone("f"), records, context=Context(region="DE")) == ["+4930901820", "+15125550100"]


def test_numbers_come_back(world: World) -> None:
    numbers = ["+15125550100", "+442079460958", "+4930901820", "+81312345678", None]
    assert round_trip(world, phone("f"), numbers) == numbers


def test_what_is_no_number_is_a_warning(world: World) -> None:
    assert phone("f").soft
    assert broken(world, phone("f"), [{"f": "call me"}, {"f": "12"}, {"f": " "}]) == [True, True, False]

from __future__ import annotations

import random

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from sandbox.founding import spelling

seeds = st.integers(0, 10_000).map(random.Random)


@given(seeds)
def test_another_form_of_a_phone_is_the_same_number(rng: random.Random) -> None:
    written = spelling.other_phone_form(rng, "+15122345678")
    assert phonenumbers.format_number(phonenumbers.parse(written, "US"), 0) == "+15122345678"


@given(seeds, st.sampled_from(["Henderson", "Aaaaa", "Nnnnnn", "o'neill"]))
def test_a_typo_always_changes_the_word(rng: random.Random, word: str) -> None:
    assert spelling.typo(rng, word).lower() != word.lower()


@given(seeds)
def test_another_form_of_a_mailbox_is_the_same_mailbox(rng: random.Random) -> None:
    assert spelling.other_email_form(rng, "ann.lee@example.com").lower() == "ann.lee@example.com"
    assert spelling.email_typo(rng, "ann.lee@example.com") != "ann.lee@example.com"


@given(seeds)
def test_a_wrong_digit_is_one_of_the_last_four(rng: random.Random) -> None:
    wrong = spelling.phone_typo(rng, "+15122345678")
    assert sum(a != b for a, b in zip(wrong, "+15122345678", strict=True)) == 1
    assert wrong.startswith("+1512234")


@given(seeds)
def test_a_firm_keeps_its_name(rng: random.Random) -> None:
    assert spelling.other_company_form(rng, "Mesa Grill LLC").lower().startswith("mesa grill")

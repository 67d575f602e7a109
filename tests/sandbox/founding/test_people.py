from __future__ import annotations

import itertools
from collections import Counter

import phonenumbers
import pytest

from sandbox.company import Customer, Spelling
from sandbox.founding import build

SYSTEMS = {"hubspot", "jobber", "quickbooks_online"}


def digits(phone: str | None) -> str | None:
    return phone and "".join(c for c in phone if c.isdigit())[-10:]


def recognisable(one: Spelling, other: Spelling) -> bool:
    """The exact keys: the same mailbox ignoring case, or the same number with the same family name."""
    same_mailbox = bool(one.email and other.email) and one.email.lower() == other.email.lower()
    same_line = bool(one.phone) and digits(one.phone) == digits(other.phone)
    return same_mailbox or (same_line and one.family_name.lower() == other.family_name.lower())


def shared(seed: int = 1) -> list[Customer]:
    return [customer for customer in build(seed).customers if len(customer.seen_by) > 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_are_known_to_several_systems_and_the_others_to_one(seed: int) -> None:
    customers = build(seed).customers
    assert Counter(len(customer.seen_by) > 1 for customer in customers) == {True: 60, False: 340}
    assert all(set(customer.seen_by) <= SYSTEMS and customer.seen_by for customer in customers)
    assert {len(customer.seen_by) for customer in customers} == {1, 2, 3}
    assert sum(set(customer.seen_by) == {"jobber"} for customer in customers) == 200


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fifty_of_the_sixty_are_recognisable_between_each_pair_of_systems_and_ten_between_none(seed: int) -> None:
    verdicts = [
        {recognisable(one, other) for one, other in itertools.combinations(customer.seen_by.values(), 2)}
        for customer in shared(seed)
    ]
    assert Counter(frozenset(verdict) for verdict in verdicts) == {frozenset({True}): 50, frozenset({False}): 10}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_different_people_are_never_taken_for_one(seed: int) -> None:
    of_mailbox: dict[str, str] = {}
    of_line: dict[tuple[str, str], str] = {}
    for customer in build(seed).customers:
        for spelling in customer.seen_by.values():
            if spelling.email:
                assert of_mailbox.setdefault(spelling.email.lower(), customer.key) == customer.key
            if spelling.phone:
                line = (str(digits(spelling.phone)), spelling.family_name.lower())
                assert of_line.setdefault(line, customer.key) == customer.key


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_pairs_share_a_name_and_two_a_landline(seed: int) -> None:
    customers = build(seed).customers
    names = Counter((c.truth.given_name.lower(), c.truth.family_name.lower()) for c in customers)
    lines = Counter(c.truth.phone for c in customers)
    assert sorted(names.values())[-4:] == [1, 2, 2, 2]
    assert sorted(lines.values())[-3:] == [1, 2, 2]
    twice = {phone for phone, count in lines.items() if count == 2}
    assert len({c.truth.family_name for c in customers if c.truth.phone in twice}) == 4


def test_phones_are_valid_numbers_in_many_forms() -> None:
    written = [s.phone for c in build(1).customers for s in c.seen_by.values() if s.phone]
    written += [technician.phone for technician in build(1).technicians]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "US")) for phone in written)
    forms = {"".join("9" if c.isdigit() else c for c in phone) for phone in written}
    assert {"(999) 999-9999", "999.999.9999", "+9 999 999 9999"} <= forms


def test_spellings_carry_the_ugliness_of_real_life() -> None:
    spellings = [s for c in build(1).customers for s in c.seen_by.values()]
    assert sum(s.email is None for s in spellings) > 10
    assert sum(s.phone is None for s in spellings) > 10
    assert sum(s.address is None for s in spellings) > 5
    assert any(s.email and s.email != s.email.lower() for s in spellings)
    assert any(s.family_name.isupper() or s.given_name.isupper() for s in spellings)
    streets = [s.address.street.split()[-1].lower() for s in spellings if s.address]
    assert {"street", "st", "avenue", "ave"} <= set(streets)
    assert any(s.given_name != c.truth.given_name for c in shared() for s in c.seen_by.values())


def test_firms_are_spelled_with_and_without_their_suffix() -> None:
    names = [s.company_name for c in build(1).customers if c.is_company for s in c.seen_by.values()]
    assert len(names) > 40
    assert all(names)
    assert any(str(name).endswith((" LLC", " Inc")) for name in names)
    assert any(not str(name).upper().rstrip(".").endswith(("LLC", "INC")) for name in names)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_display_names_in_the_accounting_system_are_unique(seed: int) -> None:
    spellings = [c.seen_by["quickbooks_online"] for c in build(seed).customers if "quickbooks_online" in c.seen_by]
    names = [(s.company_name or f"{s.given_name} {s.family_name}").lower() for s in spellings]
    assert len(set(names)) == len(names)


def test_customers_were_there_before_the_present() -> None:
    assert all(customer.created_at < build(1).now for customer in build(1).customers)

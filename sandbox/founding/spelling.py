"""How office staff mistype the truth: other phone formats, nicknames, upper case, abbreviations, typos."""

from __future__ import annotations

import random
from dataclasses import replace

from sandbox.company import Address

NICKNAMES = {
    "Robert": "Bob", "William": "Bill", "Richard": "Rick", "James": "Jim", "Michael": "Mike", "Thomas": "Tom",
    "Elizabeth": "Liz", "Margaret": "Maggie", "Katherine": "Kate", "Jennifer": "Jen", "Patricia": "Pat",
    "Christopher": "Chris", "Matthew": "Matt", "Daniel": "Dan", "Joseph": "Joe", "Anthony": "Tony",
    "Steven": "Steve", "Jonathan": "Jon", "Nicholas": "Nick", "Rebecca": "Becky", "Susan": "Sue", "Deborah": "Deb",
    "Kimberly": "Kim", "Samantha": "Sam", "Benjamin": "Ben", "Timothy": "Tim", "Andrew": "Andy", "Edward": "Ed",
}  # fmt: skip
ABBREVIATIONS = {
    "Street": "St", "Avenue": "Ave", "Drive": "Dr", "Lane": "Ln", "Road": "Rd", "Boulevard": "Blvd", "Court": "Ct",
}  # fmt: skip
_PHONE_FORMS = ("({0}) {1}-{2}", "{0}.{1}.{2}", "+1 {0} {1} {2}", "{0}-{1}-{2}", "+1{0}{1}{2}", "1-{0}-{1}-{2}")


def other_phone_form(rng: random.Random, e164: str) -> str:
    """A US number as people write it; the same digits as ``e164``."""
    digits = e164.removeprefix("+1")
    return rng.choice(_PHONE_FORMS).format(digits[:3], digits[3:6], digits[6:])


def other_case(rng: random.Random, text: str) -> str:
    """Mostly as it is, now and then all capitals or all small letters."""
    roll = rng.random()
    if roll < 0.12:
        return text.upper()
    return text.lower() if roll < 0.2 else text


def other_email_form(rng: random.Random, email: str) -> str:
    """The same mailbox in another case."""
    local, _, domain = email.partition("@")
    forms = (email, email, local.title() + "@" + domain, email.upper(), local + "@" + domain.title())
    return rng.choice(forms)


def other_given_name(rng: random.Random, name: str) -> str:
    """A nickname where one is known, else another case."""
    if name in NICKNAMES and rng.random() < 0.5:
        return NICKNAMES[name]
    return other_case(rng, name)


def other_company_form(rng: random.Random, name: str) -> str:
    """The same firm with its legal suffix dropped, set off by a comma, or in capitals."""
    bare = name.removesuffix(" LLC").removesuffix(" Inc")
    suffix = name[len(bare) :].strip()
    forms = [name, bare, name.upper()]
    if suffix:
        forms += [f"{bare}, {suffix}", f"{bare} {suffix}."]
    return rng.choice(forms)


def other_address_form(rng: random.Random, address: Address) -> Address:
    """St for Street, a dropped unit, another case of the city."""
    street = address.street
    if rng.random() < 0.5:
        for long, short in ABBREVIATIONS.items():
            street = street.removesuffix(long) + short if street.endswith(long) else street
    unit = None if rng.random() < 0.2 else address.unit
    return replace(address, street=other_case(rng, street), unit=unit, city=other_case(rng, address.city))


def typo(rng: random.Random, word: str) -> str:
    """One slip of the finger inside the word; always differs from it when case is ignored."""
    while True:
        at = rng.randrange(1, len(word) - 1)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + rng.choice("aeinorst") + word[at + 1 :],
        )
        slip = rng.choice(slips)
        if slip.lower() != word.lower():
            return slip


def email_typo(rng: random.Random, email: str) -> str:
    """A slip in the part before the @."""
    local, _, domain = email.partition("@")
    return f"{typo(rng, local)}@{domain}"


def phone_typo(rng: random.Random, e164: str) -> str:
    """One wrong digit among the last four, so that the number stays a possible one."""
    at = rng.randrange(len(e164) - 4, len(e164))
    digit = rng.choice([d for d in "0123456789" if d != e164[at]])
    return e164[:at] + digit + e164[at + 1 :]

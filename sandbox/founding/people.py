"""The customers as they truly are, and which system knows them under which spelling."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from faker import Faker

from sandbox.company import Address, Customer, Spelling
from sandbox.founding import spelling

SHARED = 60
HARD = 10  # of the shared ones: no e-mail and no phone + family name agrees between any two systems

# How many customers each set of systems knows: 60 shared, 340 single, 400 in all.
_KNOWN_BY: tuple[tuple[tuple[str, ...], int], ...] = (
    (("hubspot", "jobber", "quickbooks_online"), 24),
    (("jobber", "quickbooks_online"), 20),
    (("hubspot", "jobber"), 10),
    (("hubspot", "quickbooks_online"), 6),
    (("jobber",), 200),
    (("quickbooks_online",), 80),
    (("hubspot",), 60),
)
_AREA_CODES = ("512", "737", "210", "830", "254")
# city, postal code
_CITIES = (
    ("Austin", "78701"), ("Austin", "78704"), ("Austin", "78745"), ("Austin", "78757"), ("Round Rock", "78664"),
    ("Cedar Park", "78613"), ("Pflugerville", "78660"), ("Georgetown", "78626"), ("Leander", "78641"),
    ("Kyle", "78640"), ("Buda", "78610"), ("San Marcos", "78666"), ("Lakeway", "78734"), ("Dripping Springs", "78620"),
)  # fmt: skip
_PLACES = (
    "Lone Star", "Hill Country", "Barton", "Live Oak", "Pecan Grove", "Bluebonnet Lane", "Zilker", "Brushy Creek",
    "Capitol", "Travis", "Cedar Bend", "Mesa", "Wildflower", "Congress", "Onion Creek", "Sunset Valley",
)  # fmt: skip
_TRADES = (
    "Dental", "Property Management", "Bakery", "Brewing", "Veterinary Clinic", "Storage", "Coffee", "Apartments",
    "Auto Repair", "Day School", "Fitness", "Church", "Hardware", "Grill", "Books", "Medical Group",
)  # fmt: skip
_MAILBOXES = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")
_TAGS = ("residential", "maintenance-plan", "vip", "senior", "gate-code", "net-30", "dog-on-site", "warranty")
_STREET_KINDS = tuple(spelling.ABBREVIATIONS)


@dataclass(slots=True)
class Registry:
    """What is already given out, so that two customers never share a name, number, mailbox or address by accident."""

    rng: random.Random
    fake: Faker
    taken: set[str] = field(default_factory=set)

    def fresh(self, make: Callable[[], str]) -> str:
        """The first value of ``make`` that nobody has yet (ignoring case)."""
        while True:
            value = make()
            if value.lower() not in self.taken:
                self.taken.add(value.lower())
                return value

    def phone(self) -> str:
        """A new US number in E.164, valid in form: a real Texas area code, never 555 and never an N11 exchange."""
        return self.fresh(self._phone)

    def _phone(self) -> str:
        exchange = self.rng.choice([n for n in range(220, 990) if n != 555 and n % 100 != 11])
        return f"+1{self.rng.choice(_AREA_CODES)}{exchange}{self.rng.randrange(1000, 9999)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A customer before anybody typed anything: nothing but the company name can be missing; the phone is E.164."""

    given_name: str
    family_name: str
    company_name: str | None
    email: str
    phone: str
    address: Address

    def spelled(self) -> Spelling:
        return Spelling(
            given_name=self.given_name,
            family_name=self.family_name,
            company_name=self.company_name,
            email=self.email,
            phone=self.phone,
            address=self.address,
        )


def customers(rng: random.Random, fake: Faker, now: datetime) -> tuple[Customer, ...]:
    """All 400 customers in a mixed order."""
    registry = Registry(rng=rng, fake=fake)
    known_by = [systems for systems, count in _KNOWN_BY for _ in range(count)]
    rng.shuffle(known_by)
    truths = [_truth(registry) for _ in known_by]
    _share_names_and_lines(registry, truths, known_by)
    hard = set(rng.sample([n for n, systems in enumerate(known_by) if len(systems) > 1], HARD))
    return tuple(
        Customer(
            key=f"customer-{n + 1:03}",
            is_company=truth.company_name is not None,
            truth=truth.spelled(),
            seen_by=_spellings(registry, truth, systems, hard=n in hard),
            tags=tuple(sorted(rng.sample(_TAGS, rng.choice((0, 0, 1, 1, 2))))),
            created_at=_created_at(rng, systems, now),
        )
        for n, (truth, systems) in enumerate(zip(truths, known_by, strict=True))
    )


def _created_at(rng: random.Random, systems: Sequence[str], now: datetime) -> datetime:
    """Leads are recent; everybody with work or invoices was there before the oldest invoice."""
    newest = now if systems == ("hubspot",) else datetime(2025, 6, 30, tzinfo=UTC)
    oldest = datetime(2021, 1, 4, 14, tzinfo=UTC)
    return oldest + timedelta(seconds=rng.randrange(int((newest - oldest).total_seconds())))


def _truth(registry: Registry) -> Truth:
    rng = registry.rng
    given, family = _person(registry)
    company = _company_name(registry) if rng.random() < 0.2 else None
    return Truth(
        given_name=given,
        family_name=family,
        company_name=company,
        email=_mailbox(registry, given, family, company),
        phone=registry.phone(),
        address=_address(registry),
    )


def _person(registry: Registry) -> tuple[str, str]:
    """Family names of five letters or more leave room for a typo that still reads as a name."""
    fake = registry.fake

    def full_name() -> str:
        given = registry.rng.choice((fake.first_name(), registry.rng.choice(tuple(spelling.NICKNAMES))))
        return f"{given} {fake.last_name()}"

    while True:
        given, _, family = full_name().partition(" ")
        if len(family) >= 5 and f"{given} {family}".lower() not in registry.taken:
            registry.taken.add(f"{given} {family}".lower())
            return given, family


def _company_name(registry: Registry) -> str:
    rng = registry.rng
    bare = registry.fresh(lambda: f"{rng.choice(_PLACES)} {rng.choice(_TRADES)}")
    return bare + rng.choice((" LLC", " Inc", ""))


def _mailbox(registry: Registry, given: str, family: str, company: str | None) -> str:
    return registry.fresh(lambda: _email(registry.rng, given, family, company))


def _email(rng: random.Random, given: str, family: str, company: str | None) -> str:
    given, family = given.lower(), re.sub(r"[^a-z]", "", family.lower())
    if company is not None:
        slug = re.sub(r"[^a-z]", "", company.lower().removesuffix(" llc").removesuffix(" inc"))
        return rng.choice((f"{given}@{slug}.example.com", f"{given}.{family}@{slug}.example.com"))
    local = rng.choice((f"{given}.{family}", f"{given}{family}{rng.randrange(50, 99)}", f"{given[0]}.{family}"))
    return f"{local}@{rng.choice(_MAILBOXES)}"


def _address(registry: Registry) -> Address:
    rng = registry.rng
    street = registry.fresh(
        lambda: f"{rng.randrange(100, 9900)} {registry.fake.last_name()} {rng.choice(_STREET_KINDS)}"
    )
    city, postal_code = rng.choice(_CITIES)
    unit = rng.choice(("Apt", "Unit", "Ste")) + f" {rng.randrange(1, 40)}" if rng.random() < 0.15 else None
    return Address(street=street, unit=unit, city=city, state="TX", postal_code=postal_code)


def _share_names_and_lines(registry: Registry, truths: list[Truth], known_by: Sequence[Sequence[str]]) -> None:
    """Three pairs of different people with one name, two pairs of people with one landline; all known once.

    No pair of namesakes is in the accounting system twice: display names are unique there.
    """
    people = [n for n, systems in enumerate(known_by) if len(systems) == 1 and truths[n].company_name is None]
    of = {system: [n for n in people if known_by[n] == (system,)] for system in ("hubspot", "jobber")}
    books = [n for n in people if known_by[n] == ("quickbooks_online",)]
    namesakes = (
        (of["hubspot"][0], of["jobber"][0]), (of["jobber"][1], of["jobber"][2]), (of["jobber"][3], books[0]),
    )  # fmt: skip
    for one, other in namesakes:
        given, family = truths[one].given_name, truths[one].family_name
        email = _mailbox(registry, given, family, None)
        truths[other] = replace(truths[other], given_name=given, family_name=family, email=email)
    for one, other in ((of["jobber"][4], of["hubspot"][1]), (of["jobber"][5], books[1])):
        truths[other] = replace(truths[other], phone=truths[one].phone)


def _spellings(registry: Registry, truth: Truth, systems: Sequence[str], *, hard: bool) -> dict[str, Spelling]:
    if len(systems) == 1:
        return {systems[0]: _written_once(registry.rng, truth)}
    if hard:
        return _beyond_recognition(registry, truth, systems)
    anchor = registry.rng.choice(("email", "phone", "both"))
    return {system: _anchored(registry, truth, anchor) for system in systems}


def _written_once(rng: random.Random, truth: Truth) -> Spelling:
    """One system's own way of writing, with a field missing now and then."""
    company = truth.company_name and spelling.other_company_form(rng, truth.company_name)
    return Spelling(
        family_name=truth.family_name,
        given_name=spelling.other_case(rng, truth.given_name),
        company_name=company,
        email=None if rng.random() < 0.08 else spelling.other_email_form(rng, truth.email),
        phone=None if rng.random() < 0.06 else spelling.other_phone_form(rng, truth.phone),
        address=None if rng.random() < 0.05 else spelling.other_address_form(rng, truth.address),
    )


def _anchored(registry: Registry, truth: Truth, anchor: str) -> Spelling:
    """Keeps the anchor (the mailbox, or the number and the family name) and is careless with the rest."""
    rng = registry.rng
    written = replace(_written_once(rng, truth), given_name=spelling.other_given_name(rng, truth.given_name))
    email: str | None = spelling.other_email_form(rng, truth.email)
    phone: str | None = spelling.other_phone_form(rng, truth.phone)
    family = spelling.other_case(rng, truth.family_name)
    if anchor == "phone":
        email = rng.choice((None, registry.fresh(lambda: _second_mailbox(rng, truth))))
    if anchor == "email":
        phone = rng.choice((None, spelling.other_phone_form(rng, registry.phone())))
        family = spelling.typo(rng, family) if rng.random() < 0.3 else family
    return replace(written, family_name=family, email=email, phone=phone)


def _second_mailbox(rng: random.Random, truth: Truth) -> str:
    family = re.sub(r"[^a-z]", "", truth.family_name.lower())
    return f"{family}.{truth.given_name.lower()}{rng.randrange(10, 999)}@{rng.choice(_MAILBOXES)}"


def _beyond_recognition(registry: Registry, truth: Truth, systems: Sequence[str]) -> dict[str, Spelling]:
    """The truth in the first system; in each further one a new typo in name, mailbox and number."""
    rng = registry.rng
    first = _written_once(rng, truth)
    spellings = {systems[0]: replace(first, email=truth.email, phone=spelling.other_phone_form(rng, truth.phone))}
    families = {truth.family_name.lower()}
    for system in systems[1:]:
        family = spelling.typo(rng, truth.family_name)
        while family.lower() in families:
            family = spelling.typo(rng, truth.family_name)
        families.add(family.lower())
        phone = registry.fresh(lambda: spelling.phone_typo(rng, truth.phone))
        spellings[system] = replace(
            _written_once(rng, truth),
            given_name=spelling.other_given_name(rng, truth.given_name),
            family_name=family,
            email=registry.fresh(lambda: spelling.email_typo(rng, truth.email)),
            phone=spelling.other_phone_form(rng, phone),
        )
    return spellings

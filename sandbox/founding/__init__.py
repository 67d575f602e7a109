"""Founds the synthetic company: the same seed always gives the same people, work and money."""

from __future__ import annotations

import functools
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from faker import Faker

from sandbox.company import Company
from sandbox.founding import catalog, money, people, work

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)  # three days after clocks went forward in Chicago


@functools.lru_cache(maxsize=4)
def build(seed: int = 1) -> Company:
    """The whole company at ``NOW``; cached, because it is frozen and takes a moment."""
    rng, fake = random.Random(seed), Faker("en_US")
    fake.seed_instance(seed)
    today = NOW.astimezone(ZoneInfo(work.ZONE)).date()
    customers = people.customers(rng, fake, NOW)
    phones = people.Registry(rng=rng, fake=fake, taken={c.truth.phone or "" for c in customers})
    crew = work.technicians(fake, [phones.phone() for _ in range(8)])
    offer = catalog.products()
    done = work.field_work(rng, customers, crew, offer, NOW)
    issued = money.invoices(rng, customers, done.jobs, done.lines, offer, today)
    received = money.payments(rng, issued, today)
    return Company(
        seed=seed,
        name="Bluebonnet Home Services",
        time_zone=work.ZONE,
        currency="USD",
        now=NOW,
        customers=customers,
        sites=done.sites,
        technicians=crew,
        products=offer,
        jobs=done.jobs,
        appointments=done.appointments,
        invoices=money.settle(issued, received),
        payments=received,
        busy=done.busy,
    )

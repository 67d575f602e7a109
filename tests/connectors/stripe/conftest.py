"""Stripe's twin with a small company's account, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from connectors.registry import chosen
from connectors.stripe import CONNECTOR
from tests.connectors import desk as desks
from tests.connectors.desk import Desk
from tests.sandbox.stripe.desk import COMPANY

WRITES = {write.entity: write for write in chosen(CONNECTOR, {}).writes}

canonical = partial(desks.canonical, "stripe")
outgoing = partial(desks.outgoing, "stripe")


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("stripe", company=COMPANY, tries=2) as one:
        yield one


@pytest.fixture
def stripe(opened: Desk) -> Iterator[Desk]:
    with desks.fresh(opened) as one:
        yield one


@pytest.fixture
def impatient(stripe: Desk) -> Desk:
    return stripe.impatient()

"""Salesforce's twin with a small organisation, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from sandbox.salesforce import auth
from tests.connectors import desk as desks
from tests.connectors.desk import Desk
from tests.sandbox.salesforce.desk import COMPANY

row = partial(desks.row, "salesforce")
canonical = partial(desks.canonical, "salesforce")
outgoing = partial(desks.outgoing, "salesforce")


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("salesforce", company=COMPANY, tries=2) as one:
        yield one


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    """The connection stays signed in."""
    with desks.fresh(opened, keeps=(auth.BAG,)) as one:
        yield one


@pytest.fixture
def impatient(desk: Desk) -> Desk:
    return desk.impatient()

"""ServiceTitan's twin with a small company's work, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from sandbox.servicetitan import auth
from tests.connectors import desk as desks
from tests.connectors.desk import Desk
from tests.sandbox.housecall_pro.desk import COMPANY

row = partial(desks.row, "servicetitan")
canonical = partial(desks.canonical, "servicetitan")


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("servicetitan", company=COMPANY, tries=2) as one:
        yield one


@pytest.fixture
def tenant(opened: Desk) -> Iterator[Desk]:
    """The connection stays signed in."""
    with desks.fresh(opened, keeps=(auth.TOKENS, auth.CALLS)) as one:
        yield one


@pytest.fixture
def impatient(tenant: Desk) -> Desk:
    return tenant.impatient()

"""Xero's twin with a small company's books, and the connector that talks to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pytest

from connectors.xero import CONNECTOR
from sandbox.xero import auth
from tests.connectors import desk as desks
from tests.connectors.desk import Desk
from tests.sandbox.quickbooks_online.desk import COMPANY

WRITES = {write.entity: write for write in CONNECTOR.writes}

row = partial(desks.row, "xero")
canonical = partial(desks.canonical, "xero")
outgoing = partial(desks.outgoing, "xero")


def lines(*parts: tuple[str | None, str, str, str]) -> str:
    """Canonical lines of item, description, quantity and price."""
    told = ({"item": i, "description": d, "quantity": q, "unit_price": p, "amount": str(float(q) * float(p))}
            for i, d, q, p in parts)  # fmt: skip
    return json.dumps(list(told))


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("xero", company=COMPANY, tries=2, headroom=1000) as one:
        yield one


@pytest.fixture
def books(opened: Desk) -> Iterator[Desk]:
    """The connection stays signed in."""
    with desks.fresh(opened, keeps=(auth.BAG,)) as one:
        yield one


@pytest.fixture
def impatient(books: Desk) -> Desk:
    return books.impatient()

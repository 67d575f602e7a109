"""Asana's twin with the sandbox's company, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from connectors.asana import CONNECTOR
from sandbox.asana import TWIN
from tests.connectors import desk as desks
from tests.connectors.desk import Desk

WRITES = {write.entity: write for write in CONNECTOR.writes}
GIVEN = TWIN.credentials
SAID = "/api/1.0"

canonical = partial(desks.row, "asana")
outgoing = partial(desks.outgoing, "asana")
ids = partial(desks.ids, "asana", "jobs")


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("asana") as one:
        yield one


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    with desks.fresh(opened) as one:
        yield one


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """The desk after ``prepare``, as every push finds it."""
    desk.prepare()
    return desk

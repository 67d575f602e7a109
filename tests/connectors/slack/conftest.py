"""Slack's twin with the sandbox's company, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from connectors.slack import CONNECTOR
from sandbox import records
from sandbox.slack import TWIN
from tests.connectors import desk as desks
from tests.connectors.desk import Desk

WRITES = {write.entity: write for write in CONNECTOR.writes}
GIVEN = TWIN.credentials
CHANNEL = GIVEN["channel"]
SAID = "/api/"

canonical = partial(desks.row, "slack")
outgoing = partial(desks.outgoing, "slack")
ids = partial(desks.ids, "slack", "messages")


def say(desk: Desk, text: str) -> None:
    """Somebody says something in the channel."""
    desk.later(seconds=1)
    ts = f"{int(desk.estate.clock.now().timestamp())}.000000"
    message = {"channel": CHANNEL, "user": "U0KRQLT01", "text": text, "ts": ts}
    records.keep(desk.served, "messages", f"{CHANNEL}:{ts}", message)


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("slack") as one:
        yield one


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    with desks.fresh(opened) as one:
        yield one

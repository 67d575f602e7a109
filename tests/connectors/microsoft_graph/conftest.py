"""Graph's twin with a small company, and the connector that talks to it as the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

from connectors.microsoft_graph import CONNECTOR
from connectors.microsoft_graph.maps import BUSY
from connectors.spec import Outgoing, Page, Record
from models.schema import Map
from sandbox.microsoft_graph import TWIN
from tests.connectors import desk as desks
from tests.connectors.canonical import Stage
from tests.connectors.desk import Desk, march
from tests.sandbox.microsoft_graph.company import COMPANY

CORE = "asg_0123456789abcdef"
SAID = "/v1.0"
GIVEN = TWIN.credentials

canonical = partial(desks.canonical, "microsoft_graph", "assignment")
ids = partial(desks.ids, "microsoft_graph", "events")


@cache
def _stage(number: int) -> Stage:
    return Stage(CONNECTOR, CONNECTOR.maps[number])


def rows(one: Map, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as a map reads them."""
    return _stage(CONNECTOR.maps.index(one)).rows(records)


def busy(pages: Sequence[Page]) -> dict[str, dict[str, Any]]:
    """What takes time, by id."""
    found = rows(BUSY, [record for page in pages for record in page.records])
    return {row["source_id"]: row for row in found}


def events(pages: Sequence[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def technician(desk: Desk, place: int = 0) -> dict[str, Any]:
    """Somebody who drives out and has a mailbox."""
    crew = [one for one in desk.store.all("users") if one["jobTitle"] == "Technician" and one["accountEnabled"]]
    return crew[place]


def visit(desk: Desk, place: int = 0, **members: Any) -> dict[str, Any]:
    """The canonical values of an assignment."""
    told = {
        "title": "Boiler exchange & flue", "instructions": "Gate code 4471#\nCall first", "status": "scheduled",
        "starts_at": march(20, 14), "ends_at": march(20, 16, 30), "time_zone": "America/Chicago",
        "place": "12 Elm St, Austin, 78701", "technician_email": technician(desk, place)["mail"],
    }  # fmt: skip
    return told | members


def outgoing(action: Any, values: Mapping[str, Any], **more: Any) -> Outgoing:
    return desks.outgoing("microsoft_graph", "assignment", action, values, **{"core_id": CORE, **more})


def with_settings(desk: Desk, **settings: Any) -> Desk:
    """The desk of a stack with other settings."""
    return replace(desk, api=replace(desk.api, settings={**desk.api.settings, **settings}))


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("microsoft_graph", company=COMPANY) as one:
        yield one


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    with desks.fresh(opened, keeps=("grants",)) as one:
        yield one

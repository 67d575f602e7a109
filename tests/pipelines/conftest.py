"""What the tests of the pipelines share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, open_ledger
from tests.pipelines import shop as shops
from tests.pipelines import short_read
from tests.pipelines.desk import SYSTEMS, Desk


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder(shops.MODEL) as one:
        yield one


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as one:
        yield one


@pytest.fixture
def shop() -> shops.Shop:
    return shops.Shop()


@pytest.fixture(autouse=True)
def notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own connector is found as a company's own one is."""
    monkeypatch.setenv("PLUMBLINE_CONNECTORS", str(SYSTEMS))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A CRM and a scheduling system that are both written to."""
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    return Desk(
        folder=tmp_path,
        roles={"crm": "crm", "field": "scheduling"},
        rest={"handoffs": {"field.customer": {"mode": "live"}, "crm.customer": {"mode": "live"}}},
    )

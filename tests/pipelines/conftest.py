"""What the tests of the pipelines share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, open_ledger
from tests.pipelines import shop as shops


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

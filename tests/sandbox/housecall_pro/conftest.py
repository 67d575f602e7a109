from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.housecall_pro.desk import Desk
from tests.vendors.description import VENDORS, problems_of


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    one = Desk()
    with one.http:
        yield one
    if (VENDORS / "housecall_pro").exists():
        assert problems_of(one.app.recording) == []

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.housecall_pro.desk import Desk
from tests.vendors.description import VENDORS, load


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand.

    Of one that was refused only the answer: the request was wrong on purpose.
    """
    one = Desk()
    with one.http:
        yield one
    if (VENDORS / "housecall_pro").exists():
        said = [(each, line) for each in one.app.recording for line in load("housecall_pro").problems(each)]
        assert [pair for pair in said if pair[0].status < 400 or pair[1].startswith("answer")] == []

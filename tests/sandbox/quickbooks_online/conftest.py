from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.quickbooks_online.desk import Desk
from tests.vendors.description import VENDORS, load
from tests.vendors.exchange import Exchange, media_type


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk whose every JSON answer is held against the vendor's description when the test is over.

    ``test_description`` says visibly when the description is absent.
    """
    made = Desk()
    with made.http:
        yield made
    if VENDORS.is_dir():
        wrong = [f"{exchange}: {line}" for exchange in made.app.recording for line in answer_problems(exchange)]
        assert wrong == []


def answer_problems(exchange: Exchange) -> list[str]:
    """What the description refuses in an answer; requests are often wrong on purpose here."""
    if media_type(exchange.response_header("content-type")) != "application/json":
        return []
    return [line for line in load("quickbooks_online").problems(exchange) if line.startswith("answer")]

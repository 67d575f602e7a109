"""A walk over the whole route table of every twin, by the vendor's own client where there is one, all of it judged.

Run with ``-s`` to see the counts.
"""

from __future__ import annotations

import importlib
import sys

import pytest

from sandbox.discovery import twins
from tests.vendors.counting import Count, counted, declared, routes, table
from tests.vendors.description import VENDORS
from tests.vendors.listening import Sandbox, listened
from tests.vendors.walks import caldav, jobber

pytestmark = [
    pytest.mark.skipif(not VENDORS.is_dir(), reason="the vendors' descriptions are absent: ../shared is not here"),
    # the vendors' packages leave their connections to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

PAGES = ("/api/oauth/authorize", "/connect/oauth2")
"""Where a person's browser is sent to allow access: pages, which no description of an API holds."""


def walked(system: str) -> tuple[Count, set[str]]:
    """What was said on a walk over one twin, judged, and the fixed routes of the twin."""
    with listened(only=[system]) as sandbox:
        importlib.import_module(f"tests.vendors.walks.{system}").walk(sandbox)
        said = Sandbox(address=sandbox.address, estate=sandbox.estate, recording=sandbox.recording)
        (count,) = counted(said, pages=PAGES)
        return count, declared(routes(sandbox, system))


@pytest.mark.parametrize("system", sorted(twins()))
def test_every_route_of_the_twin_was_walked_as_described(system: str, capsys: pytest.CaptureFixture[str]) -> None:
    count, known = walked(system)
    with capsys.disabled():
        sys.stdout.write(f"\n{table([count])}\n")
    assert count.problems == ()
    assert known - count.endpoints == set()


def test_every_root_field_and_every_method_is_walked() -> None:
    """Where one route takes everything, the endpoints are what is asked there."""
    assert jobber.root_fields() - walked("jobber")[0].endpoints == set()
    assert caldav.METHODS - {one.partition(" ")[0] for one in walked("caldav")[0].endpoints} == set()

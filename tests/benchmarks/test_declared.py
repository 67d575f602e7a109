"""Whole syncs into all systems that have a write and a twin, found by their declarations: once, at rest, and heard.

All of them are one company's here, because compiling its plans takes longer than its syncs. ``python -m
benchmarks.crash`` and ``python -m benchmarks.rest`` do the same for each by itself, at every point and for as long as
one likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from benchmarks import rest
from benchmarks.declared.company import Company, Tally
from benchmarks.declared.office import TECHNICIANS
from benchmarks.declared.systems import discovered, makes, twin_of
from connectors import registry
from pipelines import ledger as books
from sandbox.estate import Estate
from sandbox.faults import Fault
from tests.pipelines import short_read
from tests.pipelines.shop import Killed

NO_TOKEN = r"^(?!.*token)"
SYSTEMS = discovered()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    company: Company
    estate: Estate


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    """Twins that keep values in forms of their own lost their first answers, and the first push died on its way."""
    with pytest.MonkeyPatch.context() as patch, rest.open_company(SYSTEMS, seed=1) as (company, estate):
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        _lose_answers(estate)
        with pytest.MonkeyPatch.context() as moment:
            moment.setattr(books, "record_receipts", _dying)
            with pytest.raises(Killed):
                company.sync()
        yield Opened(company=company, estate=estate)


def _lose_answers(estate: Estate) -> None:
    """Each twin does the next write of every kind and says nothing."""
    for name, served in estate.served.items():
        for method in ("POST", "PUT", "PATCH", "MOVE"):
            fault = Fault(system=name, kind="dropped_answer", method=method, path=NO_TOKEN, times=1)
            served.store.faults.add(fault)


def _dying(*_: object, **__: object) -> None:
    raise Killed


def test_every_connector_that_writes_takes_part_and_its_twin_respells() -> None:
    reached = [name for name in registry.names() if registry.load(name).base_url.startswith("http")]
    assert [name for name in reached if registry.load(name).writes] == sorted(SYSTEMS)
    assert [name for name in discovered() if rest.REWRITES not in twin_of(name).lenient] == []


@pytest.mark.slow
def test_story_36_after_a_crash_and_lost_answers_everything_stands_once(opened: Opened) -> None:
    delivered = [
        rest.synced(opened.company)[1] for _ in range(2)
    ]  # what is made with a parent is read before its child
    assert delivered[0] > delivered[1]
    made = {f"{name}.{write.entity}" for name, write in makes(SYSTEMS)}
    assert opened.company.tally() == dict.fromkeys(made, Tally())


@pytest.mark.slow
def test_story_33_at_rest_nothing_is_written_but_the_answer_to_an_edit_by_our_own_account(opened: Opened) -> None:
    edits, answers = rest.answered(opened.company, opened.estate)
    assert edits >= len(SYSTEMS)
    assert answers == [edits, 0]


def test_story_48_a_visit_that_goes_to_somebody_else_is_with_them_alone(opened: Opened) -> None:
    """Everywhere, on the same assignment, also where the answer to it is lost."""
    goes = opened.company.office.goes
    goes |= {number: TECHNICIANS[TECHNICIANS.index(who) - 1] for number, who in goes.items()}
    opened.company.write()
    _lose_answers(opened.estate)
    assert rest.synced(opened.company)[1]
    rest.synced(opened.company)
    assert {name: one for name, one in opened.company.tally().items() if one != Tally()} == {}

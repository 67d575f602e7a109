"""Every request of every connector and every answer of every twin, held against the vendors' own descriptions.

The demo company is synced end to end while its systems are slow, over their quotas, broken and forgetful; people edit
and delete; then every operation of every connector is done once. Nothing here names a system: what discovery finds is
walked. Run with ``-s`` to see the counts.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from connectors import registry
from pipelines.session import session
from pipelines.sync import totals
from pipelines.warehouse import open_warehouse
from tests.vendors.counting import Count, counted, table
from tests.vendors.description import VENDORS
from tests.vendors.operations import Walk, expected, walk
from tests.vendors.rehearsal import Rehearsal, due, marked, rehearsed

pytestmark = pytest.mark.skipif(
    not VENDORS.is_dir(), reason="the vendors' descriptions are absent: ../shared is not here"
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsed(tmp_path_factory.mktemp("company")) as rehearsal:
        yield rehearsal


@pytest.fixture(scope="module")
def walked(company: Rehearsal) -> Walk:
    """Every operation of every connector, done once on the synced company."""
    home = company.company
    with session(home, kind="walk") as current, open_warehouse(home.warehouse, home.model) as warehouse:
        return walk(company.sandbox, current, warehouse, company.systems)


@pytest.fixture(scope="module")
def counts(company: Rehearsal, walked: Walk) -> list[Count]:
    """What was said in all, judged; depends on the walk, so that nothing is said after it."""
    assert walked.done
    return counted(company.sandbox)


def test_every_system_of_the_demo_with_a_twin_takes_part(company: Rehearsal) -> None:
    reached = {name for name in registry.names() if registry.load(name).base_url.startswith("http")}
    assert set(company.sandbox.estate.served) == set(company.systems)
    assert set(company.systems) == reached & set(company.sandbox.estate.served)


def test_every_request_and_every_answer_is_as_the_vendor_describes(
    counts: list[Count], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{table(counts)}\n")
    assert [line for one in counts for line in one.problems] == []
    assert [one.system for one in counts if 0 in (one.requests, one.answers, len(one.endpoints))] == []


def test_nothing_was_said_unheard(company: Rehearsal, counts: list[Count]) -> None:
    logged = Counter(one.system for one in company.sandbox.estate.traffic.since(0))
    assert {one.system: one.requests for one in counts} == logged


def test_the_company_gets_through_faults_edits_and_lost_answers(company: Rehearsal) -> None:
    for name, sync in company.syncs.items():
        assert (name, sync.problems, sync.refused, totals(sync.deliveries)["rejected"]) == (name, {}, {}, 0)
    delivered = {name: totals(sync.deliveries)["delivered"] for name, sync in company.syncs.items()}
    assert delivered["first"] > 300
    assert sum(len(plan.changes) for plan in company.syncs["third"].plans) == 0
    assert [(row["edit"], row["missing"]) for row in company.landed if row["missing"]] == []
    assert all(row["expected"] for row in company.landed)


def test_every_resource_was_read_whole_and_then_from_where_it_stood(company: Rehearsal) -> None:
    for name, sync in company.syncs.items():
        read = {(system, one.resource): one.status for system, all_ in sync.reports.items() for one in all_}
        wanted = {(system, one.name) for system in company.systems for one in company.company.resources[system]}
        assert read == dict.fromkeys(wanted, "ok"), name
    assert all(one.full for all_ in company.syncs["first"].reports.values() for one in all_)


def test_every_fault_was_met(company: Rehearsal) -> None:
    met = {(one.system, one.fault) for one in company.sandbox.estate.traffic.since(0) if one.fault}
    kinds = ("rate_limit", "server_error", "dropped_answer")
    assert {(system, kind) for system in company.systems for kind in kinds} <= met


def test_each_assignment_in_the_window_stands_once_in_each_calendar(company: Rehearsal) -> None:
    moved = {edit.core_id for edit in company.edits if edit.entity == "assignment"}
    assert len(company.calendars()) > 1
    for system in company.calendars():
        shown = marked(company.sandbox, system, "asg")
        shown = Counter({id: times for id, times in shown.items() if not id.startswith("asg_walk")})
        assert set(shown) | moved == due(company.company, system) | moved
        assert set(shown.values()) == {1}
        assert company.visit.assignments.isdisjoint(shown)


def test_nothing_that_was_made_stands_twice(company: Rehearsal, walked: Walk) -> None:
    prefixes = [entity.prefix for entity in company.company.model.entities]
    made = {system: marked(company.sandbox, system, *prefixes) for system in company.systems}
    assert [(system, id) for system, found in made.items() for id, times in found.items() if times > 1] == []
    assert [(system, id) for system, id in walked.created if made[system][id] != 1] == []


def test_every_operation_of_every_connector_was_done(company: Rehearsal, walked: Walk) -> None:
    wanted = set(expected(walked.session, company.systems))
    assert wanted - walked.done.keys() == set()
    assert [where for where in wanted if walked.done[where] == 0] == []

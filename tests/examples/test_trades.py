"""The trades example as it stands: two syncs of its stack against the sandbox, and what people do in between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipelines.company import assemble
from pipelines.demo import ADDRESS, HEADROOM
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync, totals
from pipelines.warehouse import open_snapshot
from sandbox import records
from sandbox.app import build_app
from sandbox.estate import Estate, Served
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url

STACK = Path(__file__).parents[2] / "examples" / "trades" / "stack.yml"
SYSTEMS = ("asana", "caldav", "housecall_pro", "hubspot", "stripe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """The company of the example after two syncs and a person's edit on each side, and a third that answers them."""

    estate: Estate
    syncs: list[Session] = field(default_factory=list)
    visits: list[dict[str, Any]] = field(default_factory=list)

    def served(self, name: str) -> Served:
        return self.estate.served[name]

    def tasks(self) -> dict[str, dict[str, Any]]:
        """The tasks that carry our id, by it."""
        marked = ((one.get("external") or {}, one) for one in self.served("asana").store.all("tasks"))
        return {mark["gid"]: task for mark, task in marked if mark.get("gid")}

    def events(self) -> list[str]:
        """The text of every event in the calendars."""
        return [record["ics"] for _, record in records.items(self.served("caldav"), "events")]


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    """Answers to the first writes to Asana are lost: what they made must not be made again."""
    folder = tmp_path_factory.mktemp("trades")
    shutil.copyfile(STACK, folder / "stack.yml")
    with listen("127.0.0.1", 0) as bound, pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADDRESS, url(bound))
        app = build_app(only=SYSTEMS, base_url=url(bound), headroom=HEADROOM)
        with serving_app(app, bound):
            one = Business(estate=app.state.estate)
            for method, path in (("POST", "/tasks$"), ("PUT", "/tasks/")):
                fault = Fault(system="asana", kind="dropped_answer", method=method, path=path, times=1)
                one.served("asana").store.faults.add(fault)
            company = assemble(load(folder / "stack.yml"))
            one.syncs.extend(run_sync(company, check=lambda *_: ()) for _ in range(2))
            with open_snapshot(company.snapshot) as warehouse:
                one.visits.extend(warehouse.rows("SELECT core_id, title FROM core.assignment WHERE deleted_at IS NULL"))
            yield one


def test_the_stack_names_the_systems_that_it_is_told_of() -> None:
    assert tuple(sorted(load(STACK).systems)) == SYSTEMS


def test_everything_is_read_and_delivered(business: Business) -> None:
    first = business.syncs[0]
    assert (first.problems, first.refused, totals(first.deliveries)["rejected"]) == ({}, {}, 0)
    assert totals(first.deliveries)["delivered"] > 300
    assert {name for name, sent in first.deliveries.items() if sent.delivered} == {
        "hubspot.customer", "stripe.customer", "asana.job", "asana.assignment", "caldav.assignment",
    }  # fmt: skip


def test_the_second_sync_plans_nothing(business: Business) -> None:
    second = business.syncs[1]
    assert (second.problems, [plan.changes for plan in second.plans if plan.changes or plan.held]) == ({}, [])


def test_each_visit_stands_once_on_the_board_and_once_in_a_calendar(business: Business) -> None:
    marked = [
        task["external"]["gid"] for task in business.tasks().values() if task["external"]["gid"].startswith("asg_")
    ]
    assert len(marked) > 20
    assert len(marked) == len(set(marked))
    titles = {one["core_id"]: one["title"] for one in business.visits}
    assert [id for id in marked if business.tasks()[id]["name"] != titles[id]] == []
    events = business.events()
    assert [id for id in marked if sum(id in event for event in events) != 1] == []


def test_every_visit_has_somebody_of_the_workspace_and_a_place(business: Business) -> None:
    visits = [task for id, task in business.tasks().items() if id.startswith("asg_")]
    assert all(task["assignee"] and task["due_on"] and task["custom_fields"] for task in visits)
    assert {task["memberships"][0]["section"]["name"] for task in visits} == {"Scheduled", "Started"}

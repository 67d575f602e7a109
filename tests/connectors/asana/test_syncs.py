"""Whole syncs from the office's files onto the two boards: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors import gateway
from pipelines.company import Company, assemble
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox import records
from sandbox.app import assemble as serve
from sandbox.asana import TWIN
from sandbox.clock import Clock
from sandbox.estate import Served, found
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from tests.connectors.asana.conftest import GIVEN, NOW, SETTINGS
from tests.pipelines import short_read

DOMAIN = "bluebonnet.example.com"
NOTE = "Gate <4711> & dog\nring  twice"
FILES: dict[str, list[dict[str, Any]]] = {
    "crew": [{"id": n, "name": f"Tech {n}", "mail": f"{n}@{DOMAIN}"} for n in ("tech1", "tech2")],
    "jobs": [{"id": n, "number": f"9{n}", "title": f"Fix  the sink {n}", "status": "scheduled"} for n in "12"],
    "visits": [
        {"id": n, "title": f"Visit {n}", "note": NOTE, "start": f"2026-03-1{n}T15:00Z", "end": f"2026-03-1{n}T16:30Z"}
        for n in "234"
    ],
    "going": [{"id": n, "visit": n, "who": "tech1"} for n in "234"],
}
MAPS = [
    {"resource": "crew", "to": "technician", "fields": {"name": {"text": "name"}, "email": {"email": "mail"}}},
    {"resource": "jobs", "to": "job", "fields": {
        "number": {"text": "number"}, "title": {"text": "title"}, "status": {"text": "status"}}},
    {"resource": "visits", "to": "appointment", "fields": {
        "title": {"text": "title"}, "instructions": {"text": "note"}, "starts_at": {"instant": "start"},
        "ends_at": {"instant": "end"}}},
    {"resource": "going", "to": "assignment", "fields": {
        "appointment": {"ref": "visit"}, "technician": {"ref": "who"}}},
]  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's files, the boards that they are written to, and the company between them."""

    folder: Path
    served: Served
    company: Company

    def say(self, **files: list[dict[str, Any]]) -> None:
        for name, rows in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")

    def sync(self) -> Session:
        self.served.store.clock.advance(timedelta(minutes=20))
        done = run_sync(self.company, check=lambda *_: ())
        assert done.problems == {}
        return done

    def wanted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What a sync wants to change."""
        return [(one.entity, one.action, dict(one.after)) for plan in self.sync().plans for one in plan.changes]

    def tasks(self, prefix: str) -> dict[str, dict[str, Any]]:
        """Our tasks on one of the boards, by the last word of their names; fails when there are two of one name."""
        ours = [one for one in self.served.store.all("tasks") if self._mark(one).startswith(prefix)]
        named = {one["name"].split()[-1]: one for one in ours}
        assert len(named) == len(ours)
        return named

    def _mark(self, task: dict[str, Any]) -> str:
        return str((task.get("external") or {}).get("gid") or "")

    def edit(self, task: dict[str, Any], **members: Any) -> None:
        self.served.store.clock.advance(timedelta(minutes=1))
        records.keep(self.served, "tasks", task["gid"], records.merged(task, members))

    def section(self, name: str, board: str) -> list[dict[str, Any]]:
        wanted = (name, GIVEN[board])
        (gid,) = [s["gid"] for s in self.served.store.all("sections") if (s["name"], s["project"]["gid"]) == wanted]
        return [{"section": {"gid": gid}}]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One company goes through all tests in their order: compiling its plans takes longer than all of its syncs."""
    folder, clock = tmp_path_factory.mktemp("syncs"), Clock(NOW, ticker=lambda: 0.0)
    passing = partial(gateway.open_api, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(listen("127.0.0.1", 0)) as bound:
        estate = found({"asana": TWIN}, seed=1, clock=clock, base_url=url(bound), headroom=100)
        for task in estate.served["asana"].store.all("tasks"):
            estate.served["asana"].store.delete("tasks", task["gid"])
        with serving_app(serve(estate), bound) as address:
            patch.setattr(gateway, "open_api", passing)
            patch.setattr("pipelines.sync.read_all", short_read.read_all)
            (folder / "stack.yml").write_text(json.dumps(_stack(folder, f"{address}/asana")), encoding="utf-8")
            company = assemble(load(folder / "stack.yml"), clock=clock.now)
            one = Office(folder=folder, served=estate.served["asana"], company=company)
            one.say(**FILES)
            yield one


def _stack(folder: Path, address: str) -> dict[str, Any]:
    files = {
        "connector": "files", "roles": ["scheduling"], "maps": MAPS,
        "resources": {name: {"path": str(folder / f"{name}.json"), "id": "id"} for name in FILES},
    }  # fmt: skip
    sign_in = dict.fromkeys(("client_id", "client_secret", "refresh_token"), "sandbox:")
    asana = {"roles": ["work_management"], "environment": "sandbox", "base_url": address, "headroom": 100,
             "settings": SETTINGS, "credentials": sign_in}  # fmt: skip
    return {
        "company": "Acme Heating", "time_zone": "America/Chicago", "currency": "USD",
        "systems": {"office": files, "asana": asana},
        "handoffs": {f"asana.{name}": {"mode": "live", "deletes": "mirror"} for name in ("job", "assignment")},
    }  # fmt: skip


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Each kind of write loses an answer more often than the gateway is patient; texts are kept in capitals."""
    faults = office.served.store.faults
    faults.add(Fault(system="asana", kind="rewritten_values", form="upper"))
    for method, path in (("POST", "/tasks$"), ("PUT", "/tasks/"), ("POST", "/addTask$"), ("POST", "/sections$")):
        faults.add(Fault(system="asana", kind="dropped_answer", method=method, path=path, times=3))
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert (sorted(office.tasks("job_")), sorted(office.tasks("asg_"))) == (["1", "2"], ["2", "3", "4"])
    assert {task["name"] for task in office.tasks("job_").values()} == {"FIX  THE SINK 1", "FIX  THE SINK 2"}
    assert {task["assignee"]["gid"] for task in office.tasks("asg_").values()} == {
        one["gid"] for one in office.served.store.all("users") if one["email"] == f"tech1@{DOMAIN}"
    }
    faults.clear()


def test_a_persons_edit_is_answered_once_and_kept_as_a_conflict(office: Office) -> None:
    job, visit = office.tasks("job_")["1"], office.tasks("asg_")["2"]
    office.edit(job, memberships=office.section("Paused", "jobs"))
    office.edit(visit, due_at="2026-03-12T18:00:00Z")
    assert {(entity, *after) for entity, _, after in office.wanted()} == {("job", "status"), ("assignment", "ends_at")}
    assert office.tasks("job_")["1"]["memberships"][0]["section"]["name"] == "Scheduled"
    assert office.tasks("asg_")["2"]["due_at"] == "2026-03-12T16:30:00.000Z"


def test_what_the_office_says_follows_and_nothing_else(office: Office) -> None:
    later = FILES["visits"][1] | {"start": "2026-03-15T15:00Z", "end": "2026-03-15T17:00Z"}
    office.say(
        jobs=[FILES["jobs"][0] | {"status": "completed"}, FILES["jobs"][1]],
        visits=[FILES["visits"][0], later, FILES["visits"][2]],
        going=[FILES["going"][0] | {"who": "tech2"}, FILES["going"][1]],
    )
    wanted = {(entity, action, *sorted(after)) for entity, action, after in office.wanted()}
    assert wanted == {("job", "update", "status"), ("assignment", "update", "ends_at", "starts_at"),
                      ("assignment", "update", "technician"), ("assignment", "delete")}  # fmt: skip
    done = office.tasks("job_")["1"]
    assert (done["completed"], done["memberships"][0]["section"]["name"]) == (True, "Completed")
    visits = office.tasks("asg_")
    assert {name: task["start_at"] for name, task in visits.items()} == {
        "2": "2026-03-12T15:00:00.000Z",
        "3": "2026-03-15T15:00:00.000Z",
    }
    assert visits["2"]["assignee"]["name"] != visits["3"]["assignee"]["name"]


def test_a_task_that_a_person_deletes_is_a_question_and_not_made_again_at_once(office: Office) -> None:
    TWIN.remove(office.served.store, "tasks", office.tasks("job_")["2"]["gid"])
    assert office.wanted() == []
    assert "2" not in office.tasks("job_")

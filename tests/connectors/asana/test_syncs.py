"""Whole syncs from the office's files onto the two boards: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import records
from sandbox.asana import TWIN
from tests.connectors import office as offices
from tests.connectors.asana.conftest import GIVEN
from tests.connectors.office import Office

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


def tasks(office: Office, prefix: str) -> dict[str, dict[str, Any]]:
    """Our tasks on one of the boards, by the last word of their names; fails when there are two of one name."""
    ours = [one for one in office.store.all("tasks") if _mark(one).startswith(prefix)]
    named = {one["name"].split()[-1]: one for one in ours}
    assert len(named) == len(ours)
    return named


def _mark(task: dict[str, Any]) -> str:
    return str((task.get("external") or {}).get("gid") or "")


def edit(office: Office, task: dict[str, Any], **members: Any) -> None:
    records.keep(office.served, "tasks", task["gid"], records.merged(task, members))


def section(office: Office, name: str, board: str) -> list[dict[str, Any]]:
    wanted = (name, GIVEN[board])
    (gid,) = [s["gid"] for s in office.store.all("sections") if (s["name"], s["project"]["gid"]) == wanted]
    return [{"section": {"gid": gid}}]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, handoffs = tmp_path_factory.mktemp("syncs"), {"job": {}, "assignment": {}}
    with offices.opened("asana", folder, files=FILES, maps=MAPS, handoffs=handoffs) as one:
        for task in one.store.all("tasks"):
            one.store.delete("tasks", task["gid"])
        yield one


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Each kind of write loses an answer more often than the gateway is patient; texts are kept in capitals."""
    office.fault("rewritten_values", form="upper")
    for method, path in (("POST", "/tasks$"), ("PUT", "/tasks/"), ("POST", "/addTask$"), ("POST", "/sections$")):
        office.fault("dropped_answer", method=method, path=path, times=3)
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert (sorted(tasks(office, "job_")), sorted(tasks(office, "asg_"))) == (["1", "2"], ["2", "3", "4"])
    assert {task["name"] for task in tasks(office, "job_").values()} == {"FIX  THE SINK 1", "FIX  THE SINK 2"}
    assert {task["assignee"]["gid"] for task in tasks(office, "asg_").values()} == {
        one["gid"] for one in office.store.all("users") if one["email"] == f"tech1@{DOMAIN}"
    }
    office.store.faults.clear()


def test_a_persons_edit_is_answered_once_and_kept_as_a_conflict(office: Office) -> None:
    job, visit = tasks(office, "job_")["1"], tasks(office, "asg_")["2"]
    edit(office, job, memberships=section(office, "Paused", "jobs"))
    edit(office, visit, due_at="2026-03-12T18:00:00Z")
    assert {(entity, *after) for entity, _, after in office.wanted()} == {("job", "status"), ("assignment", "ends_at")}
    assert tasks(office, "job_")["1"]["memberships"][0]["section"]["name"] == "Scheduled"
    assert tasks(office, "asg_")["2"]["due_at"] == "2026-03-12T16:30:00.000Z"


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
    done = tasks(office, "job_")["1"]
    assert (done["completed"], done["memberships"][0]["section"]["name"]) == (True, "Completed")
    visits = tasks(office, "asg_")
    assert {name: task["start_at"] for name, task in visits.items()} == {
        "2": "2026-03-12T15:00:00.000Z",
        "3": "2026-03-15T15:00:00.000Z",
    }
    assert visits["2"]["assignee"]["name"] != visits["3"]["assignee"]["name"]


def test_a_task_that_a_person_deletes_is_a_question_and_not_made_again_at_once(office: Office) -> None:
    TWIN.remove(office.store, "tasks", tasks(office, "job_")["2"]["gid"])
    assert office.wanted() == []
    assert "2" not in tasks(office, "job_")

"""Reading: everything once, then what events name, and what is gone; never a page made of an error."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.asana.reading import ONE_BY_ONE
from models.errors import Gone, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.asana.conftest import GIVEN, SAID, canonical, ids
from tests.connectors.desk import Desk, gone

BOARD = GIVEN["jobs"]


def test_the_first_read_covers_the_whole_board_and_says_so(desk: Desk) -> None:
    pages = desk.read("jobs")
    assert sorted(ids(pages)) == sorted(one["gid"] for one in desk.served.store.all("tasks"))
    assert {page.full for page in pages} == {True}
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert dict(pages[-1].cursor or {}).keys() == {"board", "sync"}
    assert {one["section"]["name"] for page in pages for record in page.records for one in record["memberships"]} >= {
        "New", "Scheduled",
    }  # fmt: skip


def test_a_board_of_several_pages_is_read_to_its_end(desk: Desk) -> None:
    for _ in range(70):
        desk.write("job", "create", {"title": "More"}, core_id=f"job_{_:016}")
    assert len(set(ids(desk.read("jobs")))) == 110


def test_every_seeded_job_reads_with_its_number(desk: Desk) -> None:
    records = [record for page in desk.read("jobs") for record in page.records]
    rows = [canonical("job", record) for record in records]
    assert all(row["number"].isdigit() and row["title"] and row["status"] for row in rows)
    assert len({row["number"] for row in rows}) == 40


def test_people_are_read_whole_every_time(desk: Desk) -> None:
    pages = desk.read("users")
    assert all(page.full for page in pages)
    rows = [canonical("technician", record) for page in pages for record in page.records]
    assert {row["email"] for row in rows} == {one["email"] for one in desk.served.store.all("users")}


def test_a_later_read_tells_what_people_changed_and_nothing_else(desk: Desk) -> None:
    cursor = desk.read("jobs")[-1].cursor
    first, second, third, *_ = desk.served.store.all("tasks")
    desk.edit("tasks", first["gid"], name="Boiler exchange")
    desk.edit("tasks", first["gid"], notes="Crane at 8")
    desk.remove("tasks", second["gid"])
    desk.edit("tasks", third["gid"], memberships=[])
    pages = desk.read("jobs", cursor)
    assert ids(pages) == [first["gid"]]
    assert pages[0].records[0]["name"] == "Boiler exchange"
    assert sorted(gone(pages)) == sorted([second["gid"], third["gid"]])
    assert not any(page.full for page in pages)
    assert (ids(again := desk.read("jobs", pages[-1].cursor)), gone(again)) == ([], [])


def test_a_task_that_another_board_has_too_is_shown_as_it_stands_on_this_one(desk: Desk) -> None:
    task, (visits, *_) = (
        desk.store.all("tasks")[0],
        [one for one in desk.served.store.all("sections") if one["project"]["gid"] != BOARD],
    )
    cursor = desk.read("assignments")[-1].cursor
    desk.edit("tasks", task["gid"], memberships=[*task["memberships"], {"section": {"gid": visits["gid"]}}])
    (record,) = desk.read("assignments", cursor)[0].records
    assert [one["project"]["gid"] for one in record["memberships"]] == [GIVEN["assignments"]]
    assert canonical("assignment", record)["status"] is None
    desk.edit("tasks", task["gid"], memberships=task["memberships"])
    assert gone(desk.read("assignments", cursor)) == [task["gid"]]


def test_many_changes_are_read_from_the_list_in_fewer_calls(desk: Desk) -> None:
    for n in range(ONE_BY_ONE):
        desk.write("job", "create", {"title": f"Job {n}"}, core_id=f"job_{n:016}")
    cursor = desk.read("jobs")[-1].cursor
    tasks = desk.served.store.all("tasks")
    for task in tasks[: ONE_BY_ONE + 1]:
        desk.edit("tasks", task["gid"], notes="Seen")
    desk.remove("tasks", tasks[-1]["gid"])
    desk.recording.exchanges.clear()
    pages = desk.read("jobs", cursor)
    assert sorted(ids(pages)) == sorted(task["gid"] for task in tasks[: ONE_BY_ONE + 1])
    assert gone(pages) == [tasks[-1]["gid"]]
    assert len(desk.said(SAID)) < 8


def test_events_that_come_in_several_answers_are_all_heard(desk: Desk) -> None:
    cursor, tasks = desk.read("jobs")[-1].cursor, desk.served.store.all("tasks")
    for name in ("A", "B", "C"):
        for task in tasks:
            desk.edit("tasks", task["gid"], name=name)
    assert sorted(ids(desk.read("jobs", cursor))) == sorted(task["gid"] for task in tasks)
    assert desk.said(SAID).count("GET /events") == 3


def test_story_17_what_was_deleted_before_a_token_expired_is_absent_from_a_whole_read(desk: Desk) -> None:
    cursor, task = desk.read("jobs")[-1].cursor, desk.store.all("tasks")[0]
    desk.remove("tasks", task["gid"])
    desk.later(hours=25)
    with pytest.raises(Gone, match="no longer told"):
        desk.read("jobs", cursor)
    pages = desk.read("jobs")
    assert all(page.full for page in pages)
    assert (len(ids(pages)), task["gid"] in ids(pages)) == (39, False)


def test_another_project_in_the_stack_is_read_from_its_beginning(desk: Desk) -> None:
    with pytest.raises(Gone, match="the stack names project"):
        desk.read("jobs", {"board": "1", "sync": "x"})


@pytest.mark.parametrize(
    ("kind", "more", "problem"),
    [
        ("rate_limit", {"retry_after": 30}, Throttled),
        ("server_error", {}, Transient),
        ("server_error", {"status": 503}, Transient),
        ("forbidden", {}, Unauthorized),
        ("html_error_page", {"status": 200}, Unreachable),
        ("cut_body", {}, (Transient, Unreachable)),
    ],
)
@pytest.mark.parametrize("path", ["/events", "/tasks", "/users"])
def test_no_failure_is_a_page(desk: Desk, kind: str, more: dict[str, Any], problem: Any, path: str) -> None:
    resource = "users" if path == "/users" else "jobs"
    desk.fault(kind, path=path, **more)
    with pytest.raises(problem):
        desk.read(resource)
    desk.recording.exchanges.clear()  # no answer of the vendor's


def test_an_event_whose_task_cannot_be_read_is_no_deletion(desk: Desk) -> None:
    cursor = desk.read("jobs")[-1].cursor
    desk.edit("tasks", desk.store.all("tasks")[0]["gid"], name="Boiler exchange")
    desk.fault("forbidden", path="/tasks/")
    with pytest.raises(Unauthorized):
        desk.read("jobs", cursor)

"""Tasks as the API and people change them: values checked, members derived, what happened told to those who follow."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.asana import TWIN
from sandbox.respelling import FORMS
from tests.sandbox.asana.conftest import GIVEN, JOBS, VISITS, WORKSPACE, Office


def sync(office: Office, resource: str = VISITS) -> str:
    return str(office.call("GET", "/events", resource=resource).json()["sync"])


def told(office: Office, token: str, resource: str = VISITS) -> list[tuple[str, str | None]]:
    """What the events since a token say: action, and the field or the kind of parent."""
    events = office.data("GET", "/events", resource=resource, sync=token)
    return [
        (one["action"], one["change"]["field"] if "change" in one else (one["parent"] or {}).get("resource_type"))
        for one in events
    ]


def test_a_due_time_gives_its_day_where_the_company_is(office: Office) -> None:
    task = office.make(name="Late", start_at="2026-03-12T01:00:00+02:00", due_at="2026-03-12T03:30:00Z")
    assert (task["start_at"], task["start_on"]) == ("2026-03-11T23:00:00.000Z", "2026-03-11")
    assert (task["due_at"], task["due_on"]) == ("2026-03-12T03:30:00.000Z", "2026-03-11")


def test_days_and_times_take_each_others_place(office: Office) -> None:
    gid = office.make(name="T", start_at="2026-03-12T14:00:00Z", due_at="2026-03-12T15:00:00Z")["gid"]
    days = office.data("PUT", f"/tasks/{gid}", {"start_on": "2026-03-13", "due_on": "2026-03-14"})
    assert [days[name] for name in ("start_on", "start_at", "due_on", "due_at")] == [
        "2026-03-13",
        None,
        "2026-03-14",
        None,
    ]
    times = office.data("PUT", f"/tasks/{gid}", {"due_at": "2026-03-15T15:00:00Z"})
    assert [times[name] for name in ("start_on", "start_at", "due_on")] == [None, None, "2026-03-15"]
    none = office.data("PUT", f"/tasks/{gid}", {"due_on": None})
    assert [none[name] for name in ("start_on", "start_at", "due_on", "due_at")] == [None] * 4


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"due_on": "2026-03-12", "due_at": "2026-03-12T15:00:00Z"}, "You may only provide one of due_on or due_at!"),
        ({"start_on": "2026-03-12"}, "start_on: You must also set due_on"),
        ({"due_at": "noon"}, "Not a valid ISO 8601 datetime"),
        ({"due_on": "12/03/2026"}, "Not a valid date"),
        ({"assignee": "nobody@acme.example.com"}, "assignee: Not an email"),
        ({"assignee": "12"}, "assignee: Unknown object: 12"),
        ({"completed": "yes"}, "completed: Value is not a boolean"),
        ({"name": 7}, "name: Value is not a string"),
        ({"custom_fields": {"12": "x"}}, "Custom field with ID 12 is not on given object"),
        ({"external": {"gid": "x" * 1025}}, "longer than 1024"),
        ({"projects": ["12"]}, "project: Unknown object: 12"),
    ],
)
def test_a_wrong_value_is_refused_in_its_name(office: Office, members: dict[str, Any], said: str) -> None:
    whole = {"workspace": WORKSPACE, "projects": [VISITS], **members}
    status, message = office.refusal("POST", "/tasks", whole)
    assert (status, said in message) == (400, True)


def test_a_task_belongs_somewhere_and_places_are_not_updated(office: Office) -> None:
    assert office.refusal("POST", "/tasks", {"name": "Homeless"}) == (400, "workspace: Missing input")
    gid = office.make(name="T")["gid"]
    assert office.refusal("PUT", f"/tasks/{gid}", {"projects": [JOBS]}) == (400, "projects: Cannot write this property")
    assert office.refusal("POST", "/tasks")[0] == 400


def test_checking_off_is_stamped_and_taken_back(office: Office) -> None:
    gid = office.make(name="T")["gid"]
    done = office.data("PUT", f"/tasks/{gid}", {"completed": True})
    office.later(minutes=1)
    same = office.data("PUT", f"/tasks/{gid}", {"name": "U"})
    assert done["completed_at"] == same["completed_at"] < same["modified_at"]
    assert done["completed_by"]["name"] == "Office"
    assert office.data("PUT", f"/tasks/{gid}", {"completed": False})["completed_at"] is None


def test_external_ids_are_for_apps_unique_and_an_address(office: Office) -> None:
    task = office.make(name="T", external={"gid": "asg_1"})
    assert office.data("GET", "/tasks/external:asg_1")["gid"] == task["gid"]
    body = {"workspace": WORKSPACE, "external": {"gid": "asg_1"}}
    assert "already exists" in office.refusal("POST", "/tasks", body)[1]
    office.token = GIVEN["access_token"]
    assert office.refusal("GET", "/tasks/external:asg_1")[0] == 404
    assert "external" not in office.data("GET", f"/tasks/{task['gid']}")
    assert office.refusal("POST", "/tasks", body | {"external": {"gid": "asg_2"}})[0] == 403


def test_lists_know_what_changed_and_what_is_open(office: Office) -> None:
    first, second = (office.make(name=name, assignee="me")["gid"] for name in "AB")
    office.later(minutes=1)
    office.data("PUT", f"/tasks/{first}", {"completed": True})
    now = office.data("GET", f"/tasks/{first}")["modified_at"]
    assert [one["gid"] for one in office.data("GET", "/tasks", project=VISITS, modified_since=now)] == [first]
    office.later(minutes=1)
    assert [one["gid"] for one in office.data("GET", f"/projects/{VISITS}/tasks", completed_since="now")] == [second]
    mine = office.data("GET", "/tasks", assignee="me", workspace=WORKSPACE)
    assert [one["gid"] for one in mine] == [first, second]


def test_events_tell_what_happened_in_order(office: Office) -> None:
    token = sync(office)
    office.data("POST", f"/projects/{VISITS}/sections", {"name": "Doing"})
    section = office.data("GET", f"/projects/{VISITS}/sections")[1]["gid"]
    gid = office.make(name="T")["gid"]
    assert told(office, token) == [("added", "section"), ("added", "project")]
    of_task = sync(office, gid)
    token = sync(office)
    office.data("PUT", f"/tasks/{gid}", {"name": "U", "assignee": "me"})
    office.data("POST", f"/sections/{section}/addTask", {"task": gid})
    office.data("POST", f"/sections/{section}/addTask", {"task": gid})  # it is there: nothing happens
    office.call("DELETE", f"/tasks/{gid}")
    expected = [("changed", "assignee"), ("changed", "name"), ("removed", "section"), ("added", "section"),
                ("removed", "section"), ("removed", "project"), ("deleted", None)]  # fmt: skip
    assert told(office, token) == expected
    assert office.refusal("GET", "/events", resource=gid, sync=of_task)[0] == 400
    assert told(office, sync(office, JOBS), JOBS) == []


def test_a_token_is_for_its_resource_and_a_day(office: Office) -> None:
    token = sync(office)
    for resource, shown in ((JOBS, token), (VISITS, "other")):
        answer = office.call("GET", "/events", resource=resource, sync=shown)
        assert (answer.status_code, set(answer.json())) == (412, {"errors", "sync"})
    office.fault("expired_sync_token")
    assert office.call("GET", "/events", resource=VISITS, sync=token).status_code == 412
    assert told(office, token) == []
    office.later(hours=25)
    office.sign_in()
    assert office.call("GET", "/events", resource=VISITS, sync=token).status_code == 412


def test_a_hundred_events_an_answer(office: Office) -> None:
    token, gid = sync(office), office.make(name="T")["gid"]
    for n in range(120):
        office.data("PUT", f"/tasks/{gid}", {"name": f"T{n}"})
    first = office.call("GET", "/events", resource=VISITS, sync=token).json()
    second = office.call("GET", "/events", resource=VISITS, sync=first["sync"]).json()
    assert (len(first["data"]), first["has_more"]) == (100, True)
    assert (len(second["data"]), second["has_more"]) == (22, False)


def test_a_persons_edit_is_stamped_and_told_like_any_other(office: Office) -> None:
    gid, token = office.make(name="T")["gid"], sync(office)
    office.later(minutes=1)
    record = office.store.get("tasks", gid)
    assert record is not None
    someone = {"gid": office.data("GET", "/users", workspace=WORKSPACE)[1]["gid"]}
    kept = TWIN.touch(office.store, "tasks", {**record, "assignee": someone})
    assert kept["assignee"]["name"] == "Tech1 Ito"
    assert kept["modified_at"] > record["modified_at"]
    assert told(office, token) == [("changed", "assignee")]
    TWIN.remove(office.store, "tasks", gid)
    assert told(office, token)[-1] == ("deleted", None)
    assert office.refusal("GET", f"/tasks/{gid}")[0] == 404


@pytest.mark.parametrize(
    "edit",
    [{"assignee": {"gid": "12"}}, {"memberships": [{"section": {"gid": "12"}}]}, {"due_at": "noon"}, {"gid": "x"}],
)
def test_a_person_cannot_enter_what_it_could_not_hold(office: Office, edit: dict[str, Any]) -> None:
    record = office.store.get("tasks", office.make(name="T")["gid"])
    assert record is not None
    with pytest.raises(ValueError, match=r"12|noon|'x'"):
        TWIN.touch(office.store, "tasks", {**record, **edit})


@pytest.mark.parametrize("form", ["trim", "upper", "html"])
def test_rewritten_values_are_kept_in_another_spelling(office: Office, form: str) -> None:
    assert form in FORMS
    office.fault("rewritten_values", form=form)
    task = office.make(name="fix  it", notes="one\ntwo")
    kept = {"trim": ("fix it", "one two"), "upper": ("FIX  IT", "ONE\nTWO"), "html": ("fix  it", "<p>one<br>two</p>")}
    assert (task["name"], task["notes"]) == kept[form]

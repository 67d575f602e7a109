"""Who and what is there: the founded workspace, answers by shape and by page, sign-in and limits."""

from __future__ import annotations

from collections import deque

import pytest

from sandbox.asana import TWIN
from sandbox.asana.limits import CALLS
from tests.sandbox.asana.conftest import GIVEN, JOBS, VISITS, WORKSPACE, Office


def test_the_office_follows_up_open_jobs_under_their_numbers(office: Office) -> None:
    shown = "name,notes,custom_fields.name,custom_fields.display_value,memberships.section.name"
    tasks = office.data("GET", "/tasks", project=JOBS, opt_fields=shown)
    assert [(one["name"], one["notes"]) for one in tasks] == [
        ("Job 1", "Dog in the yard"),
        ("Job 3", "Dog in the yard"),
    ]
    assert [one["custom_fields"][0]["display_value"] for one in tasks] == ["1", "3"]
    assert [one["memberships"][0]["section"]["name"] for one in tasks] == ["New", "Paused"]
    assert office.data("GET", "/tasks", project=VISITS) == []


def test_who_left_is_nobody_there(office: Office) -> None:
    people = office.data("GET", "/users", workspace=WORKSPACE, opt_fields="email")
    assert [one["email"].partition("@")[0] for one in people] == ["office", "tech1", "tech2"]
    assert office.data("GET", "/users/tech2@acme.example.com")["name"] == "Tech2 Ito"


def test_lists_are_compact_and_single_records_whole_unless_asked_otherwise(office: Office) -> None:
    task = office.data("GET", "/tasks", project=JOBS)[0]
    assert set(task) == {"gid", "resource_type", "resource_subtype", "name"}
    whole = office.data("GET", f"/tasks/{task['gid']}")
    assert {"notes", "memberships", "custom_fields", "permalink_url", "modified_at"} <= set(whole)
    picked = office.data("GET", f"/tasks/{task['gid']}", opt_fields="name,memberships.project,no_such_field")
    assert set(picked) == {"gid", "name", "memberships"}
    assert set(picked["memberships"][0]["project"]) == {"gid", "resource_type", "name"}


def test_pages_follow_each_other_to_the_end(office: Office) -> None:
    gids = [office.make(name=f"T{n}")["gid"] for n in range(5)]
    first = office.call("GET", "/tasks", project=VISITS, limit=2).json()
    office.call("DELETE", f"/tasks/{gids[1]}")
    second = office.call("GET", "/tasks", project=VISITS, limit=2, offset=first["next_page"]["offset"]).json()
    third = office.send("GET", f"/api/1.0{second['next_page']['path']}").json()
    pages = [[one["gid"] for one in page["data"]] for page in (first, second, third)]
    assert pages == [gids[:2], gids[2:4], gids[4:]]
    assert third["next_page"] is None


def test_an_offset_grows_old(office: Office) -> None:
    offset = office.call("GET", "/users", workspace=WORKSPACE, limit=1).json()["next_page"]["offset"]
    office.later(minutes=61)
    office.sign_in()
    assert office.refusal("GET", "/users", workspace=WORKSPACE, limit=1, offset=offset)[1].endswith("has expired.")
    assert office.refusal("GET", "/users", workspace=WORKSPACE, limit=1, offset="x")[0] == 400


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_page_holds_1_to_100(office: Office, limit: str) -> None:
    assert office.refusal("GET", "/tasks", project=JOBS, limit=limit)[0] == 400


@pytest.mark.parametrize(
    ("path", "params", "status", "said"),
    [
        ("/tasks", {}, 400, "exactly one of project"),
        ("/tasks", {"project": JOBS, "section": "1"}, 400, "exactly one of project"),
        ("/tasks", {"project": "12"}, 400, "project: Unknown object: 12"),
        ("/tasks/12", {}, 404, "task: Unknown object: 12"),
        ("/tasks/abc", {}, 400, "task: Not a Long: abc"),
        ("/users", {"workspace": "12"}, 400, "workspace: Unknown object: 12"),
        ("/no/such/thing", {}, 404, "No matching route"),
        (f"/workspaces/{WORKSPACE}/tasks/search", {}, 402, "premium"),
    ],
)
def test_refusals_are_in_the_vendors_words(
    office: Office, path: str, params: dict[str, str], status: int, said: str
) -> None:
    code, message = office.refusal("GET", path, **params)
    assert (code, said in message) == (status, True)
    office.app.recording.exchanges.clear()  # paths that the vendor has not are in no description


def test_a_token_lives_an_hour_and_a_refresh_token_stays(office: Office) -> None:
    office.later(minutes=61)
    assert office.refusal("GET", "/users/me") == (401, "Not Authorized")
    office.sign_in()
    assert office.data("GET", "/users/me")["name"] == "Office"


@pytest.mark.parametrize("name", ["client_secret", "refresh_token", "grant_type"])
def test_a_wrong_grant_is_refused(office: Office, name: str) -> None:
    form = {one: GIVEN[one] for one in ("client_id", "client_secret", "refresh_token")}
    answer = office.send("POST", "/-/oauth_token", data={"grant_type": "refresh_token", **form, name: "other"})
    assert (answer.status_code, set(answer.json())) == (400, {"error", "error_description"})


def test_a_code_gives_the_refresh_token(office: Office) -> None:
    form = {one: GIVEN[one] for one in ("client_id", "client_secret")} | {"code": GIVEN["authorization_code"]}
    told = office.send("POST", "/-/oauth_token", data={"grant_type": "authorization_code", **form}).json()
    assert (told["refresh_token"], told["expires_in"]) == (GIVEN["refresh_token"], 3600)


def test_a_call_too_many_is_told_how_long_to_wait(office: Office) -> None:
    window = office.store.bag.setdefault("calls/True", deque())
    window.extend([office.store.clock.now()] * CALLS)
    office.later(seconds=20)
    answer = office.call("GET", "/users/me")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
    office.later(seconds=40)
    assert office.call("GET", "/users/me").status_code == 200


def test_a_board_gets_sections_and_fields(office: Office) -> None:
    office.data("POST", f"/projects/{VISITS}/sections", {"name": "Scheduled"})
    assert [one["name"] for one in office.data("GET", f"/projects/{VISITS}/sections")] == ["To do", "Scheduled"]
    field = office.data("POST", "/custom_fields", {"workspace": WORKSPACE, "name": "Place", "resource_subtype": "text"})
    office.data("POST", f"/projects/{VISITS}/addCustomFieldSetting", {"custom_field": field["gid"]})
    settings = office.data("GET", f"/projects/{VISITS}/custom_field_settings")
    assert [one["custom_field"]["name"] for one in settings] == ["Place"]
    assert (
        "already exists"
        in office.refusal(
            "POST", "/custom_fields", {"workspace": WORKSPACE, "name": "Place", "resource_subtype": "text"}
        )[1]
    )


def test_it_is_found_as_a_twin_with_what_a_client_needs() -> None:
    assert {"client_id", "client_secret", "refresh_token", "access_token", "workspace", "jobs"} <= set(TWIN.credentials)

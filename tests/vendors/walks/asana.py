"""The task boards, by the vendor's own client."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from sandbox.asana import TWIN
from tests.vendors.listening import Sandbox

GIVEN = TWIN.credentials
WORKSPACE, JOBS, VISITS = (GIVEN[name] for name in ("workspace", "jobs", "assignments"))
API = "/api/1.0"
SHOWN = {"opt_fields": "name,notes,memberships.section.name,custom_fields.display_value,external"}


def walk(sandbox: Sandbox) -> None:
    """Every call: people, boards, tasks, events, webhooks, tokens."""
    package = pytest.importorskip("asana", reason="the vendor's client package is not installed")
    configuration = package.Configuration()
    configuration.host = f"{sandbox.address}/{TWIN.name}/api/1.0"
    configuration.access_token = GIVEN["access_token"]
    client = package.ApiClient(configuration)
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}") as plain:
        _as_an_app(plain)
        _people(package, client)
        _boards(package, client, plain)
        _tasks(package, client, plain)
        _events(plain)
        _webhooks(package, client, plain)
    client.pool.close()  # it starts threads of its own, which would outlive the walk
    client.pool.join()
    client.rest_client.pool_manager.clear()


def _people(package: Any, client: Any) -> None:
    spaces = package.WorkspacesApi(client)
    assert [one["gid"] for one in spaces.get_workspaces({})] == [WORKSPACE]
    assert spaces.get_workspace(WORKSPACE, {})["is_organization"] is True
    users = package.UsersApi(client)
    everybody = list(users.get_users({"workspace": WORKSPACE, "limit": 3, "opt_fields": "name,email"}))
    assert len(everybody) > 3
    assert users.get_user("me", {})["gid"] == everybody[0]["gid"]


def _boards(package: Any, client: Any, plain: httpx.Client) -> None:
    projects, sections = package.ProjectsApi(client), package.SectionsApi(client)
    listed = list(projects.get_projects({"workspace": WORKSPACE, "archived": False}))
    assert {one["gid"] for one in listed} == {JOBS, VISITS}
    assert projects.get_project(JOBS, {})["custom_field_settings"][0]["custom_field"]["name"] == "Job number"
    _post(plain, f"/projects/{VISITS}/sections", {"name": "Scheduled"})  # the client writes such a body twice
    assert "Scheduled" in [one["name"] for one in sections.get_sections_for_project(VISITS, {"limit": 10})]
    fields, settings = package.CustomFieldsApi(client), package.CustomFieldSettingsApi(client)
    wanted = {"workspace": WORKSPACE, "name": "Place", "resource_subtype": "text"}
    place = fields.create_custom_field({"data": wanted}, {})["gid"]
    assert "Place" in [one["name"] for one in fields.get_custom_fields_for_workspace(WORKSPACE, {"limit": 5})]
    projects.add_custom_field_setting_for_project({"data": {"custom_field": place}}, VISITS, {})
    known = settings.get_custom_field_settings_for_project(VISITS, {"limit": 5})
    assert [one["custom_field"]["gid"] for one in known] == [place]


def _tasks(package: Any, client: Any, plain: httpx.Client) -> None:
    tasks = package.TasksApi(client)
    section = plain.get(f"{API}/projects/{VISITS}/sections").json()["data"][-1]["gid"]
    assert len(list(tasks.get_tasks({"project": JOBS, "limit": 7, **SHOWN}))) == 40
    assert len(list(tasks.get_tasks_for_project(JOBS, {"limit": 100, "completed_since": "now"}))) == 40
    body = {"name": "Tune-up", "projects": [VISITS], "assignee": "me", "due_on": "2026-03-20", "start_on": "2026-03-19"}
    made = tasks.create_task({"data": {**body, "workspace": WORKSPACE}}, {})
    _post(plain, f"/sections/{section}/addTask", {"task": made["gid"]})
    assert [one["gid"] for one in tasks.get_tasks_for_section(section, {"limit": 5})] == [made["gid"]]
    changed = tasks.update_task({"data": {"completed": True, "due_at": "2026-03-20T15:00:00Z"}}, made["gid"], {})
    assert (changed["completed"], changed["start_on"], changed["due_on"]) == (True, None, "2026-03-20")
    assert tasks.get_task(made["gid"], SHOWN)["memberships"][0]["section"]["name"] == "Scheduled"
    assert plain.delete(f"{API}/tasks/{made['gid']}").json() == {"data": {}}  # the client would send a body with it
    _refused(package, 404, lambda: tasks.get_task(made["gid"], {}))
    _refused(package, 400, lambda: list(tasks.get_tasks({"limit": 7})))
    assert plain.get(f"{API}/workspaces/{WORKSPACE}/tasks/search", params={"text": "heat"}).status_code == 402


def _refused(package: Any, status: int, act: Any) -> None:
    with pytest.raises(package.rest.ApiException) as refused:
        act()
    assert refused.value.status == status


def _events(plain: httpx.Client) -> None:
    """Without a token 412 gives one; from there on the caller is told what happens."""
    first = plain.get(f"{API}/events", params={"resource": VISITS})
    _post(plain, "/tasks", {"name": "Seen", "projects": [VISITS], "workspace": WORKSPACE})
    told = plain.get(f"{API}/events", params={"resource": VISITS, "sync": first.json()["sync"]}).json()
    assert (first.status_code, told["has_more"]) == (412, False)
    assert {one["action"] for one in told["data"]} == {"added"}


def _post(plain: httpx.Client, path: str, data: Any) -> None:
    assert plain.post(f"{API}{path}", json={"data": data}).is_success


def _webhooks(package: Any, client: Any, plain: httpx.Client) -> None:
    api = package.WebhooksApi(client)
    with greeter() as target:
        filters = [{"resource_type": "task", "action": "changed", "fields": ["due_at"]}]
        made = api.create_webhook({"data": {"resource": JOBS, "target": target, "filters": filters}}, {})
    assert [one["gid"] for one in api.get_webhooks(WORKSPACE, {"limit": 5})] == [made["gid"]]
    assert api.get_webhook(made["gid"], {})["target"] == target
    assert plain.delete(f"{API}/webhooks/{made['gid']}").is_success


class _Greeting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("X-Hook-Secret", self.headers["X-Hook-Secret"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def greeter() -> Iterator[str]:
    """A target that answers the handshake as it should; its address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Greeting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/asana"
        server.shutdown()
        thread.join()


def _as_an_app(plain: httpx.Client) -> None:
    """Signs in for good; external ids are for OAuth apps alone."""
    form = {name: GIVEN[name] for name in ("client_id", "client_secret", "refresh_token")}
    told = plain.post("/-/oauth_token", data={"grant_type": "refresh_token", **form}).json()
    plain.headers["Authorization"] = f"Bearer {told['access_token']}"
    body = {"name": "Marked", "workspace": WORKSPACE, "memberships": [{"project": VISITS}]}
    _post(plain, "/tasks", {**body, "external": {"gid": "asg_1"}})
    found = plain.get(f"{API}/tasks/external:asg_1", params=SHOWN)
    assert found.json()["data"]["external"]["gid"] == "asg_1"

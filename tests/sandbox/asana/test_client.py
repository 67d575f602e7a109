"""The vendor's own Python client drives the twin over a real connection, also where it strays from the description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from sandbox.asana import TWIN
from sandbox.serving import listen, serving_app
from tests.sandbox.asana.conftest import GIVEN, JOBS, VISITS, WORKSPACE, Office
from tests.vendors.walks.asana import greeter

asana = pytest.importorskip("asana", reason="the vendor's client package is not installed")


@pytest.fixture
def client(office: Office) -> Iterator[Any]:
    configuration = asana.Configuration()
    configuration.access_token = GIVEN["access_token"]
    with listen("127.0.0.1", 0) as bound, serving_app(Starlette(routes=TWIN.routes(office.store)), bound) as address:
        configuration.host = f"{address}/api/1.0"
        one = asana.ApiClient(configuration)
        yield one
        one.pool.close()
        one.pool.join()
        one.rest_client.pool_manager.clear()


def test_it_makes_moves_changes_and_deletes_a_task(client: Any, office: Office) -> None:
    tasks, sections = asana.TasksApi(client), asana.SectionsApi(client)
    body = {"name": "Tune-up", "workspace": WORKSPACE, "projects": [VISITS], "assignee": "tech1@acme.example.com"}
    made = tasks.create_task({"data": body}, {"opt_fields": "name,assignee.name"})
    assert made["assignee"]["name"] == "Tech1 Ito"
    section = sections.create_section_for_project(VISITS, {"body": {"data": {"name": "Doing"}}})
    sections.add_task_for_section(section["gid"], {"body": {"data": {"task": made["gid"]}}})
    assert [one["gid"] for one in tasks.get_tasks_for_section(section["gid"], {})] == [made["gid"]]
    assert tasks.update_task({"data": {"completed": True}}, made["gid"], {})["completed"] is True
    tasks.delete_task(made["gid"])
    assert office.store.get("tasks", made["gid"]) is None


def test_it_follows_events_from_the_token_of_its_first_refusal(client: Any) -> None:
    events = asana.EventsApi(client).get_events(VISITS, {})
    assert list(events) == []


def test_it_pages_through_a_board(client: Any, office: Office) -> None:
    for n in range(3):
        office.make(name=f"T{n}", projects=[JOBS])
    assert len(list(asana.TasksApi(client).get_tasks({"project": JOBS, "limit": 2}))) == 5


def test_it_subscribes_with_a_handshake(client: Any, office: Office) -> None:
    api = asana.WebhooksApi(client)
    with greeter() as target:
        made = api.create_webhook({"data": {"resource": JOBS, "target": target}}, {})
    assert [one["gid"] for one in office.store.all("webhooks")] == [made["gid"]]
    api.delete_webhook(made["gid"])
    assert office.store.all("webhooks") == []


@pytest.mark.parametrize(
    ("target", "status"), [("http://127.0.0.1:9/closed", 400), ("https://hooks.acme.example/asana", 403), ("", 400)]
)
def test_a_target_that_does_not_greet_back_is_refused(office: Office, target: str, status: int) -> None:
    assert office.refusal("POST", "/webhooks", {"resource": JOBS, "target": target})[0] == status
    assert office.store.all("webhooks") == []

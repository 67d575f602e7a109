"""The vendor's own Python client drives the twin over a real connection."""

from __future__ import annotations

import gc
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from sandbox.hubspot import TWIN
from tests.sandbox.hubspot.conftest import Portal

with warnings.catch_warnings():
    # the package's own imports are deprecated, not ours
    warnings.simplefilter("ignore")
    hubspot = pytest.importorskip("hubspot", reason="the vendor's client package is not installed")
    from hubspot.crm import contacts, properties

# the package leaves its connections to the garbage collector, which is called before the next test
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """The application on a free port of the loopback interface; its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        started, real = threading.Event(), server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await real(sockets)
            started.set()

        server.startup = startup  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        assert started.wait(10)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def client(portal: Portal) -> Iterator[Any]:
    with listening(Starlette(routes=TWIN.routes(portal.store))) as address:
        yield hubspot.HubSpot(access_token=TWIN.credentials["access_token"], host=address)
    gc.collect()


def test_it_reads_every_page_with_properties_and_associations(client: Any) -> None:
    page = client.crm.contacts.basic_api.get_page(limit=3, properties=["phone", "city"], associations=["companies"])
    assert [record.properties["city"] for record in page.results] == ["Austin"] * 3
    assert page.results[2].associations["companies"].results[0].type == "contact_to_company"
    assert len(client.crm.contacts.get_all()) == 4
    assert len(client.crm.companies.get_all()) == 1


def test_it_searches(client: Any) -> None:
    filters = [contacts.Filter(property_name="firstname", operator="EQ", value="cy")]
    request = contacts.PublicObjectSearchRequest(
        filter_groups=[contacts.FilterGroup(filters=filters)], limit=5, sorts=["-createdate"], properties=["company"]
    )
    found = client.crm.contacts.search_api.do_search(public_object_search_request=request)
    assert found.total == 1
    assert found.results[0].properties["company"] == "Dunn Cafe LLC"


def test_it_writes_and_is_told_of_conflicts(client: Any, portal: Portal) -> None:
    body = contacts.SimplePublicObjectInputForCreate(properties={"email": "Zed@example.com"}, associations=[])
    api = client.crm.contacts.basic_api
    made = api.create(simple_public_object_input_for_create=body)
    change = contacts.SimplePublicObjectInput(properties={"city": "Waco"})
    assert api.update(made.id, simple_public_object_input=change).properties["city"] == "Waco"
    assert api.get_by_id("zed@example.com", id_property="email").id == made.id
    with pytest.raises(contacts.ApiException) as refused:
        api.create(simple_public_object_input_for_create=body)
    assert refused.value.status == 409
    assert made.id in refused.value.body
    api.archive(made.id)
    record = portal.store.get("contacts", made.id)
    assert record is not None
    assert record["archived"] is True


def test_it_upserts_by_its_own_property(client: Any) -> None:
    shape = properties.PropertyCreate(
        name="plumbline_id",
        label="External id",
        type="string",
        field_type="text",
        group_name="contactinformation",
        has_unique_value=True,
    )
    client.crm.properties.core_api.create("contacts", shape)
    rows = [
        contacts.SimplePublicObjectBatchInputUpsert(
            id=key, id_property="plumbline_id", properties={"firstname": key}, object_write_trace_id=key
        )
        for key in ("k1", "k2")
    ]
    batch = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=rows)
    for new in (True, False):
        results = client.crm.contacts.batch_api.upsert(batch).results
        assert [(record.new, record.object_write_trace_id) for record in results] == [(new, "k1"), (new, "k2")]


def test_it_reads_owners_pipelines_and_tokens(client: Any) -> None:
    assert [owner.email for owner in client.crm.owners.owners_api.get_page().results] == ["tech1@acme.example.com"]
    assert client.crm.pipelines.pipelines_api.get_all("deals").results[0].id == "default"
    given = {name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")}
    token = client.oauth.tokens_api.create(grant_type="refresh_token", **given)
    assert token.expires_in == timedelta(minutes=30).total_seconds()
    client.access_token = token.access_token
    assert len(client.crm.contacts.get_all()) == 4

"""The CRM, by the vendor's own client."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import httpx
import pytest

from sandbox.hubspot import TWIN
from tests.vendors.listening import Sandbox

MARK = "plumbline_id"
LINK = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


def walk(sandbox: Sandbox) -> None:
    """Every call: schema, records, batches, links, people, tokens."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own imports are deprecated, not ours
        package = pytest.importorskip("hubspot", reason="the vendor's client package is not installed")
        client = package.HubSpot(access_token=TWIN.credentials["access_token"], host=f"{sandbox.address}/{TWIN.name}")
        _schema(client.crm)
        _records(client.crm)
        _batches(client.crm)
        _links(client.crm)
        _company(client.crm)
        _plainly(f"{sandbox.address}/{TWIN.name}")
        _tokens(client)
    gc.collect()  # the package leaves its connections to the garbage collector


def _schema(crm: Any) -> None:
    api, shape = crm.properties.core_api, {"label": "Walk", "type": "string", "fieldType": "text"}
    group = {"groupName": "contactinformation"}
    for name in (MARK, "walk"):
        api.create("contacts", {**shape, **group, "name": name, "hasUniqueValue": name == MARK})
    api.get_by_name("contacts", MARK)
    api.update("contacts", "walk", {"label": "Walked"})
    api.archive("contacts", "walk")
    assert len(api.get_all("contacts").results) > 10
    assert crm.properties.groups_api.get_all("contacts").results


def _records(crm: Any) -> None:
    api = crm.contacts.basic_api
    one, other = (api.create({"properties": {"email": f"{name}@walk.example.com"}, "associations": []}).id
                  for name in ("ann", "bob"))  # fmt: skip
    assert api.get_by_id(one, properties=["email"], associations=["companies"]).id == one
    api.update(one, {"properties": {"city": "Waco"}})
    assert api.get_page(limit=3, properties=["phone"], associations=["companies"]).paging.next.after
    filters = [{"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "*walk.example.com"}]
    search = {"filterGroups": [{"filters": filters}], "sorts": ["-createdate"], "properties": ["email"], "limit": 5}
    assert crm.contacts.search_api.do_search(search).total >= 0
    api.merge({"primaryObjectId": one, "objectIdToMerge": other})
    api.archive(one)


def _batches(crm: Any) -> None:
    api = crm.contacts.batch_api
    rows = [{"properties": {"email": f"{name}@walk.example.com"}, "associations": []} for name in ("cy", "di")]
    made = [{"id": one.id} for one in api.create({"inputs": rows}).results]
    assert len(api.read({"inputs": made, "properties": ["email"], "propertiesWithHistory": []}).results) == 2
    api.update({"inputs": [{**one, "properties": {"city": "Waco"}} for one in made]})
    api.upsert({"inputs": [{"id": "walk-1", "idProperty": MARK, "properties": {"firstname": "Di"}}]})
    api.archive({"inputs": made})


def _links(crm: Any) -> None:
    api = crm.associations.v4.basic_api
    person = crm.contacts.basic_api.get_page(limit=1).results[0].id
    firm = crm.companies.basic_api.get_page(limit=1).results[0].id
    api.create_default("contacts", person, "companies", firm)
    api.create("contacts", person, "companies", firm, [LINK])
    assert api.get_page("contacts", person, "companies").results
    api.archive("contacts", person, "companies", firm)


def _company(crm: Any) -> None:
    owner = crm.owners.owners_api.get_page().results[0]
    assert crm.owners.owners_api.get_by_id(int(owner.id)).email == owner.email
    pipeline = crm.pipelines.pipelines_api.get_all("deals").results[0]
    assert crm.pipelines.pipelines_api.get_by_id("deals", pipeline.id).id == pipeline.id
    stages = crm.pipelines.pipeline_stages_api
    stage = stages.get_all("deals", pipeline.id).results[0]
    assert stages.get_by_id("deals", pipeline.id, stage.id).id == stage.id


def _plainly(base: str) -> None:
    """What the client has no method for, or writes in another way."""
    headers = {"Authorization": f"Bearer {TWIN.credentials['access_token']}"}
    with httpx.Client(base_url=base, headers=headers) as plain:
        for path in ("/crm/v3/owners", "/crm/v3/owners/", "/account-info/v3/details"):
            assert plain.get(path).status_code == 200, path


def _tokens(client: Any) -> None:
    given = {name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")}
    token = client.oauth.tokens_api.create(grant_type="refresh_token", **given)
    assert client.oauth.access_tokens_api.get(token.access_token).token == token.access_token
    assert client.oauth.refresh_tokens_api.get(given["refresh_token"]).token == given["refresh_token"]
    client.oauth.refresh_tokens_api.archive(given["refresh_token"])

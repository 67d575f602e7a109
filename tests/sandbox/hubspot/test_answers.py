"""Every endpoint, good and bad, against the vendor's own description."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.hubspot import TWIN
from tests.sandbox.hubspot.conftest import Portal
from tests.vendors.description import problems_of

DESCRIBED = Path(__file__).parents[4] / "shared" / "vendors" / "hubspot" / "openapi.json"
OAUTH = ("client_id", "client_secret", "refresh_token")
META = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]


@pytest.fixture
def described(portal: Portal) -> Iterator[Portal]:
    """A portal whose every exchange of the test is held against the description at its end."""
    if not DESCRIBED.exists():
        pytest.skip("the vendor's description (../shared/vendors/hubspot) is not on this machine")
    yield portal
    assert len(portal.app.recording) > 0
    assert problems_of(portal.app.recording) == []


def test_reading(described: Portal) -> None:
    id = described.store.all("contacts")[2]["id"]
    everything = {"limit": "2", "associations": "companies", "properties": "phone", "propertiesWithHistory": "email"}
    described.call("GET", described.contacts, params=everything)
    described.call("GET", described.companies, params={"archived": "true"})
    described.call("GET", f"{described.contacts}/{id}", params={"associations": "companies", "properties": "jobtitle"})
    described.call("GET", f"{described.contacts}/1")
    inputs = {"properties": ["email"], "propertiesWithHistory": [], "inputs": [{"id": id}, {"id": "1"}]}
    described.call("POST", f"{described.contacts}/batch/read", inputs)
    described.call("GET", "/crm/v3/objects/deals")


def test_searching(described: Portal) -> None:
    filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "0"}]
    assert described.search({"filterGroups": [{"filters": filters}], "limit": 2, "sorts": ["-createdate"]}).is_success
    assert described.search({"limit": 200, "after": "10000"}).is_error
    assert described.search({}, "companies").is_success


def test_writing(described: Portal) -> None:
    firm = described.store.all("companies")[0]["id"]
    links = [{"to": {"id": firm}, "types": META}]
    made = described.call("POST", described.contacts, {"properties": {"email": "w@example.com"}, "associations": links})
    id = made.json()["id"]
    for body in ({"properties": {"email": "w@example.com"}}, {"properties": {"x1": "1"}}):
        assert described.call("POST", described.contacts, body).is_error
    described.call("PATCH", f"{described.contacts}/{id}", {"properties": {"city": ""}})
    other = described.create(firstname="Other")
    described.call("POST", f"{described.contacts}/merge", {"primaryObjectId": id, "objectIdToMerge": other})
    described.call("DELETE", f"{described.contacts}/{id}")
    described.call("GET", f"{described.contacts}/{id}", params={"archived": "true"})


@pytest.mark.parametrize("kind", ["contacts", "meetings"])
def test_batches(described: Portal, kind: str) -> None:
    base = f"/crm/v3/objects/{kind}/batch"
    good: dict[str, str] = {} if kind == "contacts" else {"hs_timestamp": "2026-03-12T15:00:00Z"}
    rows: list[dict[str, Any]] = [{"properties": good}, {"properties": {"x1": "1"}}]
    traced = [{**row, "objectWriteTraceId": str(place)} for place, row in enumerate(rows)]
    made = described.call("POST", f"{base}/create", {"inputs": traced})
    assert made.status_code == 207
    assert described.call("POST", f"{base}/create", {"inputs": rows}).status_code == 400
    id = made.json()["results"][0]["id"]
    updates = [{"id": id, "properties": good}, {"id": "1", "properties": {}, "objectWriteTraceId": "t"}]
    assert described.call("POST", f"{base}/update", {"inputs": updates}).status_code == 207
    assert described.call("POST", f"{base}/upsert", {"inputs": updates}).status_code == 207
    assert described.call("POST", f"{base}/upsert", {"inputs": updates[:1]}).status_code == 200
    assert described.call("POST", f"{base}/archive", {"inputs": [{"id": id}]}).status_code == 204


def test_properties(described: Portal) -> None:
    for path in ("contacts", "companies", "meetings", "contacts/email", "contacts/none", "contacts/groups"):
        described.call("GET", f"/crm/v3/properties/{path}")
    assert described.make_unique().status_code == 201
    assert described.make_unique().status_code == 409
    described.call("PATCH", "/crm/v3/properties/contacts/plumbline_id", {"label": "Key"})
    described.call("DELETE", "/crm/v3/properties/contacts/plumbline_id")
    described.call("GET", "/crm/v3/properties/contacts", params={"archived": "true"})


def test_the_account(described: Portal) -> None:
    owner = described.store.all("owners")[0]["id"]
    pipelines = (
        "deals",
        "tickets",
        "contacts",
        "deals/default",
        "deals/default/stages",
        "deals/default/stages/closedwon",
    )
    described.call("GET", "/crm/v3/owners/", params={"archived": "true", "limit": "1"})
    for path in ("owners/", f"owners/{owner}", "owners/1", *(f"pipelines/{path}" for path in pipelines)):
        described.call("GET", f"/crm/v3/{path}")
    described.call("GET", "/account-info/v3/details")


def test_associations(described: Portal) -> None:
    ann, firm = described.store.all("contacts")[0]["id"], described.store.all("companies")[0]["id"]
    base = f"/crm/v4/objects/contacts/{ann}/associations"
    described.call("PUT", f"{base}/default/companies/{firm}")
    described.call("PUT", f"{base}/companies/{firm}", META)
    described.call("GET", f"{base}/companies", params={"limit": "10"})
    described.call("DELETE", f"{base}/companies/{firm}")


def test_credentials_and_limits(described: Portal) -> None:
    form = {"grant_type": "refresh_token", **{name: TWIN.credentials[name] for name in OAUTH}}
    token = described.call("POST", "/oauth/v1/token", data=form).json()["access_token"]
    described.call("POST", "/oauth/v1/token", data={**form, "refresh_token": "x"})
    described.call("GET", f"/oauth/v1/access-tokens/{token}")
    described.call("GET", f"/oauth/v1/refresh-tokens/{form['refresh_token']}")
    assert [described.call("POST", f"{described.contacts}/search", {}).status_code for _ in range(6)][-1] == 429
    described.token = None
    assert described.call("GET", described.contacts).status_code == 401

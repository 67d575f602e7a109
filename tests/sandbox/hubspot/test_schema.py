"""The properties API, and unique properties that a client makes."""

from __future__ import annotations

from tests.sandbox.hubspot.conftest import Portal


def test_a_created_property_is_listed_and_usable(portal: Portal) -> None:
    made = portal.make_unique()
    assert made.status_code == 201
    assert made.json()["hasUniqueValue"] is True
    names = [each["name"] for each in portal.call("GET", "/crm/v3/properties/contacts").json()["results"]]
    assert names[-1] == "plumbline_id"
    id = portal.create(plumbline_id="k1")
    assert portal.found({"propertyName": "plumbline_id", "operator": "EQ", "value": "k1"}) == [id]


def test_its_values_are_unique_among_live_records(portal: Portal) -> None:
    portal.make_unique()
    first, second = portal.create(plumbline_id="k1"), portal.create(firstname="B")
    body = {"properties": {"plumbline_id": "k1"}}
    clash = portal.call("PATCH", f"{portal.contacts}/{second}", body)
    assert clash.status_code == 400
    assert clash.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    assert first in clash.json()["message"]
    portal.call("DELETE", f"{portal.contacts}/{first}")
    assert portal.call("PATCH", f"{portal.contacts}/{second}", body).status_code == 200


def test_a_name_is_taken_once_and_is_lower_case(portal: Portal) -> None:
    portal.make_unique()
    assert portal.make_unique().status_code == 409
    assert portal.make_unique("Plumbline").status_code == 400


def test_ten_unique_properties_are_the_most(portal: Portal) -> None:
    assert all(portal.make_unique(f"k{number}").status_code == 201 for number in range(10))
    assert portal.make_unique("k10").status_code == 400
    assert portal.make_unique("k10", "companies").status_code == 201


def test_an_incomplete_definition_names_what_is_missing(portal: Portal) -> None:
    response = portal.call("POST", "/crm/v3/properties/contacts", {"name": "x1", "label": "X"})
    assert response.status_code == 400
    assert response.json()["context"]["fields"] == ["type", "fieldType", "groupName"]


def test_own_properties_change_and_go_and_the_vendors_stay(portal: Portal) -> None:
    portal.make_unique()
    path = "/crm/v3/properties/contacts/"
    assert portal.call("PATCH", f"{path}plumbline_id", {"label": "Key"}).json()["label"] == "Key"
    assert portal.call("DELETE", f"{path}plumbline_id").status_code == 204
    assert portal.call("GET", f"{path}plumbline_id").status_code == 404
    assert portal.call("POST", portal.contacts, {"properties": {"plumbline_id": "k"}}).status_code == 400
    assert portal.call("DELETE", f"{path}email").status_code == 400
    archived = portal.call("GET", path.rstrip("/"), params={"archived": "true"}).json()["results"]
    assert [each["name"] for each in archived] == ["plumbline_id"]

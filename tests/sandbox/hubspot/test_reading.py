"""List, get and batch read."""

from __future__ import annotations

import pytest

from tests.sandbox.hubspot.conftest import Portal


def test_a_list_pages_by_a_cursor_and_ends_without_paging(portal: Portal) -> None:
    first = portal.call("GET", portal.contacts, params={"limit": 3}).json()
    after = first["paging"]["next"]["after"]
    assert after == str(int(first["results"][-1]["id"]) + 1)
    rest = portal.call("GET", portal.contacts, params={"limit": 3, "after": after}).json()
    assert len(first["results"]) == 3
    assert len(rest["results"]) == 1
    assert "paging" not in rest


def test_the_link_of_the_next_page_leads_to_it(portal: Portal) -> None:
    first = portal.call("GET", portal.contacts, params={"limit": 3, "properties": "phone"}).json()
    rest = portal.call("GET", first["paging"]["next"]["link"]).json()
    assert [record["properties"]["phone"] for record in rest["results"]] == ["(512) 555-0100"]


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_list_refuses_a_page_size_outside_1_to_100(portal: Portal, limit: str) -> None:
    response = portal.call("GET", portal.contacts, params={"limit": limit})
    assert response.status_code == 400
    assert response.json()["category"] == "VALIDATION_ERROR"


def test_without_asking_there_is_a_default_handful(portal: Portal) -> None:
    record = portal.call("GET", portal.contacts).json()["results"][0]
    names = ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]
    assert list(record["properties"]) == names


@pytest.mark.parametrize("query", ["properties=phone,jobtitle,nonsense", "properties=phone&properties=jobtitle"])
def test_asked_properties_come_with_null_where_empty_and_unknown_names_left_out(portal: Portal, query: str) -> None:
    record = portal.call("GET", f"{portal.contacts}?{query}").json()["results"][0]
    assert record["properties"]["jobtitle"] is None
    assert set(record["properties"]) == {"phone", "jobtitle", "createdate", "hs_object_id", "lastmodifieddate"}


def test_associations_come_when_asked_for_and_are_absent_where_there_are_none(portal: Portal) -> None:
    records = portal.call("GET", portal.contacts, params={"associations": "companies"}).json()["results"]
    firm = portal.store.all("companies")[0]["id"]
    assert records[2]["associations"] == {"companies": {"results": [{"id": firm, "type": "contact_to_company"}]}}
    assert "associations" not in records[0]


def test_a_record_is_found_by_id_by_email_and_by_its_type_id(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    by_email = portal.call("GET", f"{portal.contacts}/Ann.Bell@example.com", params={"idProperty": "email"})
    assert by_email.json()["id"] == id
    assert (
        portal.call("GET", f"/crm/v3/objects/0-1/{id}").json() == portal.call("GET", f"{portal.contacts}/{id}").json()
    )


def test_what_is_not_there_is_404_and_a_property_that_is_not_unique_is_400(portal: Portal) -> None:
    assert portal.call("GET", f"{portal.contacts}/1").status_code == 404
    assert portal.call("GET", f"{portal.contacts}/Ann", params={"idProperty": "firstname"}).status_code == 400
    assert portal.call("GET", "/crm/v3/objects/gadgets").json()["message"].endswith("gadgets")


def test_an_archived_record_is_only_where_archived_records_are_asked_for(portal: Portal) -> None:
    id = portal.create(firstname="Gone")
    portal.later(seconds=5)
    portal.call("DELETE", f"{portal.contacts}/{id}")
    assert portal.call("GET", f"{portal.contacts}/{id}").status_code == 404
    shown = portal.call("GET", f"{portal.contacts}/{id}", params={"archived": "true"}).json()
    assert shown["archived"] is True
    assert shown["archivedAt"] == "2026-03-11T15:00:05.000Z"
    listed = portal.call("GET", portal.contacts, params={"archived": "true"}).json()["results"]
    assert [record["id"] for record in listed] == [id]


def test_a_batch_read_tells_what_is_missing_in_one_error(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    body = {"properties": ["phone"], "propertiesWithHistory": [], "inputs": [{"id": id}, {"id": "8"}, {"id": "9"}]}
    response = portal.call("POST", f"{portal.contacts}/batch/read", body)
    assert response.status_code == 207
    assert [record["id"] for record in response.json()["results"]] == [id]
    (error,) = response.json()["errors"]
    assert (error["category"], error["context"]["ids"]) == ("OBJECT_NOT_FOUND", ["8", "9"])
    body["inputs"] = [{"id": id}]
    assert portal.call("POST", f"{portal.contacts}/batch/read", body).status_code == 200


def test_a_batch_reads_by_a_unique_property_and_takes_100_at_most(portal: Portal) -> None:
    path = f"{portal.contacts}/batch/read"
    body = {"properties": [], "propertiesWithHistory": [], "idProperty": "email"}
    found = portal.call("POST", path, {**body, "inputs": [{"id": "ann.bell@example.com"}]}).json()["results"]
    assert [record["properties"]["firstname"] for record in found] == ["Ann"]
    assert portal.call("POST", path, {**body, "inputs": [{"id": str(n)} for n in range(101)]}).status_code == 400


def test_history_tells_who_changed_a_property_and_when(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    portal.call("PATCH", f"{portal.contacts}/{id}", {"properties": {"phone": "1"}})
    record = portal.call("GET", f"{portal.contacts}/{id}", params={"propertiesWithHistory": "phone,city"}).json()
    versions = record["propertiesWithHistory"]
    assert [(each["value"], each["sourceType"]) for each in versions["phone"]] == [
        ("1", "INTEGRATION"),
        ("(512) 555-0100", "IMPORT"),
    ]
    assert len(versions["city"]) == 1

"""Create, update, archive, merge of one record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import Portal


def findings(response: Any) -> list[tuple[str, str]]:
    """(property, code) of each finding, which the message repeats as JSON."""
    body = response.json()
    assert body["message"].startswith("Property values were not valid: ")
    spelled_out = json.loads(body["message"].partition(": ")[2])
    assert [each["error"] for each in spelled_out] == [each["code"] for each in body["errors"]]
    return [(each["context"]["propertyName"][0], each["code"]) for each in body["errors"]]


def test_a_new_contact_has_its_email_in_lower_case_and_everything_else_as_sent(portal: Portal) -> None:
    body = {"properties": {"email": "Zoe@Example.COM", "firstname": " Zoe ", "phone": "512.555.0100 x2"}}
    response = portal.call("POST", portal.contacts, body)
    assert response.status_code == 201
    properties = response.json()["properties"]
    assert (properties["email"], properties["firstname"]) == ("zoe@example.com", " Zoe ")
    assert properties["phone"] == "512.555.0100 x2"
    assert properties["lastmodifieddate"] == response.json()["updatedAt"] == "2026-03-11T15:00:00.000Z"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"nonsense": "1"}, ("nonsense", "PROPERTY_DOESNT_EXIST")),
        ({"email": "not an address"}, ("email", "INVALID_EMAIL")),
        ({"email": " a@example.com"}, ("email", "INVALID_EMAIL")),
        ({"lifecyclestage": "friend"}, ("lifecyclestage", "INVALID_OPTION")),
        ({"lastmodifieddate": "2026-01-01"}, ("lastmodifieddate", "READ_ONLY_VALUE")),
        ({"hubspot_owner_id": "1"}, ("hubspot_owner_id", "INVALID_OPTION")),
        ({"associatedcompanyid": "x"}, ("associatedcompanyid", "INVALID_NUMBER")),
    ],
)
def test_bad_values_are_named_with_their_code(
    portal: Portal, properties: dict[str, str], code: tuple[str, str]
) -> None:
    response = portal.call("POST", portal.contacts, {"properties": properties})
    assert response.status_code == 400
    assert response.json()["category"] == "VALIDATION_ERROR"
    assert findings(response) == [code]


def test_all_bad_values_are_named_at_once_and_nothing_is_kept(portal: Portal) -> None:
    before = portal.store.sequence()
    response = portal.call("POST", portal.contacts, {"properties": {"a1": "1", "firstname": "ok", "b2": "2"}})
    assert [name for name, _ in findings(response)] == ["a1", "b2"]
    assert len(portal.store.all("contacts")) == 4
    assert portal.store.sequence() == before


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"properties": {"city": null}}', b'{"properties": []}', b""])
def test_a_body_of_another_shape_is_refused(portal: Portal, content: bytes) -> None:
    response = portal.call("POST", portal.contacts, content=content)
    assert response.status_code == 400
    assert response.json()["message"].startswith("Invalid input JSON")


def test_an_email_belongs_to_one_live_contact(portal: Portal) -> None:
    ann, bo = (record["id"] for record in portal.store.all("contacts")[:2])
    taken = {"properties": {"email": "ANN.bell@example.com"}}
    create = portal.call("POST", portal.contacts, taken)
    assert create.status_code == 409
    assert create.json()["category"] == "CONFLICT"
    assert create.json()["message"] == f"Contact already exists. Existing ID: {ann}"
    assert portal.call("PATCH", f"{portal.contacts}/{bo}", taken).status_code == 409
    assert portal.call("PATCH", f"{portal.contacts}/{ann}", taken).status_code == 200
    portal.call("DELETE", f"{portal.contacts}/{ann}")
    assert portal.call("PATCH", f"{portal.contacts}/{bo}", taken).status_code == 200


def test_an_update_changes_what_it_names_and_an_empty_text_clears(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    portal.later(seconds=30)
    response = portal.call("PATCH", f"{portal.contacts}/{id}", {"properties": {"phone": "", "jobtitle": "Owner"}})
    assert response.status_code == 200
    properties = response.json()["properties"]
    assert (properties["phone"], properties["jobtitle"], properties["firstname"]) == (None, "Owner", "Ann")
    assert response.json()["updatedAt"] == "2026-03-11T15:00:30.000Z"
    assert "phone" not in portal.properties(id)
    assert portal.properties(id)["city"] == "Austin"


def test_an_update_finds_its_record_by_a_unique_property(portal: Portal) -> None:
    path = f"{portal.contacts}/ann.bell@example.com"
    assert portal.call("PATCH", path, {"properties": {"city": "Waco"}}, params={"idProperty": "email"}).is_success
    assert portal.call("PATCH", path, {"properties": {"city": "Waco"}}).status_code == 404


def test_archiving_is_204_whatever_is_there(portal: Portal) -> None:
    id = portal.create(firstname="Gone")
    for path in (id, id, "123456"):
        assert portal.call("DELETE", f"{portal.contacts}/{path}").status_code == 204
    assert portal.call("PATCH", f"{portal.contacts}/{id}", {"properties": {}}).status_code == 404


def test_a_company_needs_a_name_or_a_domain_and_a_meeting_a_time(portal: Portal) -> None:
    assert findings(portal.call("POST", portal.companies, {"properties": {"city": "Waco"}})) == [
        ("name", "REQUIRED_FIELD")
    ]
    meetings = "/crm/v3/objects/meetings"
    assert portal.call("POST", meetings, {"properties": {"hs_meeting_title": "x"}}).status_code == 400
    start = {"hs_meeting_start_time": "1773300826615"}
    made = portal.call("POST", meetings, {"properties": start}, params={"properties": "hs_timestamp"}).json()
    assert made["properties"]["hs_timestamp"] == "2026-03-12T07:33:46.615Z"


def test_a_merge_leaves_the_primary_and_the_other_id_leads_to_it(portal: Portal) -> None:
    ann, bo, cy, _ = (record["id"] for record in portal.store.all("contacts"))
    firm = portal.store.all("companies")[0]["id"]
    body = {"primaryObjectId": ann, "objectIdToMerge": cy}
    assert portal.call("POST", f"{portal.contacts}/merge", body).status_code == 200
    assert portal.store.get("contacts", cy) is None
    assert portal.properties(ann)["firstname"] == "Ann"
    assert portal.properties(ann)["company"] == "Dunn Cafe LLC"
    assert portal.properties(ann)["hs_merged_object_ids"] == cy
    shown = portal.call("GET", f"{portal.contacts}/{cy}", params={"associations": "companies"}).json()
    assert shown["id"] == ann
    assert [link["id"] for link in shown["associations"]["companies"]["results"]] == [firm]
    second_email = portal.call("GET", f"{portal.contacts}/cy@dunn.example.com", params={"idProperty": "email"})
    assert second_email.json()["id"] == ann
    assert portal.call("POST", portal.contacts, {"properties": {"email": "cy@dunn.example.com"}}).status_code == 409
    portal.call("POST", f"{portal.contacts}/merge", {"primaryObjectId": bo, "objectIdToMerge": ann})
    assert portal.call("GET", f"{portal.contacts}/{cy}").json()["id"] == bo


def test_a_merge_needs_two_live_records(portal: Portal) -> None:
    ann = portal.store.all("contacts")[0]["id"]
    for other, status in ((ann, 400), ("1", 404)):
        body = {"primaryObjectId": ann, "objectIdToMerge": other}
        assert portal.call("POST", f"{portal.contacts}/merge", body).status_code == status


def test_values_are_trimmed_while_the_rewriting_fault_is_on(portal: Portal) -> None:
    portal.fault("rewritten_values", times=1)
    assert portal.properties(portal.create(city="  San   Antonio "))["city"] == "San Antonio"
    assert portal.properties(portal.create(city="  San   Antonio "))["city"] == "  San   Antonio "

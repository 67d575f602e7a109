"""Associations."""

from __future__ import annotations

from tests.sandbox.hubspot.conftest import Portal


def test_a_create_links_and_both_sides_show_it(portal: Portal) -> None:
    firm = portal.store.all("companies")[0]["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    body = {"properties": {"firstname": "New"}, "associations": [{"to": {"id": firm}, "types": types}]}
    id = portal.call("POST", portal.contacts, body).json()["id"]
    shown = portal.call("GET", f"{portal.companies}/{firm}", params={"associations": "contacts"}).json()
    assert id in [link["id"] for link in shown["associations"]["contacts"]["results"]]


def test_a_create_with_a_bad_link_keeps_nothing(portal: Portal) -> None:
    for id, number in (("1", 279), (portal.store.all("companies")[0]["id"], 4242)):
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
        body = {"properties": {"firstname": "New"}, "associations": [{"to": {"id": id}, "types": types}]}
        assert portal.call("POST", portal.contacts, body).status_code == 400
    assert len(portal.store.all("contacts")) == 4


def test_links_are_put_listed_and_deleted_by_v4(portal: Portal) -> None:
    ann, firm = portal.store.all("contacts")[0]["id"], portal.store.all("companies")[0]["id"]
    base = f"/crm/v4/objects/contacts/{ann}/associations"
    assert portal.call("PUT", f"{base}/default/companies/{firm}").json()["status"] == "COMPLETE"
    labelled = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    assert portal.call("PUT", f"{base}/companies/{firm}", labelled).status_code == 201
    (link,) = portal.call("GET", f"{base}/companies").json()["results"]
    assert [each["typeId"] for each in link["associationTypes"]] == [279, 1]
    assert portal.call("DELETE", f"{base}/companies/{firm}").status_code == 204
    assert portal.call("GET", f"{base}/companies").json()["results"] == []
    assert portal.call("GET", "/crm/v4/objects/contacts/1/associations/companies").status_code == 404

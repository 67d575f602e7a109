"""What of the company HubSpot holds, and in which shape."""

from __future__ import annotations

from sandbox.founding import build
from sandbox.hubspot import TWIN
from tests.sandbox.hubspot.conftest import Portal


def names(portal: Portal) -> list[str]:
    return [record["properties"]["lastname"] for record in portal.store.all("contacts")]


def test_only_customers_seen_by_hubspot_are_contacts(portal: Portal) -> None:
    assert names(portal) == ["Bell", "Carr", "Dunn", "Bell Twice"]


def test_a_contact_is_spelled_as_hubspot_sees_it_but_its_email_is_in_lower_case(portal: Portal) -> None:
    properties = portal.store.all("contacts")[0]["properties"]
    assert properties["email"] == "ann.bell@example.com"
    assert properties["phone"] == "(512) 555-0100"
    assert (properties["address"], properties["city"], properties["zip"]) == ("12 Elm St, Apt 4", "Austin", "78701")
    assert properties["hs_full_name_or_email"] == "Ann Bell"


def test_a_second_contact_cannot_have_the_same_email(portal: Portal) -> None:
    assert "email" not in portal.store.all("contacts")[3]["properties"]


def test_a_company_has_its_record_and_its_contact_person(portal: Portal) -> None:
    (firm,) = portal.store.all("companies")
    person = portal.store.all("contacts")[2]
    assert firm["properties"]["name"] == "Dunn Cafe LLC"
    assert firm["properties"]["address2"] == "Apt 4"
    assert person["properties"]["company"] == "Dunn Cafe LLC"
    assert person["properties"]["associatedcompanyid"] == firm["id"]


def test_an_owner_who_left_is_archived(portal: Portal) -> None:
    assert [owner["archived"] for owner in portal.store.all("owners")] == [False, True]


def test_every_record_is_stored_under_the_id_that_the_api_uses(portal: Portal) -> None:
    for collection in TWIN.collections:
        assert all(record["id"] == id for id, record in portal.store.items(collection))


def test_the_synthetic_company_fits_in_whole(portal: Portal) -> None:
    company = build(1)
    portal.store.clear()
    TWIN.seed(company, portal.store)
    seen = [customer for customer in company.customers if "hubspot" in customer.seen_by]
    contacts = portal.store.all("contacts")
    assert len(contacts) == len(seen)
    assert all(isinstance(value, str) and value for record in contacts for value in record["properties"].values())
    assert all(record["createdAt"] <= record["updatedAt"] for record in contacts)

"""Owners, pipelines and the account."""

from __future__ import annotations

import pytest

from tests.sandbox.hubspot.conftest import Portal


@pytest.mark.parametrize("path", ["/crm/v3/owners", "/crm/v3/owners/"])
def test_owners_are_listed_with_and_without_the_slash(portal: Portal, path: str) -> None:
    (owner,) = portal.call("GET", path).json()["results"]
    assert (owner["email"], owner["firstName"]) == ("tech1@acme.example.com", "Tech1")
    assert owner["userId"] == int(owner["id"])


def test_an_owner_who_left_is_archived_and_has_no_user_id(portal: Portal) -> None:
    (owner,) = portal.call("GET", "/crm/v3/owners/", params={"archived": "true"}).json()["results"]
    assert owner["email"] == "tech2@acme.example.com"
    assert "userId" not in owner
    assert owner["userIdIncludingInactive"] == int(owner["id"])


def test_an_owner_is_found_by_email_and_by_id(portal: Portal) -> None:
    (owner,) = portal.call("GET", "/crm/v3/owners/", params={"email": "TECH1@acme.example.com"}).json()["results"]
    assert portal.call("GET", f"/crm/v3/owners/{owner['id']}").json() == owner
    assert portal.call("GET", "/crm/v3/owners/5").status_code == 404


def test_owners_page(portal: Portal) -> None:
    id = portal.store.all("owners")[0]["id"]
    portal.store.put("owners", "99", {**portal.store.all("owners")[0], "id": "99"})
    first = portal.call("GET", "/crm/v3/owners/", params={"limit": 1}).json()
    assert (first["results"][0]["id"], first["paging"]["next"]["after"]) == ("99", id)
    assert "paging" not in portal.call("GET", "/crm/v3/owners/", params={"limit": 1, "after": id}).json()


def test_deals_have_the_default_pipeline(portal: Portal) -> None:
    (pipeline,) = portal.call("GET", "/crm/v3/pipelines/deals").json()["results"]
    assert pipeline["id"] == "default"
    assert [stage["id"] for stage in pipeline["stages"]][-2:] == ["closedwon", "closedlost"]
    assert portal.call("GET", "/crm/v3/pipelines/deals/default/stages/closedwon").json()["label"] == "Closed Won"
    assert portal.call("GET", "/crm/v3/pipelines/contacts").json() == {"results": []}


def test_the_account_knows_its_zone_and_its_offset_of_the_season(portal: Portal) -> None:
    details = portal.call("GET", "/account-info/v3/details").json()
    assert (details["timeZone"], details["companyCurrency"]) == ("America/Chicago", "USD")
    assert (details["utcOffset"], details["utcOffsetMilliseconds"]) == ("-05:00", -18_000_000)
    portal.later(days=250)
    assert portal.call("GET", "/account-info/v3/details").json()["utcOffset"] == "-06:00"

"""A person's edit, as the admin surface makes it."""

from __future__ import annotations

import pytest

from sandbox.hubspot import TWIN
from sandbox.twin import Record
from tests.sandbox.hubspot.conftest import Portal


def edit(portal: Portal, id: str, **properties: object) -> Record:
    record = portal.store.get("contacts", id)
    assert record is not None
    changed = {**record, "properties": {**record["properties"], **properties}}
    return portal.store.put("contacts", id, TWIN.touch(portal.store, "contacts", changed))


def test_an_edit_moves_the_stamps_and_what_is_derived(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    portal.later(seconds=90)
    kept = edit(portal, id, lastname="Bellamy", email="Ann@New.example.com", numberless=5)
    assert kept["updatedAt"] == kept["properties"]["lastmodifieddate"] == "2026-03-11T15:01:30.000Z"
    assert kept["properties"]["hs_full_name_or_email"] == "Ann Bellamy"
    assert kept["properties"]["hs_email_domain"] == "new.example.com"
    assert kept["properties"]["numberless"] == "5"


def test_the_api_sees_an_edit_at_once_and_knows_that_a_person_made_it(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    portal.call("GET", f"{portal.contacts}/{id}")
    edit(portal, id, email="ann@new.example.com")
    by_email = portal.call("GET", f"{portal.contacts}/ann@new.example.com", params={"idProperty": "email"})
    assert by_email.json()["id"] == id
    assert portal.call("GET", f"{portal.contacts}/ann.bell@example.com", params={"idProperty": "email"}).is_error
    shown = portal.call("GET", f"{portal.contacts}/{id}", params={"propertiesWithHistory": "email"}).json()
    assert shown["propertiesWithHistory"]["email"][0]["sourceType"] == "CRM_UI"


def test_a_person_adds_a_record_with_only_what_they_know(portal: Portal) -> None:
    kept = TWIN.touch(portal.store, "contacts", {"id": "713492963505", "properties": {"firstname": "Walk-in"}})
    portal.store.put("contacts", kept["id"], kept)
    assert kept["createdAt"] == kept["properties"]["createdate"] == "2026-03-11T15:00:00.000Z"
    assert portal.call("GET", f"{portal.contacts}/713492963505").json()["properties"]["firstname"] == "Walk-in"
    assert portal.create(firstname="Next") == "713492963506"


def test_an_id_that_is_no_number_is_refused(portal: Portal) -> None:
    with pytest.raises(ValueError, match="is a number"):
        TWIN.touch(portal.store, "contacts", {"id": "abc", "properties": {}})


def test_a_person_cannot_take_an_email_that_another_contact_has(portal: Portal) -> None:
    bo = portal.store.all("contacts")[1]["id"]
    with pytest.raises(ValueError, match="belongs to contact"):
        edit(portal, bo, email="Ann.Bell@example.com")
    assert "email" not in portal.properties(bo)


def test_removing_archives_and_unarchiving_restores(portal: Portal) -> None:
    id = portal.store.all("contacts")[0]["id"]
    TWIN.remove(portal.store, "contacts", id)
    assert portal.call("GET", f"{portal.contacts}/{id}").status_code == 404
    record = portal.store.get("contacts", id)
    assert record is not None
    portal.store.put("contacts", id, TWIN.touch(portal.store, "contacts", {**record, "archived": False}))
    restored = portal.call("GET", f"{portal.contacts}/{id}")
    assert restored.status_code == 200
    assert "archivedAt" not in restored.json()

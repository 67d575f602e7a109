"""Search: operators, sorts, paging, caps, and the index that lags."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import NOW, Portal


def where(name: str, operator: str, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **more}


def people(portal: Portal) -> list[str]:
    """Ann (2 employees' worth of fields), Bo without an e-mail, Cy of a company, the second Ann."""
    return [record["id"] for record in portal.store.all("contacts")]


def test_operators_of_text(portal: Portal) -> None:
    ann, bo, cy, twice = people(portal)
    assert portal.found(where("firstname", "EQ", value="ANN")) == [ann, twice]
    assert portal.found(where("firstname", "NEQ", value="ann")) == [bo, cy]
    assert portal.found(where("firstname", "IN", values=["bo", "cy"])) == [bo, cy]
    assert portal.found(where("firstname", "NOT_IN", values=["bo", "cy"])) == [ann, twice]
    assert portal.found(where("email", "HAS_PROPERTY")) == [ann, cy]
    assert portal.found(where("email", "NOT_HAS_PROPERTY")) == [bo, twice]
    assert portal.found(where("company", "CONTAINS_TOKEN", value="cafe")) == [cy]
    assert portal.found(where("email", "CONTAINS_TOKEN", value="*@dunn*")) == [cy]
    assert portal.found(where("company", "NOT_CONTAINS_TOKEN", value="cafe")) == []


def test_operators_of_numbers_and_times(portal: Portal) -> None:
    ann, bo, cy, twice = people(portal)
    assert portal.found(where("hs_object_id", "GT", value=bo)) == [cy, twice]
    assert portal.found(where("hs_object_id", "LTE", value=bo)) == [ann, bo]
    assert portal.found(where("hs_object_id", "BETWEEN", value=bo, highValue=cy)) == [bo, cy]
    new = portal.create(firstname="New")
    milliseconds = str(int(NOW.timestamp() * 1000))
    assert portal.found(where("lastmodifieddate", "GTE", value=milliseconds)) == [new]
    assert portal.found(where("createdate", "GTE", value="2026-03-11T15:00:00Z")) == [new]


def test_groups_are_alternatives_and_a_query_looks_at_names_and_addresses(portal: Portal) -> None:
    _, bo, cy, _ = people(portal)
    groups = [{"filters": [where("firstname", "EQ", value=name)]} for name in ("bo", "cy")]
    found = portal.search({"filterGroups": groups}).json()
    assert found["total"] == 2
    assert [record["id"] for record in found["results"]] == [bo, cy]
    assert [record["id"] for record in portal.search({"query": "dunn"}).json()["results"]] == [cy]


@pytest.mark.parametrize("sort", ["-hs_object_id", {"propertyName": "hs_object_id", "direction": "DESCENDING"}])
def test_sorts_come_as_text_or_object(portal: Portal, sort: Any) -> None:
    assert portal.found(sorts=[sort]) == people(portal)[::-1]


def test_records_without_the_sorted_value_come_last(portal: Portal) -> None:
    ann, bo, cy, twice = people(portal)
    assert portal.found(sorts=["email"]) == [ann, cy, bo, twice]


def test_pages_go_by_offset_and_only_asked_properties_are_shown(portal: Portal) -> None:
    first = portal.search({"limit": 3, "properties": ["city"]}).json()
    assert first["paging"] == {"next": {"after": "3"}}
    assert set(first["results"][0]["properties"]) == {"city", "createdate", "hs_object_id", "lastmodifieddate"}
    last = portal.search({"limit": 3, "after": "3"}).json()
    assert (last["total"], len(last["results"]), "paging" in last) == (4, 1, False)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "10000"},
        {"sorts": ["email", "city"]},
        {"sorts": ["nonsense"]},
        {"filterGroups": [{"filters": [where("nonsense", "EQ", value="1")]}]},
        {"filterGroups": [{"filters": [where("email", "LIKE", value="1")]}]},
        {"filterGroups": [{"filters": [where("createdate", "GT", value="soon")]}]},
        {"filterGroups": [{"filters": [where("email", "IN")]}]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [where("city", "HAS_PROPERTY")] * 11}]},
        {"filterGroups": [{"filters": [where("city", "HAS_PROPERTY")] * 9}] * 3},
        {"query": "x" * 3000},
    ],
)
def test_what_exceeds_a_cap_or_means_nothing_is_refused(portal: Portal, body: dict[str, Any]) -> None:
    response = portal.search(body)
    assert response.status_code == 400
    assert response.json()["category"] == "VALIDATION_ERROR"


def test_archived_records_are_not_found(portal: Portal) -> None:
    portal.call("DELETE", f"{portal.contacts}/{people(portal)[1]}")
    assert len(portal.found()) == 3


def test_while_the_index_lags_new_records_are_missing_and_changed_ones_are_old(portal: Portal) -> None:
    ann = people(portal)[0]
    portal.found()
    new = portal.create(firstname="New")
    portal.call("PATCH", f"{portal.contacts}/{ann}", {"properties": {"firstname": "Anne"}})
    portal.fault("search_lag", seconds=60)
    assert new not in portal.found()
    assert portal.found(where("firstname", "EQ", value="anne")) == []
    assert ann in portal.found(where("firstname", "EQ", value="ann"))
    portal.later(seconds=60)
    assert portal.found(where("firstname", "EQ", value="anne")) == [ann]
    assert new in portal.found()

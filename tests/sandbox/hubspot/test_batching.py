"""Batches: multi-status, trace ids, all or nothing where the vendor does so, upsert by a unique property."""

from __future__ import annotations

from typing import Any

from tests.sandbox.hubspot.conftest import Portal


def row(trace: str | None = None, **properties: str) -> dict[str, Any]:
    return {"properties": properties} if trace is None else {"properties": properties, "objectWriteTraceId": trace}


def upsert(value: str, by: str = "plumbline_id", **properties: str) -> dict[str, Any]:
    return {"id": value, "idProperty": by, "objectWriteTraceId": f"row-{value}", "properties": properties}


def batch(portal: Portal, action: str, inputs: list[dict[str, Any]]) -> Any:
    return portal.call("POST", f"{portal.contacts}/batch/{action}", {"inputs": inputs})


def test_a_create_whose_rows_all_succeed_is_201_and_echoes_trace_ids(portal: Portal) -> None:
    response = batch(portal, "create", [row("a", firstname="A"), row("b", firstname="B")])
    assert response.status_code == 201
    assert [record["objectWriteTraceId"] for record in response.json()["results"]] == ["a", "b"]
    assert "numErrors" not in response.json()


def test_with_trace_ids_the_bad_rows_of_a_create_are_told_apart(portal: Portal) -> None:
    rows = [row("a", email="new@example.com"), row("b", email="ann.bell@example.com"), row("c", nonsense="1")]
    response = batch(portal, "create", rows)
    assert response.status_code == 207
    body = response.json()
    assert [record["objectWriteTraceId"] for record in body["results"]] == ["a"]
    assert body["numErrors"] == 2
    assert [(e["category"], e["context"]["objectWriteTraceId"]) for e in body["errors"]] == [
        ("CONFLICT", ["b"]),
        ("VALIDATION_ERROR", ["c"]),
    ]


def test_without_trace_ids_one_bad_row_refuses_the_whole_create(portal: Portal) -> None:
    rows = [row(email="new@example.com"), row(email="ann.bell@example.com")]
    assert batch(portal, "create", rows).status_code == 409
    assert batch(portal, "create", [row(email="x@example.com"), row(email="X@example.com")]).status_code == 409
    assert len(portal.store.all("contacts")) == 4


def test_an_update_tells_the_missing_rows_and_answers_by_id(portal: Portal) -> None:
    ann, bo = (record["id"] for record in portal.store.all("contacts")[:2])
    rows = [{"id": bo, **row("2", city="Waco")}, {"id": "7", **row("7", city="Waco")}, {"id": ann, **row("1", city="")}]
    response = batch(portal, "update", rows)
    assert response.status_code == 207
    assert [record["id"] for record in response.json()["results"]] == [ann, bo]
    (error,) = response.json()["errors"]
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["context"] == {"ids": ["7"], "objectWriteTraceId": ["7"]}


def test_an_id_twice_in_one_batch_is_refused(portal: Portal) -> None:
    ann = portal.store.all("contacts")[0]["id"]
    rows = [{"id": ann, **row(city="Waco")}, {"id": ann, **row(city="Ames")}]
    assert batch(portal, "update", rows).status_code == 400
    assert portal.properties(ann)["city"] == "Austin"


def test_an_upsert_by_a_clients_own_unique_property_creates_once(portal: Portal) -> None:
    assert portal.make_unique().status_code == 201
    first = batch(portal, "upsert", [upsert("k1", firstname="Kay"), upsert("k2", firstname="Kim")])
    assert first.status_code == 200
    assert [record["new"] for record in first.json()["results"]] == [True, True]
    again = batch(portal, "upsert", [upsert("k2", firstname="Kim"), upsert("k1", firstname="Kaya")])
    assert [record["new"] for record in again.json()["results"]] == [False, False]
    assert [record["id"] for record in again.json()["results"]] == [r["id"] for r in first.json()["results"]]
    found = portal.call("GET", f"{portal.contacts}/k1", params={"idProperty": "plumbline_id"}).json()
    assert found["properties"]["firstname"] == "Kaya"
    assert len(portal.store.all("contacts")) == 6


def test_an_upsert_tells_bad_rows_apart_but_by_email_it_is_all_or_nothing(portal: Portal) -> None:
    portal.make_unique()
    rows = [upsert("k1", email="ann.bell@example.com"), upsert("k2", firstname="Kim")]
    response = batch(portal, "upsert", rows)
    assert response.status_code == 207
    assert response.json()["errors"][0]["context"]["objectWriteTraceId"] == ["row-k1"]
    by_email = [upsert("z@example.com", "email", city="Waco"), upsert("y@example.com", "email", nonsense="1")]
    assert batch(portal, "upsert", by_email).status_code == 400
    assert portal.call("GET", f"{portal.contacts}/z@example.com", params={"idProperty": "email"}).status_code == 404


def test_an_upsert_by_a_property_that_is_not_unique_is_refused(portal: Portal) -> None:
    response = batch(portal, "upsert", [upsert("Ann", "firstname", city="Waco")])
    assert response.status_code == 207
    assert response.json()["errors"][0]["category"] == "VALIDATION_ERROR"


def test_a_batch_archive_is_204_and_unknown_ids_are_ignored(portal: Portal) -> None:
    ann = portal.store.all("contacts")[0]["id"]
    assert batch(portal, "archive", [{"id": ann}, {"id": "5"}]).status_code == 204
    assert len(portal.found()) == 3


def test_a_batch_takes_1_to_100_rows(portal: Portal) -> None:
    assert batch(portal, "create", []).status_code == 400
    assert batch(portal, "create", [row(firstname=str(n)) for n in range(101)]).status_code == 400


def test_one_row_fails_while_the_row_fault_is_on(portal: Portal) -> None:
    portal.fault("row_error", times=1)
    response = batch(portal, "create", [row("a", firstname="A"), row("b", firstname="B")])
    assert [error["context"]["objectWriteTraceId"] for error in response.json()["errors"]] == [["a"]]
    assert len(response.json()["results"]) == 1

"""Links of many records, and the receipts that follow them through the crosswalk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchmarks.reconcile.kernel import MODEL
from pipelines.identify import identify
from pipelines.warehouse import Warehouse, lay_ground, prepare

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """Two records of the shop, each made for another customer."""
    one = Warehouse(":memory:")
    lay_ground(one)
    one.set(entity="customer", now=NOW)
    one.run(
        "CREATE TEMP TABLE linked (system VARCHAR, source_id VARCHAR, core_id VARCHAR, method VARCHAR, since TIMESTAMP)"
    )
    one.run("CREATE TEMP TABLE new_links AS FROM linked")
    one.run("CREATE TEMP TABLE new_aliases (alias VARCHAR, core_id VARCHAR)")
    one.run("CREATE TEMP TABLE touched_refs (system VARCHAR, source_id VARCHAR)")
    made = "INSERT INTO meta.links (system, entity, core_id, target_id, action, receipt)"
    one.run(f"{made} VALUES ('shop', 'customer', 'A', 'p1', 'create', 1), ('shop', 'customer', 'B', 'p2', 'create', 2)")
    yield one
    one.close()


def moved(warehouse: Warehouse, **places: str) -> dict[str, str | None]:
    """Whom each receipt is of after records moved to other customers: p1="B"."""
    warehouse.run("INSERT INTO linked VALUES ('shop', 'p1', 'A', 'own', NULL), ('shop', 'p2', 'B', 'own', NULL)")
    warehouse.insert_many("new_links", [("shop", id, core_id, "key0", NOW) for id, core_id in places.items()])
    warehouse.script("moved_links")
    warehouse.script("followed")
    return {row["target_id"]: row["core_id"] for row in warehouse.rows("SELECT target_id, core_id FROM meta.links")}


def test_receipts_of_records_that_change_places_change_places(warehouse: Warehouse) -> None:
    assert moved(warehouse, p1="B", p2="A") == {"p1": "B", "p2": "A"}


def test_a_receipt_whose_place_another_takes_is_evidence_of_nobody(warehouse: Warehouse) -> None:
    """The record that was deleted still stands for A. Its receipt took the other's id and led it there, and back."""
    assert moved(warehouse, p2="A") == {"p1": None, "p2": "A"}


def test_more_records_than_a_block_holds_are_all_linked_beside_a_system_without_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DuckDB 2.0 loses the rows of a large INSERT that follows one of no row into the same table and transaction."""
    monkeypatch.setattr("pipelines.likeness.LIKENESS", {})
    house, sources = Warehouse(":memory:"), {"jobber": 123_000, "quickbooks_online": 10}
    prepare(house, MODEL)
    house.run("INSERT INTO meta.touched VALUES ('hubspot', 'customer', 'gone')")
    for system, many in sources.items():
        rows = f"SELECT range::VARCHAR AS source_id, 'p' || range || '@example.com' AS email FROM range({many})"  # noqa: S608
        house.run(f"INSERT INTO staged.{system}__customer BY NAME {rows}")
        house.run(f"INSERT INTO meta.touched SELECT '{system}', 'customer', source_id FROM ({rows})")  # noqa: S608
    assert identify(house, MODEL, MODEL.entity("customer"), now=NOW) == 123_011
    known = house.rows(
        "SELECT count(DISTINCT core_id) AS things, sum(length(source_id)) > 0 AS there FROM xref.customer"
    )
    assert known == [{"things": 123_001, "there": True}]
    house.close()

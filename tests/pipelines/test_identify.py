"""Receipts follow their records through the crosswalk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipelines.warehouse import Warehouse, lay_ground

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """Two records of the shop, each made for another customer."""
    one = Warehouse(":memory:")
    lay_ground(one)
    one.set(entity="customer", now=NOW)
    one.run("CREATE TEMP TABLE linked (system VARCHAR, source_id VARCHAR, core_id VARCHAR, method VARCHAR)")
    one.run("CREATE TEMP TABLE new_links AS FROM linked")
    one.run("CREATE TEMP TABLE new_aliases (alias VARCHAR, core_id VARCHAR)")
    one.run("CREATE TEMP TABLE touched_refs (system VARCHAR, source_id VARCHAR)")
    made = "INSERT INTO meta.links (system, entity, core_id, target_id, action, receipt)"
    one.run(f"{made} VALUES ('shop', 'customer', 'A', 'p1', 'create', 1), ('shop', 'customer', 'B', 'p2', 'create', 2)")
    yield one
    one.close()


def moved(warehouse: Warehouse, **places: str) -> dict[str, str | None]:
    """Whom each receipt is of after records moved to other customers: p1="B"."""
    warehouse.run("INSERT INTO linked VALUES ('shop', 'p1', 'A', 'own'), ('shop', 'p2', 'B', 'own')")
    warehouse.insert_many("new_links", [("shop", id, core_id, "key0") for id, core_id in places.items()])
    warehouse.script("moved_links")
    warehouse.script("followed")
    return {row["target_id"]: row["core_id"] for row in warehouse.rows("SELECT target_id, core_id FROM meta.links")}


def test_receipts_of_records_that_change_places_change_places(warehouse: Warehouse) -> None:
    assert moved(warehouse, p1="B", p2="A") == {"p1": "B", "p2": "A"}


def test_a_receipt_whose_place_another_takes_is_evidence_of_nobody(warehouse: Warehouse) -> None:
    """The record that was deleted still stands for A. Its receipt took the other's id and led it there, and back."""
    assert moved(warehouse, p2="A") == {"p1": None, "p2": "A"}

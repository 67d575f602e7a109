"""A handoff compares what moved since it was compared last: as soon as it moved, and whatever moved it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.compile import moving
from models.entities import ENTITIES
from models.handoff import Handoff
from models.schema import Entity, Model
from pipelines import comparing, links, plan
from pipelines.ledger import Link
from pipelines.overruling import pin
from pipelines.warehouse import Warehouse, open_warehouse
from tests.pipelines.desk import ADA, Desk, planned

BOB: Mapping[str, Any] = {"first": "Bob", "last": "Boole", "email": "bob@example.com", "phone": "512-555-0102"}


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Each comparison from now on: its handoff and how many records it looked at. All would have shown no more."""
    seen: list[tuple[str, int]] = []

    def compare(warehouse: Warehouse, entity: Entity, handoff: Handoff, text: str) -> list[Mapping[str, Any]]:
        warehouse.run("CREATE OR REPLACE TEMP TABLE scope (core_id VARCHAR)")
        rows = comparing.compare(warehouse, entity, handoff, text)
        seen.append((handoff.name, int(warehouse.value("SELECT count(*) FROM scope"))))
        warehouse.set(window_starts=handoff.starts, window_ends=handoff.ends)
        warehouse.replace_table("scope", moving.everything(entity).sql("duckdb"))
        assert warehouse.rows(text) == rows
        return rows

    monkeypatch.setattr(plan, "compare", compare)
    return seen


def test_what_did_not_move_is_not_compared_again(desk: Desk, compared: list[tuple[str, int]]) -> None:
    for id, person in enumerate((ADA, BOB)):
        desk.edit("crm", str(id), **person)
    assert planned(desk.sync()) == (2, 0, 0)
    desk.sync()
    compared.clear()
    assert planned(desk.sync()) == (0, 0, 0)
    assert compared == [("crm.customer", 0), ("field.customer", 0)]
    compared.clear()
    desk.edit("crm", "1", last="Boyle")
    assert planned(desk.sync()) == (0, 1, 0)
    assert compared == [("crm.customer", 1), ("field.customer", 1)]
    assert {person["last"] for person in desk.people("field").values()} == {"Byron", "Boyle"}


def test_what_was_not_delivered_is_compared_until_it_is(desk: Desk, compared: list[tuple[str, int]]) -> None:
    desk.edit("crm", "1", **ADA)
    desk.rest["handoffs"]["field.customer"] = {"mode": "shadow"}
    assert [planned(desk.sync()) for _ in range(2)] == [(1, 0, 0)] * 2
    assert compared[-1] == ("field.customer", 1)


def test_a_record_that_only_a_person_decided_anew_is_compared(desk: Desk, compared: list[tuple[str, int]]) -> None:
    """No system says anything new: core alone moves."""
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.sync()
    pin(desk.company(), "customer", "1", "city", "Waco", by="Mia", why="she called", until_source=True)
    assert planned(desk.sync()) == (0, 2, 0)
    assert compared[-2:] == [("crm.customer", 1), ("field.customer", 1)]


def test_a_receipt_moves_its_record_for_what_points_to_it_too(tmp_path: Path) -> None:
    """A customer that was made now has an id in the books, which its payments waited for."""
    made = Link(
        system="books",
        entity="customer",
        core_id="cus_1",
        target_id="7",
        version=None,
        pushed={},
        observed={},
        deleted=False,
        made=True,
        at=datetime(2026, 3, 11, 12, 0),  # noqa: DTZ001 - as the warehouse keeps it
        change_id="chg_1",
        receipt=1,
    )
    with open_warehouse(tmp_path / "w.duckdb", Model(entities=ENTITIES, bindings=())) as warehouse:
        for handoff, hears in (("books.payment", ["payment", "customer"]), ("books.item", ["item"])):
            query = "INSERT INTO meta.compared BY NAME SELECT $handoff AS handoff, $hears AS hears"
            warehouse.run(query, {"handoff": handoff, "hears": hears})
        links._store(warehouse, [made])
        stirred = warehouse.rows("FROM meta.stirred")
    assert stirred == [{"handoff": "books.payment", "entity": "customer", "core_id": "cus_1"}]


def test_what_points_to_a_record_that_moved_is_compared(tmp_path: Path) -> None:
    """A reference by its field, a list by its elements, which say it by the ids of the system that they come from."""
    payment = Model(entities=ENTITIES, bindings=()).entity("payment")
    handoff = Handoff(system="books", entity="payment")
    with open_warehouse(tmp_path / "w.duckdb", Model(entities=ENTITIES, bindings=())) as warehouse:
        warehouse.run("INSERT INTO xref.invoice BY NAME SELECT 'inv_1' AS core_id, 'crm' AS system, '7' AS source_id")
        for core_id, customer, invoice in (("one", "cus_1", "8"), ("two", "cus_2", "7"), ("three", "cus_2", "8")):
            warehouse.run(
                "INSERT INTO core.payment BY NAME SELECT $id AS core_id, $customer AS customer, "
                "json_array(json_object('invoice', $invoice)) AS allocations, 'crm' AS allocations__from",
                {"id": core_id, "customer": customer, "invoice": invoice},
            )
        warehouse.run(
            "INSERT INTO meta.compared BY NAME SELECT 'books.payment' AS handoff, $hears AS hears",
            {"hears": [*moving.heard(payment)]},
        )
        warehouse.set(handoff=handoff.name)
        for moved, found in (("customer cus_1", "one"), ("invoice inv_1", "two"), ("payment three", "three")):
            warehouse.run("DELETE FROM meta.stirred")
            name, id = moved.split()
            comparing.stir(warehouse, f"SELECT '{name}' AS entity, '{id}' AS core_id")
            assert warehouse.rows(moving.scope(payment, handoff)) == [{"core_id": found}]


def test_a_visit_that_comes_into_the_window_is_made_though_nobody_edits(
    desk: Desk, compared: list[tuple[str, int]]
) -> None:
    desk.roles = {"field": "scheduling", "cal": "calendar"}
    desk.store("cal", {"faults": {}})
    desk.rest["handoffs"] = {"cal.assignment": {"mode": "live", "window": {"future": "2d"}}}
    desk.edit("field", "w", collection="workers", name="Wil", email="wil@example.com")
    desk.edit("cal", "c", collection="workers", name="Wil", email="wil@example.com")
    for id, days in (("v", 3), ("far", 9)):
        start = (desk.now + timedelta(days=days)).isoformat()
        desk.edit("field", id, collection="visits", title="Heater", start=start, crew=[{"id": "w"}])
    assert planned(desk.sync()) == (0, 0, 0)
    desk.now += timedelta(days=2)
    assert planned(desk.sync(systems=["cal"])) == (1, 0, 0)
    assert compared[-1] == ("cal.assignment", 1)

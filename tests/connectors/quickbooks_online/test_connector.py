"""The declarations and the example pages."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.quickbooks_online import CONNECTOR
from connectors.quickbooks_online.maps import MAPS
from models.schema import Map
from tests.connectors.quickbooks_online.conftest import WRITES, rows

PAGES = Path(__file__).parents[3] / "connectors" / "quickbooks_online" / "pages"


def page(resource: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((PAGES / f"{resource}.json").read_text(encoding="utf-8"))
    return found


def test_the_registry_finds_no_contradiction() -> None:
    assert registry.load("quickbooks_online") is CONNECTOR


@pytest.mark.parametrize("one", MAPS, ids=lambda one: one.resource)
def test_every_example_can_be_read(one: Map) -> None:
    found = rows(one, page(one.resource))
    assert [row["broken"] for row in found] == [None] * len(page(one.resource))
    assert all(row["changed_at"] is not None and row["version"] is not None for row in found)
    read = {name for row in found for name in one.fields if row[name] is not None}
    assert read == set(one.fields)


def test_our_marker_is_read_and_is_no_memo() -> None:
    customer, invoice, payment = (
        next(row for row in rows(one, page(one.resource)) if row["core_ref"])
        for one in MAPS
        if one.core_ref is not None
    )
    assert (customer["core_ref"], invoice["core_ref"]) == ("cus_5b1c0a92d3e4f678", "inv_90ab12cd34ef5678")
    assert (payment["core_ref"], payment["memo"]) == ("pay_1122334455667788", "Left at the office")


def test_states_follow_from_sums() -> None:
    (invoices,) = (one for one in MAPS if one.to == "invoice")
    record = page("invoices")[0]
    found = rows(invoices, [record, {**record, "Id": "2", "Balance": 0}, page("invoices")[1]])
    assert [row["status"] for row in found] == ["open", "paid", "void"]
    assert found[0]["subtotal"] + found[0]["tax"] == found[0]["total"] == Decimal("183.02")


def test_what_the_books_compute_is_never_written() -> None:
    writable = {one.to: set(one.writable()) for one in MAPS}
    assert not writable["customer"] & {"balance", "currency", "status"}
    assert not writable["invoice"] & {"balance", "total", "subtotal", "currency", "status"}
    assert not writable["payment"] & {"unapplied", "currency", "allocations"}


def test_updates_are_guarded_where_there_are_any() -> None:
    assert all(one.guarded for one in WRITES.values() if one.update is not None)
    assert CONNECTOR.quota.concurrency == 1

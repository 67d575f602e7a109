"""The books of a model-car dealer, against a computation that shares nothing with ours but the files."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from pipelines.company import Company, assemble
from pipelines.reports.listing import rows
from pipelines.settings import load
from pipelines.sync import run_sync
from tests.pipelines import short_read

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data" / "classicmodels"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data/classicmodels is not on this machine")


@pytest.fixture(scope="module")
def dealer(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The books of the example over real exports, synced once."""
    folder = tmp_path_factory.mktemp("dealer")
    text = (ROOT / "examples" / "exports" / "stack.yml").read_text(encoding="utf-8")
    stack: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{PLUMBLINE_SHARED:-[^}]*\}", str(ROOT.parent / "shared"), text))
    stack |= {"systems": {"books": stack["systems"]["books"]}, "handoffs": {}}
    (folder / "stack.yml").write_text(yaml.safe_dump(stack), encoding="utf-8")
    found = assemble(load(folder / "stack.yml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        run_sync(found, check=lambda *_: ())
    return found


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


def open_by_customer() -> dict[str, tuple[Decimal, Decimal]]:
    """Customer name -> what was ordered and not cancelled, what was paid, from the files' own texts."""
    customers, orders, details, payments = (read(n) for n in ("customers", "orders", "orderdetails", "payments"))
    details["amount"] = [
        Decimal(q) * Decimal(p) for q, p in zip(details.quantityOrdered, details.priceEach, strict=True)
    ]
    billed = (
        details.merge(orders[orders.status != "Cancelled"], on="orderNumber").groupby("customerNumber").amount.sum()
    )
    paid = payments.assign(amount=payments.amount.map(Decimal)).groupby("customerNumber").amount.sum()
    names = customers.set_index("customerNumber").customerName.str.strip()
    ordered = sorted(set(orders.customerNumber))
    return {names[n]: (billed.get(n, Decimal(0)), paid.get(n, Decimal(0))) for n in ordered}


def test_receivables_equal_an_independent_computation_to_the_cent(dealer: Company) -> None:
    expected, found = open_by_customer(), rows(dealer, "receivables")
    assert {row["customer"]: (row["billed"], row["paid"]) for row in found} == expected
    assert len(found) == 98
    assert sum(row["payments_made"] for row in found) == 273
    assert sum(row["paid"] for row in found) == Decimal("8853839.23")
    owing = [row["open"] for row in found if row["open"]]
    assert (len(owing), sum(owing)) == (16, Decimal("511497.20"))


def test_ageing_and_revenue_add_up_to_the_same(dealer: Company) -> None:
    """Payments here do not say what they were for: the oldest orders are settled first."""
    billed = sum((b for b, _ in open_by_customer().values()), Decimal(0))
    assert sum(row["open"] for row in rows(dealer, "ageing")) == Decimal("511497.20")
    for name in ("revenue_by_month", "revenue_by_business_unit", "revenue_by_technician", "invoices"):
        assert sum(row["total"] for row in rows(dealer, name)) == billed
    assert sum(row["amount"] for row in rows(dealer, "payments")) == Decimal("8853839.23")

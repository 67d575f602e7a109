"""Payments entered in the field reach the books: whole syncs from Jobber's twin into that of QuickBooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.company import Allocation, Payment
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.quickbooks_online.desk import COMPANY, bill, person

ANN = person("ann", "Ann", "Lee")
BOOKS = replace(COMPANY, customers=(ANN,), invoices=(), payments=())


def paid(key: str, invoice: str, amount: str) -> Payment:
    return Payment(
        key=key, reference=f"CHK-{key}", customer="ann", received_on=date(2026, 3, 9), amount=Decimal(amount),
        method="check", allocations=(Allocation(invoice=invoice, amount=Decimal(amount)),),
    )  # fmt: skip


FIELD = replace(
    BOOKS,
    customers=(replace(ANN, seen_by={"jobber": ANN.truth}),),
    invoices=tuple(replace(bill(key, "ann", "open"), in_jobber=True) for key in ("7", "8")),
    payments=(paid("1", "7", "216.50"), paid("2", "8", "50.25")),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with offices.opened(
        "quickbooks_online", tmp_path_factory.mktemp("payments"), files={}, maps=[], company=BOOKS,
        beside={"jobber": FIELD}, handoffs={"invoice": {}, "payment": {}},
    ) as one:  # fmt: skip
        yield one


def balances(office: Office) -> dict[str, Any]:
    """Number of an invoice in the books -> what is still open of it."""
    return {row["DocNumber"]: row["Balance"] for row in office.store.all("invoices")}


def settled(office: Office) -> list[list[tuple[str, Any]]]:
    """For each payment in the books the numbers and amounts of the invoices that it settles."""
    numbers = {row["Id"]: row["DocNumber"] for row in office.store.all("invoices")}
    lines = [row["Line"] for row in office.store.all("payments")]
    return [[(numbers[line["LinkedTxn"][0]["TxnId"]], line["Amount"]) for line in found] for found in lines]


def test_story_54_payments_are_applied_in_the_sync_that_makes_their_invoices(office: Office) -> None:
    """Nothing stays unapplied, and no answer that is lost applies it twice."""
    office.fault("ignored_idempotency_key")
    office.fault("dropped_answer", method="POST", path="/payment", times=1)
    office.sync()
    assert balances(office) == {"J-7": 0, "J-8": 166.25}
    assert office.wanted() == []
    assert settled(office) == [[("J-7", 216.5)], [("J-8", 50.25)]]

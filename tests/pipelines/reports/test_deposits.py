"""Stripe's payouts in the finance report: what reached the bank is payments less fees and refunds, to the cent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from pipelines.company import assemble
from pipelines.reports.finance import finance
from pipelines.reports.listing import rows
from pipelines.reports.shape import Report
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox.app import assemble as serve
from sandbox.estate import Estate, Served
from sandbox.serving import listen, serving_app
from sandbox.store import Store
from sandbox.stripe import TWIN, payments
from tests.sandbox.stripe.desk import opened

STACK = {
    "company": "Acme Heating",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "systems": {
        "stripe": {"roles": ["payments"], "environment": "sandbox", "credentials": {"token": "env:DEPOSITS_KEY"}}
    },
}


@pytest.fixture(scope="module")
def account() -> Store:
    """The small company's account, with a refund that lowers a payout."""
    store = opened()
    charge = next(one for one in store.all("charges") if one["description"] == "PMT-p1")
    settled = store.get(payments.SETTLED, charge["balance_transaction"])
    before = next(one for one in store.all("payouts") if {"payout": one["id"]} == settled)
    payments.give_back(store, charge, 7_501, charge["created"] + 60, told=False)
    (given_back,) = (one for one in store.all("balance_transactions") if one["type"] == "refund")
    store.put(payments.SETTLED, given_back["id"], {"payout": before["id"]})
    store.put("payouts", before["id"], before | {"amount": before["amount"] - 7_501})
    return store


@pytest.fixture(scope="module")
def report(
    account: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Report, list[dict[str, object]]]]:
    folder = tmp_path_factory.mktemp("deposits")
    account.headroom = 100
    estate = Estate(clock=account.clock, served={"stripe": Served(twin=TWIN, store=account)}, seed=1)
    with contextlib.closing(listen("127.0.0.1", 0)) as bound, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPOSITS_KEY", TWIN.credentials["token"])
        with serving_app(serve(estate), bound) as address:
            STACK["systems"]["stripe"]["base_url"] = f"{address}/stripe"  # type: ignore[index]
            (folder / "stack.yml").write_text(json.dumps(STACK), encoding="utf-8")
            company = assemble(load(folder / "stack.yml"), clock=account.clock.now)
            run_sync(company, check=lambda *_: ())
            yield finance(company), list(rows(company, "money_mismatches"))


def test_story_55_what_reached_the_bank_is_payments_less_fees_and_refunds(
    account: Store, report: tuple[Report, list[dict[str, object]]]
) -> None:
    shown = {row.values["reference"]: row.values for row in report[0].section("payouts").rows}
    wanted = {one["id"]: Decimal(one["amount"]) / 100 for one in account.all("payouts")}
    assert {id: row["deposited"] for id, row in shown.items()} == wanted
    assert len(wanted) == 2
    assert [row["difference"] for row in shown.values()] == [0, 0]
    for row in shown.values():
        assert row["payments"] + row["fees"] + row["refunds"] + row["adjustments"] == row["deposited"]
    assert sorted(row["refunds"] for row in shown.values()) == [Decimal("-75.01"), 0]
    fees = sum(one["fee"] for one in account.all("balance_transactions"))
    assert sum(row["fees"] for row in shown.values()) == -Decimal(fees) / 100


def test_every_deposit_adds_up_and_none_is_left_unexplained(report: tuple[Report, list[dict[str, object]]]) -> None:
    found, mismatches = report
    assert found.adds_up
    (deposited,) = (one for one in found.equations if one.title == "Deposited")
    assert (deposited.total, deposited.difference) == (sum(part[1] for part in deposited.parts), 0)
    assert [one for one in mismatches if str(one["finding"]).startswith(("payout", "deposit"))] == []

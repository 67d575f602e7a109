"""Whole syncs from the office's files into Stripe: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pipelines.reports.finance import finance
from pipelines.reports.listing import rows
from sandbox.records import keep
from sandbox.store import Store
from sandbox.stripe import payments
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.stripe.desk import COMPANY

PEOPLE = [
    {"id": str(n), "given": given, "family": family, "email": f"p{n}@rest.example", "phone": f"+1512474{n:04}",
     "street": f"{n} Oak  St", "city": "san  Marcos"}
    for n, (given, family) in enumerate([("mary  ann", "McDonald"), ("José", "van Dyke"), ("Bo", "Lee")], start=1)
]  # fmt: skip
LINES = [{"description": "Fix the sink", "quantity": "1.5", "price": "19.99", "amount": "29.99"},
         {"description": "Part", "quantity": "1", "price": "10.00", "amount": "10.00"}]  # fmt: skip
BILLS = [
    {"id": f"i{n}", "number": str(1000 + n), "customer": str(n), "issued": "2026-03-02", "due": "2026-04-02",
     "status": "open", "currency": "USD", "tax": "3.30", "memo": "thank  you", "lines": LINES}
    for n in (1, 2, 3)
]  # fmt: skip
MAPS = [
    {"resource": "people", "to": "customer", "fields": {
        "given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"},
        "phone": {"phone": "phone"}, "street": {"text": "street"}, "city": {"text": "city"}}},
    {"resource": "bills", "to": "invoice", "fields": {
        "number": {"text": "number"}, "customer": {"ref": "customer"}, "issued_on": {"date": "issued"},
        "due_on": {"date": "due"}, "status": {"text": "status"}, "currency": {"text": "currency"},
        "tax": {"money": "tax"}, "memo": {"text": "memo"},
        "lines": {"json_list": {"path": "lines", "parts": {
            "description": {"text": "@.description"}, "quantity": {"decimal": "@.quantity"},
            "unit_price": {"money": "@.price"}, "amount": {"money": "@.amount"}}}}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with offices.opened(
        "stripe", tmp_path_factory.mktemp("syncs"), company=COMPANY,
        files={"people": PEOPLE, "bills": BILLS}, maps=MAPS, handoffs={"customer": {}, "invoice": {}},
        roles=("accounting",),
    ) as one:  # fmt: skip
        _without_bills(one.store)
        yield one


def _without_bills(store: Store) -> None:
    """Takes the account's bills out, and puts a refund in that lowers a payout."""
    for one in store.all("invoices"):
        store.delete("invoices", one["id"])
    charge = next(one for one in store.all("charges") if one["description"] == "PMT-p1")
    settled = store.get(payments.SETTLED, charge["balance_transaction"]) or {}
    payments.give_back(store, charge, 7_501, charge["created"] + 60, told=False)
    (given_back,) = (one for one in store.all("balance_transactions") if one["type"] == "refund")
    store.put(payments.SETTLED, given_back["id"], settled)
    payout = store.get("payouts", settled["payout"]) or {}
    store.put("payouts", payout["id"], payout | {"amount": payout["amount"] - 7_501})


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Each step of a write loses an answer more often than the gateway is patient; values are kept in capitals."""
    before = len(office.store.all("customers"))
    office.fault("rewritten_values", form="upper")
    for path in ("/v1/customers", "/v1/invoices", "/v1/invoiceitems", "/lines/", "/finalize"):
        office.fault("dropped_answer", method="POST", path=path, times=6)
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert (len(office.store.all("customers")), len(office.store.all("invoices"))) == (before + 3, 3)
    assert {(one["status"], one["total"]) for one in office.store.all("invoices")} == {("open", 4329)}
    assert "SAN  MARCOS" in {one["address"]["city"] for one in office.store.all("customers")}
    office.store.faults.clear()


def test_a_persons_edit_is_answered_once_and_what_the_office_says_follows(office: Office) -> None:
    one = next(row for row in office.store.all("customers") if row["email"] == "p2@rest.example")
    keep(office.served, "customers", one["id"], one | {"individual_name": "Joseph", "phone": "512 474 9999"})
    office.say(people=[PEOPLE[0] | {"city": "Waco"}, *PEOPLE[1:]], bills=[BILLS[0] | {"status": "paid"}, *BILLS[1:2]])
    wanted = [after for entity, _, after in office.wanted() if entity == "customer"]
    assert {"given_name": "José", "family_name": "van Dyke", "phone": "+15124740002"} in wanted
    assert (office.store.get("customers", one["id"]) or {})["individual_name"] == "José van Dyke"
    assert [one["address"]["city"] for one in office.store.all("customers")].count("Waco") == 1
    by_number = {one["number"]: one["status"] for one in office.store.all("invoices")}
    assert by_number == {"1001": "paid", "1002": "open", "1003": "void"}


def test_story_55_what_reached_the_bank_is_payments_less_fees_and_refunds(office: Office) -> None:
    report = finance(office.company)
    shown = {row.values["reference"]: row.values for row in report.section("payouts").rows}
    wanted = {one["id"]: Decimal(one["amount"]) / 100 for one in office.store.all("payouts")}
    assert {id: row["deposited"] for id, row in shown.items()} == wanted
    assert len(wanted) == 2
    for row in shown.values():
        assert row["payments"] + row["fees"] + row["refunds"] + row["adjustments"] == row["deposited"]
        assert row["difference"] == 0
    assert sorted(row["refunds"] for row in shown.values()) == [Decimal("-75.01"), 0]
    fees = sum(one["fee"] for one in office.store.all("balance_transactions"))
    assert sum(row["fees"] for row in shown.values()) == -Decimal(fees) / 100
    (deposited,) = (one for one in report.equations if one.title == "Deposited")
    assert (deposited.total, deposited.difference) == (sum(wanted.values()), 0)
    assert not [one for one in rows(office.company, "money_mismatches") if one["finding"] == "payout_differs"]

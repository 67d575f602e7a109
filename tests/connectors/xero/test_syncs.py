"""Whole syncs from the office's files into Xero: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.records import keep
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.quickbooks_online.desk import COMPANY

PEOPLE = [
    {"id": str(n), "given": given, "family": family, "email": f"p{n}@rest.example", "phone": f"+1512474{n:04}",
     "street": f"{n} Oak  St", "city": "san  Marcos"}
    for n, (given, family) in enumerate([("mary  ann", "McDonald"), ("José", "van Dyke"), ("Bo", "Lee")], start=1)
]  # fmt: skip
LINES = [{"description": "Fix the sink", "quantity": "1.5", "price": "19.99", "amount": "29.99"},
         {"description": "Part", "quantity": "1", "price": "10.00", "amount": "10.00"}]  # fmt: skip
BILLS = [
    {"id": f"i{n}", "number": None if n == 2 else str(1000 + n), "customer": str(n), "issued": "2026-03-02",
     "due": "2026-04-02", "status": "open", "tax": "3.30", "memo": f"job {n}", "lines": LINES}
    for n in (1, 2, 3)
]  # fmt: skip
PAID = {"id": "p1", "reference": "CHK-7", "customer": "2", "on": "2026-03-09", "amount": "20.00",
        "parts": [{"bill": "i2", "sum": "20.00"}]}  # fmt: skip
STRAY = {**PAID, "id": "p2", "reference": "CHK-8", "parts": [{"bill": "i9", "sum": "20.00"}]}
MAPS = [
    {"resource": "people", "to": "customer", "fields": {
        "given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"},
        "phone": {"phone": "phone"}, "street": {"text": "street"}, "city": {"text": "city"}}},
    {"resource": "bills", "to": "invoice", "fields": {
        "number": {"text": "number"}, "customer": {"ref": "customer"}, "issued_on": {"date": "issued"},
        "due_on": {"date": "due"}, "status": {"text": "status"}, "tax": {"money": "tax"}, "memo": {"text": "memo"},
        "lines": {"json_list": {"path": "lines", "parts": {
            "description": {"text": "@.description"}, "quantity": {"decimal": "@.quantity"},
            "unit_price": {"money": "@.price"}, "amount": {"money": "@.amount"}}}}}},
    {"resource": "paid", "to": "payment", "fields": {
        "reference": {"text": "reference"}, "customer": {"ref": "customer"}, "received_on": {"date": "on"},
        "amount": {"money": "amount"}, "allocations": {"json_list": {"path": "parts", "parts": {
            "invoice": {"ref": "@.bill"}, "amount": {"money": "@.sum"}}}}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with offices.opened(
        "xero", tmp_path_factory.mktemp("syncs"), company=COMPANY,
        files={"people": PEOPLE, "bills": BILLS, "paid": []}, maps=MAPS,
        handoffs={"customer": {}, "invoice": {}, "payment": {}},
        ownership={"invoice": {"prefer": ["office", "xero"]}},
    ) as one:  # fmt: skip
        yield one


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Writes lose answers more often than the gateway is patient, keys are ignored, values are kept in capitals."""
    people, bills = len(office.store.all("contacts")), len(office.store.all("invoices"))
    office.fault("rewritten_values", form="upper")
    office.fault("ignored_idempotency_key")
    for path in ("/Contacts", "/Invoices"):
        office.fault("dropped_answer", method="PUT", path=path, times=2)
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert (len(office.store.all("contacts")), len(office.store.all("invoices"))) == (people + 3, bills + 3)
    made = [one for one in office.store.all("invoices") if not one["InvoiceNumber"].startswith("J-")]
    assert {(one["Status"], one["Total"]) for one in made} == {("AUTHORISED", 43.29)}
    assert "SAN  MARCOS" in {one.get("City") for row in office.store.all("contacts") for one in row["Addresses"]}
    office.store.faults.clear()


def test_a_persons_edit_is_answered_once_and_what_the_office_says_follows(office: Office) -> None:
    one = next(row for row in office.store.all("contacts") if row["EmailAddress"] == "p2@rest.example")
    keep(office.served, "contacts", one["ContactID"], one | {"FirstName": "Joseph"})
    office.say(
        people=[PEOPLE[0] | {"city": "Waco"}, *PEOPLE[1:]], bills=[BILLS[0] | {"memo": "job 1, done"}, *BILLS[1:2]]
    )
    office.sync()
    assert office.wanted() == []
    assert (office.store.get("contacts", one["ContactID"]) or {})["FirstName"] == "José"
    cities = [address.get("City") for row in office.store.all("contacts") for address in row["Addresses"]]
    assert cities.count("Waco") == 1
    told = {row["InvoiceNumber"]: (row["Status"], row["Reference"]) for row in office.store.all("invoices")}
    assert told["1001"] == ("AUTHORISED", "job 1, done")
    assert told["1003"][0] == "VOIDED"


def test_story_54_a_payment_settles_its_invoice_once_and_waits_for_one_that_nobody_told_of(office: Office) -> None:
    """Also where the answer is lost and keys are ignored: it is found again among the payments of its invoice."""
    before = len(office.store.all("payments"))
    office.say(bills=BILLS[:2], paid=[PAID, STRAY])
    office.fault("ignored_idempotency_key")
    office.fault("dropped_answer", method="PUT", path="/Payments", times=1)
    office.sync()
    (plan,) = (one for one in office.sync().plans if one.entity == "payment")
    assert plan.changes == ()
    assert [one.reason for one in plan.held] == ["waits for invoice i9 of office, which nobody has told us of"]
    assert len(office.store.all("payments")) == before + 1
    (settled,) = (row for row in office.store.all("payments") if row["Reference"] == "CHK-7")
    bill = office.store.get("invoices", settled["Invoice"]["InvoiceID"]) or {}
    assert (bill["Reference"].lower()[:5], bill["AmountPaid"], bill["AmountDue"]) == ("job 2", 20.0, 23.29)

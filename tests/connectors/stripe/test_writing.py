"""Writes: what is meant comes back, nothing is made twice, nothing that stands is changed unseen."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.errors import Ambiguous, Gone, Rejected, Transient
from models.minor import from_minor
from tests.connectors.desk import Desk
from tests.connectors.stripe.conftest import WRITES, canonical, outgoing

ANN = {
    "given_name": "Mary Ann", "family_name": "van Dyke", "company_name": None, "email": "mary@example.com",
    "phone": "+15124741234", "street": "1 Oak St", "city": "Austin", "state": "TX", "postal_code": "78701",
    "country": "US",
}  # fmt: skip
LINES = [
    {
        "item": "Tune-up",
        "description": "AC tune-up",
        "quantity": "1.500000",
        "unit_price": "19.9900",
        "amount": "29.9900",
    },
    {"item": None, "description": "Part", "quantity": "1.000000", "unit_price": "10.0000", "amount": "10.0000"},
]
BILL = {
    "number": "1077", "status": "open", "issued_on": date(2026, 3, 1), "due_on": date(2026, 3, 31), "currency": "USD",
    "tax": Decimal("3.3000"), "memo": "Thank you", "lines": json.dumps(LINES),
}  # fmt: skip


def bill(stripe: Desk, **changed: Any) -> Any:
    customer = stripe.one("customers")["id"]
    return stripe.create("invoice", {**BILL, **changed}, refs={"customer": customer}, core_id="inv_0123456789abcdef")


def test_a_customer_comes_back_as_it_was_meant(stripe: Desk) -> None:
    made = stripe.create("customer", ANN)
    assert canonical("customer", made.record) == ANN
    held = WRITES["customer"].fetch(stripe.api, made.id)
    assert held is not None
    assert held.record == made.record
    assert made.record in stripe.all("customers")


def test_the_parts_of_a_name_are_those_we_wrote_until_a_person_changes_it(stripe: Desk) -> None:
    made = stripe.create("customer", ANN)
    stripe.edit("customers", made.id, individual_name="Mary Ann Smith-Jones")
    held = WRITES["customer"].fetch(stripe.api, made.id)
    assert held is not None
    read = canonical("customer", held.record)
    assert (read["given_name"], read["family_name"]) == ("Mary Ann", "Smith-Jones")


NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40)
PLACES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=60).map(str.strip)


@settings(
    max_examples=4, phases=(Phase.explicit, Phase.generate), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    values=st.fixed_dictionaries(
        {
            **{name: st.none() | NAMES for name in ("given_name", "company_name")},
            "family_name": NAMES,
            **{name: st.none() | PLACES.filter(bool) for name in ("street", "city", "state", "postal_code", "country")},
        }
    )
)
def test_whatever_people_are_called_comes_back(stripe: Desk, values: dict[str, Any]) -> None:
    """Law 3 over the wire, for the fields that the functions write."""
    made = stripe.create("customer", values)
    read = canonical("customer", made.record)
    told = {name: " ".join(value.split(" ")) if value else None for name, value in values.items()}
    assert {name: read[name] for name in values} == told


def test_an_update_sends_what_changed_and_keeps_the_rest(stripe: Desk) -> None:
    one = stripe.one("customers", name="Ann Lee")
    changed = stripe.update("customer", one["id"], {"city": "Waco"}, desired={"street": "9 Elm St", "state": "TX"})
    read = canonical("customer", changed.record)
    assert (read["city"], read["street"], read["postal_code"]) == ("Waco", "9 Elm St", "78701")
    assert (read["given_name"], read["email"]) == ("Ann", one["email"])
    cleared = stripe.update("customer", one["id"], {"phone": None})
    assert canonical("customer", cleared.record)["phone"] is None


def test_a_customer_without_name_and_address_is_nobody(stripe: Desk) -> None:
    with pytest.raises(Rejected, match="neither a name nor an e-mail"):
        stripe.create("customer", {"given_name": None, "phone": "+15124741234"})


def test_a_create_whose_answer_was_lost_is_made_once(stripe: Desk) -> None:
    before = len(stripe.store.all("customers"))
    stripe.fault("dropped_answer", method="POST", times=1)
    made = stripe.create("customer", ANN)
    assert len(stripe.store.all("customers")) == before + 1
    assert stripe.create("customer", ANN).id == made.id


@pytest.mark.parametrize("age", [{"seconds": 1}, {"days": 5}])
def test_a_create_in_doubt_is_found_by_our_marker(impatient: Desk, age: dict[str, float]) -> None:
    impatient.fault("dropped_answer", method="POST", times=1)
    with pytest.raises(Ambiguous):
        impatient.create("customer", ANN)
    impatient.later(**age)
    find = WRITES["customer"].find
    assert find is not None
    found = find(impatient.api, outgoing("customer", "create", ANN))
    assert found is not None
    assert canonical("customer", found.record) == ANN
    assert find(impatient.api, outgoing("customer", "create", ANN, core_id="cus_other")) is None


def test_a_deleted_customer_is_neither_fetched_nor_changed(stripe: Desk) -> None:
    id = stripe.one("customers")["id"]
    stripe.served.twin.remove(stripe.store, "customers", id)
    assert WRITES["customer"].fetch(stripe.api, id) is None
    with pytest.raises(Gone):
        stripe.update("customer", id, {"phone": "+15124740000"})


def test_an_invoice_comes_back_as_it_was_meant(stripe: Desk) -> None:
    made = bill(stripe)
    read = canonical("invoice", made.record)
    assert {name: read[name] for name in BILL if name != "lines"} == {k: v for k, v in BILL.items() if k != "lines"}
    assert json.loads(read["lines"]) == LINES
    assert (read["subtotal"], read["total"], read["balance"]) == (Decimal("39.99"), Decimal("43.29"), Decimal("43.29"))
    held = WRITES["invoice"].fetch(stripe.api, made.id)
    assert held is not None
    assert held.record == made.record
    assert made.record in stripe.all("invoices")
    assert stripe.sent("POST", "/send") == 0


def test_an_invoice_without_lines_is_refused(stripe: Desk) -> None:
    with pytest.raises(Rejected, match="has no lines"):
        bill(stripe, lines="[]")


@pytest.mark.parametrize(("code", "cents"), [("JPY", 5000), ("KWD", 12340), ("ISK", 50000)])
def test_a_line_costs_what_it_costs_in_any_currency(stripe: Desk, code: str, cents: int) -> None:
    amount = from_minor(cents, code, {"ISK": 2})
    line = {"item": None, "description": "x", "quantity": "1", "unit_price": str(amount), "amount": str(amount)}
    made = bill(stripe, currency=code, tax=None, lines=json.dumps([line]))
    assert made.record["total"] == cents
    assert canonical("invoice", made.record)["total"] == amount


def test_what_the_source_asks_for_counts_where_it_rounded_otherwise(stripe: Desk) -> None:
    line = {"item": None, "description": "x", "quantity": "3", "unit_price": "3.33", "amount": "10.00"}
    made = bill(stripe, tax=None, lines=json.dumps([line]))
    assert canonical("invoice", made.record)["total"] == Decimal("10.00")


@pytest.mark.parametrize("step", ["/v1/invoices$", "/v1/invoiceitems", "/lines/", "/v1/invoices/[^/]+$", "/finalize"])
def test_a_create_that_breaks_at_any_step_is_made_once(impatient: Desk, step: str) -> None:
    before = len(impatient.store.all("invoices"))
    impatient.fault("dropped_answer", method="POST", path=step, times=1)
    with pytest.raises(Ambiguous):
        bill(impatient)
    made = bill(impatient)
    assert len(impatient.store.all("invoices")) == before + 1
    assert json.loads(canonical("invoice", made.record)["lines"]) == LINES


def test_an_unfinished_draft_is_no_invoice_and_goes_when_its_keys_are_forgotten(impatient: Desk) -> None:
    impatient.fault("server_error", method="POST", path="/v1/invoiceitems", times=1)
    with pytest.raises(Transient):
        bill(impatient)
    customer = impatient.one("customers")["id"]
    message = outgoing("invoice", "create", BILL, refs={"customer": customer}, core_id="inv_0123456789abcdef")
    find = WRITES["invoice"].find
    assert find is not None
    assert find(impatient.api, message) is None
    assert impatient.one("invoices", metadata={"plumbline_draft": "inv_0123456789abcdef"})
    impatient.later(hours=25)
    assert find(impatient.api, message) is None
    with pytest.raises(StopIteration):
        impatient.one("invoices", metadata={"plumbline_draft": "inv_0123456789abcdef"})
    made = bill(impatient)
    found = find(impatient.api, message)
    assert found is not None
    assert found.id == made.id


def test_story_3_a_draft_that_a_key_replays_after_it_was_removed_is_not_taken_for_an_invoice(stripe: Desk) -> None:
    """The push reads what was made: an id without a record there is given up together with its key."""
    for tax in (None, Decimal("3.30")):
        first = bill(stripe, status="draft", number=None, tax=tax)
        stripe.served.twin.remove(stripe.store, "invoices", first.id)
        replayed = bill(stripe, status="draft", number=None, tax=tax)
        assert (replayed.id, replayed.record) == (first.id, None)
        assert WRITES["invoice"].fetch(stripe.api, replayed.id) is None


def test_a_draft_changes_its_lines_and_a_finalized_invoice_does_not(stripe: Desk) -> None:
    made = bill(stripe, status="draft", number=None)
    other = [LINES[1] | {"description": "Another part"}]
    more = {"desired": {**BILL, "status": "draft"}, "refs": {"customer": made.record["customer"]}}
    for _ in range(2):  # a line that a replayed key would give back was removed by the second time
        changed = stripe.update("invoice", made.id, {"lines": json.dumps(other), "tax": None}, **more)
    assert json.loads(canonical("invoice", changed.record)["lines"]) == other
    opened = stripe.update("invoice", made.id, {"status": "open"}, **more)
    assert canonical("invoice", opened.record)["status"] == "open"
    with pytest.raises(Rejected, match="void it there"):
        stripe.update("invoice", made.id, {"lines": json.dumps(LINES)}, **more)
    noted = stripe.update("invoice", made.id, {"memo": "Call us"})
    assert canonical("invoice", noted.record)["memo"] == "Call us"


def test_an_invoice_that_was_paid_elsewhere_cannot_be_paid_here_again(stripe: Desk) -> None:
    made = bill(stripe)
    paid = stripe.update("invoice", made.id, {"status": "paid"})
    assert canonical("invoice", paid.record)["status"] == "paid"
    assert len(stripe.all("charges")) == 4


def test_deleting_keeps_numbers_in_the_books(stripe: Desk) -> None:
    remove = WRITES["invoice"].delete
    assert remove is not None
    draft, opened = stripe.one("invoices", status="draft")["id"], bill(stripe).id
    for id in (draft, opened):
        remove(stripe.api, outgoing("invoice", "delete", {}, target_id=id))
        assert WRITES["invoice"].fetch(stripe.api, id) is None
    assert stripe.store.get("invoices", draft) is None
    assert stripe.one("invoices", id=opened)["status"] == "void"
    with pytest.raises(Rejected):
        remove(stripe.api, outgoing("invoice", "delete", {}, target_id=stripe.one("invoices", status="paid")["id"]))


def test_an_update_of_what_is_gone_says_so(stripe: Desk) -> None:
    with pytest.raises(Gone, match="not there any more"):
        stripe.update("invoice", "in_0", {"memo": "x"})

"""Whole reads, what events name later, and what is no longer there."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from connectors.registry import chosen
from connectors.stripe import CONNECTOR
from models.errors import Gone, PlumblineError, Throttled, Transient, Unauthorized
from tests.connectors.desk import Desk
from tests.connectors.stripe.conftest import canonical

RESOURCES = [one.name for one in chosen(CONNECTOR, {}).resources]


def ids(stripe: Desk, collection: str) -> set[str]:
    return {one["id"] for one in stripe.store.all(collection)}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(stripe: Desk, resource: str) -> None:
    pages = stripe.read(resource)
    assert all(page.full for page in pages)
    assert {record["id"] for page in pages for record in page.records} == ids(stripe, resource)


def test_a_list_of_many_pages_is_read_whole_and_its_cursor_is_of_its_beginning(stripe: Desk) -> None:
    one = stripe.one("customers")
    for n in range(230):
        stripe.store.put("customers", f"cus_extra{n:03}", one | {"id": f"cus_extra{n:03}", "created": n})
    pages = stripe.read("customers")
    assert [len(page.records) for page in pages] == [100, 100, 33]
    assert {record["id"] for page in pages for record in page.records} == ids(stripe, "customers")
    assert pages[-1].cursor == {"since": int(stripe.api.now().timestamp())}


@pytest.mark.parametrize("resource", RESOURCES)
def test_nothing_happened_and_nothing_is_read_again(stripe: Desk, resource: str) -> None:
    (page,) = stripe.read(resource, stripe.since(resource))
    assert (page.records, page.deleted, page.full) == ([], [], False)
    assert page.cursor == {"since": int(stripe.api.now().timestamp())}


def test_a_persons_edit_arrives_once_however_many_events_it_made(stripe: Desk) -> None:
    cursor, one = stripe.since("customers"), stripe.one("customers", name="Ann Lee")
    for phone in ("(512) 474-0000", "(512) 474-9999"):
        stripe.edit("customers", one["id"], phone=phone)
    (page,) = stripe.read("customers", cursor)
    assert [canonical("customer", record)["phone"] for record in page.records] == ["+15124749999"]


def test_an_edit_shortly_before_the_last_read_is_seen_again(stripe: Desk) -> None:
    stripe.edit("customers", stripe.one("customers")["id"], name="Late Event")
    (page,) = stripe.read("customers", stripe.since("customers", seconds=1))
    assert [record["name"] for record in page.records] == ["Late Event"]


def test_what_a_person_deleted_is_reported(stripe: Desk) -> None:
    customer, draft = stripe.one("customers")["id"], stripe.one("invoices", status="draft")["id"]
    people, bills = stripe.since("customers"), stripe.since("invoices")
    stripe.served.twin.remove(stripe.store, "customers", customer)
    stripe.served.twin.remove(stripe.store, "invoices", draft)
    assert stripe.read("customers", people)[0].deleted == [customer]
    assert stripe.read("invoices", bills)[0].deleted == [draft]
    assert customer not in {record["id"] for record in stripe.all("customers")}


def test_events_are_kept_for_thirty_days_and_then_all_is_read_again(stripe: Desk) -> None:
    with pytest.raises(Gone, match="30 days"):
        stripe.read("customers", stripe.since("customers", days=30))
    assert stripe.read("customers", stripe.since("customers", days=29))


def test_an_invoice_has_all_its_lines(stripe: Desk) -> None:
    one = stripe.one("invoices", status="draft")
    cursor = stripe.since("invoices")
    for n in range(11):
        form = {"customer": one["customer"], "invoice": one["id"], "amount": str(n + 1)}
        stripe.api.request("POST", "/v1/invoiceitems", data=form)
    (page,) = stripe.read("invoices", cursor)
    lines = json.loads(canonical("invoice", page.records[0])["lines"])
    assert len(lines) == 12
    assert sum(Decimal(line["amount"]) for line in lines) == canonical("invoice", page.records[0])["subtotal"]
    (again,) = (record for record in stripe.all("invoices") if record["id"] == one["id"])
    assert again == page.records[0]


def test_a_payment_says_which_invoices_it_settled(stripe: Desk) -> None:
    cursors = {name: stripe.since(name) for name in ("charges", "invoices")}
    bill = stripe.one("invoices", number="J-2")
    stripe.api.request("POST", f"/v1/invoices/{bill['id']}/pay")
    (page,) = stripe.read("charges", cursors["charges"])
    (record,) = page.records
    paid = canonical("payment", record)
    assert json.loads(paid["allocations"]) == [{"invoice": bill["id"], "amount": "166.2500"}]
    assert (paid["amount"], paid["method"], paid["customer"]) == (Decimal("166.25"), "card", bill["customer"])
    assert record in stripe.all("charges")
    (changed,) = stripe.read("invoices", cursors["invoices"])
    assert canonical("invoice", changed.records[0])["status"] == "paid"


def test_a_payment_of_two_invoices_and_one_of_none(stripe: Desk) -> None:
    by_memo = {record["description"]: canonical("payment", record) for record in stripe.all("charges")}
    parts = json.loads(by_memo["PMT-p1"]["allocations"])
    assert sorted(part["amount"] for part in parts) == ["216.5000", "50.2500"]
    assert by_memo["PMT-p2"]["allocations"] == "[]"
    assert by_memo["PMT-p2"]["method"] == "ach"


def test_a_refund_shows_in_the_charge_and_not_in_what_was_received(stripe: Desk) -> None:
    charge, cursor = stripe.one("charges", description="PMT-p1"), stripe.since("charges")
    stripe.api.request("POST", "/v1/refunds", data={"charge": charge["id"], "amount": "5000"})
    (page,) = stripe.read("charges", cursor)
    assert [one["amount"] for one in page.records[0]["refunds"]["data"]] == [5000]
    assert canonical("payment", page.records[0])["amount"] == Decimal("300.00")


def test_a_payout_is_its_payments_less_fees_and_refunds_to_the_cent(stripe: Desk) -> None:
    payouts = [canonical("payout", record) for record in stripe.all("payouts")]
    assert len(payouts) == 2
    for one in payouts:
        lines = json.loads(one["lines"])
        assert sum(Decimal(line["amount"]) for line in lines) == one["amount"]
        assert {line["kind"] for line in lines} == {"payment", "fee"}
        assert all(Decimal(line["amount"]) < 0 for line in lines if line["kind"] == "fee")


def test_of_a_manual_payout_nothing_is_guessed(stripe: Desk) -> None:
    stripe.edit("payouts", stripe.one("payouts")["id"], automatic=False)
    lines = [canonical("payout", record)["lines"] for record in stripe.all("payouts")]
    assert lines.count(None) == 1


def test_amounts_of_other_currencies_have_their_own_decimals(stripe: Desk) -> None:
    charge = stripe.one("charges")
    read = {}
    for code in ("jpy", "kwd", "isk", "usd"):
        read[code] = canonical("payment", charge | {"amount_captured": 12340, "currency": code})["amount"]
    assert read == {"jpy": 12340, "kwd": Decimal("12.34"), "isk": Decimal("123.4"), "usd": Decimal("123.4")}


@pytest.mark.parametrize(
    ("changed", "given", "family", "company"),
    [
        ({"name": "Ann Lee"}, "Ann", "Lee", None),
        ({"name": "Mary Ann van Dyke"}, "Mary Ann van", "Dyke", None),
        ({"name": "Cher"}, None, "Cher", None),
        ({"name": "Neil Cooling Inc."}, None, None, "Neil Cooling Inc."),
        ({"name": "Neil", "business_name": "Neil Cooling"}, None, None, "Neil Cooling"),
        ({"name": "x", "business_name": "Neil", "individual_name": "Bob Hill"}, "Bob", "Hill", "Neil"),
        ({"name": None}, None, None, None),
    ],
)
def test_a_name_is_told_apart(stripe: Desk, changed: dict[str, str], given: str, family: str, company: str) -> None:
    blank = stripe.one("customers") | {"name": None, "business_name": None, "individual_name": None}
    read = canonical("customer", blank | changed)
    assert (read["given_name"], read["family_name"], read["company_name"]) == (given, family, company)


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("rate_limit", {}, Throttled),
        ("rate_limit", {"retry_after": 3}, Throttled),
        ("server_error", {}, Transient),
        ("unauthorized", {}, Unauthorized),
        ("forbidden", {}, Unauthorized),
        ("html_error_page", {}, PlumblineError),
    ],
)
def test_a_failure_is_an_error_and_never_an_empty_read(
    impatient: Desk, kind: str, more: dict[str, float], error: type[Exception]
) -> None:
    impatient.fault(kind, **more)
    with pytest.raises(error):
        impatient.read("customers")


def test_a_failure_in_the_middle_of_a_list_leaves_no_short_read(impatient: Desk) -> None:
    impatient.fault("server_error", path="/v1/charges$")
    with pytest.raises(Transient):
        impatient.read("charges")


def test_what_passes_is_borne(stripe: Desk) -> None:
    stripe.fault("rate_limit", times=1)
    assert len(stripe.all("customers")) == 3


def test_the_account_is_who_we_are(stripe: Desk) -> None:
    assert CONNECTOR.account is not None
    found = CONNECTOR.account(stripe.api)
    assert (found.name, found.environment, found.time_zone) == ("Bluebonnet Home Services", "test", "America/Chicago")
    assert found.id.startswith("acct_")

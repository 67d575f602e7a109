"""Whole reads, what changed since, what changes without a stamp, and what is no longer there."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from connectors.xero import CONNECTOR, reading
from models.errors import PlumblineError, Throttled, Transient, Unauthorized
from tests.connectors.desk import Desk
from tests.connectors.xero.conftest import canonical, row

RESOURCES = [one.name for one in CONNECTOR.resources]
LISTS = [name for name in RESOURCES if name != "items"]
IDS = {one.name: str(one.id) for one in CONNECTOR.resources}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(books: Desk, resource: str) -> None:
    pages = books.read(resource)
    assert all(page.full for page in pages)
    seen = [record[IDS[resource]] for page in pages for record in page.records]
    assert sorted(seen) == sorted(record[IDS[resource]] for record in books.store.all(resource))
    assert seen


def test_a_list_of_many_pages_is_read_whole(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    pages = books.read("invoices")
    assert [len(page.records) for page in pages] == [2, 2]
    assert {record["InvoiceNumber"] for page in pages for record in page.records} == {"J-1", "J-2", "J-3", "J-4"}
    assert len({json.dumps(page.cursor) for page in pages}) == 1


@pytest.mark.parametrize("resource", LISTS)
def test_nothing_happened_and_nothing_is_read_again(books: Desk, resource: str) -> None:
    (page,) = books.read(resource, books.since(resource))
    assert (list(page.records), page.full) == ([], False)


def test_a_persons_edit_arrives_with_the_next_read(books: Desk) -> None:
    cursor, one = books.since("contacts"), books.one("contacts", Name="Ann Lee")
    books.edit("contacts", one["ContactID"], EmailAddress="New@example.com")
    (record,) = books.all("contacts", cursor)
    assert canonical("customer", record)["email"] == "new@example.com"


def test_an_edit_shortly_before_the_last_read_is_seen_again(books: Desk) -> None:
    books.edit("contacts", books.one("contacts")["ContactID"], FirstName="Late")
    (record,) = books.all("contacts", books.since("contacts", seconds=1))
    assert record["FirstName"] == "Late"


def test_what_moves_no_stamp_is_found_by_the_daily_read(books: Desk) -> None:
    """The due date of a part-paid invoice, and what its customer owes, change silently."""
    cursor, one = books.since("invoices"), books.one("invoices", InvoiceNumber="J-2")
    books.edit("invoices", one["InvoiceID"], DueDateString="2026-05-05T00:00:00")
    assert books.all("invoices", cursor) == []
    books.later(days=1)
    pages = books.read("invoices", cursor)
    assert all(page.full for page in pages)
    (found,) = [record for page in pages for record in page.records if record["InvoiceNumber"] == "J-2"]
    assert canonical("invoice", found)["due_on"] == date(2026, 5, 5)


def test_a_payment_shows_with_its_invoice(books: Desk) -> None:
    payments, bills = books.since("payments"), books.since("invoices")
    bill = books.one("invoices", InvoiceNumber="J-2")
    told = json.dumps([{"invoice": bill["InvoiceID"], "amount": "166.25"}])
    books.create("payment", {"amount": Decimal("166.25"), "reference": "ch_1", "allocations": told})
    (paid,) = books.all("payments", payments)
    read = canonical("payment", paid)
    assert json.loads(read["allocations"]) == [{"invoice": bill["InvoiceID"], "amount": "166.2500"}]
    assert (read["reference"], read["customer"], read["currency"]) == ("ch_1", bill["Contact"]["ContactID"], "USD")
    (settled,) = books.all("invoices", bills)
    assert (canonical("invoice", settled)["status"], canonical("invoice", settled)["balance"]) == ("paid", 0)


def test_a_credit_note_says_what_it_was_taken_off(books: Desk) -> None:
    bill, note = books.one("invoices", InvoiceNumber="J-2"), books.one("credit_notes")
    taken = {"Amount": 10.0, "Date": note["Date"], "Invoice": {"InvoiceID": bill["InvoiceID"]}}
    cursor, bills = books.since("credit_notes"), books.since("invoices")
    books.edit("credit_notes", note["CreditNoteID"], Allocations=[taken])
    (found,) = books.all("credit_notes", cursor)
    read = canonical("credit_note", found)
    assert json.loads(read["allocations"]) == [{"invoice": bill["InvoiceID"], "amount": "10.0000"}]
    assert (read["status"], read["total"], read["remaining"]) == ("open", 25, 15)
    assert (read["number"], read["customer"]) == (note["CreditNoteNumber"], note["Contact"]["ContactID"])
    (lowered,) = books.all("invoices", bills)
    assert canonical("invoice", lowered)["balance"] == Decimal("156.25")


def test_what_was_deleted_says_so_and_what_was_archived_is_inactive(books: Desk) -> None:
    cursors = {name: books.since(name) for name in LISTS}
    draft, person = books.one("invoices", InvoiceNumber="J-4"), books.one("contacts", Name="Neil Cooling Inc")
    payment = books.one("payments", IsReconciled=False)
    for collection, record in (("invoices", draft), ("contacts", person), ("payments", payment)):
        books.served.twin.remove(books.store, collection, record[IDS[collection]])
    by_number = {record["InvoiceNumber"]: record for record in books.all("invoices", cursors["invoices"])}
    assert row("invoice", by_number["J-4"])["deleted_at"] is not None
    (archived,) = books.all("contacts", cursors["contacts"])
    assert canonical("customer", archived)["status"] == "inactive"
    assert row("customer", archived)["deleted_at"] is None
    (taken_back,) = books.all("payments", cursors["payments"])
    assert row("payment", taken_back)["deleted_at"] is not None


def test_a_void_invoice_stays_and_a_removed_item_is_missing(books: Desk) -> None:
    by_number = {record["InvoiceNumber"]: canonical("invoice", record)["status"] for record in books.all("invoices")}
    assert by_number == {"J-1": "paid", "J-2": "open", "J-3": "void", "J-4": "draft"}
    gone = books.one("items", Name="Filter")
    books.served.twin.remove(books.store, "items", gone["ItemID"])
    (page,) = books.read("items")
    assert page.full
    assert [record["Name"] for record in page.records] == ["Visit"]


def test_story_14_a_merged_contact_names_the_one_that_took_its_place(books: Desk) -> None:
    cursor = books.since("contacts")
    loser, winner = books.one("contacts", Name="Ann Lee (2)"), books.one("contacts", Name="Ann Lee")
    assert books.served.twin.merge is not None
    books.served.twin.merge(books.store, "contacts", loser["ContactID"], winner["ContactID"])
    found = {record["ContactID"]: row("customer", record) for record in books.all("contacts", cursor)}
    assert found[loser["ContactID"]]["merged_into"] == winner["ContactID"]


def test_an_invoice_reads_to_the_cent(books: Desk) -> None:
    (record,) = [one for one in books.all("invoices") if one["InvoiceNumber"] == "J-2"]
    read = canonical("invoice", record)
    assert (read["subtotal"], read["tax"], read["total"], read["balance"]) == (
        Decimal(200), Decimal("16.5"), Decimal("216.5"), Decimal("166.25"),
    )  # fmt: skip
    assert (read["issued_on"], read["due_on"]) == (date(2026, 2, 2), date(2026, 3, 4))
    (line,) = json.loads(read["lines"])
    assert (line["item"], Decimal(line["quantity"]), Decimal(line["amount"])) == ("Visit", 2, 200)


@pytest.mark.parametrize(
    ("changed", "phone"),
    [
        ({"PhoneNumber": "(512) 474-9999"}, "+15124749999"),
        ({"PhoneNumber": "4749999", "PhoneAreaCode": "512"}, "+15124749999"),
        ({"PhoneNumber": "474 9999", "PhoneAreaCode": "512", "PhoneCountryCode": "+1"}, "+15124749999"),
        ({"PhoneNumber": "7946 0000", "PhoneAreaCode": "020", "PhoneCountryCode": "44"}, "+442079460000"),
        ({"PhoneNumber": "+44 20 7946 0000", "PhoneCountryCode": "1"}, "+442079460000"),
        ({"PhoneNumber": ""}, "+15125550100"),
    ],
)
def test_a_phone_number_in_parts(books: Desk, changed: dict[str, str], phone: str) -> None:
    mobile = {"PhoneType": "MOBILE", "PhoneNumber": "512 555 0100"}
    one = books.one("contacts") | {"Phones": [mobile, {"PhoneType": "DEFAULT", **changed}]}
    assert canonical("customer", one)["phone"] == phone


@pytest.mark.parametrize(
    ("addresses", "street"),
    [
        ([("STREET", "1 Yard Rd"), ("POBOX", "2 Main St")], "2 Main St"),
        ([("POBOX", ""), ("STREET", "1 Yard Rd")], "1 Yard Rd"),
        ([("DELIVERY", "3 Dock Rd")], None),
        ([], None),
    ],
)
def test_the_address_of_documents_counts(books: Desk, addresses: list[tuple[str, str]], street: str | None) -> None:
    told = [{"AddressType": kind, "AddressLine1": text} for kind, text in addresses]
    assert canonical("customer", books.one("contacts") | {"Addresses": told})["street"] == street


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("rate_limit", {}, Throttled),
        ("rate_limit", {"retry_after": 3}, Throttled),
        ("server_error", {"status": 503}, Transient),
        ("unauthorized", {}, Unauthorized),
        ("forbidden", {}, Unauthorized),
        ("truncated_page", {}, Transient),
        ("html_error_page", {"status": 503}, PlumblineError),
    ],
)
def test_a_failure_is_an_error_and_never_an_empty_read(
    impatient: Desk, kind: str, more: dict[str, float], error: type[Exception]
) -> None:
    impatient.fault(kind, path="/Invoices", times=None, **more)
    with pytest.raises(error):
        impatient.read("invoices")


def test_story_58_a_refresh_token_is_used_once_and_the_next_one_kept(books: Desk) -> None:
    books.later(hours=2)
    assert books.all("contacts")
    books.later(hours=2)
    assert books.all("contacts")
    forms = [one.request_body for one in books.recording if one.path == "/connect/token"]
    assert len(forms) == len(set(forms)) == 2

"""Contacts, invoices and payments written, found again after a lost answer, and refused where the books must refuse."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from connectors.addresses import PARTS
from connectors.parties import NAMES
from models.errors import ClosedPeriod, Gone, NumberTaken, PlumblineError, Rejected, Throttled, Transient
from models.schema import Type
from tests.connectors.canonical import BY_KIND, BY_TYPE, same
from tests.connectors.desk import Desk
from tests.connectors.xero.conftest import WRITES, canonical, lines

KIM = {
    "given_name": "Kim", "family_name": "Hill", "company_name": None, "email": "kim@hill.example",
    "phone": "+15125550123", "street": "9 Elm St", "city": "Waco", "state": "TX", "postal_code": "76701",
    "country": "US",
}  # fmt: skip
BILL: dict[str, Any] = {
    "number": "J-77", "issued_on": date(2026, 3, 2), "due_on": date(2026, 4, 1), "tax": Decimal("18.90"),
    "memo": "job 77", "status": "open",
    "lines": lines(("Visit", "First visit", "1.5", "100"), (None, "Parts", "1", "79.10")),
}  # fmt: skip
INV = "inv_0123456789abcdef"


def customer(books: Desk, name: str = "Ann Lee") -> dict[str, str]:
    return {"customer": books.one("contacts", Name=name)["ContactID"]}


def whole(invoice: str, amount: Any) -> str:
    """Allocations of a payment that is of one invoice."""
    parts = [{"invoice": invoice, "amount": str(Decimal(amount).quantize(Decimal("0.0001")))}]
    return json.dumps(parts, separators=(",", ":"))


def test_a_contact_reads_back_as_it_was_written(books: Desk) -> None:
    made = books.create("customer", KIM)
    read = canonical("customer", made.record)
    assert {name: read[name] for name in KIM} == KIM
    fetched = WRITES["customer"].fetch(books.api, made.id)
    assert fetched is not None
    assert {name: canonical("customer", fetched.record)[name] for name in KIM} == KIM
    record = books.store.get("contacts", made.id) or {}
    assert (record["Name"], record["ContactNumber"]) == ("Kim Hill", "cus_0123456789abcdef")
    phone = next(one for one in record["Phones"] if one["PhoneType"] == "DEFAULT")
    assert (phone["PhoneCountryCode"], phone["PhoneAreaCode"], phone["PhoneNumber"]) == ("1", "512", "5550123")


VALUES = st.fixed_dictionaries(
    {
        **{name: st.none() | BY_TYPE[Type.TEXT] for name in (*NAMES[1:], *PARTS)},
        "given_name": BY_TYPE[Type.TEXT], "email": st.none() | BY_KIND["email"],
        "phone": st.none() | BY_KIND["phone"] | st.sampled_from(["+442079460000", "+4930901820"]),
    }
)  # fmt: skip


def test_every_field_of_a_contact_survives_whatever_it_says(books: Desk) -> None:
    made = books.create("customer", KIM)

    @settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False)
    @given(VALUES)
    def holds(values: dict[str, Any]) -> None:
        person = " ".join(values[name] for name in NAMES[:2] if values[name])
        assume(values["company_name"] != person)  # there is one name for both
        read = canonical("customer", books.update("customer", made.id, values).record)
        assert {name: (values[name], read[name]) for name in values if not same(values[name], read[name])} == {}

    holds()


def test_only_what_changed_is_sent_and_the_rest_stays(books: Desk) -> None:
    one = books.one("contacts", Name="Ann Lee")
    before = canonical("customer", one)
    made = books.update("customer", one["ContactID"], {"city": "Hutto"}, desired=before)
    read = canonical("customer", made.record)
    assert read | {"city": before["city"]} == before | {"street": read["street"]}
    assert (read["city"], read["street"]) == ("Hutto", "12 Oak St, B")
    sent = json.loads(
        next(one for one in books.recording if one.method == "POST" and "Contacts" in one.path).request_body
    )
    assert set(sent["Contacts"][0]) == {"ContactID", "Addresses"}


def test_an_address_and_a_phone_are_cleared_whichever_kind_they_were(books: Desk) -> None:
    one = books.one("contacts", Name="Ann Lee")
    address = [{"AddressType": "STREET", "AddressLine1": "1 Yard Rd", "City": "Waco"}]
    books.edit(
        "contacts", one["ContactID"], Addresses=address, Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "5124749999"}]
    )
    cleared = dict.fromkeys((*PARTS, "phone"))
    read = canonical("customer", books.update("customer", one["ContactID"], cleared).record)
    assert {name: read[name] for name in cleared} == cleared


def test_a_namesake_is_adopted_when_it_is_the_same_and_told_apart_when_not(books: Desk) -> None:
    ann = {"given_name": "Ann", "family_name": "Lee", "email": "ann@example.com"}
    made = books.create("customer", ann)
    assert made.id == books.one("contacts", Name="Ann Lee")["ContactID"]
    other = ann | {"email": "other@example.com", "city": "Buda"}
    second = books.create("customer", other, core_id="cus_1111111111111111")
    kept = books.one("contacts", Name="Ann Lee (Buda)")
    assert (kept["ContactID"], canonical("customer", kept)["company_name"]) == (second.id, None)
    with pytest.raises(Rejected, match=r"'Ann Lee' and 'Ann Lee \(Buda\)' too"):
        books.create("customer", other | {"email": "third@example.com"}, core_id="cus_2222222222222222")
    assert len([one for one in books.store.all("contacts") if one["Name"] == "Ann Lee"]) == 1


def test_what_tells_a_namesake_apart_stays_with_a_new_name(books: Desk) -> None:
    one = {"given_name": "Ann", "family_name": "Lee", "email": "other@example.com", "city": "Buda"}
    made = books.create("customer", one, core_id="cus_1111111111111111")
    books.update("customer", made.id, {"family_name": "Moss"}, desired=one | {"family_name": "Moss"})
    assert books.one("contacts", ContactID=made.id)["Name"] == "Ann Moss (Buda)"


def test_a_contact_is_found_by_our_id(books: Desk) -> None:
    assert books.find("customer", KIM) is None
    made = books.create("customer", KIM)
    found = books.find("customer", KIM)
    assert found is not None
    assert found.id == made.id
    assert canonical("customer", found.record)["email"] == KIM["email"]


def test_a_contact_is_archived_and_then_counts_as_gone(books: Desk) -> None:
    id = books.one("contacts", Name="Neil Cooling Inc")["ContactID"]
    books.delete("customer", id)
    assert books.one("contacts", ContactID=id)["ContactStatus"] == "ARCHIVED"
    assert WRITES["customer"].fetch(books.api, id) is None
    with pytest.raises(Gone):
        books.update("customer", "00000000-0000-4000-8000-000000000000", {"email": "a@b.example"})


def test_a_contact_needs_a_name(books: Desk) -> None:
    with pytest.raises(Rejected, match="neither a name"):
        books.create("customer", {"given_name": None, "email": None})


def test_an_invoice_reads_back_as_it_was_written(books: Desk) -> None:
    made = books.create("invoice", BILL, refs=customer(books), core_id=INV)
    fetched = WRITES["invoice"].fetch(books.api, made.id)
    assert fetched is not None
    for record in (made.record, fetched.record):
        read = canonical("invoice", record)
        assert (read["number"], read["memo"], read["status"]) == ("J-77", "job 77", "open")
        assert (read["issued_on"], read["due_on"]) == (date(2026, 3, 2), date(2026, 4, 1))
        assert (read["subtotal"], read["tax"], read["total"]) == (
            Decimal("229.10"),
            Decimal("18.90"),
            Decimal("248.00"),
        )
        meant = [
            {k: v if k in ("item", "description") else Decimal(v) for k, v in one.items()}
            for one in json.loads(BILL["lines"])
        ]
        told = [
            {k: v if k in ("item", "description") else Decimal(v) for k, v in one.items()}
            for one in json.loads(read["lines"])
        ]
        assert told == meant
    assert books.store.get("invoices", made.id) is not None


def test_tax_is_shared_among_the_lines_to_the_cent(books: Desk) -> None:
    three = lines((None, "a", "1", "10"), (None, "b", "1", "10"), (None, "c", "1", "10"))
    made = books.create("invoice", BILL | {"lines": three, "tax": Decimal("1.00")}, refs=customer(books), core_id=INV)
    assert [str(one["TaxAmount"]) for one in (made.record or {})["LineItems"]] == ["0.34", "0.33", "0.33"]
    free = books.create("invoice", BILL | {"number": "J-78", "tax": Decimal(0)}, refs=customer(books), core_id=INV)
    assert canonical("invoice", free.record)["tax"] == 0


def test_a_draft_stays_one_and_a_void_one_is_not_made(books: Desk) -> None:
    made = books.create("invoice", BILL | {"status": "draft"}, refs=customer(books), core_id=INV)
    assert canonical("invoice", made.record)["status"] == "draft"
    with pytest.raises(Rejected, match="void"):
        books.create("invoice", BILL | {"status": "void"}, refs=customer(books), core_id=INV)


def test_story_07_a_taken_number_is_adopted_only_when_it_is_the_same_invoice(books: Desk) -> None:
    made = books.create("invoice", BILL, refs=customer(books), core_id=INV)
    again = books.create("invoice", {**BILL, "memo": "again"}, refs=customer(books), core_id=INV)
    assert again.id == made.id
    with pytest.raises(NumberTaken, match="'J-77-2' is free"):
        books.create("invoice", BILL, refs=customer(books, "Neil Cooling Inc"), core_id="inv_1111111111111111")


def test_an_invoice_without_a_number_is_found_by_our_marker(books: Desk) -> None:
    bill = BILL | {"number": None}
    assert books.find("invoice", bill, refs=customer(books), core_id=INV) is None
    made = books.create("invoice", bill, refs=customer(books), core_id=INV)
    read = canonical("invoice", made.record)
    assert (read["memo"], read["number"]) == ("job 77", "INV-0001")
    found = books.find("invoice", bill, refs=customer(books), core_id=INV)
    assert found is not None
    assert found.id == made.id


def test_lines_are_replaced_and_other_members_stay(books: Desk) -> None:
    made = books.create("invoice", BILL, refs=customer(books), core_id=INV)
    changed = books.update("invoice", made.id, {"due_on": date(2026, 5, 1), "memo": None}, desired=BILL)
    read = canonical("invoice", changed.record)
    assert (read["due_on"], read["memo"], read["total"]) == (date(2026, 5, 1), None, Decimal("248.00"))
    other = {"lines": lines(("Filter", "Filter", "2", "19.99"))}
    read = canonical("invoice", books.update("invoice", made.id, other, desired=BILL | {"tax": Decimal("3.30")}).record)
    assert (read["subtotal"], read["tax"]) == (Decimal("39.98"), Decimal("3.30"))


def test_what_the_price_book_lacks_is_refused(books: Desk) -> None:
    with pytest.raises(Rejected, match="no item 'Boiler'"):
        books.create("invoice", BILL | {"lines": lines(("Boiler", "x", "1", "1"))}, refs=customer(books), core_id=INV)
    with pytest.raises(Rejected, match="no lines"):
        books.create("invoice", BILL | {"lines": "[]"}, refs=customer(books), core_id=INV)


def test_an_invoice_with_a_payment_keeps_its_lines(books: Desk) -> None:
    id = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    with pytest.raises(Rejected, match="cannot be edited"):
        books.update("invoice", id, {"lines": BILL["lines"]}, desired={"tax": Decimal(0)})
    with pytest.raises(Rejected, match="cannot be edited"):
        books.delete("invoice", id)


def test_a_draft_is_deleted_an_approved_invoice_voided_and_twice_is_once(books: Desk) -> None:
    made = books.create("invoice", BILL, refs=customer(books), core_id=INV)
    for id in (made.id, made.id, books.one("invoices", InvoiceNumber="J-4")["InvoiceID"]):
        books.delete("invoice", id)
        assert WRITES["invoice"].fetch(books.api, id) is None
    states = {one["InvoiceNumber"]: one["Status"] for one in books.store.all("invoices")}
    assert (states["J-77"], states["J-4"]) == ("VOIDED", "DELETED")


def test_story_53_what_is_dated_before_the_lock_date_waits(books: Desk) -> None:
    books.edit(
        "organisations", books.one("organisations")["OrganisationID"], PeriodLockDate="/Date(1772409600000+0000)/"
    )
    with pytest.raises(ClosedPeriod, match="lock date"):
        books.create("invoice", BILL | {"issued_on": date(2026, 3, 1)}, refs=customer(books), core_id=INV)
    assert books.create("invoice", BILL | {"issued_on": date(2026, 3, 3)}, refs=customer(books), core_id=INV).id


def test_a_payment_reads_back_is_found_and_taken_back(books: Desk) -> None:
    bill = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    paid: dict[str, Any] = {"reference": "ch_77", "received_on": date(2026, 3, 9), "amount": Decimal("100.10")}
    paid["allocations"] = whole(bill, "100.10")
    assert books.find("payment", paid) is None
    made = books.create("payment", paid)
    read = canonical("payment", made.record)
    assert {name: read[name] for name in paid} == paid
    found = books.find("payment", paid)
    assert found is not None
    assert found.id == made.id
    assert books.find("payment", paid | {"amount": Decimal("100.11"), "allocations": whole(bill, "100.11")}) is None
    books.delete("payment", made.id)
    assert WRITES["payment"].fetch(books.api, made.id) is None
    assert books.find("payment", paid) is None
    assert canonical("invoice", WRITES["invoice"].fetch(books.api, bill).record)["balance"] == Decimal("166.25")  # type: ignore[union-attr]


def test_a_payment_of_one_allocation_without_a_reference_carries_our_marker(books: Desk) -> None:
    bill = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    told, ours = {"amount": Decimal(20), "allocations": whole(bill, 20)}, "pay_0123456789abcdef"
    made = books.create("payment", told, core_id=ours)
    assert (made.record or {})["Reference"] == f"plumbline:{ours}"
    assert canonical("payment", made.record)["reference"] is None
    found = books.find("payment", told, core_id=ours)
    assert found is not None
    assert found.id == made.id


@pytest.mark.parametrize("parts", [[], ["5", "5"], ["9"]], ids=["none", "two", "a part"])
def test_story_54_a_payment_that_is_not_of_one_whole_invoice_waits_for_a_person(books: Desk, parts: list[str]) -> None:
    bill = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    told = json.dumps([{"invoice": bill, "amount": amount} for amount in parts])
    with pytest.raises(Rejected, match="one payment for one invoice"):
        books.create("payment", {"amount": Decimal(10), "allocations": told})
    assert books.sent("PUT", "/Payments") == 0


def test_more_than_is_open_is_refused(books: Desk) -> None:
    bill = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    with pytest.raises(Rejected, match="exceeds the amount outstanding"):
        books.create("payment", {"amount": Decimal(1000), "reference": "x", "allocations": whole(bill, 1000)})


@pytest.mark.parametrize("ignored", [False, True], ids=["keys work", "keys are ignored"])
def test_story_01_a_lost_answer_never_makes_a_second_one(books: Desk, *, ignored: bool) -> None:
    if ignored:
        books.fault("ignored_idempotency_key")
    bill = books.one("invoices", InvoiceNumber="J-2")["InvoiceID"]
    for entity, told, refs in (
        ("customer", KIM, {}), ("invoice", BILL, customer(books)),
        ("payment", {"amount": Decimal(10), "reference": "ch_9", "allocations": whole(bill, 10)}, {}),
    ):  # fmt: skip
        resource = {"customer": "contacts"}.get(entity, f"{entity}s")
        before = len(books.store.all(resource))
        books.fault("dropped_answer", method="PUT", times=1)
        with pytest.raises(Transient):
            books.create(entity, told, refs=refs)
        assert len(books.store.all(resource)) == before + 1
        assert books.find(entity, told, refs=refs) is not None


def test_a_lost_answer_to_an_update_is_asked_again_under_its_key(books: Desk) -> None:
    id = books.one("contacts", Name="Ann Lee")["ContactID"]
    books.fault("dropped_answer", method="POST", path=id, times=1)
    assert (
        canonical("customer", books.update("customer", id, {"email": "x@y.example"}).record)["email"] == "x@y.example"
    )
    keys = {one.request_header("idempotency-key") for one in books.recording if one.method == "POST" and id in one.path}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [("rate_limit", {"retry_after": 2}, Throttled), ("server_error", {"status": 503}, Transient)],
)
def test_a_refused_write_is_an_error(
    impatient: Desk, kind: str, more: dict[str, Any], error: type[PlumblineError]
) -> None:
    impatient.fault(kind, method="PUT", **more)
    with pytest.raises(error):
        impatient.create("customer", KIM)

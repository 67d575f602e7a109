"""Writing to the twin: once, never over an edit, and read back as it was meant."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.spec import Written
from models.errors import Ambiguous, Rejected, Stale
from tests.connectors.quickbooks_online.conftest import MAP_OF, WRITES, Books, canonical, outgoing, row

CORE = "cus_0123456789abcdef"
DORA = {
    "given_name": "Dora", "family_name": "O'Dell", "email": "dora@example.com", "phone": "+15124745555",
    "street": "7 Elm St, Unit 4", "city": "Austin", "state": "TX", "postal_code": "78702", "country": "US",
}  # fmt: skip
LINES = [
    {"item": "Visit", "description": "Visits", "quantity": "2.000000", "unit_price": "100.0000", "amount": "200.0000"},
    {"item": "Filter", "description": "A filter", "quantity": "1.500000", "unit_price": "19.9900", "amount": "29.9900"},
]  # fmt: skip
BILL = {
    "number": "J-77", "issued_on": date(2026, 3, 10), "due_on": date(2026, 4, 9), "tax": Decimal("16.50"),
    "total": Decimal("246.49"), "memo": "Thank you", "lines": json.dumps(LINES),
}  # fmt: skip
MONEY = {"reference": "CHK-9", "received_on": date(2026, 3, 10), "amount": Decimal("100.25"), "memo": "at the door"}
ANN = {"customer": "1"}


def send(books: Books, entity: str, action: str, *args: Any, **more: Any) -> Any:
    function = getattr(WRITES[entity], action)
    return function(books.api, outgoing(entity, action, *args, **more))  # type: ignore[arg-type]


def find(books: Books, entity: str, values: dict[str, Any], **more: Any) -> Any:
    look = WRITES[entity].find
    assert look is not None
    return look(books.api, outgoing(entity, "create", values, **more))


def count(books: Books, collection: str) -> int:
    return len(list(books.store.all(collection)))


def wanted(values: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was found of the values that were sent."""
    return {name: found[name] for name in values}


# --- customers ---------------------------------------------------------------------------------------


def test_a_new_customer_reads_back_as_it_was_meant(books: Books) -> None:
    made = books.create("customer", DORA)
    assert wanted(DORA, canonical("customer", made.record)) == DORA
    assert row("customer", made.record)["core_ref"] == CORE
    assert books.held("customer", made.id) == made
    assert made.record is not None
    assert made.record["DisplayName"] == "Dora O'Dell"


def test_a_company_is_called_by_its_name(books: Books) -> None:
    made = books.create("customer", {**DORA, "company_name": "Dell: Heating"})
    assert made.record is not None
    assert made.record["DisplayName"] == "Dell Heating"


def test_a_customer_without_any_name_waits_for_a_person(books: Books) -> None:
    with pytest.raises(Rejected, match="neither a name"):
        books.create("customer", {"phone": "+15124745555"})


def test_the_same_request_makes_one_customer(books: Books) -> None:
    first, again = books.create("customer", DORA), books.create("customer", DORA)
    assert first == again


def test_an_ignored_request_id_makes_one_customer_too(books: Books) -> None:
    books.fault("ignored_idempotency_key")
    first, again = books.create("customer", DORA), books.create("customer", DORA)
    assert first.id == again.id


def test_a_namesake_with_the_same_phone_is_adopted(books: Books) -> None:
    values = {"given_name": "Ann", "family_name": "Lee", "phone": "+15124741234"}
    before = count(books, "customers")
    assert books.create("customer", values).id == "1"
    assert count(books, "customers") == before


def test_another_customer_of_the_same_name_is_for_a_person_to_judge(books: Books) -> None:
    values = {"given_name": "Ann", "family_name": "Lee", "phone": "+15125550000", "email": "other@example.com"}
    with pytest.raises(Rejected, match=rf"customer 1 is called 'Ann Lee' too.*{CORE}"):
        books.create("customer", values)


def test_a_namesake_that_is_another_core_record_is_not_adopted(books: Books) -> None:
    books.create("customer", DORA)
    with pytest.raises(Rejected, match="too"):
        books.create("customer", DORA, core_id="cus_ffffffffffffffff", key="other")


def test_the_name_of_an_employee_is_made_unique(books: Books) -> None:
    made = books.create("customer", {"given_name": "Tom", "family_name": "Tech", "phone": "+15124749999"})
    assert made.record is not None
    assert made.record["DisplayName"] == "Tom Tech (customer)"
    assert find(books, "customer", {"given_name": "Tom", "family_name": "Tech", "phone": "+15124749999"}) == made


def test_a_lost_answer_is_settled_by_looking(impatient: Books) -> None:
    assert find(impatient, "customer", DORA) is None
    impatient.fault("dropped_answer", times=1, method="POST", path="customer")
    before = count(impatient, "customers")
    with pytest.raises(Ambiguous):
        impatient.create("customer", DORA)
    found = find(impatient, "customer", DORA)
    assert wanted(DORA, canonical("customer", found.record)) == DORA
    assert count(impatient, "customers") == before + 1


def test_an_update_changes_only_what_it_names(books: Books) -> None:
    made = books.create("customer", DORA)
    changed = send(books, "customer", "update", {"phone": "+15124746666"}, on=made)
    assert canonical("customer", changed.record) == {
        **canonical("customer", made.record), "phone": "+15124746666",
    }  # fmt: skip
    assert changed.version != made.version


def test_a_part_of_an_address_keeps_the_rest(books: Books) -> None:
    before = books.held("customer", "1")
    changed = send(books, "customer", "update", {"city": "Round Rock"}, on=before)
    assert canonical("customer", changed.record) == {**canonical("customer", before.record), "city": "Round Rock"}


def test_a_new_street_replaces_all_lines_of_the_old(books: Books) -> None:
    changed = send(books, "customer", "update", {"street": "9 Pine St, Flat 2"}, on=books.held("customer", "1"))
    assert canonical("customer", changed.record)["street"] == "9 Pine St, Flat 2"


@pytest.mark.parametrize("values", [{"phone": "+15124746666"}, {"city": "Round Rock"}])
def test_a_persons_edit_is_never_overwritten(books: Books, values: dict[str, Any]) -> None:
    seen = books.held("customer", "1")
    books.edit("customers", "1", GivenName="Anna")
    with pytest.raises(Stale):
        send(books, "customer", "update", values, on=seen)
    fresh = books.held("customer", "1")
    changed = send(books, "customer", "update", values, on=fresh)
    assert canonical("customer", changed.record) == {**canonical("customer", fresh.record), **values}


def test_an_update_without_a_version_is_not_sent(books: Books) -> None:
    out = outgoing("customer", "update", {"city": "X"})
    update = WRITES["customer"].update
    assert update is not None
    with pytest.raises(Stale, match="version of None is not known"):
        update(books.api, out)


def test_an_old_version_from_a_list_is_refused_and_the_single_read_is_right(books: Books) -> None:
    books.edit("customers", "1", GivenName="Anna")
    books.fault("stale_version", times=1)
    listed = row("customer", next(r for r in books.read("customers")[0].records if r["Id"] == "1"))
    fresh = books.held("customer", "1")
    assert listed["version"] != fresh.version
    assert send(books, "customer", "update", {"family_name": "Leigh"}, on=fresh).version is not None


def test_a_deleted_customer_is_made_inactive(books: Books) -> None:
    made = books.create("customer", DORA)
    assert send(books, "customer", "delete", on=made).record is None
    assert WRITES["customer"].fetch(books.api, made.id) is None
    kept = books.store.get("customers", made.id)
    assert kept is not None
    assert kept["Active"] is False


def test_deleting_over_an_edit_is_stale(books: Books) -> None:
    made = books.create("customer", DORA)
    books.edit("customers", made.id, GivenName="Theodora")
    with pytest.raises(Stale):
        send(books, "customer", "delete", on=made)


# --- invoices ----------------------------------------------------------------------------------------


def test_a_new_invoice_reads_back_as_it_was_meant(books: Books) -> None:
    made = books.create("invoice", BILL, refs=ANN, core_id="inv_00000000000000aa")
    found = canonical("invoice", made.record)
    lines = json.loads(found["lines"])
    assert wanted({**BILL, **ANN}, found) == {**BILL, **ANN, "lines": found["lines"]}
    assert [line["item"] for line in lines] == ["Visit", "Filter"]
    assert [line["amount"] for line in lines] == ["200.0000", "29.9900"]
    assert (found["status"], found["subtotal"], found["balance"]) == ("open", Decimal("229.99"), Decimal("246.49"))
    assert row("invoice", made.record)["core_ref"] == "inv_00000000000000aa"
    assert books.held("invoice", made.id) == made


def test_an_amount_that_the_source_rounded_otherwise_counts(books: Books) -> None:
    lines = [
        {"item": "Visit", "description": "x", "quantity": "3.000000", "unit_price": "33.3300", "amount": "100.0000"}
    ]
    made = books.create("invoice", {"number": "J-78", "lines": lines}, refs=ANN)
    (line,) = json.loads(canonical("invoice", made.record)["lines"])
    assert line["amount"] == "100.0000"


def test_an_item_that_the_price_book_lacks_is_named(books: Books) -> None:
    with pytest.raises(Rejected, match="no active item 'Rocket'"):
        books.create("invoice", {**BILL, "lines": [{"item": "Rocket", "amount": "1"}]}, refs=ANN)


def test_an_invoice_without_lines_is_not_made(books: Books) -> None:
    with pytest.raises(Rejected, match="has no lines"):
        books.create("invoice", {**BILL, "lines": None}, refs=ANN)


def test_a_lost_invoice_is_found_by_its_number(impatient: Books) -> None:
    impatient.fault("dropped_answer", times=1, method="POST", path="invoice")
    with pytest.raises(Ambiguous):
        impatient.create("invoice", BILL, refs=ANN, core_id="inv_1")
    found = find(impatient, "invoice", BILL, refs=ANN, core_id="inv_1")
    assert canonical("invoice", found.record)["number"] == "J-77"
    assert find(impatient, "invoice", {**BILL, "number": "J-78"}, refs=ANN, core_id="inv_1") is None


@pytest.mark.parametrize(
    ("changed", "refs"),
    [({"total": Decimal(1)}, ANN), ({"issued_on": date(2026, 3, 1)}, ANN), ({}, {"customer": "3"})],
)
def test_story_7_a_number_alone_does_not_make_it_the_same(
    books: Books, changed: dict[str, Any], refs: dict[str, str]
) -> None:
    number_two = {"number": "J-2", "issued_on": date(2026, 2, 2), "total": Decimal("216.50")}
    assert find(books, "invoice", number_two, refs=ANN) is not None
    assert find(books, "invoice", number_two | changed, refs=refs) is None


def test_story_7_a_taken_number_is_adopted_only_when_it_is_the_same_invoice(books: Books) -> None:
    same = {**BILL, "number": "J-2", "issued_on": date(2026, 2, 2), "total": Decimal("216.50")}
    before = count(books, "invoices")
    assert books.create("invoice", same, refs=ANN, core_id="inv_1").id == "2"
    with pytest.raises(Rejected, match="another number"):
        books.create("invoice", {**same, "total": Decimal(10)}, refs=ANN, core_id="inv_2", key="other")
    assert count(books, "invoices") == before


def test_lines_are_replaced_and_the_rest_stays(books: Books) -> None:
    made = books.create("invoice", BILL, refs=ANN)
    lines = [
        {"item": "Visit", "description": "One", "quantity": "1.000000", "unit_price": "90.0000", "amount": "90.0000"}
    ]
    values = {"lines": lines, "tax": Decimal("7.43")}
    changed = canonical("invoice", send(books, "invoice", "update", values, on=made).record)
    assert json.loads(changed["lines"]) == lines
    assert (changed["memo"], changed["total"]) == ("Thank you", Decimal("97.43"))


def test_an_update_of_an_invoice_respects_an_edit(books: Books) -> None:
    seen = books.held("invoice", "2")
    books.edit("invoices", "2", CustomerMemo={"value": "edited"})
    with pytest.raises(Stale):
        send(books, "invoice", "update", {"due_on": date(2026, 5, 1)}, on=seen)
    changed = send(books, "invoice", "update", {"due_on": date(2026, 5, 1)}, on=books.held("invoice", "2"))
    found = canonical("invoice", changed.record)
    assert (found["due_on"], found["memo"]) == (date(2026, 5, 1), "edited")


def test_a_deleted_invoice_is_void_and_never_removed(books: Books) -> None:
    made = books.create("invoice", BILL, refs=ANN, core_id="inv_1")
    assert send(books, "invoice", "delete", on=made).record is None
    assert WRITES["invoice"].fetch(books.api, made.id) is None
    kept = row("invoice", books.store.get("invoices", made.id))
    assert (kept["status"], kept["total"], kept["core_ref"]) == ("void", Decimal(0), "inv_1")
    assert find(books, "invoice", BILL, refs=ANN, core_id="inv_1") is None


def test_a_closed_period_is_named(books: Books) -> None:
    books.fault("closed_period", times=1)
    with pytest.raises(Rejected, match="closed"):
        books.create("invoice", BILL, refs=ANN)


# --- payments ----------------------------------------------------------------------------------------


def test_a_new_payment_reads_back_as_it_was_meant(books: Books) -> None:
    made = books.create("payment", MONEY, refs=ANN, core_id="pay_1")
    found = canonical("payment", made.record)
    assert wanted({**MONEY, **ANN}, found) == {**MONEY, **ANN}
    assert found["unapplied"] == Decimal("100.25")
    assert row("payment", made.record)["core_ref"] == "pay_1"
    assert books.held("payment", made.id) == made


def test_a_payment_is_applied_to_its_invoices(books: Books) -> None:
    parts = [{"invoice": "2", "amount": "60.2500"}, {"amount": "40"}]
    made = books.create("payment", {**MONEY, "allocations": json.dumps(parts)}, refs=ANN)
    found = canonical("payment", made.record)
    assert json.loads(found["allocations"]) == [{"invoice": "2", "amount": "60.2500"}]
    assert found["unapplied"] == Decimal(40)
    assert canonical("invoice", books.held("invoice", "2").record)["balance"] == Decimal("106.00")


def test_a_payment_is_put_to_other_invoices_and_keeps_what_else_it_settles(books: Books) -> None:
    def put(on: Written, **values: Any) -> Written:
        update = WRITES["payment"].update
        assert update is not None
        return update(books.api, outgoing("payment", "update", values, on=on, core_id="pay_1"))

    made = books.create("payment", {**MONEY, "allocations": parts_of("60.25")}, refs=ANN, core_id="pay_1")
    credit = {"Amount": 5, "LinkedTxn": [{"TxnId": "9", "TxnType": "CreditMemo"}]}
    books.edit("payments", made.id, Line=[*(books.store.get("payments", made.id) or {})["Line"], credit])
    moved = put(books.held("payment", made.id), allocations=parts_of("20"), memo="part")
    found = canonical("payment", moved.record)
    assert (json.loads(found["allocations"]), found["memo"]) == ([{"invoice": "2", "amount": "20.0000"}], "part")
    assert row("payment", moved.record)["core_ref"] == "pay_1"
    assert [line["LinkedTxn"][0]["TxnType"] for line in (moved.record or {})["Line"]] == ["Invoice", "CreditMemo"]
    assert canonical("invoice", books.held("invoice", "2").record)["balance"] == Decimal("146.25")
    put(moved, allocations="[]")
    assert canonical("invoice", books.held("invoice", "2").record)["balance"] == Decimal("166.25")
    with pytest.raises(Stale):
        put(made, memo="seen too early")


def parts_of(amount: str) -> str:
    return json.dumps([{"invoice": "2", "amount": amount}])


def test_a_payment_of_one_invoice_pays_it_whole(books: Books) -> None:
    told = {"amount": Decimal("166.25"), "allocations": parts_of("166.25")}
    made = books.create("payment", told, refs=ANN)
    assert canonical("payment", made.record)["unapplied"] == 0
    assert canonical("invoice", books.held("invoice", "2").record)["status"] == "paid"


def test_a_lost_payment_is_never_made_twice(impatient: Books) -> None:
    impatient.fault("ignored_idempotency_key")
    impatient.fault("dropped_answer", times=1, method="POST", path="payment")
    before = count(impatient, "payments")
    with pytest.raises(Ambiguous):
        impatient.create("payment", MONEY, refs=ANN, core_id="pay_1")
    found = find(impatient, "payment", MONEY, refs=ANN, core_id="pay_1")
    assert canonical("payment", found.record)["reference"] == "CHK-9"
    assert count(impatient, "payments") == before + 1


def test_a_server_that_broke_over_a_payment_leaves_it_in_doubt(books: Books) -> None:
    books.fault("server_error", times=1, method="POST", path="payment")
    with pytest.raises(Ambiguous):
        books.create("payment", MONEY, refs=ANN)
    assert books.sent("POST", "/payment") == 1
    assert find(books, "payment", MONEY, refs=ANN) is None


def test_without_a_reference_only_our_marker_tells(books: Books) -> None:
    values = {"amount": Decimal("89.00"), "received_on": date(2026, 3, 10)}
    books.create("payment", values, refs=ANN, core_id="pay_1", key="one")
    books.create("payment", values, refs=ANN, core_id="pay_2", key="two")
    ours = find(books, "payment", values, refs=ANN, core_id="pay_2")
    assert row("payment", ours.record)["core_ref"] == "pay_2"
    assert find(books, "payment", values, refs=ANN, core_id="pay_3") is None


def test_a_check_that_the_bookkeeper_entered_is_adopted(books: Books) -> None:
    values = {"reference": "CHK-1", "received_on": date(2026, 2, 9), "amount": Decimal(300)}
    assert find(books, "payment", values, refs=ANN).id == "5"
    assert find(books, "payment", values | {"amount": Decimal(299)}, refs=ANN) is None


def test_a_record_that_is_not_there_is_none(books: Books) -> None:
    assert [WRITES[entity].fetch(books.api, "99999") for entity in WRITES] == [None, None, None]


def test_every_field_that_is_written_has_a_way_back() -> None:
    for entity, one in WRITES.items():
        assert set(one.extra) <= set(MAP_OF[entity].fields)

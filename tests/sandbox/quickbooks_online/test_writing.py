from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.quickbooks_online.desk import PREFIX, Desk, refusal, sale, settlement


def test_a_created_customer_has_what_the_server_adds(desk: Desk) -> None:
    made = desk.made("Customer", {"GivenName": " Zoe ", "FamilyName": "Zed", "PrimaryEmailAddr": {"Address": "z@z.co"}})
    assert (made["DisplayName"], made["FullyQualifiedName"], made["PrintOnCheckName"]) == ("Zoe Zed",) * 3
    assert (made["SyncToken"], made["Active"], made["Balance"], made["domain"]) == ("0", True, 0, "QBO")
    assert made["MetaData"]["CreateTime"].startswith("2026-03-11T08:00:")
    assert made["MetaData"]["CreateTime"].endswith("-07:00")
    assert desk.read("Customer", made["Id"]) == made


def test_a_sparse_update_leaves_the_rest_and_an_empty_text_clears(desk: Desk) -> None:
    ann = desk.read("Customer", "1")
    change = {
        "Id": "1",
        "SyncToken": "0",
        "sparse": True,
        "Notes": "gate code 4",
        "FamilyName": None,
        "CompanyName": "",
    }
    after = desk.made("Customer", change | {"PrimaryPhone": {"FreeFormNumber": ""}})
    assert after["SyncToken"] == "1"
    assert (after["Notes"], after["FamilyName"]) == ("gate code 4", "Lee")
    assert "PrimaryPhone" not in after
    assert after["BillAddr"] == ann["BillAddr"]


def test_a_full_update_empties_what_is_left_out(desk: Desk) -> None:
    after = desk.made("Customer", {"Id": "1", "SyncToken": "0", "DisplayName": "Ann Lee"})
    assert not {"GivenName", "PrimaryPhone", "BillAddr", "PrimaryEmailAddr"} & after.keys()
    assert (after["Balance"], after["Active"]) == (133, True)


def test_an_update_needs_the_newest_version(desk: Desk) -> None:
    body = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "first"}
    desk.made("Customer", body)
    assert refusal(desk.post("/customer", body | {"Notes": "second"})) == (400, "5010")
    assert refusal(desk.post("/customer", {"Id": "1", "sparse": True})) == (400, "2020")
    assert refusal(desk.post("/customer", body | {"Id": "999"})) == (400, "610")
    assert desk.read("Customer", "1")["Notes"] == "first"


@pytest.mark.parametrize("name", ["Ann Lee", "ann LEE", "Tom Tech"])
def test_a_display_name_is_unique_over_customers_and_employees(desk: Desk, name: str) -> None:
    assert refusal(desk.post("/customer", {"DisplayName": name})) == (400, "6240")
    assert refusal(desk.post("/employee", {"DisplayName": name})) == (400, "6240")


def test_a_retired_name_is_free_again(desk: Desk) -> None:
    gone = desk.made("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
    assert gone["DisplayName"] == "Ann Lee (deleted)"
    assert desk.made("Customer", {"DisplayName": "Ann Lee"})["Id"] != "1"
    assert desk.query("select * from Customer where DisplayName = 'Ann Lee'")["maxResults"] == 1


def test_a_sale_is_numbered_added_up_and_taxed(desk: Desk) -> None:
    body = sale("3", amount="99.99", TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}, TxnDate="2026-03-01")
    made = desk.made("Invoice", body)
    line, subtotal = made["Line"]
    assert (line["Id"], line["LineNum"], line["Amount"]) == ("1", 1, 99.99)
    assert line["SalesItemLineDetail"]["ItemRef"] == {"value": "1", "name": "Visit"}
    assert subtotal == {"Amount": 99.99, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"], made["Balance"]) == (8.25, 108.24, 108.24)
    assert made["CustomerRef"] == {"value": "3", "name": "Neil Cooling Inc"}
    assert (made["DueDate"], made["BillEmail"]) == ("2026-03-01", {"Address": "bob@example.com"})


def test_a_document_number_is_taken_once_and_made_up_when_none_is_sent(desk: Desk) -> None:
    response = desk.post("/invoice", sale("1", DocNumber="J-2"))
    assert refusal(response) == (400, "6140")
    assert "TxnType=Invoice with TxnId=2" in response.json()["Fault"]["Error"][0]["Detail"]
    assert [desk.made("Invoice", sale("1"))["DocNumber"] for _ in range(2)] == ["1001", "1002"]
    assert desk.made("Estimate", sale("1", DocNumber="J-2"))["TxnStatus"] == "Pending"


def test_amounts_arrive_exact_to_the_cent(desk: Desk) -> None:
    made = desk.made("Invoice", sale("1", amount=1234567.89) | {"DocNumber": "exact"})
    text = desk.get(f"/invoice/{made['Id']}").text
    assert '"TotalAmt":1234567.89' in text
    assert '"Balance":1234567.89' in text


def test_a_replaced_line_moves_total_tax_and_balances(desk: Desk) -> None:
    made = desk.made("Invoice", sale("3", TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}))
    change = sale("3", amount=300) | {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    after = desk.made("Invoice", change)
    assert (after["TotalAmt"], after["TxnTaxDetail"]["TotalTax"], after["SyncToken"]) == (324.75, 24.75, "1")
    assert desk.read("Customer", "3")["Balance"] == 216.5 + 324.75


def test_a_discount_comes_after_the_subtotal(desk: Desk) -> None:
    body = sale("1", amount=200)
    discount = {"PercentBased": True, "DiscountPercent": 10}
    body["Line"].append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": discount})
    made = desk.made("Invoice", body)
    assert [line["DetailType"] for line in made["Line"]][1:] == ["SubTotalLineDetail", "DiscountLineDetail"]
    assert made["TotalAmt"] == 180


def test_a_payment_lowers_the_invoice_and_the_customer(desk: Desk) -> None:
    before = desk.read("Customer", "1")
    made = desk.made("Payment", settlement("1", 100, ("2", 66.25)) | {"PaymentRefNum": "ch_1"})
    invoice, after = desk.by_number("J-2"), desk.read("Customer", "1")
    assert (made["UnappliedAmt"], invoice["Balance"], after["Balance"]) == (33.75, 100, 33)
    assert {"TxnId": made["Id"], "TxnType": "Payment"} in invoice["LinkedTxn"]
    assert after["SyncToken"] == before["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    assert desk.query("select * from Payment where PaymentRefNum = 'ch_1'")["maxResults"] == 1


def test_a_payment_explains_the_invoice_behind_its_line(desk: Desk) -> None:
    made = desk.made("Payment", settlement("1", 10, ("2", 10)))
    pairs = {entry["value"]["Name"]: entry["value"]["Value"] for entry in made["Line"][0]["LineEx"]["any"]}
    assert pairs == {"txnId": "2", "txnOpenBalance": "166.25", "txnReferenceNumber": "J-2"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (settlement("1", 500, ("2", 166.26)), "6000"),
        (settlement("1", 10, ("2", 20)), "6000"),
        (settlement("3", 10, ("2", 10)), "6000"),
        (settlement("1", 10, ("77", 10)), "2500"),
        (settlement("77", 10), "2500"),
        ({"CustomerRef": {"value": "1"}}, "2020"),
    ],
)
def test_payments_that_do_not_fit(desk: Desk, body: dict[str, Any], code: str) -> None:
    assert refusal(desk.post("/payment", body)) == (400, code)
    assert len(desk.store.all("payments")) == 1


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/customer", {}, "6080"),
        ("/customer", {"DisplayName": "a:b"}, "2010"),
        ("/customer", {"DisplayName": "x" * 501}, "2050"),
        ("/customer", {"DisplayName": "x", "Colour": "red"}, "2010"),
        ("/customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "no mail"}}, "2210"),
        ("/customer", {"Id": "1", "SyncToken": "0", "sparse": True, "ParentRef": {"value": "1"}}, "2500"),
        ("/customer", ["x"], "2010"),
        ("/invoice", {"CustomerRef": {"value": "1"}}, "2020"),
        ("/invoice", sale("99"), "2500"),
        ("/invoice", sale("1", item="99"), "2500"),
        ("/invoice", sale("1", ClassRef={"value": "1"}), "2500"),
        ("/invoice", sale("1", DocNumber="9" * 22), "2050"),
        ("/invoice", sale("1", TxnDate="soon"), "2010"),
        ("/invoice", sale("1", EmailStatus="Sent"), "2170"),
        ("/invoice", sale("1", TxnDate="9999-12-31"), "2010"),
        ("/payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 1e26}, "2010"),
        ("/term", {"Name": "Net never", "DueDays": 10**9}, "2010"),
        ("/item", {"Type": "Service"}, "2020"),
        ("/item", {"Name": "Visit"}, "6240"),
        ("/taxcode", {"Name": "More"}, "500"),
        ("/vendor", {"DisplayName": "x"}, "500"),
    ],
)
def test_what_is_refused(desk: Desk, path: str, body: Any, code: str) -> None:
    assert refusal(desk.post(path, body)) == (400, code)


def test_an_amount_must_be_quantity_times_price(desk: Desk) -> None:
    body = sale("1")
    body["Line"][0]["Amount"] = 101
    assert refusal(desk.post("/invoice", body)) == (400, "6070")


def test_a_deleted_invoice_vanishes_and_frees_its_payment(desk: Desk) -> None:
    invoice = desk.by_number("J-2")
    response = desk.post("/invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete")
    assert response.json()["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": invoice["Id"]}
    assert refusal(desk.get(f"/invoice/{invoice['Id']}")) == (400, "610")
    (payment,) = desk.query("select * from Payment")["Payment"]
    assert (payment["UnappliedAmt"], len(payment["Line"]), payment["SyncToken"]) == (83.5, 1, "1")
    assert desk.read("Customer", "1")["Balance"] == -83.5


def test_names_are_not_deleted(desk: Desk) -> None:
    assert refusal(desk.post("/customer", {"Id": "1", "SyncToken": "0"}, operation="delete")) == (400, "500")


def test_a_deleted_payment_opens_its_invoices_again(desk: Desk) -> None:
    (payment,) = desk.query("select * from Payment")["Payment"]
    desk.post("/payment", {"Id": payment["Id"], "SyncToken": "0"}, operation="delete")
    assert [desk.by_number(number)["Balance"] for number in ("J-1", "J-2")] == [216.5, 216.5]
    assert desk.by_number("J-1")["LinkedTxn"] == []
    assert desk.read("Customer", "1")["Balance"] == 433


def test_voiding_keeps_the_document_at_zero(desk: Desk) -> None:
    invoice = desk.by_number("J-2")
    void = desk.made("Invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="void")
    assert (void["TotalAmt"], void["Balance"], void["SyncToken"], void["DocNumber"]) == (0, 0, "1", "J-2")
    assert void["PrivateNote"].startswith("Voided")
    assert void["TxnTaxDetail"]["TotalTax"] == 0
    assert [line["Amount"] for line in void["Line"]] == [0, 0]


def test_voiding_a_payment_is_an_update_that_says_so(desk: Desk) -> None:
    (payment,) = desk.query("select * from Payment")["Payment"]
    body = {"Id": payment["Id"], "SyncToken": "0", "sparse": True}
    void = desk.made("Payment", body, operation="update", include="void")
    assert (void["TotalAmt"], void["UnappliedAmt"], void["Line"], void["PrivateNote"]) == (0, 0, [], "Voided")
    assert desk.by_number("J-1")["Balance"] == 216.5


def test_sending_marks_the_invoice_and_keeps_the_address(desk: Desk) -> None:
    invoice = desk.by_number("J-4")
    headers = {"Content-Type": "application/octet-stream"}
    sent = desk.http.post(f"{PREFIX}/invoice/{invoice['Id']}/send", params={"sendTo": "new@x.co"}, headers=headers)
    after = sent.json()["Invoice"]
    assert (after["EmailStatus"], after["BillEmail"]) == ("EmailSent", {"Address": "new@x.co"})
    assert after["DeliveryInfo"]["DeliveryType"] == "Email"


def test_a_renamed_customer_is_renamed_in_its_transactions(desk: Desk) -> None:
    before = desk.by_number("J-2")
    child = desk.made("Customer", {"DisplayName": "Cabin", "Job": True, "ParentRef": {"value": "1"}})
    assert (child["FullyQualifiedName"], child["Level"]) == ("Ann Lee:Cabin", 1)
    desk.made("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Ann Lee-Roe"})
    after = desk.by_number("J-2")
    assert after["CustomerRef"]["name"] == "Ann Lee-Roe"
    assert after["MetaData"] == before["MetaData"]
    assert desk.read("Customer", child["Id"])["FullyQualifiedName"] == "Ann Lee-Roe:Cabin"


def test_a_sub_customers_debt_shows_in_its_parents_balance_with_jobs(desk: Desk) -> None:
    child = desk.made("Customer", {"DisplayName": "Cabin", "Job": True, "ParentRef": {"value": "3"}})
    desk.made("Invoice", sale(child["Id"], amount=50))
    parent = desk.read("Customer", "3")
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (216.5, 266.5)


def test_the_company_answers_to_its_realm(desk: Desk) -> None:
    realm = PREFIX.rpartition("/")[2]
    info = desk.read("CompanyInfo", realm)
    assert (info["CompanyName"], info["DefaultTimeZone"]) == ("Acme Heating", "America/Chicago")
    assert desk.read("CompanyInfo", info["Id"]) == info


def test_closed_books_and_rewritten_text_when_switched_on(desk: Desk) -> None:
    desk.fault("closed_period", times=1)
    desk.fault("rewritten_values", times=1)
    assert desk.made("Customer", {"DisplayName": "Wide   Gap"})["DisplayName"] == "Wide Gap"
    assert refusal(desk.post("/invoice", sale("1"))) == (400, "6210")
    assert desk.made("Invoice", sale("1"))["SyncToken"] == "0"


def test_what_is_no_json_is_refused(desk: Desk) -> None:
    response = desk.http.post(f"{PREFIX}/customer", content=b"{", headers={"Content-Type": "application/json"})
    assert refusal(response) == (400, "2010")


def test_an_answer_read_back_whole_can_be_sent_back_whole(desk: Desk) -> None:
    invoice = desk.by_number("J-2")
    after = desk.made("Invoice", json.loads(json.dumps(invoice)))
    changed = {member for member in invoice if invoice[member] != after[member]}
    assert changed == {"SyncToken", "MetaData"}

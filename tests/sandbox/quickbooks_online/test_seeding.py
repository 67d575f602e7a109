from __future__ import annotations

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.founding import build
from sandbox.quickbooks_online import TWIN
from sandbox.quickbooks_online.dialect import amount
from sandbox.store import Store
from tests.sandbox.quickbooks_online.desk import Desk


def test_customers_of_this_system_alone_as_they_are_spelled_here(desk: Desk) -> None:
    names = [customer["DisplayName"] for customer in desk.store.all("customers")]
    assert names == ["Ann Lee", "Ann Lee (2)", "Neil Cooling Inc"]
    ann = desk.store.all("customers")[0]
    assert (ann["GivenName"], ann["PrimaryPhone"]) == ("Ann", {"FreeFormNumber": "(512) 474-1234"})
    assert ann["BillAddr"] == {
        "Id": "1",
        "Line1": "12 Oak St",
        "Line2": "B",
        "City": "Austin",
        "CountrySubDivisionCode": "TX",
        "PostalCode": "78701",
        "Country": "US",
    }


def test_payments_lower_balances_and_link_both_ways(desk: Desk) -> None:
    paid, part = desk.by_number("J-1"), desk.by_number("J-2")
    (payment,) = desk.store.all("payments")
    assert (paid["TotalAmt"], paid["Balance"]) == (216.5, 0)
    assert (part["TotalAmt"], part["Balance"]) == (216.5, 166.25)
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert (payment["TotalAmt"], payment["UnappliedAmt"], payment["PaymentRefNum"]) == (300, 33.25, "CHK-1")
    assert desk.store.all("customers")[0]["Balance"] == 133


def test_there_is_no_status_so_void_and_draft_show_in_other_members(desk: Desk) -> None:
    void, draft = desk.by_number("J-3"), desk.by_number("J-4")
    assert (void["TotalAmt"], void["Balance"], void["PrivateNote"]) == (0, 0, "Voided")
    assert (draft["EmailStatus"], draft["Balance"]) == ("NeedToSend", 216.5)
    assert desk.by_number("J-2")["EmailStatus"] == "EmailSent"


def test_a_balance_is_as_new_as_the_last_transaction_behind_it(desk: Desk) -> None:
    (payment,) = desk.store.all("payments")
    stamps = {record["MetaData"]["LastUpdatedTime"] for record in (payment, desk.by_number("J-1"))}
    assert stamps == {"2026-02-09T07:30:00-08:00"}
    assert desk.store.all("customers")[0]["MetaData"] == {
        "CreateTime": "2025-06-02T07:00:00-07:00",
        "LastUpdatedTime": "2026-02-09T07:30:00-08:00",
    }


def test_technicians_are_employees_and_those_gone_are_retired(desk: Desk) -> None:
    tom, una = desk.store.all("employees")
    assert (tom["DisplayName"], tom["Active"]) == ("Tom Tech", True)
    assert (una["DisplayName"], una["Active"]) == ("Una Gone (deleted)", False)


def test_the_whole_company_adds_up_to_the_cent_and_is_the_same_every_time() -> None:
    company = build(1)
    stores = [Store(clock=Clock(company.now, ticker=lambda: 0.0), faults=Faults()) for _ in range(2)]
    for store in stores:
        TWIN.seed(company, store)
    first, second = ({name: store.all(name) for name in TWIN.collections} for store in stores)
    assert first == second
    totals = {invoice.number: (invoice.total, invoice.status) for invoice in company.invoices}
    assert len(first["invoices"]) == len(totals)
    for invoice in first["invoices"]:
        total, status = totals[invoice["DocNumber"]]
        assert amount(invoice["TotalAmt"]) == (0 if status == "void" else total)
        assert (status == "paid") == (invoice["Balance"] == 0 and invoice["TotalAmt"] > 0)
    assert len(first["payments"]) == len(company.payments)
    owed = sum(amount(c["Balance"]) for c in first["customers"])
    open_ = sum(amount(i["Balance"]) for i in first["invoices"])
    assert owed == open_ - sum(amount(p["UnappliedAmt"]) for p in first["payments"])

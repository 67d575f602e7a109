from __future__ import annotations

from tests.sandbox.quickbooks_online.desk import Desk


def test_items_accounts_terms_and_methods_get_what_follows_from_them(desk: Desk) -> None:
    item = desk.made("Item", {"Name": "Coil", "Type": "Service", "IncomeAccountRef": {"value": "1"}, "UnitPrice": 12.5})
    assert (item["FullyQualifiedName"], item["Taxable"], item["IncomeAccountRef"]["name"]) == (
        "Coil",
        False,
        "Services",
    )
    part = desk.made("Item", {"Name": "Clip", "ParentRef": {"value": item["Id"]}})
    assert (part["FullyQualifiedName"], part["SubItem"], part["Level"]) == ("Coil:Clip", True, 1)
    account = desk.made("Account", {"Name": "Parts", "AccountType": "Cost of Goods Sold"})
    assert (account["Classification"], account["CurrentBalance"]) == ("Expense", 0)
    assert desk.made("Term", {"Name": "Net 10", "DueDays": 10})["Type"] == "STANDARD"
    assert desk.made("PaymentMethod", {"Name": "Voucher"})["Type"] == "NON_CREDIT_CARD"


def test_a_retired_item_cannot_be_sold(desk: Desk) -> None:
    gone = desk.made("Item", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
    assert gone["Name"] == "Visit (deleted)"
    line = {"DetailType": "SalesItemLineDetail", "Amount": 1, "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    response = desk.post("/invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    assert response.json()["Fault"]["Error"][0]["code"] == "2500"


def test_an_employee_is_made_and_edited(desk: Desk) -> None:
    made = desk.made("Employee", {"GivenName": "Kim", "FamilyName": "Oh", "PrimaryPhone": {"FreeFormNumber": "1"}})
    after = desk.made("Employee", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "BillableTime": True})
    assert (after["DisplayName"], after["BillableTime"], after["SyncToken"]) == ("Kim Oh", True, "1")

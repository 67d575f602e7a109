"""A person's edits, as the admin surface makes them: a record merged with a patch, then ``touch``, then stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.quickbooks_online import TWIN
from sandbox.quickbooks_online.dialect import last_updated
from tests.sandbox.quickbooks_online.desk import Desk, sale


def edit(desk: Desk, collection: str, id: str, **members: Any) -> dict[str, Any]:
    desk.store.clock.advance(timedelta(minutes=1))
    record = {**(desk.store.get(collection, id) or {"Id": id}), **members}
    return desk.store.put(collection, id, TWIN.touch(desk.store, collection, record))


def test_an_edit_moves_the_version_and_the_time(desk: Desk) -> None:
    before = desk.read("Customer", "1")
    edit(desk, "customers", "1", PrimaryPhone={"FreeFormNumber": "512-474-9999"})
    after = desk.read("Customer", "1")
    assert (after["SyncToken"], after["PrimaryPhone"]) == ("1", {"FreeFormNumber": "512-474-9999"})
    assert last_updated(after) > last_updated(before)
    assert after["MetaData"]["CreateTime"] == before["MetaData"]["CreateTime"]


def test_an_edited_line_moves_what_follows_from_it(desk: Desk) -> None:
    invoice = desk.read("Invoice", "2")
    invoice["Line"][0]["Amount"] = 100
    edit(desk, "invoices", "2", Line=invoice["Line"], TotalAmt=7)
    after = desk.read("Invoice", "2")
    assert (after["TotalAmt"], after["TxnTaxDetail"]["TotalTax"], after["Balance"]) == (108.25, 8.25, 58)
    assert desk.read("Customer", "1")["Balance"] == 24.75


def test_an_invoice_cut_below_what_was_paid_gives_the_rest_back_to_the_payment(desk: Desk) -> None:
    invoice = desk.read("Invoice", "1")
    invoice["Line"][0]["Amount"] = 100
    edit(desk, "invoices", "1", Line=invoice["Line"])
    (payment,) = desk.query("select * from Payment")["Payment"]
    assert desk.read("Invoice", "1")["Balance"] == 0
    assert payment["UnappliedAmt"] == 300 - 108.25 - 50.25


def test_a_person_adds_a_record(desk: Desk) -> None:
    added = edit(desk, "customers", "77", GivenName="Walk", FamilyName="In")
    assert (added["DisplayName"], added["SyncToken"]) == ("Walk In", "0")
    assert desk.query("select * from Customer where DisplayName = 'walk in'")["maxResults"] == 1
    assert desk.made("Invoice", sale("77"))["CustomerRef"]["name"] == "Walk In"


def test_a_name_that_is_taken_is_refused_to_a_person_too(desk: Desk) -> None:
    with pytest.raises(ValueError, match="6240"):
        edit(desk, "customers", "3", DisplayName="Ann Lee")
    with pytest.raises(ValueError, match="2010"):
        TWIN.touch(desk.store, "customers", {"DisplayName": "No Id"})


def test_removing_retires_names_and_deletes_transactions(desk: Desk) -> None:
    TWIN.remove(desk.store, "customers", "3")
    TWIN.remove(desk.store, "invoices", "2")
    assert desk.read("Customer", "3")["DisplayName"] == "Neil Cooling Inc (deleted)"
    assert desk.store.get("invoices", "2") is None
    assert desk.read("Customer", "1")["Balance"] == -83.5
    TWIN.remove(desk.store, "companyinfo", "1")
    assert desk.store.get("companyinfo", "1") is not None


def test_a_revived_name_takes_its_label_back(desk: Desk) -> None:
    TWIN.remove(desk.store, "customers", "3")
    assert edit(desk, "customers", "3", Active=True)["DisplayName"] == "Neil Cooling Inc"


def test_a_store_that_was_emptied_and_filled_again_is_read_afresh(desk: Desk) -> None:
    desk.made("Customer", {"DisplayName": "Before"})
    desk.store.clear()
    assert desk.get("/customer/1").status_code == 400
    edit(desk, "customers", "1", DisplayName="After")
    assert desk.read("Customer", "1")["DisplayName"] == "After"

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.quickbooks_online.dialect import instant, stamp
from sandbox.quickbooks_online.reading import LOOK_BACK, MOST_CHANGES
from tests.sandbox.quickbooks_online.desk import Desk, refusal, sale


def changes(desk: Desk, entities: str, since: str) -> list[dict[str, Any]]:
    response = desk.get("/cdc", entities=entities, changedSince=since)
    assert response.status_code == 200, response.text
    (found,) = response.json()["CDCResponse"]
    parts: list[dict[str, Any]] = found["QueryResponse"]
    return parts


def now(desk: Desk) -> str:
    return stamp(desk.store.clock.now() + timedelta(seconds=1))


def later(desk: Desk) -> None:
    desk.store.clock.advance(timedelta(minutes=1))


def test_changes_come_by_entity_in_the_order_asked(desk: Desk) -> None:
    since = now(desk)
    later(desk)
    made = desk.made("Invoice", sale("3"))
    payments, customers, invoices = changes(desk, "Payment,Customer,invoice", since)
    assert payments == {}
    assert [c["Id"] for c in customers["Customer"]] == ["3"]
    assert customers["Customer"][0]["SyncToken"] == "0"
    assert invoices == {"Invoice": [made], "startPosition": 1, "maxResults": 1, "totalCount": 1}


def test_deleted_records_come_last_as_stubs(desk: Desk) -> None:
    since = now(desk)
    later(desk)
    desk.post("/invoice", {"Id": "2", "SyncToken": "0"}, operation="delete")
    desk.made("Invoice", sale("3"))
    (part,) = changes(desk, "Invoice", since)
    *live, stub = part["Invoice"]
    assert [row["Id"] for row in live] != ["2"]
    assert (stub["Id"], stub["status"], stub["domain"]) == ("2", "Deleted", "QBO")
    assert instant(stub["MetaData"]["LastUpdatedTime"]) >= instant(since)


def test_a_retired_name_is_a_change_and_not_a_deletion(desk: Desk) -> None:
    since = now(desk)
    later(desk)
    desk.made("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
    (part,) = changes(desk, "Customer", since)
    assert [(c["Id"], c["Active"]) for c in part["Customer"]] == [("1", False)]


def test_looking_back_ends_after_thirty_days(desk: Desk) -> None:
    edge = desk.store.clock.now() - LOOK_BACK
    assert changes(desk, "Customer", stamp(edge + timedelta(minutes=1))) != []
    old = desk.get("/cdc", entities="Customer", changedSince=stamp(edge - timedelta(minutes=1)))
    assert refusal(old) == (400, "6000")


def test_a_reply_holds_a_thousand_objects_at_most(desk: Desk) -> None:
    template = desk.read("Customer", "1")
    template["MetaData"]["LastUpdatedTime"] = now(desk)
    for number in range(MOST_CHANGES + 5):
        desk.store.put("customers", f"9{number}", {**template, "Id": f"9{number}", "DisplayName": f"n{number}"})
    customers, employees = changes(desk, "Customer,Employee", "2026-03-01")
    assert customers["maxResults"] == MOST_CHANGES
    assert employees == {}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"entities": "Customer"}, "2020"),
        ({"changedSince": "2026-03-10"}, "2020"),
        ({"entities": "Customer", "changedSince": "yesterday"}, "2010"),
        ({"entities": "TaxCode", "changedSince": "2026-03-10"}, "2170"),
        ({"entities": "Vendors", "changedSince": "2026-03-10"}, "2170"),
    ],
)
def test_what_change_data_capture_refuses(desk: Desk, query: dict[str, str], code: str) -> None:
    assert refusal(desk.get("/cdc", **query)) == (400, code)


def test_an_offset_whose_plus_lost_its_escape_is_still_an_offset(desk: Desk) -> None:
    since = now(desk)
    later(desk)
    desk.made("Customer", {"DisplayName": "New"})
    utc = instant(since).strftime("%Y-%m-%dT%H:%M:%S 00:00")
    assert changes(desk, "Customer", utc)[0]["maxResults"] == 1


def test_records_that_are_not_there(desk: Desk) -> None:
    assert refusal(desk.get("/invoice/999")) == (400, "610")
    assert refusal(desk.get("/vendor/1")) == (400, "500")


def test_a_retired_name_can_be_read_by_its_id(desk: Desk) -> None:
    una = desk.query("select * from Employee where Active = false")["Employee"][0]
    assert desk.read("Employee", una["Id"]) == una


def test_an_invoice_can_come_with_its_link(desk: Desk) -> None:
    with_link = desk.get("/invoice/2", include="invoiceLink").json()["Invoice"]
    assert with_link.pop("InvoiceLink").startswith("https://")
    assert with_link == desk.read("Invoice", "2")

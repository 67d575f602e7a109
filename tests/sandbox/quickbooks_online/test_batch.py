from __future__ import annotations

from typing import Any

from tests.sandbox.quickbooks_online.desk import Desk, refusal, sale


def run(desk: Desk, *items: dict[str, Any], **query: str) -> dict[str, dict[str, Any]]:
    response = desk.post("/batch", {"BatchItemRequest": list(items)}, **query)
    assert response.status_code == 200, response.text
    return {item.pop("bId"): item for item in response.json()["BatchItemResponse"]}


def test_each_item_is_answered_for_itself(desk: Desk) -> None:
    answers = run(
        desk,
        {"bId": "make", "operation": "create", "Customer": {"DisplayName": "New"}},
        {"bId": "twice", "operation": "create", "Customer": {"DisplayName": "Ann Lee"}},
        {"bId": "edit", "operation": "update", "Customer": {"Id": "3", "SyncToken": "0", "sparse": True, "Notes": "n"}},
        {"bId": "drop", "operation": "delete", "Invoice": {"Id": "4", "SyncToken": "0"}},
        {"bId": "void", "operation": "void", "Invoice": {"Id": "2", "SyncToken": "0"}},
        {"bId": "find", "Query": "select * from Customer where DisplayName = 'New'"},
        {"bId": "since", "CDCQuery": {"Entities": "Invoice", "ChangedSince": "2026-03-11T00:00:00-07:00"}},
        {"bId": "what", "operation": "create", "Vendor": {"DisplayName": "V"}},
    )
    assert answers["make"]["Customer"]["DisplayName"] == "New"
    assert answers["twice"]["Fault"]["Error"][0]["code"] == "6240"
    assert answers["edit"]["Customer"]["Notes"] == "n"
    assert answers["drop"]["Invoice"]["status"] == "Deleted"
    assert answers["void"]["Invoice"]["TotalAmt"] == 0
    assert answers["find"]["QueryResponse"]["maxResults"] == 1
    (changed,) = answers["since"]["CDCResponse"]["QueryResponse"]
    assert [row.get("status") for row in changed["Invoice"]] == [None, "Deleted"]
    assert answers["what"]["Fault"]["Error"][0]["code"] == "500"


def test_a_voided_payment_is_an_update_with_an_option(desk: Desk) -> None:
    (payment,) = desk.query("select * from Payment")["Payment"]
    body = {"Id": payment["Id"], "SyncToken": "0", "sparse": True}
    answers = run(desk, {"bId": "1", "operation": "update", "optionsData": "void", "Payment": body})
    assert answers["1"]["Payment"]["TotalAmt"] == 0


def test_thirty_items_and_no_more(desk: Desk) -> None:
    item = {"Query": "select count(*) from Item"}
    assert len(run(desk, *({"bId": str(n), **item} for n in range(30)))) == 30
    assert refusal(desk.post("/batch", {"BatchItemRequest": [item] * 31})) == (400, "1040")
    assert refusal(desk.post("/batch", {})) == (400, "2020")


def test_a_batch_is_not_done_twice_under_one_request_id(desk: Desk) -> None:
    item = {"bId": "1", "operation": "create", "Invoice": sale("1", DocNumber="B-1")}
    assert run(desk, item, requestid="once") == run(desk, item, requestid="once")
    assert desk.query("select count(*) from Invoice where DocNumber = 'B-1'") == {"totalCount": 1}

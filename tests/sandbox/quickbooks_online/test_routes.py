from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from tests.sandbox.quickbooks_online.desk import PREFIX, Desk, refusal, sale

FINANCE = "{http://schema.intuit.com/finance/v3}"


def test_every_answer_carries_a_trace_and_a_pacific_time(desk: Desk) -> None:
    first, second = desk.get("/customer/1"), desk.get("/customer/999")
    assert first.headers["intuit_tid"] != second.headers["intuit_tid"]
    assert "QBO-Version" in second.headers
    assert first.json()["time"][19] == "."
    assert {response.json()["time"][-6:] for response in (first, second)} == {"-07:00"}


def test_a_repeated_request_id_gives_the_first_reply_again(desk: Desk) -> None:
    body = sale("1", DocNumber="R-1")
    first, second = (desk.post("/invoice", body, requestid="r1") for _ in range(2))
    assert first.content == second.content
    assert desk.query("select count(*) from Invoice where DocNumber = 'R-1'") == {"totalCount": 1}
    other = desk.post("/invoice", sale("3", DocNumber="R-2"), requestid="r1")
    assert other.json()["Invoice"]["DocNumber"] == "R-1"


def test_a_refused_request_may_come_again_under_its_id(desk: Desk) -> None:
    assert refusal(desk.post("/customer", {"DisplayName": "Ann Lee"}, requestid="r1")) == (400, "6240")
    assert desk.made("Customer", {"DisplayName": "Ann Lea"}, requestid="r1")["DisplayName"] == "Ann Lea"


def test_a_request_id_has_fifty_characters_at_most(desk: Desk) -> None:
    assert refusal(desk.post("/customer", {"DisplayName": "x"}, requestid="r" * 51)) == (400, "2050")


def test_an_ignored_request_id_duplicates(desk: Desk) -> None:
    desk.fault("ignored_idempotency_key", times=1)
    made = [desk.made("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 5}, requestid="r1") for _ in range(3)]
    assert [payment["Id"] for payment in made] == [made[0]["Id"], str(int(made[0]["Id"]) + 1), made[0]["Id"]]


def test_one_request_id_sent_by_many_at_once_is_done_once(desk: Desk) -> None:
    body = sale("1", DocNumber="C-1")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: desk.post("/invoice", body, requestid="same").content, range(16)))
    assert len(set(replies)) == 1
    assert desk.query("select count(*) from Invoice where DocNumber = 'C-1'") == {"totalCount": 1}


def test_of_many_edits_of_one_version_one_wins(desk: Desk) -> None:
    bodies = [{"Id": "1", "SyncToken": "0", "sparse": True, "Notes": str(n)} for n in range(12)]
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda body: desk.post("/customer", body).status_code, bodies))
    assert statuses == [200] + [400] * 11
    assert desk.read("Customer", "1")["SyncToken"] == "1"


def test_who_does_not_ask_for_json_gets_xml(desk: Desk) -> None:
    response = desk.http.get(f"{PREFIX}/invoice/2", headers={"Accept": "*/*"})
    root = ET.fromstring(response.content)  # noqa: S314 - our own answer
    invoice = root.find(f"{FINANCE}Invoice")
    assert response.headers["content-type"].startswith("application/xml")
    assert invoice is not None
    assert invoice.attrib["domain"] == "QBO"
    customer = invoice.find(f"{FINANCE}CustomerRef")
    assert customer is not None
    assert (customer.text, customer.attrib["name"]) == ("1", "Ann Lee")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/customer"), ("DELETE", "/invoice/1"), ("GET", "/reports/x/y")])
def test_what_the_api_does_not_do_is_an_unsupported_operation(desk: Desk, method: str, path: str) -> None:
    assert refusal(desk.http.request(method, PREFIX + path)) == (400, "500")


def test_short_pages_and_stale_versions_when_switched_on(desk: Desk) -> None:
    desk.made("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "n"})
    for kind in ("truncated_page", "stale_version"):
        desk.fault(kind, times=1, path="/query")
    halved = desk.query("select * from Customer maxresults 2")
    assert [c["SyncToken"] for c in halved["Customer"]] == ["0"]
    assert [c["SyncToken"] for c in desk.query("select * from Customer maxresults 2")["Customer"]] == ["1", "0"]

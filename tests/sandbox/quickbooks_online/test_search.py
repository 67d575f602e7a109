from __future__ import annotations

import pytest

from tests.sandbox.quickbooks_online.desk import PREFIX, Desk, refusal


def test_a_page_says_where_it_starts_and_how_many_it_holds(desk: Desk) -> None:
    first = desk.query("select * from Invoice orderby DocNumber startposition 1 maxresults 3")
    rest = desk.query("select * from Invoice orderby DocNumber startposition 4 maxresults 3")
    assert [i["DocNumber"] for i in first["Invoice"] + rest["Invoice"]] == ["J-1", "J-2", "J-3", "J-4"]
    assert (first["startPosition"], first["maxResults"], rest["maxResults"]) == (1, 3, 1)


def test_no_hits_give_an_empty_response_and_a_count_a_number(desk: Desk) -> None:
    assert desk.query("select * from Invoice where DocNumber = 'none'") == {}
    assert desk.query("select count(*) from Invoice where Balance > '0'") == {"totalCount": 2}


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("Balance > '0' and Balance < 200", ["J-2"]),
        ("TotalAmt >= 216.50", ["J-1", "J-2", "J-4"]),
        ("DocNumber in ('J-1', 'J-4')", ["J-1", "J-4"]),
        ("docnumber like '%-3'", ["J-3"]),
        ("TxnDate <= '2026-02-01'", []),
        ("DueDate = '2026-03-04' and CustomerRef = '1'", ["J-1", "J-2"]),
        ("MetaData.LastUpdatedTime >= '2026-02-09T15:30:00Z'", ["J-1", "J-2"]),
        ("MetaData.LastUpdatedTime > '2026-02-09T07:30:00-08:00'", []),
        ("MetaData.LastUpdatedTime >= '2026-02-09T07:30:00'", ["J-1", "J-2"]),
    ],
)
def test_conditions(desk: Desk, condition: str, numbers: list[str]) -> None:
    found = desk.query(f"select * from Invoice where {condition} orderby Id")  # noqa: S608 - the vendor's language
    assert [invoice["DocNumber"] for invoice in found.get("Invoice", [])] == numbers


def test_retired_names_are_left_out_until_asked_for(desk: Desk) -> None:
    assert [e["DisplayName"] for e in desk.query("select * from Employee")["Employee"]] == ["Tom Tech"]
    both = desk.query("select * from Employee where Active in (true, false)")
    assert both["maxResults"] == 2
    assert desk.query("select * from Employee where Active = false")["maxResults"] == 1


def test_chosen_members_come_as_a_sparse_record(desk: Desk) -> None:
    found = desk.query("select DisplayName, MetaData.CreateTime from Customer where DisplayName = 'neil cooling inc'")
    (customer,) = found["Customer"]
    assert customer.keys() == {"domain", "sparse", "Id", "DisplayName", "MetaData"}
    assert customer["sparse"] is True


def test_order_runs_by_value_and_names_without_one_come_last(desk: Desk) -> None:
    found = desk.query("select * from Customer orderby Balance desc, DisplayName asc")["Customer"]
    assert [c["Balance"] for c in found] == [216.5, 133, 0]
    companies = desk.query("select * from Customer orderby CompanyName")["Customer"]
    assert [c.get("CompanyName") for c in companies] == ["Neil Cooling Inc", None, None]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("select * from Vendor", "Vendor"),
        ("select * from Invoice where PrivateNote = 'x'", "'PrivateNote' is not queryable"),
        ("select * from Invoice where CustomField = 'x'", "'CustomField' is not queryable"),
        ("select * from Invoice where Colour = 'red'", "Property Colour not found for Entity Invoice"),
        ("select * from Invoice where Id > '3'", "property Id"),
        ("select * from Invoice where TxnDate > 'soon'", "'soon' is invalid for property TxnDate"),
        ("select * from Invoice startposition 0", "Min allowed value is 1"),
    ],
)
def test_what_cannot_be_asked_is_a_bad_query(desk: Desk, statement: str, said: str) -> None:
    response = desk.get("/query", query=statement)
    assert refusal(response) == (400, "4001")
    assert said in response.json()["Fault"]["Error"][0]["Detail"]


@pytest.mark.parametrize("kind", ["application/text", "text/plain"])
def test_a_statement_can_be_posted(desk: Desk, kind: str) -> None:
    response = desk.http.post(f"{PREFIX}/query", content="select count(*) from Item", headers={"Content-Type": kind})
    assert response.json()["QueryResponse"] == {"totalCount": 2}

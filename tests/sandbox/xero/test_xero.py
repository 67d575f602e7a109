"""The books follow their own rules: names, numbers, states, money, locks, stamps, limits and keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.founding import build
from sandbox.store import Store
from sandbox.xero import TWIN, auth
from tests.sandbox.xero.desk import HEAD, Desk
from tests.vendors.description import VENDORS, problems_of

LINE = {"Description": "Visit", "Quantity": 2, "UnitAmount": 50, "AccountCode": "200", "TaxType": "OUTPUT"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Every exchange is held against the vendor's description at its end, where that is at hand."""
    found = Desk()
    with found.http:
        yield found
    if (VENDORS / "xero").exists():
        assert problems_of(found.app.recording) == []


def sale(desk: Desk, **members: Any) -> dict[str, Any]:
    head = {"Type": "ACCREC", "Contact": {"ContactID": desk.person()["ContactID"]}, "Date": "2026-03-02",
            "DueDate": "2026-04-01", "LineItems": [LINE], "Status": "AUTHORISED"}  # fmt: skip
    return head | members


def test_lists_are_paged_and_an_empty_page_lies_behind_the_last(desk: Desk) -> None:
    told = desk.ask("GET", "Invoices", page=2, pageSize=3)
    assert told["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 2, "itemCount": 4}
    assert [len(told["Invoices"]), len(told["Invoices"][0]["LineItems"])] == [1, 1]
    assert desk.ask("GET", "Invoices", page=3, pageSize=3)["Invoices"] == []
    whole = desk.ask("GET", "Invoices")
    assert "pagination" not in whole
    assert [one["LineItems"] for one in whole["Invoices"]] == [[]] * 4
    assert desk.ask("GET", "Invoices", page=1, pageSize=9999)["pagination"]["pageSize"] == 1000


@pytest.mark.parametrize(
    ("name", "query", "count"),
    [
        ("Invoices", {"where": 'Status=="AUTHORISED" AND AmountDue>100'}, 1),
        ("Invoices", {"where": 'Status=="PAID" OR Status=="DRAFT"'}, 2),
        ("Invoices", {"where": "Date>=DateTime(2026, 2, 3)"}, 0),
        ("Invoices", {"Statuses": "VOIDED,DRAFT"}, 2),
        ("Invoices", {"searchTerm": "j-3"}, 1),
        ("Contacts", {"where": 'EmailAddress!=null AND IsCustomer==true AND Name!="x"'}, 2),
        ("Contacts", {"searchTerm": "neil"}, 1),
        ("Items", {"where": 'Code=="S001"'}, 1),
    ],
)
def test_filters(desk: Desk, name: str, query: dict[str, str], count: int) -> None:
    assert len(desk.rows(name, **query)) == count


def test_what_changed_since_is_told_to_the_second_in_both_spellings_of_a_date(desk: Desk) -> None:
    desk.pass_time(minutes=5)
    desk.ask("POST", f"Contacts/{desk.person()['ContactID']}", {"FirstName": "Anne"})
    since = {"If-Modified-Since": "2026-03-11T15:00:00"}
    assert [one["FirstName"] for one in desk.rows("Contacts", headers=since)] == ["Anne"]
    assert desk.rows("Contacts", headers={"If-Modified-Since": "2026-03-11T15:06:00"}) == []


def test_a_contact_is_matched_by_number_then_name_and_its_lists_by_kind(desk: Desk) -> None:
    made = desk.made("Contacts", Name="Walk", ContactNumber="w-1", Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "1"}])
    body = {"Name": "Walked", "ContactNumber": "w-1", "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "2"}]}
    (again,) = desk.ask("POST", "Contacts", {"Contacts": [body]})["Contacts"]
    assert (again["ContactID"], again["Name"]) == (made["ContactID"], "Walked")
    assert {one["PhoneType"]: one["PhoneNumber"] for one in again["Phones"]} == {
        "DDI": "", "DEFAULT": "2", "FAX": "", "MOBILE": "1",
    }  # fmt: skip
    (named,) = desk.ask("POST", "Contacts", {"Name": "WALKED", "EmailAddress": "w@w.example"})["Contacts"]
    assert named["ContactID"] == made["ContactID"]
    assert desk.ask("GET", "Contacts/w-1")["Contacts"][0]["EmailAddress"] == "w@w.example"


def test_null_says_nothing_and_an_empty_text_clears(desk: Desk) -> None:
    id = desk.person()["ContactID"]
    (one,) = desk.ask("POST", f"Contacts/{id}", {"FirstName": "", "EmailAddress": None})["Contacts"]
    assert (one["FirstName"], one["EmailAddress"]) == ("", "ann@example.com")
    desk.app.recording.exchanges.clear()  # the description knows no null


def test_names_are_unique_among_active_contacts(desk: Desk) -> None:
    (said,) = desk.refused("PUT", "Contacts", {"Name": "ann lee"})
    assert "already assigned to another contact" in said
    desk.ask("POST", f"Contacts/{desk.person()['ContactID']}", {"ContactStatus": "ARCHIVED"})
    assert desk.made("Contacts", Name="Ann Lee")["ContactStatus"] == "ACTIVE"
    assert len(desk.rows("Contacts", where='Name=="Ann Lee"')) == 1
    assert len(desk.rows("Contacts", where='Name=="Ann Lee"', includeArchived="true")) == 2
    assert desk.refused("PUT", "Contacts", {"Name": "", "EmailAddress": "no"}) == [
        "The Contact Name must be specified.", "Email address must be valid.",
    ]  # fmt: skip


def test_one_bad_record_refuses_all_or_only_itself(desk: Desk) -> None:
    both = {"Contacts": [{"Name": "Good"}, {"Name": ""}]}
    desk.refused("PUT", "Contacts", both)
    assert desk.rows("Contacts", where='Name=="Good"') == []
    told = desk.ask("PUT", "Contacts", both, summarizeErrors="false")["Contacts"]
    assert [one["StatusAttributeString"] for one in told] == ["OK", "ERROR"]
    assert len(desk.rows("Contacts", where='Name=="Good"')) == 1


def test_amounts_follow_from_the_lines(desk: Desk) -> None:
    one = desk.made("Invoices", **sale(desk))
    assert (one["SubTotal"], one["TotalTax"], one["Total"], one["AmountDue"]) == (100, 8.25, 108.25, 108.25)
    gross = desk.made("Invoices", **sale(desk, LineAmountTypes="Inclusive"))
    assert (gross["SubTotal"], gross["TotalTax"], gross["Total"]) == (92.38, 7.62, 100)
    own = desk.made("Invoices", **sale(desk, LineItems=[LINE | {"TaxAmount": 1.23}]))
    assert own["TotalTax"] == 1.23
    item = desk.made("Invoices", **sale(desk, LineItems=[{"ItemCode": "S002", "Quantity": 3}]))
    assert (item["Total"], item["LineItems"][0]["Item"]["Name"]) == (59.97, "Filter")
    wrong = sale(desk, LineItems=[LINE | {"LineAmount": 99}])
    assert "does not match the expected line total" in desk.refused("PUT", "Invoices", wrong)[0]


def test_numbers_are_given_and_unique(desk: Desk) -> None:
    assert [desk.made("Invoices", **sale(desk))["InvoiceNumber"] for _ in range(2)] == ["INV-0001", "INV-0002"]
    assert desk.refused("PUT", "Invoices", sale(desk, InvoiceNumber="INV-0002")) == ["Invoice # must be unique."]
    (changed,) = desk.ask("POST", "Invoices", {"InvoiceNumber": "INV-0002", "Reference": "x"})["Invoices"]
    assert (changed["Reference"], changed["Total"]) == ("x", 108.25)


def test_lines_that_are_not_sent_again_are_deleted(desk: Desk) -> None:
    one = desk.made("Invoices", **sale(desk, LineItems=[LINE, LINE | {"Description": "Parts"}]))
    kept, gone = one["LineItems"]
    body = {"LineItems": [{"LineItemID": kept["LineItemID"], "Quantity": 1}]}
    (changed,) = desk.ask("POST", f"Invoices/{one['InvoiceID']}", body)["Invoices"]
    assert [line["LineItemID"] for line in changed["LineItems"]] == [kept["LineItemID"]]
    assert (changed["SubTotal"], gone["Description"]) == (50, "Parts")


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        ("J-4", "VOIDED", "not of valid status"), ("J-3", "AUTHORISED", "not of valid status"),
        ("J-1", "VOIDED", "not of valid status"), ("J-2", "VOIDED", "payment or credit note"),
        ("J-2", "PAID", "not of valid status"),
    ],
)  # fmt: skip
def test_states_go_their_own_way(desk: Desk, number: str, status: str, said: str) -> None:
    (told,) = desk.refused("POST", f"Invoices/{desk.bill(number)['InvoiceID']}", {"Status": status})
    assert said in told


def test_a_payment_settles_and_taken_back_opens_again(desk: Desk) -> None:
    bill = desk.bill("J-2")
    told = {"Invoice": {"InvoiceNumber": "J-2"}, "Account": {"Code": "090"}, "Date": "2026-03-09"}
    (said,) = desk.refused("PUT", "Payments", told | {"Amount": 166.26})
    assert said == "Payment amount exceeds the amount outstanding on this document"
    desk.pass_time(minutes=1)
    paid = desk.made("Payments", **told, Amount=166.25)
    assert (desk.bill("J-2")["Status"], desk.bill("J-2")["AmountDue"]) == ("PAID", 0)
    assert desk.bill("J-2")["UpdatedDateUTC"] != bill["UpdatedDateUTC"]
    assert desk.person()["Balances"]["AccountsReceivable"]["Outstanding"] == 0
    desk.ask("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    assert (desk.bill("J-2")["Status"], desk.bill("J-2")["AmountDue"]) == ("AUTHORISED", 166.25)
    assert desk.refused("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    (said,) = desk.refused("PUT", "Payments", told | {"Amount": 1, "Account": {"Code": "200"}})
    assert "not a valid account" in said


def test_what_a_contact_owes_moves_without_its_stamp(desk: Desk) -> None:
    before = desk.person()
    desk.pass_time(minutes=1)
    desk.made("Invoices", **sale(desk))
    after = desk.person()
    owed = [one["Balances"]["AccountsReceivable"]["Outstanding"] for one in (before, after)]
    assert owed == [166.25, 274.5]
    assert after["UpdatedDateUTC"] == before["UpdatedDateUTC"]


def edited(desk: Desk, collection: str, record: dict[str, Any], **members: Any) -> dict[str, Any]:
    stored = desk.store.get(collection, record[next(name for name in record if name.endswith("ID"))])
    assert stored is not None
    desk.pass_time(minutes=1)
    return TWIN.touch(desk.store, collection, stored | members)


def test_a_persons_edit_keeps_members_together_and_moves_the_stamp_as_the_vendor_does(desk: Desk) -> None:
    part_paid, unpaid = desk.bill("J-2"), desk.bill("J-4")
    quiet = edited(desk, "invoices", {"InvoiceID": part_paid["InvoiceID"]}, DueDateString="2026-05-05T00:00:00")
    assert (quiet["DueDate"], quiet["UpdatedDateUTC"]) == ("/Date(1777939200000+0000)/", part_paid["UpdatedDateUTC"])
    told = edited(desk, "invoices", {"InvoiceID": unpaid["InvoiceID"]}, DueDateString="2026-05-05T00:00:00")
    assert told["UpdatedDateUTC"] != unpaid["UpdatedDateUTC"]
    lines = [unpaid["LineItems"][0] | {"Quantity": 3}]
    more = edited(desk, "invoices", {"InvoiceID": unpaid["InvoiceID"]}, LineItems=lines)
    assert more["SubTotal"] == 300


def test_books_are_locked_up_to_a_date(desk: Desk) -> None:
    assert desk.refused("PUT", "Invoices", sale(desk, Date="2024-12-31")) == [
        "The document date cannot be before the end of year lock date."
    ]
    (books,) = desk.store.all("organisations")
    desk.store.put("organisations", books["OrganisationID"], books | {"PeriodLockDate": "/Date(1772323200000+0000)/"})
    said = "The document date cannot be before the period lock date."
    assert desk.refused("POST", f"Invoices/{desk.bill('J-4')['InvoiceID']}", {"Reference": "x"}) == [said]
    paying = {"Invoice": {"InvoiceNumber": "J-2"}, "Account": {"Code": "090"}, "Date": "2026-02-28", "Amount": 1}
    assert desk.refused("PUT", "Payments", paying) == [said]


def test_a_key_gives_the_first_answer_again_for_some_minutes(desk: Desk) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = desk.ask("PUT", "Contacts", {"Name": "Once"}, headers=key)
    assert desk.ask("PUT", "Contacts", {"Name": "Once"}, headers=key) == first
    assert desk.ask("PUT", "Contacts", {"Name": "Other"}, headers=key, status=400)["ErrorNumber"] == 14
    desk.pass_time(minutes=10)
    assert "already assigned" in desk.refused("PUT", "Contacts", {"Name": "Once"}, headers=key)[0]


def test_calls_are_counted_by_the_minute_and_by_the_day(desk: Desk) -> None:
    left = [desk.http.get("/api.xro/2.0/Organisation").headers["X-MinLimit-Remaining"] for _ in range(60)]
    assert (left[0], left[-1]) == ("59", "0")
    answer = desk.ask("GET", "Organisation", status=429)
    assert (answer.headers["X-Rate-Limit-Problem"], answer.headers["Retry-After"]) == ("minute", "61")
    desk.pass_time(seconds=61)
    assert desk.http.get("/api.xro/2.0/Organisation").headers["X-DayLimit-Remaining"] == "4939"


def test_a_token_ends_and_an_old_refresh_token_dies(desk: Desk) -> None:
    app = (auth.CLIENT_ID, auth.CLIENT_SECRET)
    form = {"grant_type": "refresh_token", "refresh_token": auth.FIRST_REFRESH}
    desk.pass_time(minutes=30)
    assert "TokenExpired" in desk.ask("GET", "Items", status=401)["Detail"]
    told = desk.http.post("/connect/token", data=form, auth=app).json()
    signed = {"Authorization": f"Bearer {told['access_token']}"}
    assert desk.ask("GET", "Items", headers=signed)["Items"]
    assert desk.http.post("/connect/token", data=form, auth=app).status_code == 200
    desk.pass_time(minutes=30)
    assert desk.http.post("/connect/token", data=form, auth=app).json() == {"error": "invalid_grant"}
    assert desk.http.post("/connect/token", data=form, auth=("x", "y")).json() == {"error": "invalid_client"}
    wrong = HEAD | {"xero-tenant-id": auth.CONNECTION, "Authorization": f"Bearer {told['access_token']}"}
    desk.pass_time(minutes=-1)
    assert desk.ask("GET", "Items", headers=wrong, status=403)["Title"] == "Forbidden"


def test_what_is_not_there_is_told_in_plain_text(desk: Desk) -> None:
    answer = desk.ask("GET", f"Invoices/{auth.CONNECTION}", status=404)
    assert answer.text == "The resource you're looking for cannot be found"


def test_a_merge_archives_one_and_moves_its_documents(desk: Desk) -> None:
    assert TWIN.merge is not None
    loser, winner = desk.person("Neil Cooling Inc"), desk.person()
    TWIN.merge(desk.store, "contacts", loser["ContactID"], winner["ContactID"])
    assert desk.person("Neil Cooling Inc")["MergedToContactID"] == winner["ContactID"]
    assert desk.bill("J-4")["Contact"]["Name"] == "Ann Lee"
    with pytest.raises(ValueError, match="only contacts"):
        TWIN.merge(desk.store, "invoices", "a", "b")


def test_the_whole_company_holds_together() -> None:
    """Seeded from the founding company: every invoice adds up, and contacts owe what is open."""
    store = _seeded(build(1))
    invoices, payments = store.all("invoices"), store.all("payments")
    assert len(invoices) > 100
    for one in invoices:
        paid = sum(part["Amount"] for part in payments if part["Invoice"]["InvoiceID"] == one["InvoiceID"])
        assert round(one["AmountPaid"] - paid, 2) == 0
        due = 0 if one["Status"] == "VOIDED" else one["Total"] - one["AmountPaid"]
        assert round(one["AmountDue"] - due, 2) == 0
        assert (one["Status"] == "PAID") == (one["AmountDue"] == 0 and one["Status"] != "VOIDED")
    owed = sum(one["Balances"]["AccountsReceivable"]["Outstanding"] for one in store.all("contacts"))
    assert round(owed - sum(one["AmountDue"] for one in invoices if one["Status"] == "AUTHORISED"), 2) == 0
    names = [one["Name"].lower() for one in store.all("contacts")]
    assert len(names) == len(set(names))


def _seeded(company: Company) -> Store:
    store = Desk().store
    store.clear()
    TWIN.seed(company, store)
    return store

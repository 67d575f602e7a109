"""The twin of Salesforce: queries, records with their rules, windows, collections, jobs, sessions and a daily quota."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sandbox.estate import Served
from sandbox.founding import build
from sandbox.records import keep, merged
from sandbox.salesforce import TWIN
from sandbox.salesforce.dialect import full_id
from sandbox.salesforce.limits import DAILY
from tests.sandbox.salesforce.desk import COMPANY, MARK, ROOT, Counter
from tests.vendors.description import VENDORS, problems_of

EVERYBODY = "SELECT Id FROM Account"
TIMES = {"EarliestStartTime": "2026-03-20T13:00:00Z", "DueDate": "2026-03-20T22:00:00.000+0000"}


@pytest.fixture(scope="module")
def opened() -> Iterator[Counter]:
    one = Counter()
    with one.http:
        yield one


@pytest.fixture
def counter(opened: Counter) -> Iterator[Counter]:
    """Every exchange is held against the vendor's description at its end, where that is at hand."""
    opened.store.clear()
    opened.store.faults.clear()
    opened.store.clock.restart()
    opened.app.recording.exchanges.clear()
    TWIN.seed(COMPANY, opened.store)
    yield opened
    if (VENDORS / "salesforce").exists():
        assert problems_of(opened.app.recording) == []


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("", 6),
        ("WHERE Type = 'prospect'", 3),
        ("WHERE Type != 'Prospect' AND BillingCountry = 'US'", 3),
        ("WHERE Type = null OR NOT (Type = 'Prospect')", 3),
        ("WHERE Type IN ('Prospect', 'x') AND Id NOT IN (SELECT AccountId FROM WorkOrder)", 3),
        ("WHERE Id IN (SELECT AccountId FROM WorkOrder WHERE Subject != null)", 3),
        ("WHERE Name LIKE '%\\'%'", 0),
        ("WHERE SystemModstamp > 2026-03-12T00:00:00Z", 0),
        ("WHERE Owner.Name = 'Integration User' ORDER BY Name DESC NULLS LAST LIMIT 2 OFFSET 1", 2),
    ],
)
def test_a_query_finds(counter: Counter, condition: str, count: int) -> None:
    assert len(counter.found(f"{EVERYBODY} {condition}")) == count


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT Id FROM Acount", "INVALID_TYPE"), ("SELECT Id, FROM Account", "MALFORMED_QUERY"),
        ("SELECT Foo FROM Account", "INVALID_FIELD"), ("SELECT Foo.Id FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"), ("SELECT Id FROM Account x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id, (SELECT Id FROM Cars) FROM Account", "INVALID_TYPE"), ("SELECT Id FROM {}", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)  # fmt: skip
def test_a_query_is_refused(counter: Counter, statement: str, code: str) -> None:
    assert counter.code("GET", "/query", params={"q": statement}) == code


def test_parents_are_nested_and_children_are_lists_or_nothing(counter: Counter) -> None:
    below = "(SELECT LastName FROM Contacts ORDER BY CreatedDate LIMIT 1), (SELECT Id FROM WorkOrders)"
    one, *_, last = counter.found(EVERYBODY.replace("Id", f"Id, Owner.Email, {below}", 1))
    assert (one["Owner"]["attributes"]["type"], one["Contacts"]["totalSize"]) == ("User", 1)
    assert list(one["Contacts"]["records"][0]) == ["attributes", "LastName"]
    assert last["WorkOrders"] is None
    (alone,) = counter.found("SELECT Parent.Name FROM Account LIMIT 1")
    assert alone["Parent"] is None


def test_pages_follow_a_locator_for_two_days(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.endpoints.SMALLEST", 1)
    head = {"Sforce-Query-Options": "batchSize=4"}
    first = counter.ask("GET", "/query", params={"q": "SELECT Id FROM Account"}, headers=head)
    assert (first["totalSize"], first["done"], len(first["records"])) == (6, False, 4)
    path = first["nextRecordsUrl"].removeprefix(ROOT)
    last = counter.ask("GET", path, headers=head)
    assert (last["done"], len(last["records"]), "nextRecordsUrl" in last) == (True, 2, False)
    counter.store.bag["sessions"][TWIN.credentials["access_token"]] += timedelta(days=3)
    counter.pass_time(days=2, minutes=1)
    assert counter.code("GET", path) == "INVALID_QUERY_LOCATOR"


def test_records_follow_their_rules(counter: Counter) -> None:
    (order,) = counter.found("SELECT Id, AccountId FROM WorkOrder LIMIT 1")
    assert counter.code("POST", "/sobjects/Contact", {"FirstName": "Ann"}) == "REQUIRED_FIELD_MISSING"
    assert counter.code("POST", "/sobjects/Account", {"Name": "x", "Foo": 1}) == "INVALID_FIELD"
    assert (
        counter.code("POST", "/sobjects/Account", {"Name": "x", "Type": "Foe"})
        == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )
    assert (
        counter.code("POST", "/sobjects/Contact", {"LastName": "x", "AccountId": order["Id"]})
        == "INVALID_CROSS_REFERENCE_KEY"
    )
    assert counter.code("POST", "/sobjects/WorkOrder", {"GrandTotal": 5}) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert counter.code("POST", "/sobjects/Event", {"Subject": "x"}) == "REQUIRED_FIELD_MISSING"
    assert counter.code("POST", "/sobjects/Event", {"StartDateTime": "soon"}) == "JSON_PARSER_ERROR"
    assert counter.code("GET", "/sobjects/Account/12") == "MALFORMED_ID"
    assert counter.code("GET", "/sobjects/Foo/12", status=404) == "NOT_FOUND"
    (crew, *_) = counter.store.all("ServiceResource")
    assert counter.code("DELETE", f"/sobjects/ServiceResource/{crew['Id']}", status=405) == "METHOD_NOT_ALLOWED"
    counter.app.recording.exchanges.clear()  # a service resource has no such call in the description


def test_what_follows_from_other_fields(counter: Counter) -> None:
    (order, *_) = counter.found("SELECT Id, AccountId FROM WorkOrder")
    visit = counter.made("ServiceAppointment", ParentRecordId=order["Id"], **TIMES)
    told = counter.ask("GET", f"/sobjects/ServiceAppointment/{visit}")
    assert (told["AccountId"], told["StatusCategory"], told["ParentRecordType"]) == (
        order["AccountId"],
        "None",
        "WorkOrder",
    )
    assert told["AppointmentNumber"].startswith("SA-")
    assert told["EarliestStartTime"] == "2026-03-20T13:00:00.000+0000"
    event = counter.made("Event", StartDateTime="2026-03-20T09:00:00-05:00", DurationInMinutes=90)
    told = counter.ask("GET", f"/sobjects/Event/{event}", params={"fields": "EndDateTime,ShowAs,ActivityDate"})
    assert (told["EndDateTime"], told["ShowAs"], told["ActivityDate"]) == (
        "2026-03-20T15:30:00.000+0000",
        "Busy",
        "2026-03-20",
    )
    person = counter.made("Contact", FirstName="Ann", LastName="Lee")
    assert counter.ask("GET", f"/sobjects/Contact/{person[:15]}")["Name"] == "Ann Lee"
    assert full_id(person[:15]) == person


def test_an_external_id_is_unique_and_upserts(counter: Counter) -> None:
    place = f"/sobjects/Account/{MARK}/cus_1"
    told = counter.ask("PATCH", place, {"Name": "One"}, status=201)
    assert counter.ask("PATCH", place, {"Phone": "1"})["created"] is False
    assert counter.ask("GET", place)["Id"] == told["id"]
    assert counter.code("POST", "/sobjects/Account", {"Name": "Two", MARK: "CUS_1"}) == "DUPLICATE_VALUE"
    assert counter.code("PATCH", "/sobjects/Account/Name/One", {}, status=404) == "NOT_FOUND"
    for _ in range(2):
        counter.made("Contact", LastName="Lee", Email="lee@lee.example")
    several = counter.ask("PATCH", "/sobjects/Contact/Email/lee@lee.example", {"FirstName": "A"}, status=300)
    assert len(several) == 2


def test_an_edit_that_shows_an_old_second_is_refused(counter: Counter) -> None:
    (one, *_) = counter.found("SELECT Id FROM Account")
    place = f"/sobjects/Account/{one['Id']}"
    before = counter.http.get(ROOT + place).headers
    counter.pass_time(minutes=1)
    counter.ask("PATCH", place, {"Phone": "1"}, status=204)
    since = {"If-Unmodified-Since": before["Last-Modified"]}
    assert counter.code("PATCH", place, {"Phone": "2"}, status=412, headers=since) == "PRECONDITION_FAILED"
    assert (
        counter.code("PATCH", place, {"Phone": "2"}, status=412, headers={"If-Match": before["ETag"]})
        == "PRECONDITION_FAILED"
    )
    now = counter.http.get(ROOT + place).headers
    assert counter.http.get(ROOT + place, headers={"If-Modified-Since": now["Last-Modified"]}).status_code == 304
    counter.ask("PATCH", place, {"Phone": "2"}, status=204, headers={"If-Unmodified-Since": now["Last-Modified"]})


def test_windows_tell_what_changed_and_what_was_deleted(counter: Counter) -> None:
    counter.pass_time(hours=1, minutes=30)
    made, lost = counter.made("Account", Name="One"), counter.made("Account", Name="Two")
    counter.ask("DELETE", f"/sobjects/Account/{lost}", status=204)
    assert counter.window("Account", "updated", minutes=5)["ids"] == [made]
    assert [one["id"] for one in counter.window("Account", "deleted", minutes=5)["deletedRecords"]] == [lost]
    assert counter.code("GET", f"/sobjects/Account/{lost}", status=404) == "ENTITY_IS_DELETED"
    assert counter.found("SELECT Id FROM Account WHERE IsDeleted = true", bin=True) == [
        {"attributes": {"type": "Account", "url": f"{ROOT}/sobjects/Account/{lost}"}, "Id": lost}
    ]
    old = {"start": "2026-01-01T00:00:00Z", "end": "2026-03-11T15:00:00Z"}
    assert counter.code("GET", "/sobjects/Account/updated", params=old) == "INVALID_REPLICATION_DATE"
    none = {"start": "2026-03-11T15:00:10Z", "end": "2026-03-11T15:00:50Z"}
    assert counter.code("GET", "/sobjects/Account/deleted", params=none) == "INVALID_REPLICATION_DATE"


def test_what_hangs_on_a_record_goes_with_it(counter: Counter) -> None:
    (order, *_) = counter.found("SELECT Id FROM WorkOrder WHERE Id IN (SELECT ParentRecordId FROM ServiceAppointment)")
    count = len(counter.store.all("AssignedResource"))
    TWIN.remove(counter.store, "WorkOrder", order["Id"])
    assert counter.where("ServiceAppointment", "ParentRecordId", order["Id"]) == []
    assert len(counter.found("SELECT Id FROM AssignedResource")) < count


def test_a_merge_moves_records_and_names_the_winner(counter: Counter) -> None:
    assert TWIN.merge is not None
    (loser, winner, *_) = counter.found("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM WorkOrder)")
    TWIN.merge(counter.store, "Account", loser["Id"], winner["Id"])
    (told,) = counter.where("Account", "Id", loser["Id"], bin=True)
    assert told["MasterRecordId"] == winner["Id"]
    assert len(counter.where("Contact", "AccountId", winner["Id"])) == 2
    assert counter.where("WorkOrder", "AccountId", loser["Id"]) == []
    for collection, into in (("Event", winner["Id"]), ("Account", loser["Id"])):
        with pytest.raises(ValueError, match=r"not merged|deleted"):
            TWIN.merge(counter.store, collection, winner["Id"], into)


def test_a_person_edits_in_the_shape_of_the_wire(counter: Counter) -> None:
    served, (one, *_) = Served(twin=TWIN, store=counter.store), counter.store.all("ServiceAppointment")
    counter.pass_time(minutes=1)
    kept = keep(served, "ServiceAppointment", one["Id"], merged(one, {"Status": "Canceled", "Subject": None}))
    assert (kept["StatusCategory"], kept["SystemModstamp"]) == ("Canceled", "2026-03-11T15:01:00.000+0000")
    assert counter.ask("GET", f"/sobjects/ServiceAppointment/{one['Id']}")["Subject"] is None
    event = counter.store.all("Event")[0]
    with pytest.raises(ValueError, match="End date cannot be before"):
        keep(served, "Event", event["Id"], merged(event, {"EndDateTime": "2020-01-01T00:00:00.000+0000"}))


def test_collections_have_their_bounds(counter: Counter) -> None:
    kind: dict[str, Any] = {"attributes": {"type": "Account"}, "Name": "x"}
    assert counter.code("POST", "/composite/sobjects", {"records": [kind] * 200 + [kind]}) == "INVALID_INPUT"
    mixed = [kind, {"attributes": {"type": "Contact"}, "LastName": "x"}] * 6
    assert counter.code("POST", "/composite/sobjects", {"records": mixed}) == "INVALID_INPUT"
    (told,) = counter.ask("PATCH", "/composite/sobjects", {"records": [kind]})
    assert told["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    (told,) = counter.ask("PATCH", f"/composite/sobjects/Contact/{MARK}", {"records": [kind | {MARK: "c"}]})
    assert told["errors"][0]["statusCode"] == "INVALID_TYPE"
    assert counter.code("PATCH", "/composite/sobjects/Account/Phone", {"records": []}, status=404) == "NOT_FOUND"
    counter.app.recording.exchanges.clear()  # 201 rows are more than the shape allows


def test_a_bulk_job_goes_its_way(counter: Counter) -> None:
    asked = {"object": "Account", "operation": "upsert", "externalIdFieldName": MARK, "contentType": "CSV"}
    place = f"/jobs/ingest/{counter.ask('POST', '/jobs/ingest', asked)['id']}"
    text = f"{MARK},Name,Phone\ncus_1,One,1\ncus_2,,2\n"
    head = {"Content-Type": "text/csv"}
    counter.ask("PUT", f"{place}/batches", status=201, content=text, headers=head)
    assert counter.code("PUT", f"{place}/batches", content=text, headers=head) == "INVALIDJOBSTATE"
    assert counter.ask("PATCH", place, {"state": "UploadComplete"})["state"] == "UploadComplete"
    counter.fault("slow_jobs")
    assert [counter.ask("GET", place)["state"] for _ in range(2)] == ["InProgress", "JobComplete"]
    assert '"true","cus_1","One","1"' in counter.ask("GET", f"{place}/successfulResults").text
    assert "REQUIRED_FIELD_MISSING" in counter.ask("GET", f"{place}/failedResults").text
    for wrong in ({"object": "Foo"}, {"operation": "foo"}, {"externalIdFieldName": "Phone"}):
        assert counter.code("POST", "/jobs/ingest", asked | wrong).startswith("INVALID")
    counter.app.recording.exchanges.clear()  # no operation is called foo


def test_a_session_slides_and_ends(counter: Counter) -> None:
    counter.pass_time(hours=1, minutes=59)
    counter.ask("GET", "/limits")
    counter.pass_time(hours=1, minutes=59)
    counter.ask("GET", "/limits")
    counter.pass_time(hours=2)
    assert counter.code("GET", "/limits", status=401) == "INVALID_SESSION_ID"


def test_the_day_is_used_up_and_the_header_counts(counter: Counter) -> None:
    assert counter.http.get(f"{ROOT}/limits").headers["Sforce-Limit-Info"] == f"api-usage=1/{DAILY}"
    counter.store.bag["calls"].extend([counter.store.clock.now()] * (DAILY - 1))
    answer = counter.http.get(f"{ROOT}/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in answer.headers
    counter.fault("unlimited")
    counter.ask("GET", "/limits")


def test_the_whole_company_holds_together() -> None:
    """Seeded from the founding company: whatever is referred to is there, and every account has its contact."""
    store = Counter().store
    store.clear()
    TWIN.seed(build(1), store)
    accounts = {one["Id"] for one in store.all("Account")}
    assert {one["AccountId"] for one in store.all("Contact")} == accounts
    assert {one["AccountId"] for one in store.all("WorkOrder")} <= accounts
    orders = {one["Id"]: one for one in store.all("WorkOrder")}
    visits = store.all("ServiceAppointment")
    assert all(one["AccountId"] == orders[one["ParentRecordId"]]["AccountId"] for one in visits)
    assert len({one["WorkOrderNumber"] for one in orders.values()}) == len(orders) > 100
    assert all((one["Status"] == "None") == (one.get("SchedStartTime") is None) for one in visits)

"""Customers, jobs, visits and calendar entries: made once, changed by id, refused row by row, one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.salesforce import bulk
from connectors.spec import Outgoing, Written
from models.errors import Ambiguous, Gone, Rejected, Stale, Transient, Unauthorized
from sandbox.salesforce import bulk as twin_bulk
from sandbox.store import Store
from tests.connectors.desk import Desk, march
from tests.connectors.salesforce.conftest import canonical, outgoing

PERSON = {
    "given_name": "Zoë", "family_name": "O'Neil", "email": "zoe@oneil.example", "phone": "+15124740001",
    "street": "1 Elm St\nApt 2", "city": "Austin", "state": "TX", "postal_code": "78701", "country": "US",
    "status": "active",
}  # fmt: skip
VISIT = {"title": "AC tune-up", "instructions": "Gate 4471#", "status": "scheduled", "starts_at": march(20, 14),
         "ends_at": march(20, 16)}  # fmt: skip
COLLECTIONS = "/composite/sobjects"


def told(desk: Desk, **settings: Any) -> Desk:
    """The same desk, of which the stack says more."""
    return replace(desk, api=replace(desk.api, settings={**desk.api.settings, **settings}))


def send(desk: Desk, entity: str, batch: Sequence[Outgoing]) -> Sequence[Written | Exception]:
    many = desk.writing(entity).many
    assert many is not None
    return many(desk.api, batch)


def people(count: int, **members: Any) -> list[Outgoing]:
    told = [PERSON | {"email": f"p{n}@oneil.example", **members} for n in range(count)]
    return [outgoing("customer", "create", values, core_id=f"cus_{n:016x}") for n, values in enumerate(told)]


def heard(desk: Desk, tail: str) -> int:
    """How many requests came to an address, those among them whose answer was lost."""
    return sum(one.path.endswith(tail) for one in desk.estate.traffic.since(0, "salesforce"))


def id_of(answer: Written | Exception) -> str:
    assert isinstance(answer, Written), answer
    return answer.id


def test_a_customer_is_an_account_and_its_contact_and_reads_back_as_meant(desk: Desk) -> None:
    made = desk.create("customer", PERSON)
    read = canonical("customer", made.record)
    assert {name: read[name] for name in PERSON} == PERSON
    assert read["company_name"] is None
    account, contact = desk.store.get("Account", made.id), desk.one("Contact", AccountId=made.id)
    assert account is not None
    assert (account["Name"], account["Type"], contact["LastName"]) == ("Zoë O'Neil", "Customer - Direct", "O'Neil")
    assert {account["Plumbline_Id__c"], contact["Plumbline_Id__c"]} == {"cus_0123456789abcdef"}
    assert (made.version, desk.fetch("customer", made.id)) == (account["SystemModstamp"], made)


def test_a_contact_without_a_last_name_does_not_lend_its_companys(desk: Desk) -> None:
    """The vendor wants a last name of every contact; what we put there must not come back as somebody's name."""
    firm = {"company_name": "Lee Cooling LLC", "email": "office@lee.example"}
    made = desk.create("customer", firm)
    read = canonical("customer", made.record)
    assert (read["company_name"], read["email"], read["status"]) == ("Lee Cooling LLC", "office@lee.example", None)
    assert (read["given_name"], read["family_name"]) == (None, None)
    desk.update("customer", made.id, {"family_name": "Lee"}, desired=firm)
    found = desk.fetch("customer", made.id)
    assert found is not None
    read = canonical("customer", found.record)
    assert (read["company_name"], read["family_name"]) == ("Lee Cooling LLC", "Lee")


def test_a_changed_name_of_a_person_is_that_of_the_account_too(desk: Desk) -> None:
    made = desk.create("customer", PERSON)
    changed = desk.update("customer", made.id, {"family_name": "Neil", "phone": None}, desired=PERSON)
    assert changed.record is not None
    assert (changed.record["Name"], changed.record["Phone"]) == ("Zoë Neil", None)
    assert desk.sent("PATCH", f"/Contact/{changed.record['Contact']['Id']}") == 0


def test_a_customer_without_any_name_is_refused(desk: Desk) -> None:
    with pytest.raises(Rejected, match="has no name"):
        desk.create("customer", {"email": "nobody@oneil.example"})
    assert [line for line in desk.said() if line.startswith("PATCH")] == []


def test_a_create_may_be_sent_again_and_is_found_by_our_marker(desk: Desk) -> None:
    assert desk.find("customer", PERSON) is None
    made, again = desk.create("customer", PERSON), desk.create("customer", PERSON)
    assert (again.id, desk.find("customer", PERSON)) == (made.id, again)
    assert len([one for one in desk.store.all("Account") if one["Name"] == "Zoë O'Neil"]) == 1


def test_a_lost_answer_makes_nothing_twice(desk: Desk) -> None:
    desk.fault("dropped_answer", method="PATCH", path="Account/Plumbline_Id__c")
    made = desk.create("customer", PERSON)
    assert [one["Id"] for one in desk.store.all("Account") if one["Name"] == "Zoë O'Neil"] == [made.id]


def test_an_account_whose_contact_was_not_made_yet_is_sent_again(impatient: Desk) -> None:
    """The way between the two is where a process may die."""
    impatient.fault("server_error", path="Contact/Plumbline_Id__c")
    with pytest.raises(Ambiguous):
        impatient.create("customer", PERSON)
    assert impatient.find("customer", PERSON) is None
    made = impatient.create("customer", PERSON)
    assert canonical("customer", made.record)["email"] == PERSON["email"]
    assert impatient.find("customer", PERSON) == made


def test_two_hundred_and_one_go_in_two_collections_and_a_bad_row_is_refused_alone(desk: Desk) -> None:
    batch = people(201)
    batch[7] = people(8, email=f"{'x' * 90}@oneil.example")[7]
    answers = send(desk, "customer", batch)
    assert isinstance(answers[7], Rejected)
    assert "STRING_TOO_LONG" in str(answers[7])
    good = [id_of(one) for n, one in enumerate(answers) if n != 7]
    assert len(set(good)) == 200
    assert (desk.sent("PATCH", "Account/Plumbline_Id__c"), desk.sent("PATCH", "Contact/Plumbline_Id__c")) == (2, 2)


def test_creates_and_updates_are_answered_in_their_order(desk: Desk) -> None:
    old = desk.create("customer", PERSON)
    change = outgoing("customer", "update", {"city": "Waco"}, target_id=old.id, desired=PERSON)
    lost = outgoing("customer", "update", {"city": "Waco"}, target_id="001dM00000zzzzzZZZ", desired=PERSON)
    first, second, third = send(desk, "customer", [change, lost, *people(1)])
    assert (id_of(first), type(second)) == (old.id, Gone)
    assert id_of(third) not in (old.id, "")
    assert canonical("customer", desk.fetch("customer", old.id).record)["city"] == "Waco"  # type: ignore[union-attr]


def test_a_locked_row_may_be_tried_again(desk: Desk) -> None:
    desk.fault("row_error", path="Account/Plumbline_Id__c")
    (answer,) = send(desk, "customer", people(1))
    assert isinstance(answer, Transient)


def test_a_collection_that_is_refused_as_a_whole_is_split(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.grouped.MOST", 2)
    answers = send(desk, "customer", people(5))
    assert len({id_of(one) for one in answers}) == 5
    assert desk.sent("PATCH", "Account/Plumbline_Id__c") == 5


def test_a_failing_system_fails_each_row(impatient: Desk) -> None:
    impatient.fault("unauthorized", path=COLLECTIONS, times=2)
    assert [type(one) for one in send(impatient, "customer", people(2))] == [Unauthorized] * 2
    impatient.fault("server_error", path=COLLECTIONS)
    assert [type(one) for one in send(impatient, "customer", people(2))] == [Ambiguous] * 2


def test_more_rows_than_collections_are_good_for_go_as_a_bulk_job(desk: Desk) -> None:
    large = told(desk, bulk_above=2)
    batch = people(3)
    batch[1] = people(2, email="none")[1]
    desk.fault("slow_jobs", times=2)
    answers = send(large, "customer", batch)
    assert [type(one) for one in answers] == [Written, Rejected, Written]
    assert "INVALID_EMAIL_ADDRESS" in str(answers[1])
    read = canonical("customer", answers[0].record)  # type: ignore[union-attr]
    assert {name: read[name] for name in PERSON} == PERSON | {"email": "p0@oneil.example"}
    assert (desk.sent("POST", "/jobs/ingest"), desk.sent("PATCH", "Account/Plumbline_Id__c")) == (2, 0)
    updates = [outgoing("customer", "update", {"city": None}, target_id=id_of(answers[0]), desired=PERSON)] * 3
    cleared = send(large, "customer", updates)[2]
    assert canonical("customer", cleared.record)["city"] is None  # type: ignore[union-attr]


def test_a_bulk_job_that_does_not_end_leaves_its_rows_in_doubt(impatient: Desk) -> None:
    impatient.fault("slow_jobs", times=bulk.LOOKS)
    answers = send(told(impatient, bulk_above=0), "customer", people(2))
    assert [type(one) for one in answers] == [Ambiguous] * 2
    assert impatient.find("customer", PERSON, core_id="cus_0000000000000000") is None


def test_a_bulk_job_whose_file_may_be_lost_is_not_sent_twice(desk: Desk) -> None:
    desk.fault("dropped_answer", method="PUT", path="/batches")
    answers = send(told(desk, bulk_above=0), "customer", people(1))
    assert [type(one) for one in answers] == [Ambiguous]
    assert heard(desk, "/batches") == 1


def test_a_bulk_job_that_fails_or_leaves_rows_out_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    large = told(desk, bulk_above=0)
    monkeypatch.setattr("sandbox.salesforce.bulk._work", lambda *_: None)
    (answer,) = send(large, "customer", people(1))
    assert isinstance(answer, Transient)
    assert "did not come to this row" in str(answer)
    monkeypatch.setattr("sandbox.salesforce.bulk.told", _failed)
    (answer,) = send(large, "customer", people(1))
    assert isinstance(answer, Rejected)
    assert "ended as Failed (InvalidBatch : Field name not found)" in str(answer)


def _failed(store: Store, id: str) -> dict[str, Any]:
    return {
        **twin_bulk.job_of(store, id).told,
        "state": "Failed",
        "errorMessage": "InvalidBatch : Field name not found",
    }


def test_csv_leaves_empties_and_quotes() -> None:
    told = bulk.table([{"Id": "1", "Name": 'a,"b"\nc'}, {"Id": "2", "Phone": None, "IsActive": True}]).decode()
    assert told == 'Id,Name,Phone,IsActive\n1,"a,""b""\nc",,\n2,,#N/A,true\n'


def test_an_update_that_shows_an_old_version_is_refused(desk: Desk) -> None:
    made = desk.create("customer", PERSON)
    desk.edit("Account", made.id, Phone="(512) 474-7777")
    with pytest.raises(Stale):
        desk.update("customer", made.id, {"city": "Waco"}, desired=PERSON, version=made.version)
    desk.update("customer", made.id, {"city": "Waco"}, desired=PERSON, version=desk.fetch("customer", made.id).version)  # type: ignore[union-attr]
    assert desk.store.get("Account", made.id)["BillingCity"] == "Waco"  # type: ignore[index]


def test_what_was_edited_is_not_deleted_and_what_is_gone_counts_as_deleted(desk: Desk) -> None:
    made = desk.create("customer", PERSON)
    desk.edit("Account", made.id, Phone="(512) 474-7777")
    with pytest.raises(Stale, match="not deleted unseen"):
        desk.delete("customer", made.id, version=made.version)
    desk.delete("customer", made.id)
    assert desk.fetch("customer", made.id) is None
    assert desk.delete("customer", made.id).id == made.id
    assert desk.store.get("Account", made.id)["IsDeleted"]  # type: ignore[index]


def test_a_job_and_its_visit(desk: Desk) -> None:
    account = desk.store.all("Account")[0]["Id"]
    work = {"title": "No heat", "instructions": "Call", "status": "in_progress"}
    job = desk.create("job", work, refs={"customer": account}, core_id="job_1")
    read = canonical("job", job.record)
    assert (read["title"], read["status"], read["customer"]) == ("No heat", "in_progress", account)
    visit = desk.create("appointment", VISIT, refs={"job": job.id}, core_id="apt_1")
    read = canonical("appointment", visit.record)
    assert {name: read[name] for name in VISIT} == VISIT
    assert (read["job"], read["starts_local"]) == (job.id, march(20, 9))
    moved = desk.update(
        "appointment", visit.id, {"starts_at": march(21, 14), "ends_at": march(21, 15), "status": "canceled"}
    )
    read = canonical("appointment", moved.record)
    assert (read["starts_at"], read["ends_at"], read["status"]) == (march(21, 14), march(21, 15), "canceled")
    desk.delete("appointment", visit.id, version=moved.version)
    assert desk.fetch("appointment", visit.id) is None


def test_a_visit_without_a_time_is_refused(desk: Desk) -> None:
    with pytest.raises(Rejected, match="no time of day"):
        desk.create("appointment", {"title": "x"}, refs={"job": "0WO"}, core_id="apt_1")


def test_a_new_visit_is_never_sent_twice_because_its_job_can_be_told_once(desk: Desk) -> None:
    job = desk.store.all("WorkOrder")[0]["Id"]
    desk.fault("dropped_answer", method="PATCH", path="ServiceAppointment/Plumbline_Id__c")
    with pytest.raises(Ambiguous):
        desk.create("appointment", VISIT, refs={"job": job}, core_id="apt_1")
    found = desk.find("appointment", VISIT, core_id="apt_1")
    assert found is not None
    assert canonical("appointment", found.record)["job"] == job
    assert heard(desk, "ServiceAppointment/Plumbline_Id__c") == 1


ENTRY: Mapping[str, Any] = {
    "title": "No heat", "instructions": "Gate 4471#", "place": "1 Elm St, Austin", "starts_at": march(20, 14),
    "ends_at": march(20, 16), "all_day": False,
}  # fmt: skip


def test_who_goes_is_an_event_in_their_calendar(desk: Desk) -> None:
    desk = told(desk, calendar_entries=True)
    first, second = (one["Email"] for one in desk.store.all("User")[1:3])
    values = ENTRY | {"technician_email": first}
    made = desk.create("assignment", values, core_id="asg_1")
    read = canonical("assignment", made.record)
    assert {name: read[name] for name in values} == values
    given = desk.update("assignment", made.id, {"technician_email": second}, desired=values)
    assert canonical("assignment", given.record)["technician_email"] == second
    days = {
        "all_day": True,
        "starts_on": date(2026, 3, 20),
        "ends_on": date(2026, 3, 21),
        "starts_at": None,
        "ends_at": None,
    }
    whole = desk.update("assignment", made.id, days, desired=values)
    read = canonical("assignment", whole.record)
    assert {name: read[name] for name in days} == days
    desk.delete("assignment", made.id)
    assert desk.fetch("assignment", made.id) is None


@pytest.mark.parametrize(
    ("values", "said"),
    [({"technician_email": "nobody@crew.example.com"}, "no active user with the e-mail address nobody@crew"),
     ({"technician_email": None}, r"e-mail address \(none\)"),
     ({"starts_at": None}, "has no time")],
)  # fmt: skip
def test_an_entry_needs_a_user_and_a_time(desk: Desk, values: Mapping[str, Any], said: str) -> None:
    whole = ENTRY | {"technician_email": desk.store.all("User")[1]["Email"]} | values
    with pytest.raises(Rejected, match=said):
        told(desk, calendar_entries=True).create("assignment", whole, core_id="asg_1")


def test_who_goes_is_left_to_field_service_unless_the_stack_says_otherwise(desk: Desk) -> None:
    with pytest.raises(Rejected, match="set `calendar_entries: true`"):
        desk.create("assignment", ENTRY, core_id="asg_1")
    assert desk.all("assigned_resources")
    assert told(desk, calendar_entries=True).all("assigned_resources") == []


def test_an_organisations_own_names_and_words_are_written(desk: Desk) -> None:
    own = told(
        desk,
        fields={"Account.Type": "Industry"},
        values={"Account.Type": {"Kunde": "Customer - Direct", "Alt": "Customer - Direct"}},
    )
    (answer,) = send(own, "customer", people(1))
    account = desk.store.get("Account", id_of(answer))
    assert account is not None
    assert (account["Industry"], account.get("Type")) == ("Kunde", None)
    assert canonical("customer", answer.record)["status"] == "active"  # type: ignore[union-attr]


def test_nothing_is_written_without_a_marker(desk: Desk) -> None:
    with pytest.raises(Rejected, match="name it as `marker`"):
        send(told(desk, marker=None), "customer", people(1))

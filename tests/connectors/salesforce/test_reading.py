"""Whole reads, windows of what changed and what was deleted, merges, and what one organisation calls its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.salesforce import CONNECTOR, dialect
from models.errors import Gone, PlumblineError, Rejected, Throttled, Transient, Unauthorized
from sandbox.salesforce.catalog import KINDS
from tests.connectors.desk import Desk, gone, march
from tests.connectors.salesforce.conftest import canonical, row

RESOURCES = [one.name for one in CONNECTOR.resources]
WINDOWED = [name for name in RESOURCES if name != "service_resources"]
OBJECTS = {
    "accounts": "Account", "work_orders": "WorkOrder", "service_appointments": "ServiceAppointment",
    "assigned_resources": "AssignedResource", "service_resources": "ServiceResource", "events": "Event",
}  # fmt: skip


def told(desk: Desk, **settings: Any) -> Desk:
    """The same desk, of which the stack says more."""
    return replace(desk, api=replace(desk.api, settings={**desk.api.settings, **settings}))


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(desk: Desk, resource: str) -> None:
    pages = desk.read(resource)
    assert all(page.full for page in pages)
    seen = [record["Id"] for page in pages for record in page.records]
    assert sorted(seen) == sorted(id for id, _ in desk.store.items(OBJECTS[resource]))
    assert seen


def test_a_list_of_many_pages_is_read_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.endpoints.PAGE", 3)
    monkeypatch.setattr("sandbox.salesforce.endpoints.SMALLEST", 1)
    pages = desk.read("accounts")
    assert [len(page.records) for page in pages] == [3, 3, 0]
    assert [path for path in desk.said("/services/data/v59.0") if "/query/0r8" in path]


@pytest.mark.parametrize("resource", WINDOWED)
def test_nothing_happened_and_nothing_is_read_again(desk: Desk, resource: str) -> None:
    cursor = desk.since(resource, minutes=20)
    cursor = desk.read(resource, cursor)[-1].cursor or {}
    desk.later(minutes=20)
    pages = desk.read(resource, cursor)
    assert [len(page.records) for page in pages] == [0] * len(pages)
    assert not any(page.full for page in pages)


def test_a_persons_edit_arrives_with_the_next_read(desk: Desk) -> None:
    cursor, one = desk.since("accounts"), desk.store.all("Account")[0]
    desk.edit("Account", one["Id"], BillingCity="Marfa")
    (record,) = desk.all("accounts", cursor)
    assert canonical("customer", record)["city"] == "Marfa"


def test_an_edit_shortly_before_the_last_read_is_seen_again(desk: Desk) -> None:
    """A transaction that was long under way is told late; the overlap finds it."""
    one = desk.store.all("WorkOrder")[0]
    desk.edit("WorkOrder", one["Id"], Subject="Late")
    (record,) = desk.all("work_orders", desk.since("work_orders", seconds=1))
    assert record["Subject"] == "Late"


def test_an_edit_of_the_contact_is_one_of_its_customer(desk: Desk) -> None:
    cursor, one = desk.since("accounts"), desk.store.all("Contact")[0]
    desk.edit("Contact", one["Id"], Email="New@Mail.example.com")
    (record,) = desk.all("accounts", cursor)
    read = row("customer", record)
    assert (record["Id"], read["email"]) == (one["AccountId"], "new@mail.example.com")
    assert read["changed_at"] == desk.estate.clock.now().replace(tzinfo=None)


def test_a_customer_whose_contact_was_deleted_is_read_again(desk: Desk) -> None:
    cursor, one = desk.since("accounts"), desk.store.all("Contact")[0]
    desk.remove("Contact", one["Id"])
    (record,) = desk.all("accounts", cursor)
    assert (record["Id"], record["Contact"]) == (one["AccountId"], None)


def test_deletions_are_told_by_id_and_their_whole_read_lacks_them(desk: Desk) -> None:
    cursors = {name: desk.since(name) for name in ("work_orders", "service_appointments", "assigned_resources")}
    visit = desk.store.all("ServiceAppointment")[0]
    below = [one["Id"] for one in desk.store.all("AssignedResource") if one["ServiceAppointmentId"] == visit["Id"]]
    desk.remove("ServiceAppointment", visit["Id"])
    assert gone(desk.read("service_appointments", cursors["service_appointments"])) == [visit["Id"]]
    assert gone(desk.read("assigned_resources", cursors["assigned_resources"])) == sorted(below)
    assert gone(desk.read("work_orders", cursors["work_orders"])) == []
    assert visit["Id"] not in [record["Id"] for record in desk.all("service_appointments")]


def test_story_14_a_merged_account_names_the_one_that_took_its_place(desk: Desk) -> None:
    cursor, (loser, winner, *_) = desk.since("accounts"), desk.store.all("Account")
    assert desk.twin.merge is not None
    desk.later(minutes=1)
    desk.twin.merge(desk.store, "Account", loser["Id"], winner["Id"])
    for pages in (desk.read("accounts", cursor), desk.read("accounts")):
        assert {lost: into for page in pages for lost, into in page.merged.items()} == {loser["Id"]: winner["Id"]}
        assert gone(pages) == []
        assert loser["Id"] not in [record["Id"] for page in pages for record in page.records]


def test_a_position_that_is_too_old_is_refused_and_all_is_read_again(desk: Desk) -> None:
    cursor = desk.since("events", days=6, hours=23)
    assert not desk.read("events", cursor)[-1].full
    desk.later(hours=2)
    assert desk.read("events", cursor)[-1].full
    weekly = told(desk, full_read_days=60)
    desk.later(days=9)
    with pytest.raises(Gone, match="too old"):
        weekly.read("events", cursor)


def test_a_purged_log_of_deletions_is_not_believed(desk: Desk) -> None:
    cursor = desk.since("events", minutes=30)
    desk.store.bag["purged"] = desk.estate.clock.now()
    with pytest.raises(Gone, match="all is read again"):
        desk.read("events", cursor)


def test_technicians_are_read_with_their_users_each_time(desk: Desk) -> None:
    cursor, one = desk.since("service_resources"), desk.store.all("ServiceResource")[0]
    desk.edit("User", one["RelatedRecordId"], Email="moved@crew.example.com")
    pages = desk.read("service_resources", cursor)
    assert all(page.full for page in pages)
    (record,) = [record for page in pages for record in page.records if record["Id"] == one["Id"]]
    read = canonical("technician", record)
    assert (read["email"], read["time_zone"], read["active"]) == ("moved@crew.example.com", "America/Chicago", True)


def test_a_private_person_and_a_company(desk: Desk) -> None:
    one = desk.all("accounts")[0]
    person = {**one, "Name": "Ann Lee", "Contact": {**one["Contact"], "FirstName": "Ann", "LastName": "Lee"}}
    assert canonical("customer", person)["company_name"] is None
    assert canonical("customer", {**person, "Name": "Lee Cooling LLC"})["company_name"] == "Lee Cooling LLC"
    assert canonical("customer", {**person, "Contact": None})["company_name"] == "Ann Lee"
    assert canonical("customer", {**person, "Type": "Partner"})["status"] == "active"


def test_a_work_order_is_done_where_its_account_is(desk: Desk) -> None:
    (order, *_) = desk.all("work_orders")
    here = {
        **order,
        "Street": "1 Elm",
        "PostalCode": None,
        "Account": {"ShippingStreet": "1 Elm", "ShippingPostalCode": None},
    }
    assert canonical("job", here)["location"] == order["AccountId"]
    assert canonical("job", {**here, "Street": "2 Elm"})["location"] is None
    read = canonical("job", {**order, "GrandTotal": Decimal("12.3"), "StatusCategory": "Closed"})
    assert (read["total"], read["status"], read["number"]) == (Decimal("12.3"), "completed", order["WorkOrderNumber"])


@pytest.mark.parametrize(
    ("category", "state"),
    [("None", "scheduled"), ("Dispatched", "scheduled"), ("In Progress", "started"), ("InProgress", "started"),
     ("Cannot Complete", "paused"), ("CannotComplete", "paused"), ("Completed", "completed"), ("Canceled", "canceled")],
)  # fmt: skip
def test_states_go_by_their_category(desk: Desk, category: str, state: str) -> None:
    visit = {**desk.all("service_appointments")[0], "Status": "Fixed", "StatusCategory": category}
    assert canonical("appointment", visit)["status"] == state


def test_an_appointment_of_an_account_belongs_to_no_job(desk: Desk) -> None:
    visit = desk.all("service_appointments")[0]
    assert canonical("appointment", visit)["job"] == visit["ParentRecordId"]
    assert canonical("appointment", {**visit, "ParentRecordType": "Account"})["job"] is None
    timed = {**visit, "SchedStartTime": "2026-03-09T14:00:00.000+0000"}
    read = canonical("appointment", timed)
    assert (read["starts_at"], read["starts_local"]) == (march(9, 14), march(9, 9))


def test_events_are_busy_times_but_for_what_field_service_copies(desk: Desk) -> None:
    whole, timed = (next(one for one in desk.all("events") if one["IsAllDayEvent"] is flag) for flag in (True, False))
    read = canonical(
        "busy", whole | {"StartDateTime": "2026-03-09T00:00:00.000+0000", "EndDateTime": "2026-03-10T00:00:00.000+0000"}
    )
    assert (read["starts_at"], read["starts_on"], read["ends_on"]) == (None, date(2026, 3, 9), date(2026, 3, 10))
    assert (read["kind"], read["blocks"]) == ("out_of_office", True)
    free = canonical("busy", {**timed, "ShowAs": "Free"})
    assert (free["kind"], free["blocks"], free["calendar"]) == ("event", False, timed["Owner"]["Email"])
    for hidden in ({"ServiceAppointmentId": "08p1"}, {"IsRecurrence": True}, {"Plumbline_Id__c": "asg_1"}):
        with pytest.raises(ValueError, match="not enough values"):
            canonical("busy", {**timed, **hidden})


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("rate_limit", {}, Throttled),
        ("server_error", {"status": 503}, Transient),
        ("unauthorized", {"times": 3}, Unauthorized),
        ("forbidden", {}, Unauthorized),
        ("truncated_page", {}, Transient),
        ("html_error_page", {"status": 503}, PlumblineError),
    ],
)
def test_a_failure_is_an_error_and_never_an_empty_read(
    impatient: Desk, kind: str, more: Mapping[str, Any], error: type[Exception]
) -> None:
    impatient.fault(kind, path="/query", **more)
    with pytest.raises(error):
        impatient.read("accounts")
    impatient.later(hours=1, minutes=1)  # an exhausted day holds every caller back for so long


def test_a_session_that_ended_is_renewed(desk: Desk) -> None:
    desk.read("events")
    desk.later(hours=3)
    assert desk.all("events")


def test_without_field_service_only_sales_is_read(desk: Desk) -> None:
    sales = told(desk, field_service=False)
    found = {name: len(sales.all(name)) for name in RESOURCES}
    assert {name for name, count in found.items() if count} == {"accounts", "events"}
    assert not any(page.full for page in sales.read("work_orders"))
    assert not [path for path in desk.said() if "WorkOrder" in path]


def test_an_organisations_own_fields_and_words_are_read_in_their_place(desk: Desk) -> None:
    own = told(desk, fields={"Account.Type": "Industry"}, values={"Account.Type": {"Kunde": "Customer"}})
    id = desk.store.all("Account")[0]["Id"]
    desk.edit("Account", id, Industry="Kunde")
    (record,) = [one for one in own.all("accounts") if one["Id"] == id]
    assert (record["Industry"], canonical("customer", record)["status"]) == ("Kunde", "active")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"fields": {"Account.Type": "Industri__c"}}, "Account has no field 'Industri__c'.*correct `fields`"),
        ({"marker": "Plumline_Id__c"}, "Account has no field 'Plumline_Id__c'.*did you mean 'Plumbline_Id__c'"),
        ({"marker": "AccountNumber"}, "Account.AccountNumber is no unique external id"),
        ({"values": {"Account.Type": {"Prospekt": "Prospect"}}}, "has no value 'Prospekt'.*did you mean 'Prospect'"),
    ],
)
def test_what_the_organisation_does_not_have_is_told_in_a_sentence(
    desk: Desk, settings: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(Rejected, match=said):
        told(desk, **settings).read("accounts")


def test_without_a_marker_all_can_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    members = {name: one for name, one in KINDS["Account"].members.items() if name != "Plumbline_Id__c"}
    monkeypatch.setitem(KINDS, "Account", replace(KINDS["Account"], members=members))  # type: ignore[arg-type]
    assert row("customer", told(desk, marker=None).all("accounts")[0])["core_ref"] is None
    with pytest.raises(Rejected, match="no field 'Plumbline_Id__c'"):
        desk.read("accounts")


def test_who_we_are_there(desk: Desk) -> None:
    assert CONNECTOR.account is not None
    told = CONNECTOR.account(desk.api)
    assert (told.name, told.environment, told.time_zone) == (
        "Bluebonnet Home Services",
        "production",
        "America/Chicago",
    )


@pytest.mark.parametrize(
    ("header", "left"),
    [("api-usage=891/15000", 14109), ("api-usage=5/3", 0), ("api-usage=17/250; per-app-api-usage=1/2(appName=x)", 233),
     ("", None), ("api-usage=x/y", None)],
)  # fmt: skip
def test_the_calls_that_are_left_stand_in_a_header(header: str, left: int | None) -> None:
    assert dialect.left({"sforce-limit-info": header}) == left

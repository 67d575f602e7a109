"""The feeds: everything at first, then what changed, what went, and what stands beside a record."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.servicetitan import CONNECTOR, dialect
from models.errors import Gone, PlumblineError, Throttled, Transient, Unauthorized
from sandbox.servicetitan import listing
from tests.connectors.desk import Desk, ids, march
from tests.connectors.servicetitan.conftest import canonical, row

RESOURCES = [one.name for one in CONNECTOR.resources]
FEEDS = [name for name in RESOURCES if name != "services"]


def named(desk: Desk, name: str) -> dict[str, Any]:
    return desk.one("customers", name=name)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(tenant: Desk, resource: str) -> None:
    pages = tenant.read(resource)
    assert all(page.full for page in pages)
    held = [str(record["id"]) for record in tenant.store.all(resource)]
    assert sorted(ids("servicetitan", resource, pages)) == sorted(held) != []


def test_feeds_and_lists_of_many_pages_are_read_whole(tenant: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEED", 2)
    monkeypatch.setattr(dialect, "PAGE", 1)
    monkeypatch.setattr(dialect, "IDS", 1)
    pages = tenant.read("customers")
    assert [len(page.records) for page in pages] == [2, 1]
    assert [[one["type"] for one in record["contacts"]] for page in pages for record in page.records] == [
        ["MobilePhone", "Email"]
    ] * 3
    assert len(tenant.all("appointments")) == 4
    assert len(tenant.read("services")) == 1


@pytest.mark.parametrize("resource", FEEDS)
def test_nothing_happened_and_nothing_is_read_again(tenant: Desk, resource: str) -> None:
    cursor = tenant.since(resource)
    pages = tenant.read(resource, cursor)
    assert [record for page in pages for record in page.records] == []
    assert not any(page.full for page in pages)
    assert tenant.all(resource, pages[-1].cursor) == []


def test_a_persons_edit_arrives_and_the_newest_ones_may_come_again(tenant: Desk) -> None:
    cursor = tenant.since("locations")
    one = tenant.store.all("locations")[0]
    tenant.edit("locations", str(one["id"]), name="The barn")
    pages = tenant.read("locations", cursor)
    (found,) = pages[-1].records
    assert canonical("location", found)["name"] == "The barn"
    assert tenant.all("locations", pages[-1].cursor) == [found]
    tenant.later(minutes=10)
    assert tenant.all("locations", pages[-1].cursor) == [found]
    assert tenant.all("locations", tenant.read("locations", pages[-1].cursor)[-1].cursor) == []


def test_a_new_number_alone_brings_its_customer(tenant: Desk) -> None:
    cursor, ann = tenant.since("customers", days=2), named(tenant, "Ann Lee")
    contact = tenant.one("contacts", customerId=ann["id"], type="MobilePhone")
    tenant.edit("contacts", str(contact["id"]), value="512.474.9999")
    pages = tenant.read("customers", cursor)
    (found,) = [record for page in pages for record in page.records]
    assert canonical("customer", found)["phone"] == "+15124749999"
    assert pages[-1].cursor == pages[0].cursor != cursor


def test_a_customer_who_changed_in_both_ways_comes_once(tenant: Desk) -> None:
    cursor, ann = tenant.since("customers", days=2), named(tenant, "Ann Lee")
    contact = tenant.one("contacts", customerId=ann["id"], type="Email")
    tenant.remove("contacts", str(contact["id"]))
    tenant.edit("customers", str(ann["id"]), name="Lee-Ito, Ann")
    (found,) = tenant.all("customers", cursor)
    read = canonical("customer", found)
    assert (read["given_name"], read["family_name"], read["email"]) == ("Ann", "Lee-Ito", None)


def test_what_goes_says_so_and_a_customer_becomes_inactive(tenant: Desk) -> None:
    entities = {"locations": "location", "appointments": "appointment", "assignments": "assignment"}
    for resource, entity in {**entities, "invoices": "invoice", "payments": "payment"}.items():
        cursor, one = tenant.since(resource), tenant.store.all(resource)[-1]
        tenant.remove(resource, str(one["id"]))
        found = {record["id"]: record for record in tenant.all(resource, cursor)}
        assert row(entity, found[one["id"]])["deleted_at"] is not None
    cursor, ann = tenant.since("customers"), named(tenant, "Ann Lee")
    tenant.remove("customers", str(ann["id"]))
    (found_customer,) = tenant.all("customers", cursor)
    read = row("customer", found_customer)
    assert (read["status"], read["deleted_at"]) == ("inactive", None)


def test_a_cancelled_job_stays_with_its_visits_cancelled(tenant: Desk) -> None:
    job = tenant.one("jobs", jobNumber="102")
    jobs, visits = tenant.since("jobs"), tenant.since("appointments")
    tenant.remove("jobs", str(job["id"]))
    (found,) = tenant.all("jobs", jobs)
    (visit,) = tenant.all("appointments", visits)
    assert (canonical("job", found)["status"], row("job", found)["deleted_at"]) == ("canceled", None)
    assert canonical("appointment", visit)["status"] == "canceled"


def test_story_14_a_merged_customer_names_the_one_that_took_its_place(tenant: Desk) -> None:
    cursor, places = tenant.since("customers"), tenant.since("locations")
    loser, winner = named(tenant, "Cy Dunn"), named(tenant, "Ann Lee")
    assert tenant.twin.merge is not None
    tenant.twin.merge(tenant.store, "customers", str(loser["id"]), str(winner["id"]))
    found = {record["id"]: row("customer", record) for record in tenant.all("customers", cursor)}
    assert found[loser["id"]]["merged_into"] == str(winner["id"])
    moved = [canonical("location", record)["customer"] for record in tenant.all("locations", places)]
    assert moved == [str(winner["id"])]


def test_work_reads_as_people_see_it(tenant: Desk) -> None:
    (job,) = [canonical("job", one) for one in tenant.all("jobs") if one["jobNumber"] == "101"]
    assert (job["title"], job["kind"], job["status"]) == ("Repair 1", "Repair 1", "completed")
    assert (job["instructions"], job["total"]) == ("Ring twice", Decimal("120.50"))
    (visit,) = [canonical("appointment", one) for one in tenant.all("appointments") if one["jobTypeName"] == "Repair 2"]
    assert (visit["starts_at"], visit["starts_local"]) == (march(12, 15), march(12, 10))
    assert (visit["title"], visit["all_day"], visit["time_zone"]) == ("Repair 2", False, "America/Chicago")
    sent = [canonical("assignment", one) for one in tenant.all("assignments")]
    tom = str(tenant.one("technicians", firstName="Tech1")["id"])
    assert [one["technician"] for one in sent].count(tom) == 2
    bob = canonical("customer", next(one for one in tenant.all("customers") if one["type"] == "Commercial"))
    assert (bob["company_name"], bob["given_name"], bob["phone"]) == ("Neil Cooling Inc", None, "+15124741237")


def test_money_reads_to_the_cent_and_what_is_not_posted_is_a_draft(tenant: Desk) -> None:
    bills = {one["number"]: one for one in (canonical("invoice", record) for record in tenant.all("invoices"))}
    paid = bills["101"]
    assert paid["status"] == "paid"
    assert (paid["subtotal"], paid["tax"], paid["total"]) == (Decimal(120), Decimal("9.9"), Decimal("129.9"))
    assert (paid["issued_on"], paid["due_on"], paid["currency"]) == (date(2026, 2, 1), date(2026, 3, 1), "USD")
    (line,) = json.loads(paid["lines"])
    assert (line["item"], Decimal(line["quantity"]), Decimal(line["amount"])) == ("Repair", Decimal("1.5"), 120)
    assert bills["106"]["status"] == "draft"


@pytest.mark.parametrize(
    ("state", "total", "balance", "status"),
    [
        ("Pending", "10.00", "10.00", "draft"),
        ("Pending", "0.00", "0.00", "draft"),
        ("Pending", "10.00", "0.00", "paid"),
        ("Posted", "10.00", "4.00", "open"),
        ("Exported", "10.00", "0.00", "paid"),
        (None, "10.00", "10.00", "open"),
    ],
)
def test_how_far_an_invoice_is(tenant: Desk, state: str | None, total: str, balance: str, status: str) -> None:
    one = tenant.store.all("invoices")[0] | {"syncStatus": state, "total": total, "balance": balance}
    assert canonical("invoice", one)["status"] == status


@pytest.mark.parametrize("resource", ["locations", "customers"])
def test_story_15_a_position_that_is_not_known_any_more_is_no_empty_read(tenant: Desk, resource: str) -> None:
    cursor = tenant.since(resource)
    tenant.fault("expired_continuation")
    with pytest.raises(Gone, match="read again"):
        tenant.read(resource, cursor)


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("server_error", {}, Transient),
        ("rate_limit", {"retry_after": 1}, Throttled),
        ("unauthorized", {}, Unauthorized),
        ("cut_body", {}, Transient),
        ("html_error_page", {"status": 200}, PlumblineError),
    ],
)
def test_a_failure_is_an_error_and_never_an_empty_page(
    impatient: Desk, kind: str, more: dict[str, Any], error: type[Exception]
) -> None:
    impatient.fault(kind, times=2, path="/export/", **more)
    with pytest.raises(error):
        impatient.read("jobs")
    impatient.recording.exchanges.clear()  # a body that was cut is none that the vendor describes


def test_a_token_that_ran_out_is_asked_for_anew(tenant: Desk) -> None:
    tenant.read("technicians")
    tenant.later(minutes=16)
    assert tenant.read("technicians")
    assert tenant.sent("POST", "/connect/token") == 1


def test_the_account_is_the_tenant(tenant: Desk) -> None:
    assert CONNECTOR.account is not None
    told = CONNECTOR.account(tenant.api)
    assert (told.id, told.name, told.environment) == ("987654321", "Acme Heating", "production")

"""Reading the schedule: whole, then what changed; and what a refusal is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.housecall_pro import CONNECTOR, reading
from models.errors import Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.housecall_pro.conftest import MAP_OF, Office

RESOURCES = [one.name for one in CONNECTOR.resources]
LATER = ["customers", "jobs", "estimates"]


def ids(pages: list[Any]) -> set[str]:
    return {record["id"] for page in pages for record in page.records}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(office: Office, resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    pages = office.read(resource)
    assert ids(pages) == {record["id"] for record in office.desk.store.all(resource)}
    assert all(page.full for page in pages)


@pytest.mark.parametrize("resource", LATER)
def test_a_persons_edit_comes_with_the_next_read_and_little_else(office: Office, resource: str) -> None:
    cursor = office.cursor(resource)
    id = office.desk.store.all(resource)[0]["id"]
    office.desk.edit(resource, id, lead_source="A friend")
    pages = office.read(resource, cursor)
    assert id in ids(pages)
    assert not any(page.full for page in pages)
    office.desk.later(hours=1)
    assert ids(office.read(resource, pages[-1].cursor or {})) == {id}  # the overlap shows the newest one again
    assert office.asked_for(f"/{resource}") == 4  # a whole read looks at the front again


def test_a_job_made_by_a_person_arrives_with_its_visits(office: Office) -> None:
    cursor = office.cursor("jobs")
    job = office.desk.job(103)
    office.desk.later(minutes=15)
    office.desk.call("PUT", f"/jobs/{job['id']}/schedule", {"start_time": "2026-03-16T14:00:00Z"})
    found = next(one for one in office.changed("jobs", cursor) if one["id"] == job["id"])
    assert found["schedule"]["appointments"][0]["start_time"] == "2026-03-16T14:00:00Z"


def test_a_deleted_job_says_so_in_the_next_read(office: Office) -> None:
    cursor = office.cursor("jobs")
    id = office.desk.job(102)["id"]
    office.desk.remove("jobs", id)
    found = next(one for one in office.changed("jobs", cursor) if one["id"] == id)
    assert found["deleted_at"] is not None


def test_a_deleted_customer_is_missing_from_the_next_whole_read_and_from_no_other(office: Office) -> None:
    cursor, bob = office.cursor("customers"), office.desk.customer("Bob")["id"]
    office.desk.remove("customers", bob)
    assert not any(page.full for page in office.read("customers", cursor))
    office.desk.later(days=7)
    pages = office.read("customers", cursor)
    assert all(page.full for page in pages)
    assert bob not in ids(pages)


def test_who_is_sent_where_is_one_list_beside_the_visits(office: Office) -> None:
    job = next(one for page in office.read("jobs") for one in page.records if one["invoice_number"] == "102")
    (visit,) = job["schedule"]["appointments"]
    assert job["dispatches"] == [
        {"appointment": f"{job['id']}:{visit['id']}", "employee": one} for one in visit["dispatched_employees_ids"]
    ]


# --- invoices, which do not show when they changed ----------------------------------------------------------------


def test_an_edited_invoice_comes_with_the_next_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 1)
    monkeypatch.setattr(reading, "KNOWN", 1)
    monkeypatch.setattr(reading, "REMEMBERED", 3)
    cursor = office.cursor("invoices")
    oldest = min(office.desk.store.all("invoices"), key=lambda one: str(one["updated_at"]))
    office.desk.edit("invoices", oldest["id"], status="paid", due_amount=0)
    before = office.asked_for("/invoices")
    found = office.changed("invoices", cursor)
    assert found[0]["id"] == oldest["id"]
    assert office.asked_for("/invoices") - before == len(found) == 2  # the second one is known


def test_invoices_that_nobody_touched_end_the_read(office: Office) -> None:
    cursor = office.cursor("invoices")
    (page, last) = office.read("invoices", cursor)
    assert (len(page.records), page.full, last.cursor) == (3, False, cursor)


def test_invoices_are_read_whole_again_after_some_days(office: Office) -> None:
    cursor = office.cursor("invoices")
    office.desk.later(days=7)
    assert all(page.full for page in office.read("invoices", cursor))


# --- what is no data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize(
    ("kind", "error"), [("server_error", Transient), ("unauthorized", Unauthorized), ("html_error_page", Transient)]
)
def test_a_refused_read_is_an_error_and_no_page(
    impatient: Office, resource: str, kind: str, error: type[Exception]
) -> None:
    impatient.desk.fault(kind, times=1)
    with pytest.raises(error):
        impatient.read(resource)
    impatient.recording.exchanges.clear()  # a gateway's page is not the vendor's


def test_throttling_waits_as_long_as_the_vendor_says(office: Office) -> None:
    office.desk.fault("rate_limit", times=1, retry_after=40)
    before = office.desk.store.clock.now()
    assert len(ids(office.read("employees"))) == 2
    assert office.desk.store.clock.now() - before >= timedelta(seconds=40)


def test_throttling_is_an_error_of_its_own(impatient: Office) -> None:
    impatient.desk.fault("rate_limit", times=1, retry_after=90)
    with pytest.raises(Throttled) as caught:
        impatient.read("jobs")
    assert caught.value.wait == 90


def test_an_answer_without_its_list_is_no_empty_list(office: Office) -> None:
    with pytest.raises(Unreachable, match="'customers'"):
        reading.part(office.api, {"page": 1}, "customers")


def test_the_account_is_the_company(office: Office) -> None:
    assert CONNECTOR.account is not None
    found = CONNECTOR.account(office.api)
    assert (found.name, found.time_zone, len(found.id)) == ("Acme Heating", "America/Chicago", 36)


def test_every_field_is_read_from_the_twin(office: Office) -> None:
    empty = set()
    for entity, one in MAP_OF.items():
        records = {record["id"]: record for page in office.read(one.resource) for record in page.records}
        rows = office.decoder.decode(CONNECTOR.name, one, records).values()
        empty |= {(entity, name) for name in one.fields if all(row[name] is None for row in rows)}
    assert empty == {("job", "kind")}

"""Writes as the vendor takes them, and what a person does in its own pages."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.housecall_pro import TWIN
from tests.sandbox.housecall_pro.desk import Desk

ADDRESS = {"street": "7 Elm St", "city": "Austin", "state": "TX", "zip": "78702", "country": "USA"}
NINE, TEN = "2026-03-16T14:00:00Z", "2026-03-16T15:00:00Z"


def made(desk: Desk, **more: Any) -> Any:
    """A new job for Ann."""
    ann = desk.customer("Ann")
    body = {"customer_id": ann["id"], "address_id": ann["addresses"][1]["id"], **more}
    return desk.call("POST", "/jobs", body, status=201)


def refused(desk: Desk, method: str, path: str, body: Any, status: int = 422) -> str:
    said: str = desk.call(method, path, body, status=status)["error"]["message"]
    return said


def tech(desk: Desk, number: int = 1) -> str:
    return next(str(one["id"]) for one in desk.rows("employees") if one["first_name"] == f"Tech{number}")


def test_a_customer_is_made_changed_and_found(desk: Desk) -> None:
    new = desk.call("POST", "/customers", {"first_name": "Dora", "tags": ["new"], "addresses": [ADDRESS]}, status=201)
    assert (new["first_name"], new["tags"], new["addresses"][0]["zip"]) == ("Dora", ["new"], "78702")
    desk.later(minutes=1)
    changed = desk.call("PUT", f"/customers/{new['id']}", {"email": "dora@example.com"})
    assert (changed["first_name"], changed["email"]) == ("Dora", "dora@example.com")
    assert changed["updated_at"] > new["updated_at"] == new["created_at"]
    assert desk.call("GET", f"/customers/{new['id']}") == changed


def test_a_customer_of_the_wrong_kind_is_refused(desk: Desk) -> None:
    answer = desk.http.post("/customers", content=b'{"first_name": ', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert refused(desk, "POST", "/customers", {"first_name": 5}) == "first_name is invalid"


def test_an_address_is_added_and_needs_all_its_parts(desk: Desk) -> None:
    path = f"/customers/{desk.customer('Ann')['id']}/addresses"
    new = desk.call("POST", path, ADDRESS)
    assert desk.call("GET", f"{path}/{new['id']}") == new
    assert new["id"] in [one["id"] for one in desk.call("GET", path)["addresses"]]
    assert refused(desk, "POST", path, {**ADDRESS, "zip": ""}) == "zip can't be blank"
    assert desk.call("GET", f"{path}/adr_0", status=404) == {}


def test_a_number_is_given_once(desk: Desk) -> None:
    assert made(desk, invoice_number=900)["invoice_number"] == "900"
    assert made(desk)["invoice_number"] == "901"
    ann = desk.customer("Ann")
    body = {"customer_id": ann["id"], "address_id": ann["addresses"][1]["id"], "invoice_number": 101}
    assert refused(desk, "POST", "/jobs", body) == "invoice_number has already been taken"


def test_a_job_is_for_an_address_of_its_customer(desk: Desk) -> None:
    ann, bob = desk.customer("Ann"), desk.customer("Bob")
    for body, said in (
        ({"customer_id": "cus_0", "address_id": "adr_0"}, "customer_id is invalid"),
        ({"customer_id": ann["id"], "address_id": bob["addresses"][0]["id"]}, "address_id is invalid"),
    ):
        assert refused(desk, "POST", "/jobs", body) == said


def test_a_job_is_what_its_lines_say(desk: Desk) -> None:
    lines = [{"name": "Pump", "unit_price": 12345, "quantity": 2}, {"name": "Labor"}]
    new = made(desk, line_items=lines, notes="Ring twice", tags=["a"])
    assert (new["description"], new["total_amount"], new["notes"][0]["content"]) == ("Pump, Labor", 24690, "Ring twice")


def test_a_job_may_be_made_with_its_schedule(desk: Desk) -> None:
    new = made(desk, schedule={"scheduled_start": "2026-03-16T09:00:00"}, assigned_employee_ids=[tech(desk)])
    assert (new["work_status"], new["schedule"]["scheduled_start"]) == ("scheduled", NINE)  # wall time is the company's
    day = made(desk, schedule={"anytime": True, "anytime_start_date": "2026-03-16"})
    assert desk.job(int(day["invoice_number"]))["schedule"]["appointments"][0]["anytime"] is True


def test_a_job_is_scheduled_dispatched_and_unscheduled(desk: Desk) -> None:
    path = f"/jobs/{desk.job(103)['id']}"
    answer = desk.call("PUT", f"{path}/schedule", {"start_time": NINE, "end_time": TEN, "expand": ["appointments"]})
    assert (answer["start_time"], len(answer["appointments"])) == (NINE, 1)
    people = {"dispatched_employees": [{"employee_id": tech(desk)}]}
    assert len(desk.call("PUT", f"{path}/dispatch", people)["assigned_employees"]) == 1
    desk.call("PUT", f"{path}/schedule", {"start_time": TEN})  # who goes stays
    assert [one["first_name"] for one in desk.job(103)["assigned_employees"]] == ["Tech1"]
    assert desk.call("DELETE", f"{path}/schedule") == {"object": "schedule", "deleted": True}
    assert desk.job(103)["work_status"] == "needs scheduling"


def test_a_job_of_several_visits_is_scheduled_by_its_visits(desk: Desk) -> None:
    path = f"/jobs/{desk.job(102)['id']}"
    body = {"start_time": NINE, "end_time": TEN, "dispatched_employees_ids": [tech(desk, 2)]}
    second = desk.call("POST", f"{path}/appointments", body, status=201)
    assert "several appointments" in refused(desk, "PUT", f"{path}/schedule", {"start_time": NINE})
    moved = desk.call("PUT", f"{path}/appointments/{second['id']}", {**body, "start_time": TEN, "end_time": TEN})
    assert (moved["id"], moved["start_time"]) == (second["id"], TEN)
    assert len(desk.call("GET", f"{path}/appointments")["appointments"]) == 2
    desk.call("DELETE", f"{path}/appointments/{second['id']}")
    assert desk.call("DELETE", f"{path}/appointments/{second['id']}", status=404) == {}
    assert desk.call("PUT", f"{path}/appointments/{second['id']}", body, status=404) == {}


def test_a_visit_needs_a_length_and_people_of_the_company(desk: Desk) -> None:
    path, good = f"/jobs/{desk.job(102)['id']}/appointments", {"start_time": NINE, "end_time": TEN}
    assert "end_time" in refused(
        desk, "POST", path, {"start_time": TEN, "end_time": NINE, "dispatched_employees_ids": []}
    )
    assert "employees" in refused(desk, "POST", path, {**good, "dispatched_employees_ids": ["pro_0"]})
    assert (
        refused(desk, "POST", path, {**good, "start_time": "soon", "dispatched_employees_ids": []})
        == "start_time is invalid"
    )


def test_a_job_that_a_person_deletes_stays_and_says_so(desk: Desk) -> None:
    id = desk.job(102)["id"]
    desk.remove("jobs", id)
    gone = desk.call("GET", f"/jobs/{id}")
    assert (gone["work_status"], gone["deleted_at"]) == ("pro canceled", "2026-03-11T15:15:00Z")


def test_a_customer_that_a_person_deletes_is_gone_and_its_jobs_are_not(desk: Desk) -> None:
    bob = desk.customer("Bob")
    desk.remove("customers", bob["id"])
    assert desk.call("GET", f"/customers/{bob['id']}", status=404) == {}
    assert desk.job(102)["customer"]["id"] == bob["id"]


def test_others_go_as_the_vendor_lets_them(desk: Desk) -> None:
    bill = desk.rows("invoices", status="open")[0]
    desk.remove("invoices", bill["id"])
    assert desk.call("GET", f"/api/invoices/{bill['id']}")["status"] == "voided"
    desk.remove("employees", tech(desk))
    assert {one["first_name"] for one in desk.rows("employees")} == {"Tech2"}
    assert [one["first_name"] for one in desk.job(102)["assigned_employees"]] == ["Tech1", "Tech2"]
    offer = desk.rows("estimates")[0]
    desk.remove("estimates", offer["id"])
    desk.remove("estimates", offer["id"])
    assert desk.call("GET", f"/estimates/{offer['id']}", status=404) == {}


def test_an_edit_shows_in_the_jobs_of_the_customer(desk: Desk) -> None:
    desk.edit("customers", desk.customer("Bob")["id"], first_name="Robert")
    assert desk.job(102)["customer"]["first_name"] == "Robert"


def test_values_may_be_kept_in_another_form(desk: Desk) -> None:
    desk.fault("rewritten_values", form="upper", times=1)
    new = desk.call("POST", "/customers", {"first_name": "Dora", "email": "dora@example.com"}, status=201)
    assert (new["first_name"], new["email"]) == ("DORA", "dora@example.com")


def test_a_person_adds_a_customer_and_a_job_of_few_words(desk: Desk) -> None:
    new = TWIN.touch(desk.store, "customers", {"id": "cus_new", "first_name": "Nell"})
    desk.store.put("customers", "cus_new", new)
    ann = desk.customer("Ann")
    job = {"id": "job_new", "invoice_number": "500", "customer": ann, "address": ann["addresses"][0]}
    desk.store.put("jobs", "job_new", TWIN.touch(desk.store, "jobs", job))
    assert [one["id"] for one in desk.rows("customers", q="nell")] == ["cus_new"]
    assert (desk.job(500)["work_status"], desk.job(500)["created_at"]) == ("needs scheduling", "2026-03-11T15:00:00Z")
    with pytest.raises(ValueError, match="its customer and its address"):
        TWIN.touch(desk.store, "jobs", {"id": "job_other"})


@pytest.mark.parametrize("collection", TWIN.collections)
def test_a_touch_stamps_what_has_stamps(desk: Desk, collection: str) -> None:
    id, record = desk.store.items(collection)[0]
    desk.later(hours=1)
    touched = TWIN.touch(desk.store, collection, record)
    assert touched["id"] == id
    assert touched.get("updated_at") == (None if collection == "employees" else "2026-03-11T16:00:00Z")

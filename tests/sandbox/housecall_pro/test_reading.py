"""Lists and records as the vendor shows them."""

from __future__ import annotations

import httpx
import pytest

from sandbox.housecall_pro import TWIN
from tests.sandbox.housecall_pro.desk import Desk


def test_a_page_says_how_many_there_are(desk: Desk) -> None:
    first = desk.call("GET", "/jobs", query={"page_size": 4})
    assert {name: first[name] for name in ("page", "page_size", "total_pages", "total_items")} == {
        "page": 1, "page_size": 4, "total_pages": 2, "total_items": 6,
    }  # fmt: skip
    second = desk.call("GET", "/jobs", query={"page": 2, "page_size": 4})
    assert len(first["jobs"]) + len(second["jobs"]) == 6
    assert desk.call("GET", "/jobs", query={"page": 3, "page_size": 4})["jobs"] == []


def test_ten_are_shown_when_nothing_is_said_and_never_more_than_two_hundred(desk: Desk) -> None:
    assert desk.call("GET", "/employees")["page_size"] == 10
    assert desk.call("GET", "/employees", query={"page_size": 1000})["page_size"] == 200


@pytest.mark.parametrize("query", [{"page": "0"}, {"page_size": "many"}, {"sort_by": "colour"}])
def test_a_page_that_cannot_be_is_refused(desk: Desk, query: dict[str, str]) -> None:
    answer = desk.http.get("/customers", params=query)
    assert (answer.status_code, list(answer.json()["error"])) == (400, ["message"])


def test_lists_are_sorted_newest_first_by_what_is_asked(desk: Desk) -> None:
    desk.edit("customers", desk.customer("Ann")["id"], last_name="Li")
    rows = desk.rows("customers", sort_by="updated_at", sort_direction="desc")
    assert rows[0]["first_name"] == "Ann"
    assert [one["first_name"] for one in desk.rows("customers", sort_by="first_name", sort_direction="asc")] == [
        "Ann", "Bob", "Cy",
    ]  # fmt: skip


def test_only_customers_that_work_is_done_for_are_held_here(desk: Desk) -> None:
    assert {one["first_name"] for one in desk.rows("customers")} == {"Ann", "Bob", "Cy"}
    ann, bob = desk.customer("Ann"), desk.customer("Bob")
    assert [place["type"] for place in ann["addresses"]] == ["billing", "service", "service"]
    assert [place["type"] for place in bob["addresses"]] == ["service"]
    assert (ann["mobile_number"], bob["home_number"]) == ("5124741234", "5124741237")


def test_a_search_looks_at_names_numbers_and_addresses(desk: Desk) -> None:
    for asked, found in (
        ("o'neil", "Bob"),
        ("4741234", "Ann"),
        ("9 elm", "Cy"),
        ("ann lee", "Ann"),
        ("COOLING", "Bob"),
    ):
        assert [one["first_name"] for one in desk.rows("customers", q=asked)] == [found], asked
    assert desk.rows("customers", q="nobody") == []


def test_visits_show_only_when_they_are_asked_for(desk: Desk) -> None:
    assert all("appointments" not in one["schedule"] for one in desk.rows("jobs"))
    assert len(desk.job(102)["schedule"]["appointments"]) == 1


def test_a_job_is_where_its_visits_and_its_status_say(desk: Desk) -> None:
    scheduled, new, done, over = desk.job(102), desk.job(103), desk.job(101), desk.job(105)
    assert scheduled["schedule"]["scheduled_start"] == "2026-03-12T15:00:00Z"
    assert [one["first_name"] for one in scheduled["assigned_employees"]] == ["Tech1", "Tech2"]
    assert (new["work_status"], new["assigned_employees"]) == ("needs scheduling", [])
    assert (done["work_status"], done["work_timestamps"]["completed_at"]) == (
        "complete unrated",
        "2026-02-20T16:00:00Z",
    )
    assert (over["work_status"], over["canceled_at"] is not None, over["deleted_at"]) == ("user canceled", True, None)
    assert (done["total_amount"], done["outstanding_balance"]) == (12050, 0)


def test_a_visit_of_whole_days_has_an_appointment_for_each(desk: Desk) -> None:
    days = desk.job(104)["schedule"]["appointments"]
    assert [(one["start_date"], one["anytime"]) for one in days] == [("2026-03-13", True), ("2026-03-14", True)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"work_status[]": "scheduled"}, {"102", "104"}),
        ({"work_status[]": ["canceled", "unscheduled"]}, {"103", "105"}),
        ({"scheduled_start_min": "2026-03-12T00:00:00Z"}, {"102", "104"}),
        ({"scheduled_end_max": "2026-03-11T23:59:59Z"}, {"101", "106"}),
    ],
)
def test_jobs_are_filtered(desk: Desk, query: dict[str, str], numbers: set[str]) -> None:
    assert {one["invoice_number"] for one in desk.rows("jobs", **query)} == numbers


def test_jobs_of_one_customer_or_one_employee(desk: Desk) -> None:
    ann = desk.customer("Ann")["id"]
    assert {one["invoice_number"] for one in desk.rows("jobs", customer_id=ann)} == {"101", "104"}
    tech = next(one["id"] for one in desk.rows("employees") if one["first_name"] == "Tech2")
    assert {one["invoice_number"] for one in desk.rows("jobs", **{"employee_ids[]": tech})} == {"102", "106"}


def test_who_left_is_not_listed(desk: Desk) -> None:
    assert {one["first_name"] for one in desk.rows("employees")} == {"Tech1", "Tech2"}


def test_an_invoice_counts_cents_and_does_not_show_when_it_changed(desk: Desk) -> None:
    paid, open_, void = desk.rows("invoices", sort_by="invoice_number", sort_direction="asc")
    assert (paid["status"], paid["amount"], paid["due_amount"], paid["payments"][0]["amount"]) == (
        "paid",
        12990,
        0,
        12990,
    )
    assert (open_["status"], open_["due_amount"], void["status"]) == ("open", 12990, "voided")
    assert paid["items"][0]["qty_in_hundredths"] == 150
    assert not {"updated_at", "created_at", "customer_id"} & paid.keys()
    assert desk.call("GET", f"/api/invoices/{paid['id']}") == paid
    assert len(desk.call("GET", f"/jobs/{paid['job_id']}/invoices")["invoices"]) == 3


def test_invoices_are_filtered(desk: Desk) -> None:
    assert [one["status"] for one in desk.rows("invoices", paid_at_min="2026-02-01")] == ["paid"]
    assert len(desk.rows("invoices", customer_uuid=desk.customer("Ann")["id"], due_at_max="2026-03-02T23:00:00Z")) == 2
    assert [one["status"] for one in desk.rows("invoices", amount_due_min=1)] == ["open"]


def test_the_account_and_the_app_say_who_they_are(desk: Desk) -> None:
    company = desk.call("GET", "/company")
    assert (company["name"], company["time_zone"]) == ("Acme Heating", "America/Chicago")
    assert desk.call("GET", "/application")["organization_id"] == company["id"]
    assert desk.call("POST", "/webhooks/subscription", {}) == desk.call("DELETE", "/webhooks/subscription") == {}


@pytest.mark.parametrize("path", ["/customers/cus_0", "/jobs/job_0", "/estimates/csr_0", "/api/invoices/x"])
def test_what_is_not_there_answers_nothing(desk: Desk, path: str) -> None:
    assert desk.call("GET", path, status=404) == {}


def test_nobody_gets_in_without_a_key(desk: Desk) -> None:
    for shown in ("", "Token nonsense", f"Bearer {TWIN.credentials['token']}"):
        assert desk.http.get("/customers", headers={"Authorization": shown}).status_code == 401


def test_an_app_gets_in_with_a_token_that_rotates(desk: Desk) -> None:
    app = {name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")}
    form = {**app, "grant_type": "refresh_token"}
    token = desk.call("POST", "/oauth/token", form)
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert desk.http.get("/company", headers=bearer).status_code == 200
    assert desk.call("POST", "/oauth/token", form, status=400)["error"] == "invalid_grant"
    assert desk.call("POST", "/oauth/token", {**form, "client_secret": "x"}, status=401)["error"] == "invalid_client"
    assert (
        desk.call("POST", "/oauth/token", {**form, "refresh_token": token["refresh_token"]})["token_type"] == "Bearer"
    )
    desk.later(days=30)
    assert desk.http.get("/company", headers=bearer).status_code == 401


def test_a_refusal_of_the_sandbox_has_the_vendors_words(desk: Desk) -> None:
    desk.fault("rate_limit", times=1, retry_after=7)
    answer = desk.http.get("/customers")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert isinstance(answer, httpx.Response)
    assert answer.json() == {"error": {"message": "Too many requests"}}

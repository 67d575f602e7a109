from __future__ import annotations

from typing import Any

from sandbox.jobber import TWIN
from tests.sandbox.jobber.conftest import Api

ERRORS = "userErrors { message path }"
SHOWN = """id jobNumber title instructions jobStatus billingType total startAt endAt completedAt updatedAt
  invoiceSchedule { billingFrequency } client { name isLead } property { name } salesperson { name { full } }
  lineItems(first: 5) { nodes { name quantity unitPrice totalPrice description } }
  customFields { ... on CustomFieldText { valueText } }
  visits(first: 5) { nodes { title startAt endAt allDay isComplete
    assignedUsers(first: 5) { nodes { name { first } } } } }"""
CREATE = f"mutation($in: JobCreateAttributes!) {{ jobCreate(input: $in) {{ job {{ {SHOWN} }} {ERRORS} }} }}"
EDIT = f"""mutation($id: EncodedId!, $in: JobEditInput!) {{
  jobEdit(jobId: $id, input: $in) {{ job {{ {SHOWN} }} {ERRORS} }} }}"""
CLOSE = f"""mutation($id: EncodedId!, $by: IncompleteVisitDecisionEnum!) {{
  jobClose(jobId: $id, input: {{modifyIncompleteVisitsBy: $by}}) {{ job {{ {SHOWN} }} {ERRORS} }} }}"""
REOPEN = f"mutation($id: EncodedId!) {{ jobReopen(jobId: $id) {{ job {{ {SHOWN} }} {ERRORS} }} }}"
MARKER = TWIN.credentials["job_custom_field_configuration_id"]
INVOICING = {"invoicingType": "FIXED_PRICE", "invoicingSchedule": "ON_COMPLETION"}


def create(api: Api, **given: Any) -> dict[str, Any]:
    place = api.first("properties", name="North wing")["id"]
    job: dict[str, Any] = api.do(CREATE, **{"in": {"propertyId": place, "invoicing": INVOICING, **given}})["job"]
    return job


def line(name: str, price: float, quantity: float = 1) -> dict[str, Any]:
    return {"name": name, "unitPrice": price, "quantity": quantity, "saveToProductsAndServices": False}


def test_a_job_is_created_with_lines_and_its_marker_and_makes_a_lead_a_client(api: Api) -> None:
    fields = [{"customFieldConfigurationId": MARKER, "valueText": "core-5"}]
    job = create(api, title="Swap pump", lineItems=[line("Pump", 33.335, 3), line("Call", 80)], customFields=fields)
    assert (job["jobNumber"], job["title"], job["jobStatus"]) == (105, "Swap pump", "unscheduled")
    assert (job["client"], job["property"]) == ({"name": "Acme Offices", "isLead": False}, {"name": "North wing"})
    assert [one["totalPrice"] for one in job["lineItems"]["nodes"]] == [100.01, 80.0]
    assert job["total"] == 180.01
    assert job["customFields"] == [{"valueText": "core-5"}]
    assert job["visits"]["nodes"] == []


def test_a_job_takes_a_number_and_is_found_by_its_marker(api: Api) -> None:
    fields = [{"customFieldConfigurationId": MARKER, "valueText": "core-6"}]
    assert create(api, jobNumber=900, customFields=fields)["jobNumber"] == 900
    found = api.ask('{ jobs(searchTerm: "core-6") { nodes { jobNumber } } }')["jobs"]["nodes"]
    assert found == [{"jobNumber": 900}]


def test_a_first_visit_is_scheduled_in_the_accounts_zone(api: Api) -> None:
    tia = api.store.all("users")[0]["id"]
    plan = {
        "createVisits": True,
        "notifyTeam": False,
        "assignedTo": [tia],
        "startTime": "09:00:00",
        "endTime": "10:30:00",
    }
    job = create(api, title="Pump", timeframe={"startAt": "2026-11-02"}, scheduling=plan)
    (visit,) = job["visits"]["nodes"]
    assert (visit["startAt"], visit["endAt"]) == ("2026-11-02T15:00:00Z", "2026-11-02T16:30:00Z")
    assert (visit["title"], visit["assignedUsers"]["nodes"]) == ("Pump", [{"name": {"first": "Tia"}}])
    assert job["startAt"] == "2026-11-02T15:00:00Z"


def test_a_first_visit_without_a_time_is_for_any_time_that_day(api: Api) -> None:
    plan = {"createVisits": True, "notifyTeam": False}
    job = create(api, timeframe={"startAt": "2026-11-02", "durationUnits": "DAYS", "durationValue": 1}, scheduling=plan)
    (visit,) = job["visits"]["nodes"]
    assert (visit["allDay"], visit["startAt"], visit["endAt"]) == (True, "2026-11-02T06:00:00Z", "2026-11-03T05:59:59Z")


def test_a_job_without_visits_keeps_its_timeframe(api: Api) -> None:
    job = create(api, timeframe={"startAt": "2026-07-10", "durationUnits": "WEEKS", "durationValue": 1})
    assert (job["startAt"], job["endAt"]) == ("2026-07-10T05:00:00Z", "2026-07-17T05:00:00Z")


def test_what_cannot_be_is_a_user_error_and_leaves_nothing(api: Api) -> None:
    place = api.first("properties", name="North wing")["id"]
    gus = api.store.all("users")[2]["id"]
    plan = {"createVisits": True, "notifyTeam": False, "startTime": "10:00:00", "endTime": "09:00:00"}
    for given, path in (
        ({"propertyId": "MQ=="}, ["input", "propertyId"]),
        ({"salespersonId": "MQ=="}, ["input", "salespersonId"]),
        (
            {"scheduling": {"createVisits": True, "notifyTeam": False, "assignedTo": [gus]}},
            ["input", "scheduling", "assignedTo"],
        ),
        ({"scheduling": plan, "timeframe": {"startAt": "2026-07-10"}}, ["input", "scheduling", "endTime"]),
    ):
        payload = api.ask(CREATE, **{"in": {"propertyId": place, "invoicing": INVOICING, **given}})["jobCreate"]
        assert (payload["job"], payload["userErrors"][0]["path"]) == (None, path)
    assert len(api.store.all("jobs")) == 4


def test_an_edit_changes_what_is_given(api: Api) -> None:
    job, tom = api.first("jobs", jobNumber=103)["id"], api.store.all("users")[1]["id"]
    api.wait(minutes=5)
    given = {
        "title": "New",
        "jobNumber": 777,
        "salespersonId": tom,
        "invoicing": {**INVOICING, "invoicingSchedule": "NEVER"},
    }
    fields = [{"customFieldConfigurationId": MARKER, "valueText": "core-3"}]
    edited = api.do(EDIT, id=job, **{"in": {**given, "customFields": fields}})["job"]
    assert (edited["title"], edited["jobNumber"], edited["instructions"]) == ("New", 777, "Ring twice")
    assert (edited["salesperson"], edited["invoiceSchedule"]) == (
        {"name": {"full": "Tom Reyes"}},
        {"billingFrequency": "NEVER"},
    )
    assert edited["updatedAt"] == "2026-07-06T15:05:00Z"
    plan = {"createVisits": True, "notifyTeam": False, "startTime": "09:00:00"}
    again = api.do(EDIT, id=job, **{"in": {"scheduling": plan, "timeframe": {"startAt": "2026-07-20"}}})["job"]
    assert again["visits"]["nodes"][-1]["endAt"] == "2026-07-20T15:00:00Z"


def test_closing_a_job_completes_the_past_and_drops_the_future(api: Api) -> None:
    job = api.first("jobs", jobNumber=101)["id"]
    api.wait(hours=3)
    closed = api.do(CLOSE, id=job, by="COMPLETE_PAST_DESTROY_FUTURE")["job"]
    assert (closed["jobStatus"], closed["completedAt"]) == ("requires_invoicing", "2026-07-06T18:00:00Z")
    assert [(one["title"], one["isComplete"]) for one in closed["visits"]["nodes"]] == [("Visit v1", True)]
    again = api.ask(CLOSE, id=job, by="DESTROY_ALL")["jobClose"]
    assert again["userErrors"] == [{"message": "Job is already closed", "path": ["jobId"]}]
    opened = api.do(REOPEN, id=job)["job"]
    assert (opened["jobStatus"], opened["completedAt"]) == ("requires_invoicing", None)


def test_closing_a_job_can_drop_every_open_visit(api: Api) -> None:
    closed = api.do(CLOSE, id=api.first("jobs", jobNumber=101)["id"], by="DESTROY_ALL")["job"]
    assert closed["visits"]["nodes"] == []


def test_a_note_on_a_job(api: Api) -> None:
    job = api.first("jobs", jobNumber=101)["id"]
    note = f"""mutation($id: EncodedId!) {{ jobCreateNote(jobId: $id, input: {{message: "core-8"}}) {{
      job {{ jobNumber }} jobNote {{ id message createdAt }} {ERRORS} }} }}"""
    made = api.do(note, id=job)
    assert (made["job"], made["jobNote"]["message"]) == ({"jobNumber": 101}, "core-8")

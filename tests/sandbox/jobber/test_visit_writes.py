from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jobber.conftest import Api

ERRORS = "userErrors { message path }"
SHOWN = """id title instructions startAt endAt allDay duration visitStatus isComplete completedAt completedBy
  isDefaultTitle createdAt job { jobNumber } client { name } property { id }
  assignedUsers(first: 5) { nodes { name { first } } }"""
CREATE = f"""mutation($id: EncodedId!, $in: VisitCreateInput!) {{
  visitCreate(jobId: $id, input: $in) {{ createdVisits {{ {SHOWN} }} job {{ jobNumber }} {ERRORS} }} }}"""
SCHEDULE = f"""mutation($id: EncodedId!, $in: VisitEditScheduleInput!) {{
  visitEditSchedule(id: $id, input: $in) {{ visit {{ {SHOWN} }} {ERRORS} }} }}"""
APPOINTMENT = f"""mutation($id: EncodedId!, $in: AppointmentEditScheduleInput!) {{
  appointmentEditSchedule(appointmentId: $id, input: $in) {{
    appointment {{ __typename id startAt endAt allDay }} {ERRORS} }} }}"""


def at(date: str, time: str | None = None, zone: str = "America/New_York") -> dict[str, Any]:
    return {"date": date, "time": time, "timezone": zone}


def create(api: Api, **schedule: Any) -> dict[str, Any]:
    given = {"visits": [{"title": "Look", "instructions": "core-1", "schedule": schedule}]}
    made = api.do(CREATE, id=api.first("jobs", jobNumber=101)["id"], **{"in": given})
    visit: dict[str, Any] = made["createdVisits"][0]
    return visit


def move(api: Api, id: str, **given: Any) -> dict[str, Any]:
    visit: dict[str, Any] = api.do(SCHEDULE, id=id, **{"in": given})["visit"]
    return visit


def visit_id(api: Api, title: str = "Visit v1") -> str:
    id: str = api.first("visits", title=title)["id"]
    return id


@pytest.mark.parametrize(
    ("date", "start", "end"),
    [
        ("2026-07-10", "2026-07-10T13:00:00Z", "2026-07-10T15:30:00Z"),
        ("2026-12-10", "2026-12-10T14:00:00Z", "2026-12-10T16:30:00Z"),
    ],
)
def test_a_wall_time_is_read_in_the_zone_given(api: Api, date: str, start: str, end: str) -> None:
    visit = create(api, startAt=at(date, "09:00:00"), endAt=at(date, "11:30:00"))
    assert (visit["startAt"], visit["endAt"], visit["duration"]) == (start, end, 150)
    assert (visit["instructions"], visit["job"], visit["client"]) == ("core-1", {"jobNumber": 101}, {"name": "Ann Lee"})


def test_a_day_without_a_time_is_the_whole_day(api: Api) -> None:
    visit = create(api, startAt=at("2026-07-10"), endAt=at("2026-07-11"))
    assert (visit["allDay"], visit["startAt"], visit["endAt"]) == (True, "2026-07-10T04:00:00Z", "2026-07-12T03:59:59Z")


def test_a_visit_without_a_schedule_is_unscheduled_and_one_without_an_end_lasts_an_hour(api: Api) -> None:
    assert create(api)["visitStatus"] == "UNSCHEDULED"
    assert create(api, startAt=at("2026-07-10", "09:00:00"))["duration"] == 60


def test_visits_are_created_together_or_not_at_all(api: Api) -> None:
    job, tia, tom = api.first("jobs", jobNumber=103)["id"], *(user["id"] for user in api.store.all("users")[:2])
    good = [{"title": "A", "schedule": {"teamMemberIdsToAssign": [tia, tom, tia]}}, {"instructions": "B"}]
    made = api.do(CREATE, id=job, **{"in": {"visits": good}})
    assert made["job"] == {"jobNumber": 103}
    first, second = made["createdVisits"]
    assert [one["name"]["first"] for one in first["assignedUsers"]["nodes"]] == ["Tia", "Tom"]
    assert (second["title"], second["isDefaultTitle"], first["isDefaultTitle"]) == ("Job 103", True, False)
    bad = [*good, {"schedule": {"startAt": at("2026-07-10", "09:00:00"), "endAt": at("2026-07-10", "08:00:00")}}]
    refused = api.ask(CREATE, id=job, **{"in": {"visits": bad}})["visitCreate"]
    assert (refused["createdVisits"], refused["job"]) == ([], {"jobNumber": 103})
    assert refused["userErrors"][0]["message"] == "End time must be after start time"
    assert len(api.store.all("visits")) == 6


def test_a_visit_of_no_job_is_an_error_because_the_answer_must_name_one(api: Api) -> None:
    (error,) = api.errors(CREATE, id="MQ==", **{"in": {"visits": []}})
    assert (error["message"], error["path"]) == ("Job not found", ["visitCreate"])


def test_an_edit_changes_text_only(api: Api) -> None:
    edit = f"""mutation($id: EncodedId!) {{ visitEdit(id: $id, attributes: {{instructions: "core-2"}}) {{
      visit {{ {SHOWN} }} {ERRORS} }} }}"""
    visit = api.do(edit, id=visit_id(api))["visit"]
    assert (visit["title"], visit["instructions"], visit["startAt"]) == ("Visit v1", "core-2", "2026-07-06T17:00:00Z")


def test_moving_a_visit(api: Api) -> None:
    id = visit_id(api)
    assert move(api, id, startAt=at("2026-07-10", "09:00:00"))["endAt"] == "2026-07-10T15:00:00Z"
    assert move(api, id, endAt=at("2026-07-10", "09:30:00"))["duration"] == 30
    assert move(api, id)["duration"] == 30
    off = move(api, id, startAt=None, endAt=None)
    assert (off["startAt"], off["endAt"], off["visitStatus"]) == (None, None, "UNSCHEDULED")
    refused = api.ask(SCHEDULE, id=id, **{"in": {"endAt": at("2026-07-10", "09:30:00")}})["visitEditSchedule"]
    assert (refused["visit"], refused["userErrors"][0]["path"]) == (None, ["input", "endAt"])


def test_moving_an_appointment_by_instants(api: Api) -> None:
    id = visit_id(api)

    def moved(**given: Any) -> tuple[Any, Any, Any]:
        one = api.do(APPOINTMENT, id=id, **{"in": given})["appointment"]
        assert (one["__typename"], one["id"]) == ("Visit", id)
        return one["startAt"], one["endAt"], one["allDay"]

    zone = "America/Chicago"
    times = {"startAt": "2026-07-10T09:00:00-05:00", "endAt": "2026-07-10T10:00:00-05:00", "timezone": zone}
    assert moved(schedule=times) == ("2026-07-10T14:00:00Z", "2026-07-10T15:00:00Z", False)
    day = {"startDate": "2026-07-10", "timezone": zone}
    assert moved(scheduleAllDay=day) == ("2026-07-10T05:00:00Z", "2026-07-11T04:59:59Z", True)
    assert moved(unschedule=True) == (None, None, False)
    both = api.ask(APPOINTMENT, id=id, **{"in": {"unschedule": True, "scheduleAllDay": day}})
    assert both["appointmentEditSchedule"]["userErrors"][0]["path"] == ["input"]


def test_reassigning_replaces_the_team(api: Api) -> None:
    assign = f"""mutation($id: EncodedId!, $to: [EncodedId!]!) {{
      visitEditAssignedUsers(visitId: $id, input: {{assignedUserIds: $to}}) {{ visit {{ {SHOWN} }} {ERRORS} }} }}"""
    _, tom, gus = (user["id"] for user in api.store.all("users"))
    visit = api.do(assign, id=visit_id(api), to=[tom])["visit"]
    assert visit["assignedUsers"]["nodes"] == [{"name": {"first": "Tom"}}]
    assert api.do(assign, id=visit_id(api), to=[])["visit"]["assignedUsers"]["nodes"] == []
    for wrong, message in ((gus, "User is not active"), ("MQ==", "User not found")):
        refused = api.ask(assign, id=visit_id(api), to=[wrong])["visitEditAssignedUsers"]
        assert refused["userErrors"] == [{"message": message, "path": ["input", "assignedUserIds"]}]


def test_completing_and_taking_it_back(api: Api) -> None:
    complete = f"""mutation($id: EncodedId!, $in: VisitCompleteInput) {{
      visitComplete(visitId: $id, input: $in) {{ visit {{ {SHOWN} }} {ERRORS} }} }}"""
    undo = f"mutation($id: EncodedId!) {{ visitUncomplete(visitId: $id) {{ visit {{ {SHOWN} }} {ERRORS} }} }}"
    id = visit_id(api)
    done = api.do(complete, id=id)["visit"]
    assert (done["visitStatus"], done["completedAt"], done["completedBy"]) == (
        "COMPLETED",
        "2026-07-06T15:00:00Z",
        "Tia Reyes",
    )
    api.wait(hours=1)
    assert api.do(complete, id=id)["visit"]["completedAt"] == "2026-07-06T15:00:00Z"
    moved = api.do(complete, id=id, **{"in": {"completedAt": "2026-07-06T14:00:00Z"}})["visit"]
    assert moved["completedAt"] == "2026-07-06T14:00:00Z"
    back = api.do(undo, id=id)["visit"]
    assert (back["isComplete"], back["completedAt"], back["completedBy"]) == (False, None, None)


def test_deleting_is_for_good_and_for_all_or_none(api: Api) -> None:
    delete = f"""mutation($ids: [EncodedId!]!) {{
      visitDelete(visitIds: $ids) {{ visits {{ id job {{ jobNumber }} }} {ERRORS} }} }}"""
    one, two = visit_id(api), visit_id(api, "Visit v2")
    refused = api.ask(delete, ids=[one, "MQ=="])["visitDelete"]
    assert (refused["visits"], refused["userErrors"][0]["message"]) == (None, "Visit not found")
    gone = api.do(delete, ids=[one, two])["visits"]
    assert gone == [{"id": one, "job": {"jobNumber": 101}}, {"id": two, "job": {"jobNumber": 101}}]
    assert api.ask("query($id: EncodedId!) { visit(id: $id) { id } }", id=one) == {"visit": None}

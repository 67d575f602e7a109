"""Writing to the schedule: once, quietly, with nothing lost beside it, and read back as it was meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.housecall_pro import CONNECTOR, judge
from connectors.spec import Written
from models.errors import Ambiguous, Gone, Rejected
from tests.connectors import canonical
from tests.connectors.housecall_pro.conftest import MAP_OF, WRITES, Office

DORA = {
    "given_name": "Dora", "family_name": "O'Dell", "company_name": "Dell & Söhne", "email": "dora@example.com",
    "phone": "+15124745555", "street": "7 Elm St", "city": "Austin", "state": "TX", "postal_code": "78702",
    "country": "US", "tags": ["new", "vip"],
}  # fmt: skip
WORK = {"number": "900", "title": "Tune-up", "instructions": "Ring twice\nDog", "total": Decimal("120.50")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


TIME = {"starts_at": at("2026-03-16 14:00"), "ends_at": at("2026-03-16 15:30")}
LATER = {name: at + timedelta(hours=1) for name, at in TIME.items()}


def wanted(values: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was found of the values that were sent."""
    return {name: found[name] for name in values}


def place_of(office: Office, first_name: str = "Ann") -> dict[str, str]:
    """A customer and one of its addresses, as a job refers to them."""
    customer = office.desk.customer(first_name)
    return {"customer": customer["id"], "location": customer["addresses"][-1]["id"]}


def visit_of(office: Office, number: int) -> str:
    job = office.desk.job(number)
    return f"{job['id']}:{job['schedule']['appointments'][0]['id']}"


def people(office: Office) -> dict[str, str]:
    return {one["first_name"]: one["id"] for one in office.desk.rows("employees")}


# --- customers ----------------------------------------------------------------------------------------------------


def test_a_new_customer_reads_back_as_it_was_meant(office: Office) -> None:
    made = office.send("customer", "create", DORA)
    assert wanted(DORA, office.canonical("customer", made)) == DORA
    assert office.held("customer", made.id) == made
    assert made.record is not None
    assert made.record["notes"] == "plumbline:cus_0123456789abcdef"


def test_a_customer_without_an_address_is_made_without_one(office: Office) -> None:
    made = office.send("customer", "create", {"given_name": "Dora", "city": "Austin"})
    assert made.record is not None
    assert made.record["addresses"] == []


def test_an_update_keeps_what_it_does_not_say(office: Office) -> None:
    made = office.send("customer", "create", DORA)
    office.desk.edit("customers", made.id, lead_source="A friend", notifications_enabled=True)
    changed = office.send("customer", "update", {"phone": "+15124746666"}, on=made.id)
    assert wanted(DORA, office.canonical("customer", changed)) == {**DORA, "phone": "+15124746666"}
    assert changed.record is not None
    assert (changed.record["lead_source"], changed.record["notifications_enabled"]) == ("A friend", True)
    (put,) = [one for one in office.recording if one.method == "PUT"]
    assert b"lead_source" in put.request_body  # a PUT may empty what it leaves out


def test_a_customer_that_is_gone_is_not_made_again_by_an_update(office: Office) -> None:
    with pytest.raises(Gone, match="nothing was written"):
        office.send("customer", "update", {"given_name": "X"}, on="cus_0")
    assert office.held("customer", "cus_0") is None
    assert office.sent("PUT", "") == 0


def test_a_lost_answer_is_settled_by_looking(impatient: Office) -> None:
    assert impatient.find("customer", DORA) is None
    impatient.desk.fault("dropped_answer", times=1, method="POST")
    with pytest.raises(Ambiguous):
        impatient.send("customer", "create", DORA)
    found = impatient.find("customer", DORA)
    assert wanted(DORA, impatient.canonical("customer", found)) == DORA


def test_a_customer_is_found_though_the_search_does_not_show_it(office: Office) -> None:
    made = office.send("customer", "create", DORA)
    office.desk.edit("customers", made.id, email="other@example.com")
    found = office.find("customer", DORA)
    assert found is not None
    assert found.id == made.id


def test_a_stranger_with_our_mark_is_for_a_person_to_judge(office: Office) -> None:
    made = office.send("customer", "create", DORA)
    office.desk.edit("customers", made.id, first_name="Max", email="max@example.com")
    with pytest.raises(Rejected, match="is somebody else"):
        office.find("customer", DORA)


def test_a_mark_that_begins_like_ours_is_not_ours(office: Office) -> None:
    office.send("customer", "create", DORA, core="0123456789abcdef0")
    assert office.find("customer", DORA) is None


# --- jobs ---------------------------------------------------------------------------------------------------------


def test_a_new_job_reads_back_as_it_was_meant(office: Office) -> None:
    refs = place_of(office)
    made = office.send("job", "create", WORK, refs=refs)
    found = office.canonical("job", made)
    assert wanted(WORK | refs, found) == WORK | refs
    assert found["status"] == "new"
    assert made.record is not None
    assert made.record["notes"][0]["content"].endswith("\n\nplumbline:job_0123456789abcdef")
    assert office.canonical("job", office.held("job", made.id)) == found


def test_a_job_of_which_little_is_known_is_numbered_by_the_vendor(office: Office) -> None:
    made = office.send("job", "create", {}, refs=place_of(office))
    assert office.canonical("job", made)["number"] == "107"
    assert office.canonical("job", made)["instructions"] is None


def test_story_8_a_number_that_another_job_has_is_refused_with_a_free_one(office: Office) -> None:
    with pytest.raises(Rejected, match=r"number 101 belongs to job_\w+ already; 107 is free"):
        office.send("job", "create", {**WORK, "number": "101"}, refs=place_of(office))
    assert len(office.desk.store.all("jobs")) == 6


def test_another_refusal_is_not_blamed_on_the_number(office: Office) -> None:
    with pytest.raises(Rejected, match="address_id is invalid"):
        office.send("job", "create", WORK, refs={**place_of(office), "location": "adr_0"})


@pytest.mark.parametrize("number", ["J-77", "007", "1.5", "٣"])
def test_a_number_that_is_not_whole_is_refused_before_it_is_sent(office: Office, number: str) -> None:
    with pytest.raises(Rejected, match="only whole numbers"):
        office.send("job", "create", {**WORK, "number": number}, refs=place_of(office))
    assert office.sent("POST", "/jobs") == 0


def test_a_job_whose_answer_was_lost_is_found_among_its_customers(impatient: Office) -> None:
    refs = place_of(impatient)
    assert impatient.find("job", WORK, refs=refs) is None
    impatient.desk.fault("dropped_answer", times=1, method="POST")
    with pytest.raises(Ambiguous):
        impatient.send("job", "create", WORK, refs=refs)
    assert wanted(WORK, impatient.canonical("job", impatient.find("job", WORK, refs=refs))) == WORK


def test_a_job_that_a_person_deleted_counts_as_gone(office: Office) -> None:
    made = office.send("job", "create", WORK, refs=place_of(office))
    office.desk.remove("jobs", made.id)
    assert office.held("job", made.id) is None
    assert office.held("job", "job_0") is None


def test_story_19_nothing_deletes_a_customer_or_a_job() -> None:
    """Made inactive or deleted in the books, a customer stays in the schedule: there is no way to send it."""
    assert [WRITES[name].delete for name in ("customer", "job")] == [None, None]
    assert [one.deletes for one in CONNECTOR.resources if one.name == "jobs"] == ["flag"]


# --- visits -------------------------------------------------------------------------------------------------------


def test_a_first_visit_is_the_jobs_schedule_and_nobody_is_told(office: Office) -> None:
    job = office.desk.job(103)["id"]
    made = office.send("appointment", "create", TIME, refs={"job": job})
    found = office.canonical("appointment", made)
    assert wanted(TIME, found) == TIME
    assert (found["job"], found["starts_local"], found["all_day"]) == (job, at("2026-03-16 09:00"), False)
    (put,) = [one for one in office.recording if one.method == "PUT"]
    assert b'"notify":false,"notify_pro":false' in put.request_body
    assert office.held("appointment", made.id) == made


def test_a_second_visit_is_one_more_and_leaves_the_first(office: Office) -> None:
    job, first = office.desk.job(102)["id"], visit_of(office, 102)
    before = office.canonical("appointment", office.held("appointment", first))
    made = office.send("appointment", "create", TIME, refs={"job": job})
    assert wanted(TIME, office.canonical("appointment", made)) == TIME
    after = office.canonical("appointment", office.held("appointment", first))
    assert wanted(TIME, after) == wanted(TIME, before)


def test_a_visit_in_doubt_is_found_by_its_time(impatient: Office) -> None:
    refs = {"job": impatient.desk.job(102)["id"]}
    assert impatient.find("appointment", TIME, refs=refs) is None
    impatient.desk.fault("dropped_answer", times=1, method="POST")
    with pytest.raises(Ambiguous):
        impatient.send("appointment", "create", TIME, refs=refs)
    assert wanted(TIME, impatient.canonical("appointment", impatient.find("appointment", TIME, refs=refs))) == TIME
    assert impatient.find("appointment", TIME, refs={"job": "job_0"}) is None


def test_a_visit_moves_and_who_goes_stays(office: Office) -> None:
    visit = visit_of(office, 102)
    moved = office.send("appointment", "update", LATER, on=visit)
    assert wanted(LATER, office.canonical("appointment", moved)) == LATER
    assert moved.record is not None
    assert [one["first_name"] for one in moved.record["assigned_employees"]] == ["Tech1", "Tech2"]


def test_a_visit_without_an_end_is_as_long_as_nothing(office: Office) -> None:
    moved = office.send("appointment", "update", {"starts_at": TIME["starts_at"]}, on=visit_of(office, 102))
    assert office.canonical("appointment", moved)["ends_at"] == TIME["starts_at"]


def test_a_visit_that_is_gone_is_not_written(office: Office) -> None:
    for visit in ("job_0:appt_0", f"{office.desk.job(102)['id']}:appt_0"):
        assert office.held("appointment", visit) is None
        with pytest.raises(Gone):
            office.send("appointment", "update", TIME, on=visit)
    with pytest.raises(Gone, match="job job_0"):
        office.send("appointment", "create", TIME, refs={"job": "job_0"})


def test_a_day_without_a_time_is_not_given_one(office: Office) -> None:
    with pytest.raises(Rejected, match="no time of day"):
        office.send("appointment", "create", {"all_day": True}, refs={"job": office.desk.job(103)["id"]})
    with pytest.raises(Rejected, match="at any time of its day"):
        office.send("appointment", "update", TIME, on=visit_of(office, 104))


def test_one_of_two_visits_is_taken_out_and_then_the_last(office: Office) -> None:
    first, job = visit_of(office, 102), office.desk.job(102)["id"]
    second = office.send("appointment", "create", TIME, refs={"job": job})
    assert office.send("appointment", "delete", on=second.id) == Written(id=second.id)
    assert office.held("appointment", second.id) is None
    assert office.held("appointment", first) is not None
    office.send("appointment", "delete", on=first)
    assert office.sent("DELETE", "/schedule") == 1
    assert office.desk.job(102)["work_status"] == "needs scheduling"
    office.send("appointment", "delete", on=first)  # what is gone already is no failure


def test_a_time_of_day_without_an_offset_is_the_companys(office: Office) -> None:
    job = office.desk.job(102)
    (visit,) = job["schedule"]["appointments"]
    plain = {**visit, "start_time": "2026-03-12T10:00:00", "end_time": "2026-03-12T12:00:00"}
    office.desk.edit("jobs", job["id"], schedule={"arrival_window": 0, "appointments": [plain]})
    found = office.canonical("appointment", office.held("appointment", f"{job['id']}:{visit['id']}"))
    assert (found["starts_at"], found["starts_local"]) == (at("2026-03-12 15:00"), at("2026-03-12 10:00"))
    same = {"starts_at": found["starts_at"], "ends_at": found["ends_at"]}
    assert office.find("appointment", same, refs={"job": job["id"]}) is not None


# --- who goes -----------------------------------------------------------------------------------------------------


def test_people_are_sent_and_called_back_one_by_one(office: Office) -> None:
    visit, who = visit_of(office, 106), people(office)
    refs = {"appointment": visit, "technician": who["Tech1"]}
    sent = office.send("assignment", "create", refs=refs)
    assert sent.id == f"{visit}:{who['Tech1']}"
    assert office.canonical("assignment", sent) == refs
    assert office.send("assignment", "create", refs=refs).id == sent.id
    assert sorted(one["first_name"] for one in office.desk.job(106)["assigned_employees"]) == ["Tech1", "Tech2"]
    office.send("assignment", "delete", on=f"{visit}:{who['Tech2']}")
    assert office.held("assignment", f"{visit}:{who['Tech2']}") is None
    assert office.held("assignment", sent.id) is not None
    assert office.send("assignment", "delete", on="job_0:appt_0:pro_0") == Written(id="job_0:appt_0:pro_0")


def test_story_48_another_person_is_sent_instead(office: Office) -> None:
    visit, who = visit_of(office, 106), people(office)
    refs = {"appointment": visit, "technician": who["Tech1"]}
    for _ in range(2):  # the second time nobody is left to call back
        moved = office.send("assignment", "update", on=f"{visit}:{who['Tech2']}", refs=refs)
        assert moved.id == f"{visit}:{who['Tech1']}"
        assert [one["first_name"] for one in office.desk.job(106)["assigned_employees"]] == ["Tech1"]
    assert office.held("assignment", f"{visit}:{who['Tech2']}") is None
    assert office.find("assignment", refs=refs) is not None


def test_sending_somebody_moves_no_visit(office: Office) -> None:
    visit, who = visit_of(office, 106), people(office)
    before = office.canonical("appointment", office.held("appointment", visit))
    office.send("assignment", "create", refs={"appointment": visit, "technician": who["Tech1"]})
    after = office.canonical("appointment", office.held("appointment", visit))
    assert {**after, "completed_at": None} == {**before, "completed_at": None}


def test_a_visit_at_any_time_of_its_day_keeps_that_when_somebody_is_sent(office: Office) -> None:
    job = office.desk.job(104)
    office.desk.edit("jobs", job["id"], schedule={"appointments": job["schedule"]["appointments"][:1]})
    visit = visit_of(office, 104)
    office.send("assignment", "create", refs={"appointment": visit, "technician": people(office)["Tech1"]})
    found = office.canonical("appointment", office.held("appointment", visit))
    assert (found["all_day"], str(found["starts_on"])) == (True, "2026-03-13")
    assert len(office.desk.job(104)["assigned_employees"]) == 1


# --- all of it ----------------------------------------------------------------------------------------------------


def test_a_conflict_is_a_value_that_is_taken_and_nothing_stale() -> None:
    said = judge("hcp", 409, {}, {"error": {"message": "number has been taken"}})
    assert isinstance(said, Rejected)
    assert "number has been taken" in str(said)
    assert judge("hcp", 422, {}, {}) is None


CUSTOMERS = canonical.values_of(MAP_OF["customer"], canonical.entity_of(MAP_OF["customer"]))
TEXTS = st.none() | st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=300)
CENTS = st.none() | st.decimals(0, 10**9, places=2)


@settings(max_examples=15, phases=(Phase.generate,), suppress_health_check=list(HealthCheck), deadline=None)
@given(
    customer=CUSTOMERS, street=TEXTS, title=TEXTS, note=TEXTS, total=CENTS, number=st.none() | st.integers(1, 10**12)
)
def test_whatever_is_written_reads_back(
    office: Office,
    customer: dict[str, Any],
    street: str | None,
    title: str | None,
    note: str | None,
    total: Decimal | None,
    number: int | None,
) -> None:
    """Law 3 through the twin, also for the fields that no codec writes."""
    meant = {name: value for name, value in customer.items() if value is not None} | (
        {"street": street} if street else {}
    )
    made = office.send("customer", "create", meant)
    assert wanted(meant, office.canonical("customer", made)) == meant
    values = {
        "title": title,
        "instructions": note,
        "total": total if title else None,
        "number": number and str(number + 1000),
    }
    work = {name: value for name, value in values.items() if value is not None}
    taken = [one["invoice_number"] for one in office.desk.store.all("jobs")]
    if work.get("number") in taken:
        del work["number"]
    job = office.send("job", "create", work, refs=place_of(office))
    assert wanted(work, office.canonical("job", job)) == work

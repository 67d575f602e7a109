"""Writing: each task once, where it belongs, and read back as what was meant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.asana import CONNECTOR
from connectors.spec import Record
from models.errors import Ambiguous, Gone, Rejected, Throttled, Transient
from tests.connectors import canonical as drawn
from tests.connectors.asana.conftest import SAID, WRITES, canonical, outgoing
from tests.connectors.desk import Desk, march

JOB = {"number": "2041", "title": "Boiler exchange", "instructions": "Crane at 8.\nCall first.", "status": "scheduled"}
VISIT = {
    "title": "Boiler exchange",
    "instructions": "Gate code 4471#",
    "status": "scheduled",
    "starts_at": march(20, 14),
    "ends_at": march(20, 16, 30),
    "all_day": False,
    "starts_on": None,
    "ends_on": None,
    "place": "12 Elm St, Austin, 78701",
}
DAYS = {"all_day": True, "starts_at": None, "ends_at": None}


def said(entity: str, record: Record | None, values: dict[str, Any]) -> dict[str, Any]:
    """What a record says of the fields that these values have."""
    row = canonical(entity, record)
    return {name: row[name] for name in values}


@pytest.mark.parametrize(("entity", "values"), [("job", JOB), ("assignment", VISIT)])
def test_what_was_written_reads_back_as_what_was_meant(ready: Desk, entity: str, values: dict[str, Any]) -> None:
    written = ready.write(entity, "create", values, core_id="x_0123456789abcdef")
    assert said(entity, written.record, values) == values
    assert canonical(entity, written.record)["core_ref"] == "x_0123456789abcdef"
    fetched = WRITES[entity].fetch(ready.api, written.id)
    assert fetched == written
    listed = {one["gid"]: one for page in ready.read(f"{entity}s") for one in page.records}
    assert listed[written.id] == written.record


def test_a_technician_is_the_assignee(ready: Desk) -> None:
    first, second = (one["gid"] for one in ready.served.store.all("users")[1:3])
    values = VISIT | {"technician": "tec_1"}
    made = ready.write("assignment", "create", values, refs={"technician": first})
    assert canonical("assignment", made.record)["technician"] == first
    moved = ready.write("assignment", "update", {"technician": "tec_2"}, refs={"technician": second}, target_id=made.id)
    assert canonical("assignment", moved.record)["technician"] == second
    nobody = ready.write("assignment", "update", {"technician": None}, target_id=made.id)
    assert canonical("assignment", nobody.record)["technician"] is None


@pytest.mark.parametrize("status", ["new", "scheduled", "in_progress", "paused", "completed", "canceled"])
def test_a_status_is_a_section_and_a_check_mark(ready: Desk, status: str) -> None:
    made = ready.write("job", "create", JOB | {"status": "new"})
    moved = ready.write("job", "update", {"status": status}, target_id=made.id)
    assert canonical("job", moved.record)["status"] == status
    assert moved.record is not None
    assert moved.record["completed"] is (status in ("completed", "canceled"))


def test_a_task_that_a_person_checks_off_is_completed_wherever_it_stands(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    ready.edit("tasks", made.id, completed=True)
    found = WRITES["job"].fetch(ready.api, made.id)
    assert found is not None
    assert canonical("job", found.record)["status"] == "completed"
    assert canonical("job", found.record)["completed_at"] is not None
    again = ready.write("job", "update", {"status": "in_progress"}, target_id=made.id)
    assert canonical("job", again.record)["status"] == "in_progress"


@pytest.mark.parametrize(
    "times",
    [
        VISIT | DAYS | {"starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 22)},
        VISIT | DAYS | {"starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 20)},
        VISIT | {"ends_at": march(20, 14)},
        VISIT | {"starts_at": None, "ends_at": None},
    ],
)
def test_times_follow_from_each_form_to_each_other(ready: Desk, times: dict[str, Any]) -> None:
    made = ready.write("assignment", "create", times)
    assert said("assignment", made.record, times) == times
    for there, back in ((VISIT, times), (times, VISIT)):
        before = ready.write("assignment", "update", there, target_id=made.id)
        assert said("assignment", before.record, there) == there
        after = ready.write("assignment", "update", back, target_id=made.id)
        assert said("assignment", after.record, back) == back


def test_what_is_emptied_is_empty(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    empty = dict.fromkeys(("title", "instructions", "number"))
    assert said("job", ready.write("job", "update", empty, target_id=made.id).record, empty) == empty


texts = drawn.BY_TYPE[drawn.Type.TEXT]
long_texts = st.text("äß漢🚐 x", min_size=1, max_size=3000).map(str.strip).filter(bool)
starts = st.datetimes(march(1, 0).replace(year=1970), march(1, 0).replace(year=2100)).map(
    lambda at: at.replace(microsecond=0)
)
visits = st.fixed_dictionaries(
    {
        "title": texts | long_texts,
        "instructions": st.none() | texts | long_texts,
        "status": st.sampled_from(["scheduled", "en_route", "started", "paused", "completed", "canceled"]),
        "starts_at": starts,
        "place": st.none() | texts,
    }
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(visits, min_size=2, max_size=2), length=st.integers(0, 10**6))
def test_generated_visits_survive_create_and_update(ready: Desk, values: list[dict[str, Any]], length: int) -> None:
    first, second = (one | {"ends_at": one["starts_at"] + timedelta(seconds=length)} for one in values)
    ready.later(seconds=1)
    made = ready.write("assignment", "create", first, core_id=f"asg_{ready.estate.clock.now().timestamp()}")
    assert said("assignment", made.record, first) == first
    changed = ready.write("assignment", "update", second, target_id=made.id)
    assert said("assignment", changed.record, second) == second


def test_a_lost_create_is_found_by_our_id_and_not_sent_twice(ready: Desk) -> None:
    out = outgoing("job", "create", JOB, core_id="job_0123456789abcdef")
    write = WRITES["job"]
    assert write.create is not None
    assert write.find is not None
    assert write.find(ready.api, out) is None
    ready.fault("dropped_answer", method="POST", path="/tasks$")
    with pytest.raises(Ambiguous):
        write.create(ready.api, out)
    found = write.find(ready.api, out)
    assert found is not None
    assert said("job", found.record, JOB) == JOB
    with pytest.raises(Rejected, match="already exists"):
        write.create(ready.api, out)


def test_a_deleted_task_is_gone_and_may_be_deleted_again(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    assert ready.write("job", "delete", {}, target_id=made.id).record is None
    assert WRITES["job"].fetch(ready.api, made.id) is None
    assert ready.write("job", "delete", {}, target_id=made.id).id == made.id
    with pytest.raises(Gone):
        ready.write("job", "update", {"title": "Too late"}, target_id=made.id)


def test_a_task_that_was_taken_off_the_board_counts_as_gone(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    ready.edit("tasks", made.id, memberships=[])
    assert WRITES["job"].fetch(ready.api, made.id) is None


def test_a_persons_edit_moves_the_version_that_an_update_is_planned_against(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    ready.edit("tasks", made.id, name="Edited")
    now = WRITES["job"].fetch(ready.api, made.id)
    assert now is not None
    assert now.version != made.version


def test_nothing_but_what_changed_is_sent(ready: Desk) -> None:
    made = ready.write("job", "create", JOB)
    ready.edit("tasks", made.id, notes="A person's own words")
    changed = ready.write("job", "update", {"title": "Another"}, target_id=made.id)
    assert said("job", changed.record, JOB) == JOB | {"title": "Another", "instructions": "A person's own words"}
    assert ready.said(SAID)[-1] == f"PUT /tasks/{made.id}"


@pytest.mark.parametrize(
    ("kind", "more", "problem"),
    [
        ("rate_limit", {"retry_after": 30}, Throttled),
        ("server_error", {}, Transient),
        ("html_error_page", {"status": 200}, Ambiguous),
    ],
)
def test_a_failed_create_raises(ready: Desk, kind: str, more: dict[str, Any], problem: type[Exception]) -> None:
    ready.fault(kind, method="POST", path="/tasks$", **more)
    with pytest.raises(problem):
        ready.write("job", "create", JOB)
    ready.recording.exchanges.clear()  # no answer of the vendor's


def test_preparing_makes_what_is_missing_once(desk: Desk) -> None:
    assert CONNECTOR.prepare is not None
    CONNECTOR.prepare(desk.api)
    made = [line for line in desk.said(SAID) if line.startswith("POST")]
    # of the jobs board "Completed" and "Canceled" are missing, of the other one everything
    assert len(made) == 2 + 6 + 2
    CONNECTOR.prepare(desk.api)
    assert [line for line in desk.said(SAID) if line.startswith("POST")] == made


@pytest.mark.parametrize("path", ["/sections$", "/custom_fields$", "/addCustomFieldSetting$"])
def test_preparing_looks_when_an_answer_was_lost(desk: Desk, path: str) -> None:
    assert CONNECTOR.prepare is not None
    desk.fault("dropped_answer", method="POST", path=path)
    CONNECTOR.prepare(desk.api)
    names = [(one["project"]["gid"], one["name"]) for one in desk.served.store.all("sections")]
    assert len(names) == len(set(names))
    assert [one["name"] for one in desk.served.store.all("custom_fields")] == ["Job number", "Place"]
    assert said("assignment", desk.write("assignment", "create", VISIT).record, VISIT) == VISIT


def test_a_field_of_that_name_that_is_no_text_is_refused(desk: Desk) -> None:
    (number,) = desk.served.store.all("custom_fields")
    desk.served.store.put("custom_fields", number["gid"], {**number, "type": "number"})
    assert CONNECTOR.prepare is not None
    with pytest.raises(Rejected, match=r"'Job number'.*is no text"):
        CONNECTOR.prepare(desk.api)


def test_a_section_that_somebody_renamed_is_named_in_the_refusal(ready: Desk) -> None:
    for one in ready.served.store.all("sections"):
        ready.served.store.put("sections", one["gid"], one | {"name": f"Old {one['name']}"})
    with pytest.raises(Rejected, match="no section 'Scheduled'"):
        ready.write("job", "create", JOB)

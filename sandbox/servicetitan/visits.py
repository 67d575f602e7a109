"""Writing when a job is done and by whom (Writes); a job has one appointment at least."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.servicetitan import shapes
from sandbox.servicetitan.changes import assign, keep, remove, settle, unassign, visits
from sandbox.servicetitan.dialect import Call, answer, conflict, instant, missing, need, problem, stamp
from sandbox.store import Record

FIXED = ("Working", "Done", "Canceled")  # states in which a visit stays as it is
OPEN = ("Scheduled", "Dispatched", "InProgress", "Hold")
WINDOW = ("arrivalWindowStart", "arrivalWindowEnd")
# What the answer of the dispatch board leaves out of an appointment.
_BOARD = (
    "id", "jobId", "appointmentNumber", "start", "end", *WINDOW, "status", "specialInstructions", "createdOn",
    "modifiedOn",
)  # fmt: skip


def one(call: Call) -> Response:
    """GET appointments/{id}: also of one that is inactive."""
    return answer(call.found("appointments", call.id()))


def created(call: Call) -> Response:
    """POST appointments: one more visit for a job."""
    sent = call.sent()
    need(sent, "jobId", "start", "end")
    job = call.store.get("jobs", str(sent["jobId"]))
    if job is None:
        raise problem(400, jobId="The job was not found.")
    if job["jobStatus"] not in OPEN:
        raise conflict(f"Appointments cannot be added to a job that is {job['jobStatus']}")
    people = _people(call, sent.get("technicianIds") or [])
    count = sum(row["jobId"] == job["id"] for row in call.store.all("appointments"))
    made = shapes.appointment(call.store, job, count + 1, *_times(sent), **_window(sent),
                              specialInstructions=sent.get("specialInstructions"))  # fmt: skip
    kept = keep(call.store, "appointments", made)
    assign(call.store, kept, people)
    settle(call.store, job["id"])
    return answer(kept)


def rescheduled(call: Call) -> Response:
    """PATCH appointments/{id}/reschedule."""
    record, sent = _movable(call), call.sent()
    start, end = _times({name: sent.get(name) or record[name] for name in ("start", "end")})
    kept = keep(call.store, "appointments", record | {"start": start, "end": end} | _window(sent))
    settle(call.store, kept["jobId"])
    return answer(kept)


def instructed(call: Call) -> Response:
    """PUT appointments/{id}/special-instructions."""
    record, sent = _there(call), call.sent()
    if not isinstance(sent.get("specialInstructions"), str):
        raise problem(400, specialInstructions="The specialInstructions field is required.")
    return answer(keep(call.store, "appointments", record | {"specialInstructions": sent["specialInstructions"]}))


def deleted(call: Call) -> Response:
    """DELETE appointments/{id}: inactive from then on; refused for the only one that a job has."""
    record = _movable(call)
    if len(visits(call.store, record["jobId"])) == 1:
        raise conflict("The only appointment of a job cannot be deleted")
    remove(call.store, "appointments", str(record["id"]))
    return answer()


def assigned(call: Call) -> Response:
    """POST appointment-assignments/assign-technicians."""
    record, people = _dispatched(call)
    if record["status"] in ("Done", "Canceled"):
        raise conflict(f"Technicians cannot be assigned to an appointment that is {record['status']}")
    assign(call.store, record, people)
    return answer({name: record[name] for name in _BOARD})


def unassigned(call: Call) -> Response:
    """POST appointment-assignments/unassign-technicians."""
    record, people = _dispatched(call)
    unassign(call.store, record["id"], {person["id"] for person in people})
    return answer({name: record[name] for name in _BOARD})


def _dispatched(call: Call) -> tuple[Record, list[Record]]:
    sent = call.sent()
    need(sent, "jobAppointmentId", "technicianIds")
    record = call.store.get("appointments", str(sent["jobAppointmentId"]))
    if record is None or not record["active"]:
        raise problem(400, jobAppointmentId="The appointment was not found.")
    return record, _people(call, sent["technicianIds"])


def _people(call: Call, ids: Any) -> list[Record]:
    found = [call.store.get("technicians", str(id)) for id in ids]
    if not all(person is not None and person["active"] for person in found):
        raise problem(400, technicianIds="A technician was not found or is inactive.")
    return [person for person in found if person is not None]


def _there(call: Call) -> Record:
    record = call.found("appointments", call.id())
    if not record["active"]:
        raise missing()
    return record


def _movable(call: Call) -> Record:
    record = _there(call)
    if record["status"] in FIXED:
        raise conflict(f"The appointment is {record['status']}")
    return record


def _times(sent: Record) -> tuple[str, str]:
    start, end = (instant(sent[name], name) for name in ("start", "end"))
    if end <= start:
        raise problem(400, end="The end must be after the start.")
    return stamp(start), stamp(end)


def _window(sent: Record) -> Record:
    """The time in which the customer expects somebody, where it was said."""

    def told(value: Any, name: str) -> str | None:
        at: datetime | None = None if value is None else instant(value, name)
        return None if at is None else stamp(at)

    return {name: told(sent[name], name) for name in WINDOW if name in sent}

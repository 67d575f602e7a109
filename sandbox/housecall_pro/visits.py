"""When jobs are done and by whom: the schedule of a job, its appointments, who is dispatched (facts, "Writes")."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.housecall_pro import shapes
from sandbox.housecall_pro.changes import keep
from sandbox.housecall_pro.dialect import Call, answer, missing, wrong
from sandbox.store import Record


def listed(call: Call) -> Response:
    """GET /jobs/{id}/appointments: all of them, without pages."""
    return answer({"appointments": _visits(call.found("jobs", call.part("id")))})


def created(call: Call) -> Response:
    """POST /jobs/{id}/appointments."""
    job = call.found("jobs", call.part("id"))
    made = _visit(call, shapes.new_id(call.store, "appointments"), call.sent())
    _keep(call, job, [*_visits(job), made])
    return answer(made, 201)


def updated(call: Call) -> Response:
    """PUT /jobs/{id}/appointments/{appointment_id}: times and people, all of them."""
    job, id = call.found("jobs", call.part("id")), call.part("appointment")
    if id not in [one["id"] for one in _visits(job)]:
        raise missing()
    made = _visit(call, id, call.sent())
    _keep(call, job, [made if one["id"] == id else one for one in _visits(job)])
    return answer(made)


def deleted(call: Call) -> Response:
    """DELETE /jobs/{id}/appointments/{appointment_id}."""
    job, id = call.found("jobs", call.part("id")), call.part("appointment")
    rest = [one for one in _visits(job) if one["id"] != id]
    if len(rest) == len(_visits(job)):
        raise missing()
    _keep(call, job, rest)
    return answer({})


def scheduled(call: Call) -> Response:
    """PUT /jobs/{id}/schedule: refused for a job of several appointments, as the vendor's description says."""
    job, sent = call.found("jobs", call.part("id")), call.sent()
    old = _visits(job)
    if len(old) > 1:
        raise wrong("a job with several appointments is scheduled by its appointments")
    begins = shapes.instant(call.store, sent.get("start_time"), "start_time")
    ends = shapes.instant(call.store, sent.get("end_time") or sent["start_time"], "end_time")
    window = sent.get("arrival_window_in_minutes", job["schedule"].get("arrival_window", 0))
    people = _dispatched(call, sent) if "dispatched_employees" in sent else _people(old)
    id = old[0]["id"] if old else shapes.new_id(call.store, "appointments")
    kept = _keep(call, job, [shapes.appointment(call.store, id, begins, ends, window, people)], window)
    plan = kept["schedule"]
    body = {
        "start_time": plan["scheduled_start"],
        "end_time": plan["scheduled_end"],
        "arrival_window_minutes": window,
        "assigned_employees": kept["assigned_employees"],
    }
    expanded = "appointments" in (sent.get("expand") or [])
    return answer(body | ({"appointments": plan["appointments"]} if expanded else {}))


def unscheduled(call: Call) -> Response:
    """DELETE /jobs/{id}/schedule."""
    _keep(call, call.found("jobs", call.part("id")), [])
    return answer({"object": "schedule", "deleted": True})


def dispatched(call: Call) -> Response:
    """PUT /jobs/{id}/dispatch: who goes, on all of the job's appointments."""
    job, people = call.found("jobs", call.part("id")), _dispatched(call, call.sent())
    kept = _keep(call, job, [{**one, "dispatched_employees_ids": people} for one in _visits(job)])
    return answer({"assigned_employees": kept["assigned_employees"]})


def _visits(job: Record) -> list[Record]:
    return list(job["schedule"]["appointments"])


def _people(visits: list[Record]) -> list[str]:
    return [id for one in visits for id in one["dispatched_employees_ids"]]


def _keep(call: Call, job: Record, visits: list[Record], window: int | None = None) -> Record:
    plan = {**job["schedule"], "appointments": visits} | ({} if window is None else {"arrival_window": window})
    return keep(call.store, "jobs", {**job, "schedule": plan})


def _visit(call: Call, id: str, sent: Record) -> Record:
    for name in ("start_time", "end_time", "dispatched_employees_ids"):
        if sent.get(name) is None:
            raise wrong(f"{name} is missing", 400)
    begins, ends = (shapes.instant(call.store, sent[name], name) for name in ("start_time", "end_time"))
    if ends < begins:
        raise wrong("end_time must be after start_time")
    people = _known(call, sent["dispatched_employees_ids"])
    return shapes.appointment(call.store, id, begins, ends, sent.get("arrival_window_minutes") or 0, people)


def _dispatched(call: Call, sent: Record) -> list[str]:
    given = sent.get("dispatched_employees")
    if not isinstance(given, list):
        raise wrong("dispatched_employees is missing", 400)
    return _known(call, [one.get("employee_id") for one in given])


def _known(call: Call, ids: Any) -> list[str]:
    if not isinstance(ids, list) or any(call.store.get("employees", str(id)) is None for id in ids):
        raise wrong("dispatched employees must be employees of the company")
    return [str(id) for id in dict.fromkeys(ids)]

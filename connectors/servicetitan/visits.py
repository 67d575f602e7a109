"""Writing when a job is done and by whom. An appointment is made under its job; who is sent is said name by name.

Nothing has a version: the push compares before it writes, and what a visit's state forbids is refused (Idempotency).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.answers import current
from connectors.batches import fetch_one
from connectors.marks import marked, noted
from connectors.schedule import zulu
from connectors.servicetitan.dialect import by_ids, made, rows, send
from connectors.servicetitan.reading import titled
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Gone, Rejected

VISITS, BOARD = "jpm/appointments", "dispatch/appointment-assignments"
WINDOW = ("arrivalWindowStart", "arrivalWindowEnd")


def schedule(api: Api, out: Outgoing) -> Written:
    """One more visit for a job that is there. Rejected without a time of day."""
    body = {"jobId": int(out.change.refs["job"]), **_times(out), "specialInstructions": _noted(out)}
    return Written(id=made(api, VISITS, body))


def move(api: Api, out: Outgoing) -> Written:
    """Another time, which the time that the customer was told moves along with, or other instructions."""
    id = str(out.change.target_id)
    visit, times = current(api, fetch_visit(api, id), f"appointment {id}"), _times(out)
    if {"starts_at", "ends_at"} & set(out.change.after):
        send(api, "PATCH", f"{VISITS}/{id}/reschedule", times | _window(visit, times["start"]))
    if "instructions" in out.change.after:
        send(api, "PUT", f"{VISITS}/{id}/special-instructions", {"specialInstructions": _noted(out)})
    return Written(id=id)


def unschedule(api: Api, out: Outgoing) -> Written:
    """Take a visit out; the vendor refuses for the only one that a job has."""
    id = str(out.change.target_id)
    if fetch_visit(api, id) is not None:
        send(api, "DELETE", f"{VISITS}/{id}")
    return Written(id=id)


def fetch_visits(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Visits as they are now; one that was taken out is gone."""
    found = titled(api, list(by_ids(api, VISITS, ids)))
    return {str(one["id"]): Written(id=str(one["id"]), record=one) for one in found}


fetch_visit = fetch_one(fetch_visits)


def find_visit(api: Api, out: Outgoing) -> Written | None:
    """The visit of the job whose instructions carry our id, in whatever case they are kept."""
    for one in rows(api, VISITS, jobId=out.change.refs["job"]):
        if marked(one.get("specialInstructions")) == out.change.core_id:
            return fetch_visit(api, str(one["id"]))
    return None


def dispatch(api: Api, out: Outgoing) -> Written:
    """Send one more person to a visit. Somebody sent already, or an answer that was lost, is found on the board."""
    try:
        send(api, "POST", f"{BOARD}/assign-technicians", _crew(out.change.refs["appointment"], out.change.refs))
    except Rejected:
        if (there := find_dispatch(api, out)) is not None:
            return there
        raise
    sent = find_dispatch(api, out)
    if sent is None:
        raise Gone(api.system, f"assignment {out.change.core_id} was accepted and is not on the board; look there")
    return sent


def reassign(api: Api, out: Outgoing) -> Written:
    """Send another person instead: first that one, so that somebody goes at any time."""
    sent = dispatch(api, out)
    if sent.id != out.change.target_id:
        recall(api, out)
    return sent


def recall(api: Api, out: Outgoing) -> Written:
    """Send one person less; when the visit is gone, so is that."""
    id = str(out.change.target_id)
    there = fetch_dispatch(api, id)
    if there is not None and there.record is not None:
        crew = {"technician": there.record["technicianId"]}
        send(api, "POST", f"{BOARD}/unassign-technicians", _crew(there.record["appointmentId"], crew))
    return Written(id=id)


def fetch_dispatches(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Who is sent where now; who is sent no longer is left out."""
    return {str(one["id"]): Written(id=str(one["id"]), record=one) for one in by_ids(api, BOARD, ids)}


fetch_dispatch = fetch_one(fetch_dispatches)


def find_dispatch(api: Api, out: Outgoing) -> Written | None:
    """The assignment of this person to that visit: there is one at most."""
    visit, person = out.change.refs["appointment"], out.change.refs["technician"]
    for one in rows(api, BOARD, appointmentIds=visit):
        if str(one["technicianId"]) == person:
            return Written(id=str(one["id"]), record=one)
    return None


def _crew(visit: Any, refs: Mapping[str, Any]) -> dict[str, Any]:
    return {"jobAppointmentId": int(visit), "technicianIds": [int(refs["technician"])]}


def _noted(out: Outgoing) -> str:
    """What the technician reads, and our id below it."""
    return noted(out.change.desired.get("instructions"), out.change)


def _times(out: Outgoing) -> dict[str, str]:
    """Start and end as the vendor takes them. Rejected without both."""
    start, end = (out.change.desired.get(name) for name in ("starts_at", "ends_at"))
    if start is None or end is None:
        said = f"visit {out.change.core_id} has no time of day, or no end, and an appointment needs both"
        raise Rejected(out.change.system, f"{said}; give it one at its owner")
    return {"start": zulu(start, "milliseconds"), "end": zulu(end, "milliseconds")}


def _window(record: Record, start: str) -> dict[str, str]:
    """The arrival window, moved by as much as the visit."""
    by = datetime.fromisoformat(start) - datetime.fromisoformat(record["start"])
    kept = {name: datetime.fromisoformat(record[name]) for name in WINDOW if record.get(name)}
    return {name: zulu(at + by, "milliseconds") for name, at in kept.items()}

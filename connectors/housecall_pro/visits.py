"""Writing when a job is done and by whom: its appointments, and who is sent to them.

The vendor guards nothing. An appointment is written whole, so its job is read right before; one call at a time
(``Quota.concurrency``) keeps two of our own changes from undoing each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.answers import current, part
from connectors.housecall_pro.jobs import JOBS, whole
from connectors.schedule import hours_of, zulu
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Rejected

People = Callable[[list[str]], list[str]]


def schedule(api: Api, outgoing: Outgoing) -> Written:
    """A new visit: the job's schedule when it has none yet, else one more appointment. Nobody is told by the vendor."""
    times, job = _times(outgoing), _job(api, outgoing.change.refs["job"])
    if _visits(job):
        body = {**times, "dispatched_employees_ids": []}
        made = part(api, api.request("POST", f"{_path(job['id'])}/appointments", json=body).json(), "id")
    else:
        quiet = {"notify": False, "notify_pro": False, "expand": ["appointments"]}
        answer = api.request("PUT", f"{_path(job['id'])}/schedule", json={**times, **quiet}).json()
        made = part(api, answer, "appointments")[0]["id"]
    return _written(_job(api, job["id"]), f"{job['id']}:{made}")


def find_visit(api: Api, outgoing: Outgoing) -> Written | None:
    """The visit of the job at the very time that a create of unknown outcome meant."""
    job, times = whole(api, outgoing.change.refs["job"]), _times(outgoing)
    for visit in _visits(job or {}):
        if job and all(_at(api, visit[name]) == _at(api, time) for name, time in times.items()):
            return _written(job, f"{job['id']}:{visit['id']}")
    return None


def move(api: Api, outgoing: Outgoing) -> Written:
    """Another time for a visit; who goes stays as it is now."""
    times = _times(outgoing)
    return _rewritten(api, str(outgoing.change.target_id), list, **times)


def unschedule(api: Api, outgoing: Outgoing) -> Written:
    """Take a visit out; a job's only one is its schedule. One that is gone already is no failure."""
    id = str(outgoing.change.target_id)
    found = fetch_visit(api, id)
    if found is not None and found.record is not None:
        job, _, visit = id.partition(":")
        tail = f"appointments/{quote(visit, safe='')}" if len(_visits(found.record)) > 1 else "schedule"
        api.request("DELETE", f"{_path(job)}/{tail}", accept=(404,))
    return Written(id=id)


def fetch_visit(api: Api, id: str) -> Written | None:
    """The visit as it is now, inside its job; None when either is gone."""
    job = whole(api, id.partition(":")[0])
    if job is None or job.get("deleted_at") or id not in [f"{job['id']}:{one['id']}" for one in _visits(job)]:
        return None
    return _written(job, id)


def dispatch(api: Api, outgoing: Outgoing) -> Written:
    """Send one more person to a visit; sending the same one again changes nothing."""
    visit, person = outgoing.change.refs["appointment"], outgoing.change.refs["technician"]
    found = _rewritten(api, visit, lambda sent: [*sent, *([] if person in sent else [person])])
    return Written(id=f"{visit}:{person}", record=found.record)


def reassign(api: Api, outgoing: Outgoing) -> Written:
    """Send another person instead, in one request."""
    visit, _, before = str(outgoing.change.target_id).rpartition(":")
    person = outgoing.change.refs["technician"]
    found = _rewritten(api, visit, lambda sent: [*(one for one in sent if one not in (before, person)), person])
    return Written(id=f"{visit}:{person}", record=found.record)


def recall(api: Api, outgoing: Outgoing) -> Written:
    """Send one person less; when the visit is gone, so is that."""
    id = str(outgoing.change.target_id)
    visit, _, person = id.rpartition(":")
    if fetch_dispatch(api, id) is not None:
        _rewritten(api, visit, lambda sent: [one for one in sent if one != person])
    return Written(id=id)


def find_dispatch(api: Api, outgoing: Outgoing) -> Written | None:
    """Whether the person who shall go is sent to the visit now."""
    refs = outgoing.change.refs
    return fetch_dispatch(api, f"{refs['appointment']}:{refs['technician']}")


def fetch_dispatch(api: Api, id: str) -> Written | None:
    """Whether this person is sent to that visit now."""
    visit, _, person = id.rpartition(":")
    found = fetch_visit(api, visit)
    if found is None or found.record is None:
        return None
    sent = [(one["appointment"], one["employee"]) for one in found.record["dispatches"]]
    return Written(id=id, record=found.record) if (visit, person) in sent else None


def _rewritten(api: Api, id: str, people: People, **times: str) -> Written:
    """Write an appointment whole: as it is now, with other times or people."""
    found = current(api, fetch_visit(api, id), f"visit {id}")
    job, _, name = id.partition(":")
    (visit,) = [one for one in _visits(found) if one["id"] == name]
    sent = people(list(visit.get("dispatched_employees_ids") or []))
    if visit.get("anytime"):
        _dispatch_whole_day(api, found, id, sent, times)
    else:
        body = {
            **{name: zulu(_at(api, visit[name])) for name in ("start_time", "end_time")},
            "arrival_window_minutes": visit.get("arrival_window_minutes") or 0,
            "dispatched_employees_ids": sent,
        }
        api.request("PUT", f"{_path(job)}/appointments/{quote(name, safe='')}", json=body | times)
    return _written(_job(api, job), id)


def _dispatch_whole_day(api: Api, job: Record, id: str, sent: list[str], times: Mapping[str, str]) -> None:
    """An appointment that is written gets a time of day; one without is left as it is, and the job is dispatched."""
    if times or len(_visits(job)) > 1:
        raise Rejected(api.system, f"visit {id} is at any time of its day, which cannot be written; change it there")
    api.request(
        "PUT", f"{_path(job['id'])}/dispatch", json={"dispatched_employees": [{"employee_id": e} for e in sent]}
    )


def _job(api: Api, id: str) -> Record:
    return current(api, whole(api, id), f"job {id}")


def _written(job: Record, id: str) -> Written:
    return Written(id=id, record=job)


def _visits(job: Record) -> list[dict[str, Any]]:
    return list((job.get("schedule") or {}).get("appointments") or [])


def _path(job: str) -> str:
    return f"{JOBS}/{quote(job, safe='')}"


def _times(outgoing: Outgoing) -> dict[str, str]:
    """Start and end as the vendor takes them. Rejected without a time of day."""
    hours = hours_of(outgoing.change)
    return {"start_time": zulu(hours.start), "end_time": zulu(hours.end)}


def _at(api: Api, text: str) -> datetime:
    """A time of the vendor's as an instant: with an offset, or wall time where the company is (facts, "Time")."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(api.context.time_zone))

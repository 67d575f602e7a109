"""Founding the workspace: the office and the technicians, and a board of the jobs that the office follows up.

The office keeps jobs that need parts or a second look on a board of its own, under the number that the field-service
system gave them, and a second board for visits that nobody has used yet.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.asana.boards import make_field, make_section
from sandbox.asana.dialect import USER, WORKSPACE, new_gid, stamp
from sandbox.asana.shaping import value_of
from sandbox.asana.stamping import touch
from sandbox.company import Company, Job, Technician
from sandbox.store import Store
from sandbox.twin import Record

IDS = {"workspace": WORKSPACE, "jobs": "1211440998967780", "assignments": "1211440998967781"}
COLUMNS = {"new": "New", "scheduled": "Scheduled", "in_progress": "In progress", "paused": "Paused"}
FOLLOWED = 40
_FIRST_USER = int(USER) + 1
_FOUNDED_BEFORE = timedelta(days=500)


def seed(company: Company, store: Store) -> None:
    """Fill an empty store with the company's part of Asana."""
    store.put("account", WORKSPACE, {"zone": company.time_zone})
    workspace = {"gid": WORKSPACE, "resource_type": "workspace", "name": company.name, "is_organization": True}
    domain = next((one.email.partition("@")[2] for one in company.technicians), "example.com")
    store.put("workspaces", WORKSPACE, {**workspace, "email_domains": [domain]})
    _seed_user(store, USER, "Office", f"office@{domain}")
    for place, technician in enumerate(one for one in company.technicians if one.active):
        _seed_technician(store, technician, place)
    number = make_field(store, "Job number")
    jobs = _seed_project(company, store, "jobs", "Jobs to follow up", [number["gid"]])
    _seed_project(company, store, "assignments", "Visits", [])
    sections = {name: make_section(store, jobs, name)["gid"] for name in ("To do", *COLUMNS.values())}
    make_section(store, store.get("projects", IDS["assignments"]) or {}, "To do")
    open_jobs = [job for job in company.jobs if job.status in COLUMNS]
    for job in open_jobs[:FOLLOWED]:
        _seed_job(store, job, sections[COLUMNS[job.status]], number)


def _seed_technician(store: Store, technician: Technician, place: int) -> None:
    name = f"{technician.given_name} {technician.family_name}"
    _seed_user(store, str(_FIRST_USER + place), name, technician.email)


def _seed_user(store: Store, gid: str, name: str, email: str) -> None:
    workspaces = [{"gid": WORKSPACE, "resource_type": "workspace"}]
    told: Record = {"gid": gid, "resource_type": "user", "name": name, "email": email, "photo": None}
    told["workspaces"] = workspaces
    store.put("users", gid, told)


def _seed_project(company: Company, store: Store, board: str, name: str, fields: list[str]) -> Record:
    founded = stamp(company.now - _FOUNDED_BEFORE)
    told = {
        "gid": IDS[board],
        "resource_type": "project",
        "name": name,
        "archived": False,
        "color": "light-green",
        "notes": "",
        "created_at": founded,
        "modified_at": founded,
        "due_on": None,
        "start_on": None,
        "owner": {"gid": USER, "resource_type": "user", "name": "Office"},
        "workspace": {"gid": WORKSPACE, "resource_type": "workspace", "name": company.name},
        "permalink_url": f"https://app.asana.com/1/{WORKSPACE}/project/{IDS[board]}",
        "fields": fields,
    }
    return store.put("projects", IDS[board], told)


def _seed_job(store: Store, job: Job, section: str, number: Record) -> None:
    """A job as the office typed it in: title, what to know, number."""
    gid = new_gid(store)
    task: Record = {
        "gid": gid,
        "name": job.title,
        "notes": job.instructions,
        "created_at": stamp(job.created_at),
        "memberships": [{"section": {"gid": section}}],
        "custom_fields": [value_of(number, str(job.number))],
    }
    store.put("tasks", gid, touch(store, "tasks", task))

"""Bulk API 2.0: jobs that take a file of rows, work on it after a while, and tell what became of each (Writes)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sandbox.salesforce.auth import INTEGRATION
from sandbox.salesforce.catalog import kind_of
from sandbox.salesforce.dialect import Failure, bad, full_id, missing, stamp
from sandbox.salesforce.grouped import inserted, removing, updated, upserting
from sandbox.salesforce.querying import Sight, found, shown
from sandbox.salesforce.soql import parse
from sandbox.store import Store
from sandbox.twin import Record

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
MOST = 100 * 1024 * 1024  # bytes of a file, not yet encoded
NULL = "#N/A"
FAULT = "slow_jobs"  # a job that is still at work when it is asked after


@dataclass(slots=True, kw_only=True)
class Job:
    """One job: what it was asked, its file, and what became of the rows."""

    told: Record
    rows: list[dict[str, str]] = field(default_factory=list)
    uploaded: bool = False
    good: list[dict[str, str]] = field(default_factory=list)
    bad: list[dict[str, str]] = field(default_factory=list)
    text: str = ""


def jobs(store: Store) -> dict[str, Job]:
    return cast("dict[str, Job]", store.bag.setdefault("jobs", {}))


def _new(store: Store, told: Record, kind: str, version: str) -> Job:
    id, now = full_id(f"750dM{store.next_id('jobs'):010d}"), stamp(store.clock.now())
    head = {"id": id, "createdById": INTEGRATION, "createdDate": now, "systemModstamp": now, "jobType": kind,
            "concurrencyMode": "Parallel", "apiVersion": float(version.removeprefix("v"))}  # fmt: skip
    job = Job(told={**head, **told})
    jobs(store)[id] = job
    return job


def open_ingest(store: Store, given: Record, version: str) -> Record:
    """A new job that waits for its file. Failure when it asks for what there is not."""
    kind = kind_of(str(given.get("object")))
    if kind is None:
        raise bad("INVALIDENTITY", f"Unable to find object: {given.get('object')}")
    if given.get("operation") not in OPERATIONS:
        raise bad("INVALIDOPERATION", f"operation {given.get('operation')} is not supported")
    by = given.get("externalIdFieldName")
    member = kind.member(str(by))
    if given["operation"] == "upsert" and (member is None or "e" not in member.flags):
        raise bad(
            "INVALIDJOB", f"Field name provided, {by} does not match an External ID, Salesforce Id, or indexed field"
        )
    told = {"object": kind.name, "operation": given["operation"], "state": "Open", "contentType": "CSV",
            "lineEnding": given.get("lineEnding", "LF"),
            "columnDelimiter": given.get("columnDelimiter", "COMMA")}  # fmt: skip
    job = _new(store, told | ({"externalIdFieldName": by} if by else {}), "V2Ingest", version)
    job.told["contentUrl"] = f"services/data/{version}/jobs/ingest/{job.told['id']}/batches"
    return job.told


def job_of(store: Store, id: str) -> Job:
    """A job by its id. Failure when there is none."""
    job = jobs(store).get(full_id(id))
    if job is None:
        raise missing()
    return job


def upload(store: Store, id: str, content: bytes) -> None:
    """The file of a job, once."""
    job = job_of(store, id)
    if job.uploaded or job.told["state"] != "Open":
        raise bad("INVALIDJOBSTATE", "Found multiple contents for job, or the job is not open")
    if len(content) > MOST:
        raise Failure(status=413, code="REQUEST_TOO_LARGE", message="The file is larger than 100 MB")
    job.rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    job.uploaded = True


def advance(store: Store, id: str, given: Record) -> Record:
    """UploadComplete lets the work begin, Aborted ends it."""
    job, state = job_of(store, id), given.get("state")
    if state not in ("UploadComplete", "Aborted") or job.told["state"] != "Open":
        raise bad("INVALIDJOBSTATE", f"a job that is {job.told['state']} cannot become {state}")
    job.told["state"] = state
    return job.told


def told(store: Store, id: str) -> Record:
    """A job as it is now; one whose upload is complete is done by the next look, unless jobs are slow."""
    job = job_of(store, id)
    if job.told["state"] in ("UploadComplete", "InProgress"):
        job.told["state"] = "InProgress"
        if store.faults.take(FAULT, "GET", f"/jobs/ingest/{id}") is None:
            _work(store, job)
            job.told["state"] = "JobComplete"
    failed = len(job.bad)
    return {**job.told, "numberRecordsProcessed": len(job.good) + failed, "numberRecordsFailed": failed, "retries": 0}


def _work(store: Store, job: Job) -> None:
    kind = kind_of(job.told["object"])
    assert kind is not None  # noqa: S101 - a job of no object is not opened
    for row in job.rows:
        record: Record = {"attributes": {"type": kind.name}} | {n: _cell(v) for n, v in row.items() if v != ""}
        try:
            if job.told["operation"] in ("delete", "hardDelete"):
                done = removing(store, kind)(str(record.get("Id")))
            elif job.told["operation"] == "upsert":
                done = upserting(store, kind, job.told["externalIdFieldName"])(record)
            else:
                done = (inserted if job.told["operation"] == "insert" else updated)(store, record)
        except Failure as problem:
            job.bad.append({"sf__Id": row.get("Id", ""), "sf__Error": f"{problem.code}:{problem.message}:--", **row})
        else:
            made = str(done.get("created", job.told["operation"] == "insert")).lower()
            job.good.append({"sf__Id": done["id"], "sf__Created": made, **row})


def _cell(text: str) -> Any:
    return None if text == NULL else text


def result(store: Store, id: str, which: str) -> str:
    """The rows that were taken (``good``), refused (``bad``) or never looked at (``rest``), as CSV."""
    job = job_of(store, id)
    names = list(job.rows[0]) if job.rows else []
    if which == "rest":
        return _table(names, job.rows if job.told["state"] in ("Aborted", "Failed") else [])
    first = ["sf__Id", "sf__Created"] if which == "good" else ["sf__Id", "sf__Error"]
    return _table([*first, *names], job.good if which == "good" else job.bad)


def _table(names: list[str], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def forget(store: Store, id: str) -> None:
    """Delete a job."""
    jobs(store).pop(job_of(store, id).told["id"])


def open_query(store: Store, given: Record, version: str) -> Record:
    """A query job; its answer is worked out at once."""
    if given.get("operation") not in ("query", "queryAll"):
        raise bad("INVALIDOPERATION", f"operation {given.get('operation')} is not supported")
    query = parse(str(given.get("query", "")))
    sight = Sight(store=store, bin=given["operation"] == "queryAll")
    rows = shown(sight, query, found(sight, query), version)
    state = {"operation": given["operation"], "object": query.source, "state": "UploadComplete", "contentType": "CSV",
             "lineEnding": "LF", "columnDelimiter": "COMMA"}  # fmt: skip
    job = _new(store, state, "V2Query", version)
    job.rows = [dict(_cells(query.paths, one)) for one in rows]
    job.told["numberRecordsProcessed"] = len(rows)
    return job.told


def _cells(paths: tuple[str, ...], row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path in paths:
        value: Any = row
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        yield path, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def query_told(store: Store, id: str) -> Record:
    """A query job as it is now."""
    job = job_of(store, id)
    job.told["state"] = "JobComplete"
    return job.told


def query_result(store: Store, id: str, query: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A part of the rows, and the headers that say where the next begins."""
    job, at = job_of(store, id), int(query.get("locator", "0"))
    most = int(query.get("maxRecords", len(job.rows) or 1))
    part, more = job.rows[at : at + most], at + most < len(job.rows)
    headers = {"Sforce-Locator": str(at + most) if more else "null", "Sforce-NumberOfRecords": str(len(part))}
    return _table(list(job.rows[0]) if job.rows else [], part), headers

"""Bulk API 2.0: one job takes all rows as CSV, works on them after a while, and tells what became of each (Writes)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.answers import part
from connectors.salesforce.dialect import DATA, refusal
from connectors.spec import Api, Record
from models.errors import Ambiguous, Rejected, SystemFailure, Transient

JOBS = f"{DATA}/jobs/ingest"
NULL = "#N/A"
# How often a job is asked after, each time as long as the gateway is patient: about five minutes.
LOOKS = 15


def save(api: Api, name: str, rows: Sequence[Record], by: str) -> Sequence[str | SystemFailure]:
    """The id of each row, or why it was refused, in their order; ``by`` is the column that tells them apart."""
    try:
        told = _worked(api, name, rows, by)
    except SystemFailure as problem:
        return [problem] * len(rows)
    missing = Transient(api.system, f"a bulk job of {name} did not come to this row; it is sent again")
    return [told.get(str(row[by]), missing) for row in rows]


def _worked(api: Api, name: str, rows: Sequence[Record], by: str) -> Mapping[str, str | SystemFailure]:
    """What became of the rows, by their key."""
    kind = {"operation": "update"} if by == "Id" else {"operation": "upsert", "externalIdFieldName": by}
    asked = {"object": name, **kind, "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}
    id = part(
        api, api.request("POST", JOBS, json=asked, repeatable=True).json(), "id"
    )  # one that stays open does nothing
    head = {"Content-Type": "text/csv"}
    api.request("PUT", f"{JOBS}/{id}/batches", content=table(rows), headers=head, repeatable=False)
    # The answer names the state of a job at work, which elsewhere means: ask again.
    api.request("PATCH", f"{JOBS}/{id}", json={"state": "UploadComplete"}, accept=(200,))
    done = _ended(api, id)
    if done["state"] != "JobComplete":
        raise Rejected(api.system, f"its bulk job {id} ended as {done['state']} ({done.get('errorMessage')})")
    good = {row[by]: row["sf__Id"] for row in _results(api, id, "successfulResults")}
    bad = {row[by]: _refused(api, row["sf__Error"]) for row in _results(api, id, "failedResults")}
    return {**good, **bad}


def _ended(api: Api, id: str) -> Mapping[str, Any]:
    """The job when it is done. Ambiguous when it is still at work after all that waiting."""
    for _ in range(LOOKS):
        try:
            told: Mapping[str, Any] = api.request("GET", f"{JOBS}/{id}").json()
        except Transient:
            continue  # at work, which the connector's judge says so that the gateway waits
        return told
    raise Ambiguous(api.system, f"its bulk job {id} is still at work; the next run looks at what it did")


def _results(api: Api, id: str, which: str) -> Iterator[dict[str, str]]:
    answer = api.request("GET", f"{JOBS}/{id}/{which}", headers={"Accept": "text/csv"})
    yield from csv.DictReader(io.StringIO(answer.text))


def _refused(api: Api, said: str) -> SystemFailure:
    """``CODE:message:fields --`` as the error that it means."""
    code, _, message = said.partition(":")
    return refusal(api.system, code, message.removesuffix(":--"))


def table(rows: Sequence[Record]) -> bytes:
    """The rows as CSV: an empty cell leaves a field as it is, ``#N/A`` empties it."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return NULL
    return str(value).lower() if isinstance(value, bool) else str(value)

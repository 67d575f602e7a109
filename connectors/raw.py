"""The raw layer's form: the tables that hold what was read, and where the lake keeps them.

One folder for each resource, ``<lake>/raw/<system>/<resource>/<load id>.<file id>.parquet`` (``folder_of`` spells
the system), with the columns

    id            text       the record's id within its resource; null when the record has none
    record        text       the record as JSON, numbers with every digit; null for a deletion; of a record that
                             was merged away {"merged_into": id}
    deleted       boolean    the system reported this id as deleted
    read_at       timestamp  when its page arrived, UTC without an offset, as everywhere in the warehouse
    seq           bigint     order of arrival within the load
    _dlt_load_id  text       the load

and a table ``reads`` with one row for each read of a resource: how it ended, and whether what is absent from it is
gone. A read that brought nothing leaves its row there and is no load.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import simplejson
from fsspec.core import url_to_fs

from connectors.spec import READS, Page, Record, Resource
from models.paths import steps

_PLAIN = re.compile(r"(?=.{1,48}$)[a-z][a-z0-9]*(_[a-z0-9]+)*")
MERGED = "merged_into"
ROWS = pa.schema(
    [
        ("id", pa.string()),
        ("record", pa.string()),
        ("deleted", pa.bool_()),
        ("read_at", pa.timestamp("us")),
        ("seq", pa.int64()),
    ]
)
REPORTS = pa.schema(
    [
        ("resource", pa.string()),
        ("status", pa.string()),
        ("error", pa.string()),
        ("full", pa.bool_()),
        ("rows", pa.int64()),
        ("deleted", pa.int64()),
        ("started_at", pa.timestamp("us")),
        ("finished_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One completed load: its id, its Parquet files by resource, and the resources that it read in full."""

    id: str
    files: Mapping[str, Sequence[str]]
    full: frozenset[str] = frozenset()


def page_table(page: Page, resource: Resource, arrived: datetime, seq: Iterator[int]) -> pa.Table:
    """A page as rows: its records, then the ids that it reports as deleted or merged away."""
    ids = [identify(resource, record) for record in page.records] + [*page.deleted, *page.merged]
    merged = [_json({MERGED: survivor}) for survivor in page.merged.values()]
    records = [_json(record) for record in page.records] + [None] * len(page.deleted) + merged
    deleted = [False] * len(page.records) + [True] * (len(page.deleted) + len(merged))
    stamps = [_naive(arrived)] * len(ids)
    return pa.table([ids, records, deleted, stamps, [next(seq) for _ in ids]], schema=ROWS)


def identify(resource: Resource, record: Record) -> str | None:
    """The record's id as text; None when it has none, which its map then reports."""
    if callable(resource.id):
        return resource.id(record)
    value: Any = record
    for step in steps(resource.id):
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return None if value is None else str(value)


def _json(record: Record) -> str:
    return str(simplejson.dumps(record, use_decimal=True, ensure_ascii=False, separators=(",", ":"), default=spelled))


def spelled(value: Any) -> Any:
    """Values of typed files (Parquet) that JSON has no word for."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a record holds a {type(value).__name__}, for which JSON has no word; the connector must spell it")


def report_table(report: Mapping[str, Any], started: datetime, finished: datetime) -> pa.Table:
    """One row for the table ``reads``; ``report`` has its columns except for the two instants."""
    return pa.Table.from_pylist([{**report, "started_at": _naive(started), "finished_at": _naive(finished)}], REPORTS)


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def loads(lake: Path | str, system: str, *, known: Collection[str] = ()) -> list[Load]:
    """The completed loads of a system, oldest first, except the ``known`` ones."""
    files, root = url_to_fs(f"{lake}/raw/{folder_of(system)}")
    if not files.exists(f"{root}/_dlt_loads"):
        return []
    done = {_load_id(path) for path in files.ls(f"{root}/_dlt_loads", detail=False)} - set(known)
    found: dict[str, dict[str, list[str]]] = {load: {} for load in sorted(done)}
    for path in files.glob(f"{root}/*/*.parquet"):
        table, load = path.rsplit("/", 2)[1], _load_id(path)
        if load in found and not table.startswith("_dlt"):
            whole = path if "file" in files.protocol else files.unstrip_protocol(path)
            found[load].setdefault(table, []).append(whole)
    return [
        Load(
            id=load,
            full=_full(files, tables.get(READS, ())),
            files={table: tuple(sorted(paths)) for table, paths in tables.items() if table != READS},
        )
        for load, tables in found.items()
    ]


def newest_load(lake: Path | str, system: str) -> str | None:
    """The id of the last completed load of a system; None when there is none."""
    files, root = url_to_fs(f"{lake}/raw/{folder_of(system)}")
    if not files.exists(f"{root}/_dlt_loads"):
        return None
    return max(map(_load_id, files.ls(f"{root}/_dlt_loads", detail=False)), default=None)


def last_reads(
    lake: Path | str, system: str, resources: Collection[str], *, good: bool = False
) -> dict[str, dict[str, Any]]:
    """How the newest read of each of these resources ended: its row of ``reads``. What was never read is left out.

    good  only reads that ended well
    """
    files, root = url_to_fs(f"{lake}/raw/{folder_of(system)}")
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(files.glob(f"{root}/{READS}/*.parquet"), key=_load_id, reverse=True):
        if set(resources) <= set(found):
            break
        with files.open(path, "rb") as file:
            rows = pq.read_table(file).to_pylist()
        for row in sorted(rows, key=lambda row: row["finished_at"], reverse=True):
            if row["resource"] in resources and (not good or row["status"] == "ok"):
                found.setdefault(row["resource"], row)
    return found


def folder_of(system: str) -> str:
    """The folder of a system's raw tables: its name, or a safe spelling of it that no other name shares."""
    if _PLAIN.fullmatch(system):
        return system
    words = re.sub("[^a-z0-9]+", "_", system.lower()).strip("_")[:40].strip("_")
    return "_".join(filter(None, ("s", words, hashlib.sha256(system.encode()).hexdigest()[:8])))


def _load_id(path: str) -> str:
    """``…/_dlt_loads/<schema>__<load id>.jsonl`` or ``…/<table>/<load id>.<file id>.parquet``; an id has one dot."""
    name = path.rsplit("/", 1)[1].rpartition("__")[2]
    return ".".join(name.split(".")[:2])


def _full(files: Any, paths: Sequence[str]) -> frozenset[str]:
    full: set[str] = set()
    for path in paths:
        with files.open(path, "rb") as file:
            rows = pq.read_table(file, columns=["resource", "full"]).to_pylist()
        full.update(row["resource"] for row in rows if row["full"])
    return frozenset(full)

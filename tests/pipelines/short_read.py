"""Reading as ``connectors.reading`` does it, laid into the lake by hand: a third of a small sync is dlt."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.raw import READS
from connectors.reading import ReadReport, System, _Reader


def read_all(
    systems: Sequence[System], *, lake: Path, state_dir: Path, believe: Collection[str] = ()
) -> dict[str, tuple[ReadReport, ...]]:
    return {one.api.system: _read(one, lake / "raw" / one.api.system, state_dir, believe) for one in systems}


def _read(system: System, folder: Path, state_dir: Path, believe: Collection[str]) -> tuple[ReadReport, ...]:
    kept = state_dir / f"{system.api.system}.json"
    states = json.loads(kept.read_text()) if kept.exists() else {}
    done = folder / "_dlt_loads"
    done.mkdir(parents=True, exist_ok=True)
    load = f"{1700000000 + len(list(done.iterdir()))}.5"
    seq, files, reports, ends = itertools.count(1), itertools.count(), [], []
    for resource in system.resources:
        reader = _Reader(
            api=system.api,
            resource=resource,
            seq=seq,
            believed=f"{system.api.system}.{resource.name}" in believe,
            removed=system.removed,
        )
        for item in reader.tables(states.setdefault(resource.name, {})):
            if isinstance(item, pa.Table):
                lay(item, folder / resource.name, load, next(files))
            else:
                ends.append(item.data)
        reports.append(reader.report)
    lay(pa.concat_tables(ends), folder / READS, load, next(files))
    (done / f"s__{load}.jsonl").write_text("{}")
    state_dir.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(states))
    return tuple(reports)


def lay(table: pa.Table, folder: Path, load: str, number: int) -> Path:
    """Write one file of a load."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{load}.{folder.name}{number}.parquet"
    pq.write_table(table.append_column("_dlt_load_id", pa.array([load] * len(table), pa.string())), path)
    return path

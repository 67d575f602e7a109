"""Raw loads without dlt's machinery: read as ``connectors.reading`` reads, laid down as dlt lays them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.raw import READS, Load
from connectors.reading import ReadReport, System, _Reader


@dataclass(slots=True, kw_only=True)
class Lake:
    """The loads of every system so far, oldest first, and the cursors behind them."""

    folder: Path
    kept: dict[str, list[Load]] = field(default_factory=dict)
    cursors: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def loads(self, lake: Path | str, system: str, *, known: Collection[str] = ()) -> list[Load]:  # noqa: ARG002
        """As ``connectors.raw.loads``; the folder is this lake's own."""
        return [one for one in self.kept.get(system, ()) if one.id not in known]

    def read_all(
        self,
        systems: Sequence[System],
        *,
        lake: Path | str,  # noqa: ARG002 - the same signature
        state_dir: Path,  # noqa: ARG002
        believe: Collection[str] = (),
    ) -> dict[str, tuple[ReadReport, ...]]:
        """As ``connectors.reading.read_all``, one system after the other."""
        return {one.api.system: self._read(one, believe) for one in systems}

    def _read(self, system: System, believe: Collection[str]) -> tuple[ReadReport, ...]:
        name = system.api.system
        id, seq = f"{1_700_000_000 + next(self.numbers)}.5", itertools.count(1)
        files: dict[str, tuple[str, ...]] = {}
        reports: list[ReadReport] = []
        states: dict[str, dict[str, Any]] = {one.name: {} for one in system.resources}
        for resource in system.resources:
            reader = _Reader(
                api=system.api,
                resource=resource,
                seq=seq,
                believed=f"{name}.{resource.name}" in believe,
                removed=system.removed,
            )
            state = states[resource.name] = dict(self.cursors.get(name, {}).get(resource.name, {}))
            pages = [item for item in reader.tables(state) if isinstance(item, pa.Table)]
            if pages:
                files[resource.name] = (self._lay(pa.concat_tables(pages), f"{name}-{resource.name}", id),)
            reports += [reader.report] if reader.report else []
        # rows and cursors land together, as in one load of dlt's; reads that bring nothing are no load
        full = frozenset(r.resource for r in reports if r.full)
        if files or full:
            self.kept.setdefault(name, []).append(Load(id=id, files=files, full=full))
        self.cursors[name] = states
        return tuple(reports)

    def _lay(self, table: pa.Table, name: str, load: str) -> str:
        path = self.folder / f"{name}-{load}.parquet"
        pq.write_table(table.append_column("_dlt_load_id", pa.array([load] * len(table), pa.string())), path)
        return str(path)


__all__ = ("READS", "Lake")

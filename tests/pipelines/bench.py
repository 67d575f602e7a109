"""A warehouse in memory and raw loads made by hand, for tests of staging, identity and core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from connectors.raw import ROWS, Load
from models.entities import ENTITIES
from models.ownership import Ownership
from models.schema import Binding, Map, Model
from pipelines.identify import identify
from pipelines.reconcile import Reconciled, reconcile
from pipelines.staging import Staged, stage_system
from pipelines.statements import Statements
from pipelines.warehouse import Warehouse, prepare
from tests.pipelines.short_read import lay

START = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
Record = Mapping[str, Any]


def model_of(maps: Mapping[str, Sequence[Map]], rules: Mapping[str, Ownership] | None = None) -> Model:
    """Systems named for their role: ``crm``, ``scheduling`` ..."""
    bindings = tuple(Binding(name=role, roles=(role,), maps=tuple(found)) for role, found in maps.items())
    return Model(entities=ENTITIES, bindings=bindings, rules=rules or {})


@dataclass(slots=True)
class Bench:
    """A warehouse with its model; ``loads`` are all loads of each system so far."""

    folder: Path
    model: Model
    statements: str | None = None
    warehouse: Warehouse = field(default_factory=lambda: Warehouse(":memory:"))
    loads: dict[str, list[Load]] = field(default_factory=dict)
    now: datetime = START
    runs: int = 1

    def __post_init__(self) -> None:
        self.warehouse.statements = Statements(self.statements)
        prepare(self.warehouse, self.model)

    def __repr__(self) -> str:
        return "the bench"  # else a failing example is lost in a print of the whole model

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.warehouse.close()

    def reset(self) -> Bench:
        """Empty, as if made anew."""
        for row in self.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
        ):
            if row["table_name"] not in ("zones", "statements"):
                self.warehouse.run(f'DELETE FROM "{row["schema_name"]}"."{row["table_name"]}"')  # noqa: S608
        self.loads = {}
        return self

    def read(
        self,
        system: str,
        records: Sequence[Record | None] = (),
        *,
        resource: str = "people",
        deleted: Sequence[str] = (),
        full: bool = False,
    ) -> Load:
        """One load, read a minute after the one before."""
        self.now += timedelta(minutes=1)
        known = self.loads.setdefault(system, [])
        id = f"{1700000000 + sum(len(found) for found in self.loads.values())}.5"
        ids = [None if r is None or r.get("id") is None else str(r["id"]) for r in records] + list(deleted)
        texts = [json.dumps(r) for r in records] + [None] * len(deleted)
        flags = [False] * len(records) + [True] * len(deleted)
        stamps = [self.now.replace(tzinfo=None)] * len(ids)
        table = pa.table([ids, texts, flags, stamps, list(range(len(ids)))], schema=ROWS)
        files = [str(lay(table, self.folder / system / resource, id, 0))] if ids else []
        load = Load(id=id, files={resource: tuple(files)} if files else {}, full=frozenset((resource,) if full else ()))
        known.append(load)
        return load

    def stage(self, system: str, *fresh: Load) -> Staged:
        return stage_system(
            self.warehouse,
            self.model,
            system,
            fresh,
            everything=lambda: self.loads.get(system, []),
            run=self.run,
            now=self.now,
        )

    def take(self, system: str, records: Sequence[Record | None] = (), **options: Any) -> Staged:
        """Read and stage."""
        return self.stage(system, self.read(system, records, **options))

    def decide(self, *entities: str) -> dict[str, Reconciled]:
        """Identity and core of these entities, parents first; what is staged later belongs to another run."""
        done = {}
        for name in entities or [e.name for e in self.model.active()]:
            entity = self.model.entity(name)
            identify(self.warehouse, self.model, entity, now=self.now)
            done[name] = reconcile(self.warehouse, self.model, entity, check=lambda *_: (), run=self.run, now=self.now)
        self.runs += 1
        return done

    @property
    def run(self) -> str:
        return f"run_{self.runs}"

    def rows(self, query: str) -> list[dict[str, Any]]:
        return self.warehouse.rows(query)

    def living(self, system: str, entity: str = "customer") -> dict[str, dict[str, Any]]:
        found = self.rows(f'SELECT * FROM staged."{system}__{entity}" WHERE deleted_at IS NULL')  # noqa: S608
        return {row["source_id"]: row for row in found}

    def quarantined(self) -> list[tuple[str | None, str]]:
        return [(r["raw_id"], r["reason"]) for r in self.rows("SELECT * FROM quarantine.records ORDER BY ALL")]

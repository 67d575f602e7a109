"""The contender: the product's own stages, called as a sync calls them, with exact keys, without likeness and checks.

Left out are reading (there is no vendor here), the scoring of likeness, the checks of Great Expectations and the
ledger: the hand-written contenders have none of them either.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

import duckdb

from benchmarks.reconcile import lake
from connectors.hubspot import CONNECTOR as HUBSPOT
from connectors.jobber import CONNECTOR as JOBBER
from connectors.quickbooks_online import CONNECTOR as QUICKBOOKS
from models.change import Plan
from models.entities import ENTITIES
from models.handoff import Handoff
from models.schema import Binding, Model
from pipelines.identify import identify
from pipelines.plan import make_plan, write_of
from pipelines.reconcile import reconcile
from pipelines.settings import Guards
from pipelines.staging import stage_system
from pipelines.warehouse import Warehouse, open_warehouse

CONNECTORS = {one.name: one for one in (HUBSPOT, JOBBER, QUICKBOOKS)}
WRITTEN = ("hubspot", "quickbooks_online")
MODEL = Model(
    entities=ENTITIES,
    bindings=tuple(
        Binding(name=one.name, roles=one.roles, maps=tuple(m for m in one.maps if m.to == "customer"))
        for one in CONNECTORS.values()
    ),
)


def run(folder: Path, threads: int) -> dict[str, float]:
    """Seconds of each stage for the first contact (``full``) and for the edits after it (``edits``)."""
    seconds: dict[str, float] = {}
    exact = patch("pipelines.likeness.LIKENESS", {})
    with exact, open_warehouse(folder / "kernel.duckdb", MODEL, "benchmark") as warehouse:
        warehouse.connection.execute(f"SET threads = {threads}")
        plans = _sync(warehouse, folder, lake.FIRST, seconds, "full")
        _show(warehouse, plans, folder / "kernel")
        assert _sync(warehouse, folder, lake.AGREED, {}, "agreed")
        plans = _sync(warehouse, folder, lake.EDITED, seconds, "edits")
        assert sum(len(plan.changes) for plan in plans) > 0
    return seconds


def first_contact(folder: Path, threads: int) -> None:
    """The warehouse after the first contact, as ``kernel.duckdb`` in the folder."""
    exact = patch("pipelines.likeness.LIKENESS", {})
    with exact, open_warehouse(folder / "kernel.duckdb", MODEL, "benchmark") as warehouse:
        warehouse.connection.execute(f"SET threads = {threads}")
        _sync(warehouse, folder, lake.FIRST, {}, "full")


def _sync(warehouse: Warehouse, folder: Path, load: str, seconds: dict[str, float], name: str) -> list[Plan]:
    now = datetime(2026, 2, 1 + lake.LOADS.index(load), tzinfo=UTC)
    customer = MODEL.entity("customer")
    started, worked = time.monotonic(), time.process_time()

    def lap(stage: str) -> None:
        nonlocal started, worked
        seconds[f"{name} {stage}"], started = time.monotonic() - started, time.monotonic()
        seconds[f"{name} {stage} cpu"], worked = time.process_time() - worked, time.process_time()

    for system in CONNECTORS:
        fresh = [lake.load_of(folder, system, load)]
        stage_system(warehouse, MODEL, system, fresh, everything=partial(list, fresh), run=load, now=now)
    lap("stage")
    identify(warehouse, MODEL, customer, now=now)
    lap("match")
    reconcile(warehouse, MODEL, customer, check=None, run=load, now=now)
    lap("core")
    plans = [_plan(warehouse, system, load, now) for system in WRITTEN]
    lap("plan")
    return plans


def _plan(warehouse: Warehouse, system: str, load: str, now: datetime) -> Plan:
    return make_plan(
        warehouse,
        MODEL,
        Handoff(system=system, entity="customer", mode="review", creates=False),
        write_of(CONNECTORS[system], "customer"),
        guards=Guards(),
        overwritten=lambda _: {},
        hold=None,
        run=load,
        now=now,
    )


def _show(warehouse: Warehouse, plans: list[Plan], target: Path) -> None:
    """What is compared with the other contenders, as Parquet."""
    target.mkdir(exist_ok=True)
    fields = ", ".join(f.name for f in MODEL.entity("customer").fields)
    shown = {
        "xref": "SELECT core_id, system, source_id FROM xref.customer",
        "core": f"SELECT core_id, {fields} FROM core.customer",  # noqa: S608 - declared names
        "changes": 'SELECT core_id, field, "new", source, source_at AS "at" FROM core.changes',
        "conflicts": "SELECT core_id, field, winner, winner_value, winner_at, loser, loser_value, loser_at "
        "FROM core.conflicts",
        "quarantine": "SELECT system, raw_id AS id, source_id, reason, record::VARCHAR AS record "
        "FROM quarantine.records",
    }
    for name, query in shown.items():
        warehouse.run(f"COPY ({query}) TO '{target / name}.parquet' (FORMAT parquet)")
    rows = [
        [c.system, c.core_id, c.target_id, c.version, name, c.before[name], c.after[name], why.system, why.source_id]
        for plan in plans
        for c in plan.changes
        for name, why in c.cause.items()
    ]
    columns = ("system", "core_id", "target_id", "version", "field", "before", "after", "cause", "cause_id")
    typed = ", ".join(f"{name} VARCHAR" for name in columns)
    warehouse.run(f"CREATE TEMP TABLE planned ({typed})")
    warehouse.insert_many("planned", rows)
    warehouse.run(f"COPY planned TO '{target / 'plan'}.parquet' (FORMAT parquet)")


def compare(folder: Path, other: str) -> list[str]:
    """Where another contender's results are not the product's, row by row, as text."""
    told: list[str] = []
    with duckdb.connect() as connection:
        for path in sorted((folder / other).glob("*.parquet")):
            mine = folder / "kernel" / path.name
            described = connection.execute(f"DESCRIBE FROM '{mine}'").fetchall()
            columns = ", ".join(f'"{row[0]}"::VARCHAR' for row in described)
            for one, two in ((mine, path), (path, mine)):
                missing = f"SELECT {columns} FROM '{one}' EXCEPT ALL SELECT {columns} FROM '{two}'"  # noqa: S608 - ours
                rows = connection.execute(missing).fetchall()
                if rows:
                    told.append(
                        f"{path.stem}: {len(rows)} rows of {one.parent.name} not in {two.parent.name}: {rows[:2]}"
                    )
    return told

"""The contender in hand-written SQL: ``twin.sql`` on DuckDB, into a file as the product's warehouse is."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
from duckdb.func import FunctionNullHandling

from benchmarks.reconcile import lake
from pipelines.warehouse import phone_e164

FIELDS = (
    "core_id, given_name, family_name, company_name, email, phone, street, city, state, postal_code, country, status, "
    "tags, balance, currency"
)


def run(folder: Path, threads: int) -> dict[str, float]:
    """Seconds of the first contact."""
    connection = duckdb.connect(str(folder / "twin.duckdb"))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET threads = {threads}")
    special = FunctionNullHandling.SPECIAL
    connection.create_function("phone_e164", phone_e164, ["varchar", "varchar"], "varchar", null_handling=special)
    for system in lake.SOURCES:
        variable = system.removesuffix("_online")
        connection.execute(f"SET VARIABLE {variable} = $files", {"files": [lake.file(folder, system, lake.FIRST)]})
    text = (Path(__file__).parent / "twin.sql").read_text(encoding="utf-8")
    started, worked = time.monotonic(), time.process_time()
    connection.execute("BEGIN")
    connection.execute(text)
    connection.execute("COMMIT")
    seconds = {"full": time.monotonic() - started, "full cpu": time.process_time() - worked}
    _show(connection, folder / "twin")
    connection.close()
    return seconds


def _show(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for name in ("xref", "changes", "conflicts", "plan"):
        connection.execute(f"COPY {name} TO '{target / name}.parquet' (FORMAT parquet)")
    connection.execute(f"COPY (SELECT {FIELDS} FROM core) TO '{target / 'core'}.parquet' (FORMAT parquet)")  # noqa: S608
    quarantined = "SELECT * EXCLUDE (record), record::VARCHAR AS record FROM quarantine"
    connection.execute(f"COPY ({quarantined}) TO '{target / 'quarantine'}.parquet' (FORMAT parquet)")

"""What a connection to the warehouse promises whoever asks it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.compile import tables
from pipelines.warehouse import Warehouse

# Takes some tenths of a second, and is told of an interrupt at its end at the latest.
LONG = "SELECT count(*) FROM many, range(60) AS other WHERE (one * other.range) % 7 = 3"


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    made = Warehouse(":memory:")
    made.run("CREATE TABLE many AS SELECT range AS one FROM range(500_000)")
    yield made
    made.close()


def test_after_a_single_value_the_connection_answers_everything(warehouse: Warehouse) -> None:
    assert warehouse.value("SELECT count(*) FROM many WHERE one % 2 = 0") == 250_000
    assert warehouse.arrow("SELECT one FROM many LIMIT 7").num_rows == 7


def test_an_interrupt_ends_the_work_and_is_no_ones_bad_record(warehouse: Warehouse) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            warehouse.value(LONG)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert warehouse.value("SELECT 1") == 1


def test_a_large_insert_after_one_of_no_row_keeps_its_rows(tmp_path: Path) -> None:
    """DuckDB 2.0 loses them where it is to keep the order of what it reads, and works in more than one thread."""
    many = 122_880  # the rows of a block
    made = Warehouse(tmp_path / "warehouse.duckdb")
    made.run("SET threads = 2")
    made.run("CREATE TABLE told AS SELECT 'record ' || range AS id FROM range($many)", {"many": many})
    made.run("CREATE TABLE kept (id VARCHAR)")
    with made.transaction():
        made.run("INSERT INTO kept SELECT id FROM told WHERE id = 'nobody'")
        made.run("INSERT INTO kept SELECT id FROM told")
    assert made.value("SELECT count(DISTINCT id) FROM kept WHERE length(id) > 7") == many
    made.close()


def test_ids_are_stored_as_they_are_and_everything_else_is_packed(tmp_path: Path) -> None:
    made = Warehouse(tmp_path / "warehouse.duckdb")
    made.run("CREATE SCHEMA xref")
    made.run(tables.create(tables.xref("visit"), {"core_id": "VARCHAR", "source_id": "VARCHAR", "method": "VARCHAR"}))
    made.run("INSERT INTO xref.visit SELECT 'vis_' || range, 'visit-' || range, 'key' || range % 3 FROM range(5_000)")
    made.run("CHECKPOINT")
    stored = made.rows(
        "SELECT column_name, max(compression) AS packed FROM pragma_storage_info('xref.visit') "
        "WHERE segment_type = 'VARCHAR' GROUP BY column_name"
    )
    made.close()
    forms = {row["column_name"]: row["packed"] for row in stored}
    assert (forms["core_id"], forms["source_id"]) == ("Uncompressed", "Uncompressed")
    assert forms["method"] != "Uncompressed"

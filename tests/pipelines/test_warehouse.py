"""What a connection to the warehouse promises whoever asks it."""

from __future__ import annotations

import signal

import pytest

from pipelines.warehouse import Warehouse

LONG = "SELECT count(*) FROM range(1_000_000) a, range(1_000_000) b WHERE (a.range * b.range) % 7 = 3"


def test_after_a_single_value_the_connection_answers_everything() -> None:
    warehouse = Warehouse(":memory:")
    warehouse.run("CREATE TABLE many AS SELECT range AS one FROM range(300_000)")
    assert warehouse.value("SELECT count(*) FROM many WHERE one % 2 = 0") == 150_000
    assert warehouse.arrow("SELECT one FROM many LIMIT 7").num_rows == 7
    warehouse.close()


def test_an_interrupt_ends_the_work_and_is_no_ones_bad_record() -> None:
    warehouse, before = Warehouse(":memory:"), signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            warehouse.value(LONG)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert warehouse.value("SELECT 1") == 1
    warehouse.close()

"""``python -m benchmarks.explain [--rows N]``: how long it takes to say why a field has its value, among N source rows.

Warm, one process, ids at random: by core_id, and backwards by a system's own id. Prints the median and the 95th
percentile in milliseconds, and those of the processor time, which other work on the machine hardly moves.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from benchmarks.reconcile import kernel, lake
from pipelines.explain import explain, locate
from pipelines.ledger import open_ledger
from pipelines.warehouse import Warehouse, open_snapshot

FIELD = "phone"
WARMING = 20


def main() -> None:
    """Build the warehouse, ask, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="source rows of the three systems together")
    parser.add_argument("--questions", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lake.write(folder, chosen.rows, edits=30)
        kernel.first_contact(folder, threads=2)
        with (
            open_snapshot(folder / "kernel.duckdb", "benchmark") as warehouse,
            open_ledger(f"sqlite:///{folder / 'l.sqlite'}") as ledger,
        ):
            ids = _ids(warehouse, chosen.questions + WARMING)

            def ask(kind: str, id: str) -> None:
                entity, core_id = locate(warehouse, kernel.MODEL, kind, id)
                told = explain(warehouse, ledger, kernel.MODEL, entity, core_id, FIELD)
                assert told.fields[0].field == FIELD

            for title, questions in ids.items():
                (median, p95), (busy, busy95) = _measure(ask, questions)
                print(f"{title:24}{median:8.1f} ms{p95:8.1f} ms   cpu{busy:8.1f} ms{busy95:8.1f} ms")


def _ids(warehouse: Warehouse, count: int) -> dict[str, list[tuple[str, str]]]:
    rows = warehouse.rows("SELECT core_id, system, source_id FROM xref.customer ORDER BY system, source_id")
    chosen = random.Random(1).sample(rows, count)
    return {
        "by core_id": [("customer", row["core_id"]) for row in chosen],
        "by a system's own id": [(row["system"], row["source_id"]) for row in chosen],
    }


def _measure(ask: Callable[[str, str], None], questions: list[tuple[str, str]]) -> list[tuple[float, float]]:
    """Median and 95th percentile of time and of processor time, milliseconds, the first questions left out."""
    took: list[list[float]] = [[], []]
    for kind, id in questions:
        started, worked = time.perf_counter(), time.process_time()
        ask(kind, id)
        took[0].append((time.perf_counter() - started) * 1000)
        took[1].append((time.process_time() - worked) * 1000)
    cuts = [quantiles(one[WARMING:], n=20) for one in took]
    return [(one[9], one[18]) for one in cuts]


if __name__ == "__main__":
    main()

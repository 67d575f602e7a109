"""The published snapshot: whoever reads while it is replaced sees the old state or the new one, and never fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipelines.warehouse import Warehouse, publish

ROOT = Path(__file__).parents[2]
PUBLISHED = 50
# Reads until it has seen the last state; prints how often it read and how many states it saw.
READER = """
import sys
from pathlib import Path
from pipelines.warehouse import open_snapshot
path, last, reads, seen = Path(sys.argv[1]), int(sys.argv[2]), 0, []
print("ready", flush=True)
while not seen or seen[-1] < last:
    with open_snapshot(path) as snapshot:
        first = {row["state"] for row in snapshot.rows("SELECT state FROM one")}
        second = {row["state"] for row in snapshot.rows("SELECT state FROM two")}
    assert first == second and len(first) == 1, f"half of a state: {first} {second}"
    reads += 1
    seen.append(first.pop())
assert seen == sorted(seen), "an older state came back"
print(reads, len(set(seen)))
"""


def write(path: Path, state: int) -> None:
    """A warehouse whose two tables both hold this state."""
    warehouse = Warehouse(path)
    with warehouse.transaction():
        for name in ("one", "two"):
            warehouse.run(f"CREATE OR REPLACE TABLE {name} AS SELECT {state} AS state FROM range(200)")  # noqa: S608 - ours
    warehouse.close()


def test_readers_never_fail_and_never_see_half_a_state(tmp_path: Path) -> None:
    source, snapshot = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    write(source, 0)
    publish(source, snapshot)
    command = [sys.executable, "-c", READER, str(snapshot), str(PUBLISHED)]
    readers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    for state in range(1, PUBLISHED + 1):
        write(source, state)
        publish(source, snapshot)
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        reads, states = map(int, out.split())
        assert reads >= states > 1


def test_a_reader_keeps_the_state_that_it_opened(tmp_path: Path) -> None:
    source, snapshot = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    write(source, 1)
    publish(source, snapshot)
    held = Warehouse(snapshot, read_only=True)
    write(source, 2)
    publish(source, snapshot)
    assert held.value("SELECT max(state) FROM two") == 1
    held.close()
    again = Warehouse(snapshot, read_only=True)
    assert again.value("SELECT max(state) FROM two") == 2
    again.close()

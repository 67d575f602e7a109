"""What the checks cost: a first sync of the planted company with over 100,000 rows, and their share of its time.

python -m benchmarks.checks            the whole company
python -m benchmarks.checks --by 10    a tenth of it
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.schema import Entity
from pipelines.checks import check, expect_work
from pipelines.sync import run_sync
from quality.spec import Verdict
from tests.planted.looked import company
from tests.planted.plants import Size
from tests.planted.wrongs import planted

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.reconcile import References


class Timed:
    """The checks with two clocks: rows looked at, seconds (waiting for the engine's start counts), processor time."""

    def __init__(self) -> None:
        self.rows, self.seconds, self.busy = 0, 0.0, 0.0
        self.told: list[str] = []

    def __call__(self, entity: Entity, frame: pd.DataFrame, references: References) -> Sequence[Verdict]:
        start, busy = time.perf_counter(), time.process_time()
        said = check(entity, frame, references)
        spent, used = time.perf_counter() - start, time.process_time() - busy
        self.rows, self.seconds, self.busy = self.rows + len(frame), self.seconds + spent, self.busy + used
        self.told.append(f"{entity.name:<12} {len(frame):>7,} rows {len(said):>3} checks {spent:>6.2f} s")
        return said


# The planted company, and a little more of it, so that it has 100,000 rows.
WHOLE = Size(customers=6_000, jobs=23_000)


def main() -> None:
    """Sync the company once and print the share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--by", type=int, default=1, help="a company of this fraction of the size")
    by, timed = parser.parse_args().by, Timed()
    with tempfile.TemporaryDirectory() as folder:
        found = company(planted(WHOLE.shrunk(by) if by > 1 else WHOLE), Path(folder))
        start, busy = time.perf_counter(), time.process_time()
        expect_work(found)
        run_sync(found, check=timed)
        whole, used = time.perf_counter() - start, time.process_time() - busy
    print("\n".join(timed.told))
    print(f"{timed.rows:,} changed rows: checks {timed.seconds:.1f} s of {whole:.1f} s, {timed.seconds / whole:.0%}")
    print(f"processor time: checks {timed.busy:.1f} s of {used:.1f} s, {timed.busy / used:.0%}")


if __name__ == "__main__":
    main()

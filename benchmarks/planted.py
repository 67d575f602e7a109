"""The planted company in full: 5,000 customers, 20,000 jobs and what is wrong with them: found, missed, false
alarms, and whether page, JSON and workbook count the same.

python -m benchmarks.planted            the whole company
python -m benchmarks.planted --by 10    a tenth of it, as in the tests
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.planted.counted import Counted, counted
from tests.planted.looked import Looked, looked
from tests.planted.plants import Size
from tests.planted.wrongs import planted


def told(seen: Looked, seconds: float) -> str:
    """What was planted and found of each kind, and the false alarms beside all records."""
    missed = Counter((one.group, one.kind) for one in seen.missed)
    sown = Counter((one.group, one.kind) for one in seen.exports.plants.listed)
    lines = [f"{group:<10} {kind:<26} {n - missed[group, kind]:>4} of {n:>4}" for (group, kind), n in sown.items()]
    lines.append(f"false alarms: {len(seen.false_alarms)} among {seen.records:,} records; {seconds:.1f} s")
    return "\n".join(lines)


def forms(told: Sequence[Counted], seconds: float) -> str:
    """Rows of each section as page, JSON and workbook count them."""
    lines = [f"{one.section:<20} page {one.page:>6}  JSON {one.json:>6}  workbook {one.workbook:>6}" for one in told]
    differ = sum(not one.equal for one in told)
    return "\n".join([*lines, f"{differ} of {len(told)} sections differ; written and counted in {seconds:.1f} s"])


def main() -> None:
    """Make it, validate it, say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--by", type=int, default=1, help="a company of this fraction of the size")
    by = parser.parse_args().by
    exports = planted(Size().shrunk(by) if by > 1 else Size())
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        seen = looked(exports, Path(folder))
        print(told(seen, time.perf_counter() - start))
        start = time.perf_counter()
        rows = counted(seen.report, Path(folder))
        print(forms(rows, time.perf_counter() - start))
    differ = any(not one.equal for one in rows)
    raise SystemExit(bool(seen.missed) or differ or len(seen.false_alarms) * 1000 >= seen.records)


if __name__ == "__main__":
    main()

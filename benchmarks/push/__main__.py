"""``python -m benchmarks.push``: the rows of speed that a push has to reach, beside its peers, in one run."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.push import calendars, crm, quotas
from benchmarks.push.measure import Row


def main() -> int:
    """Measure and print; 1 when a goal is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("calendars", "crm", "quotas"), help="one part of the table")
    parser.add_argument("--appointments", type=int, default=1000)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the quota is used")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="plumbline-push-") as folder:
        parts = {
            "calendars": lambda: calendars.rows(Path(folder) / "calendars", given.appointments),
            "crm": lambda: crm.rows(Path(folder) / "crm", given.records),
            "quotas": lambda: quotas.rows(given.seconds),
        }
        found = [row for name, part in parts.items() if given.only in (None, name) for row in part()]
    print(json.dumps([asdict(row) for row in found], indent=1) if given.json else table(found))
    return 0 if all(row.met is not False for row in found) else 1


def table(rows: list[Row]) -> str:
    """A Markdown table."""
    lines = ["| work | ours | goal | beside | ratio | |", "|---|---|---|---|---|---|"]
    marks = {True: "met", False: "not met", None: ""}
    lines += [f"| {r.work} | {r.ours} | {r.goal} | {r.peer} | {r.ratio} | {marks[r.met]} |" for r in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

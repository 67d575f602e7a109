"""``python -m benchmarks.calendars``: the scripts, ours beside vdirsyncer. Exit status 1 when a goal is not met.

``--only WORD``  the scripts whose name has this word
``--json``       data instead of the table
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.calendars.contestants import Ours, Vdirsyncer
from benchmarks.calendars.scripts import SCRIPTS, Outcome, Script
from benchmarks.calendars.server import serving


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One script: what was kept there and here."""

    script: str
    theirs: Outcome
    ours: Outcome
    seconds: float


def main() -> int:
    """Run what was asked for and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calendars")
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    # What the product says of refused reads and killed runs is not what is measured here.
    logging.disable(logging.WARNING)
    rows = [run(name, *told) for name, told in SCRIPTS.items() if asked.only in name]
    print(json.dumps([asdict(row) for row in rows], indent=1) if asked.json else table(rows))
    return 0 if rows and all(row.ours.met for row in rows) else 1


def run(name: str, script: Script, count: int, visits: int) -> Row:
    """One script for both, each with a server of its own."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calendars-") as folder:
        place = Path(folder)
        with serving(place / "there") as server:
            theirs = script(Vdirsyncer(folder=place / "vdirsyncer", server=server), count, visits)
        with serving(place / "here") as server:
            ours = script(Ours(folder=place / "ours", server=server), count, visits)
    return Row(script=name, theirs=theirs, ours=ours, seconds=round(time.monotonic() - started, 1))


def table(rows: list[Row]) -> str:
    """A Markdown table."""
    lines = ["| script | vdirsyncer | ours | goal | |", "|---|---|---|---|---|"]
    for row in rows:
        goal = f"{row.ours.of} of {row.ours.of}"
        mark = "met" if row.ours.met else "not met"
        lines.append(f"| {row.script} | {told(row.theirs)} | {told(row.ours)} | {goal} | {mark}, {row.seconds} s |")
    return "\n".join(lines)


def told(outcome: Outcome) -> str:
    """One cell."""
    more = "; ".join(part for part in (outcome.remark, *outcome.flaws) if part)
    return f"{outcome.kept} of {outcome.of}" + (f" ({more})" if more else "")


if __name__ == "__main__":
    sys.exit(main())

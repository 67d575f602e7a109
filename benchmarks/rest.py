"""``python -m benchmarks.rest``: syncs of a company at rest, whose systems keep nothing as it was sent to them.

The office's files are written to every system that has a write and a twin (``benchmarks.declared``), and each of these
trims, changes case, reformats phone numbers, rounds money, reorders lists or turns notes into HTML, another one from
write to write. Once that has settled, every sync must plan nothing and write nothing; at the end an edit made through
the integration's own account, of a record of every kind, must be seen and answered once. Exit status 1 when one of
that fails.

``--cycles N``      syncs at rest for each system (default 100)
``--seed N``        other forms for other records
``--systems A,B``   these alone
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.declared import twins
from benchmarks.declared.company import Company
from benchmarks.declared.systems import discovered
from sandbox.estate import Estate, Served
from sandbox.faults import Fault
from sandbox.respelling import FORMS

DAY = 24 * 60 * 60
SETTLES = 4  # syncs after which nobody may want anything any more
REWRITES = "rewritten_values"


@contextmanager
def open_company(systems: Sequence[str], seed: int) -> Iterator[tuple[Company, Estate]]:
    """A company whose twins keep what they are sent in some form of their own; nothing was sent yet."""
    with tempfile.TemporaryDirectory() as folder, twins.served(systems) as (address, estate):
        one = Company(folder=Path(folder), address=address, systems=systems)
        one.change(random.Random(seed))
        for served in estate.served.values():
            respell(served, seed)
        yield one, estate


def respell(served: Served, seed: int) -> None:
    """Each write is kept in one of the forms, drawn anew; by twins that declare that they do such a thing."""
    faults, name = served.store.faults, served.twin.name
    faults.seed = seed
    faults.clear()
    for left, form in zip(range(len(FORMS), 0, -1), FORMS, strict=True):
        if REWRITES in served.twin.lenient:
            faults.add(Fault(system=name, kind=REWRITES, form=form, rate=1 / left))


def written(estate: Estate) -> Mapping[str, Any]:
    """What moves with every write to a twin, also one that changes nothing: its journal, or all of its text."""
    return {
        name: state.items(served.store, "events") if (state := served.twin.state) else served.store.sequence()
        for name, served in estate.served.items()
    }


def synced(one: Company) -> tuple[int, int]:
    """One whole sync: how many changes it planned and how many it delivered."""
    done = one.sync()
    planned = sum(len(plan.changes) for plan in done.plans)
    return planned, sum(len(sent.delivered) for sent in done.deliveries.values())


@dataclass(slots=True, kw_only=True)
class Count:
    """Of so many syncs at rest: changes planned, changes delivered, syncs after which a twin had moved."""

    cycles: int = 0
    planned: int = 0
    delivered: int = 0
    moved: int = 0

    @property
    def restful(self) -> bool:
        return (self.planned, self.delivered, self.moved) == (0, 0, 0)


def settled(one: Company) -> list[int]:
    """What was delivered until everything had arrived and been accepted in its form."""
    return [synced(one)[1] for _ in range(SETTLES)]


def rested(one: Company, estate: Estate, cycles: int) -> Count:
    """So many syncs in which nobody edits anything."""
    count, before = Count(), written(estate)
    for _ in range(cycles):
        planned, delivered = synced(one)
        now = written(estate)
        count.cycles += 1
        count.planned += planned
        count.delivered += delivered
        count.moved += now != before
        before = now
    return count


def answered(one: Company, estate: Estate) -> tuple[int, list[int]]:
    """A record of every kind is edited by the account that we write with: how many, and what two syncs deliver then.

    A day passes in between: an edit that no list of changes shows is found by the whole read of the day.
    """
    for served in estate.served.values():
        served.store.faults.clear()  # what is not written anew shall not be respelled anew
    edits = one.edited()
    one.later(DAY)
    return edits, [synced(one)[1] for _ in range(2)]


def main() -> int:
    """Let it rest, count, edit, and say what happened."""
    asked = _arguments()
    logging.disable(logging.WARNING)
    good = [trial(system, asked.cycles, asked.seed) for system in asked.systems.split(",")]
    return 0 if all(good) else 1


def trial(system: str, cycles: int, seed: int) -> bool:
    """One system by itself: whether it rested and answered."""
    with open_company([system], seed) as (one, estate):
        print(f"{system}: delivered until everything rested: {settled(one)}", flush=True)
        started = time.monotonic()
        count = rested(one, estate, cycles)
        print(f"{system}: {count} in {time.monotonic() - started:.0f} s", flush=True)
        edits, answers = answered(one, estate)
        print(f"{system}: delivered after {edits} edits through our own account: {answers}", flush=True)
    return count.restful and answers == [edits, 0]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--systems", default=",".join(discovered()))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

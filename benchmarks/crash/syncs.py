"""Whole syncs of a little company, killed anywhere: read, stage, decide, plan and push into the twins of real vendors.

The office's files own everything; every system that has a write and a twin receives what it can take
(``benchmarks.declared``). Each trial changes the files, kills a sync, lets the next ones settle, and counts at the
systems, by marks that say which thing it is and in which revision.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path

from benchmarks.crash import points
from benchmarks.crash.trial import MEMORY, Count, in_child
from benchmarks.declared import twins
from benchmarks.declared.company import Company, Tally

LOADED = ("dlt", "httpcore", "pandas", "requests")  # once, and not in each fork
SETTLES = 4  # syncs after a kill by whose end nothing may be planned any more: parents first, and some need a read


@contextmanager
def open_company(systems: Sequence[str]) -> Iterator[Company]:
    """A company whose first records have arrived everywhere; the twins are a process of their own."""
    for name in LOADED:
        import_module(name)
    with twins.apart(systems) as address, tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        one = Company(folder=Path(folder), address=address, systems=systems)
        one.change(random.Random(0))
        count = aftermath(one, killed=False)
        assert count.clean, in_child(partial(_told, one))
        yield one


def killed(kills: int, seed: int, systems: Sequence[str]) -> Iterator[Count]:
    """Syncs killed by turns at a named point of their push and at a random instant."""
    chance = random.Random(seed)
    with open_company(systems) as one:
        passed, longest = passages(one, chance)
        for number in range(kills):
            one.change(chance)
            if number % 2:
                died = in_child(partial(planned, one), killed_after=chance.uniform(0, longest)) is None
            else:
                died = in_child(partial(_dying, one, chance.choice(passed))) is None
            yield aftermath(one, killed=died)


def aftermath(one: Company, *, killed: bool) -> Count:
    """The next syncs settle until one plans nothing; then the systems are counted."""

    def settled() -> tuple[bool, Mapping[str, int]]:
        restless = all(planned(one) for _ in range(SETTLES))
        return restless, asdict(sum(one.tally().values(), Tally()))

    restless, counted = in_child(settled)
    return Count(trials=1, killed=killed, restless=restless, **counted)


def planned(one: Company) -> int:
    """One whole sync in this process: how many changes may be sent."""
    return sum(len(plan.changes) for plan in one.sync().plans)


def _told(one: Company) -> Mapping[str, Mapping[str, int]]:
    """What is wrong, by ``system.entity``."""
    return {name: asdict(found) for name, found in one.tally().items() if found != Tally()}


def passages(one: Company, chance: random.Random) -> tuple[list[points.Point], float]:
    """The points that a sync of changes passes, and how many seconds it takes."""

    def recorded() -> Mapping[str, int]:
        seen: Counter[str] = Counter()
        points.wrap(lambda name: seen.update([name]))
        one.sync()
        return seen

    one.change(chance)
    started = time.monotonic()
    found = in_child(recorded)
    return [(n, i) for n, times in found.items() for i in range(1, times + 1)], time.monotonic() - started


def _dying(one: Company, point: points.Point) -> int:
    points.wrap(points.dies_at(point))
    return planned(one)

"""``python -m benchmarks.crash``: kill the push everywhere and count. Exit status 1 when anything was counted.

``--points N``   named points to die at (default: all there are, for each kind of shop)
``--random N``   kills at random instants, over all kinds (default 2000)
``--syncs N``    kills of whole syncs, over every system with a write and a twin (default 100); 0 leaves them out
``--seed N``     another seed, other instants
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections.abc import Iterable, Iterator

from benchmarks.crash import syncs, trial
from benchmarks.crash.shop import KINDS
from benchmarks.crash.trial import Count, Field
from benchmarks.declared.systems import discovered

STEP = 100  # trials between two lines


def main() -> int:
    """Run what was asked for and print a line for each kind."""
    asked = _arguments()
    # What a system that drops answers makes the product say is not what is measured here.
    logging.disable(logging.WARNING)
    counts = []
    with trial.open_field() as place:
        counts.append(_told("named points", named(place, asked.points, asked.seed)))
        counts.append(_told("random instants", at_random(place, asked.random, asked.seed)))
    systems = discovered() if asked.syncs else ()
    for system in systems:
        share = -(-asked.syncs // len(systems))
        counts.append(_told(f"syncs into {system}", syncs.killed(share, asked.seed, (system,))))
    return 0 if all(count.clean for count in counts) else 1


def named(place: Field, limit: int | None, seed: int) -> Iterator[Count]:
    """A death at each point of each kind, or at ``limit`` of them, evenly over the kinds."""
    chance = random.Random(seed)
    found = [(kind, point) for kind in KINDS for point in trial.passages(place, kind)]
    points = {point for _, point in found}
    print(f"{len(points)} named points, {len(found)} with the kinds of shop")
    for kind, point in found if limit is None else chance.sample(found, limit):
        yield trial.killed_at(place, kind, point)


def at_random(place: Field, kills: int, seed: int) -> Iterator[Count]:
    """Deaths at random instants, until there were that many; runs that ended first are counted as trials."""
    chance, longest, died = random.Random(seed), trial.how_long(place), 0
    while died < kills:
        count = trial.killed_somewhere(place, KINDS[died % len(KINDS)], chance, longest)
        died += count.killed
        yield count


def _told(what: str, counts: Iterable[Count]) -> Count:
    """The sum, told on the way too: a long run that is ended early has said something."""
    started, total = time.monotonic(), Count()
    for count in counts:
        total += count
        if total.trials % STEP == 0:
            _say(f"{what}, so far", total, time.monotonic() - started)
    _say(what, total, time.monotonic() - started)
    return total


def _say(what: str, total: Count, seconds: float) -> None:
    each = seconds / max(total.killed, 1)
    print(f"{what}: {total.killed} killed in {total.trials} trials, {seconds:.0f} s ({each:.2f} s a kill): ", end="")
    print(
        f"duplicates {total.duplicates}, losses {total.losses}, ghosts {total.ghosts}, restless {total.restless}",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash")
    parser.add_argument("--points", type=int)
    parser.add_argument("--random", type=int, default=2000)
    parser.add_argument("--syncs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Simulates companies step by step and checks the laws: ``python -m benchmarks.simulate --steps 200000 --jobs 2``.

Prints the seed of every company; ``--seed N --upto M`` lives the one that failed again, up to step M. Exit status 1
when a law broke, with the law, the seed and the end of the story.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from benchmarks.simulator.company import SHAPES
from benchmarks.simulator.run import LIFE, Failure, Tally, live

TOLD = 40  # lines of the story that are shown
Wish = tuple[int, int]  # the seed of a company and for how many steps it lives


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What became of one company."""

    seed: int
    tally: Tally
    failure: Failure | None


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    wish = _parser().parse_args(arguments)
    started, steps, syncs = time.monotonic(), 0, 0
    companies = [(wish.seed, wish.upto)] if wish.upto else _companies(wish.seed, wish.steps)
    for lived in _lives(companies, wish.shape, wish.jobs):
        if lived.failure is not None:
            _tell(lived.failure, wish.shape)
            return 1
        steps, syncs = steps + lived.tally.steps, syncs + lived.tally.syncs
        rate = steps / (time.monotonic() - started)
        print(f"seed {lived.seed}: {steps} steps, {syncs} syncs, {rate:.1f} steps/s, no law broken", flush=True)
    return 0


def _companies(seed: int, steps: int) -> list[Wish]:
    """One company after the other until there are so many steps."""
    return [(seed + n, min(LIFE, steps - n * LIFE)) for n in range(-(-steps // LIFE))]


def _lives(companies: Sequence[Wish], shape: str | None, jobs: int) -> Iterator[Lived]:
    """Lives in their order, several at a time; those that have not begun never do once nobody asks any more."""
    one = partial(_life, shape)
    if jobs == 1:
        yield from map(one, companies)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(one, companies)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _life(shape: str | None, wish: Wish) -> Lived:
    """One company from its seed. What the pipeline warns of in a company full of faults is no news."""
    logging.disable(logging.ERROR)
    (seed, steps), tally = wish, Tally()
    try:
        failure = live(seed, steps, shape, tally=tally)
    finally:
        logging.disable(logging.NOTSET)
    return Lived(seed=seed, tally=tally, failure=failure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000, help=f"steps in all; a company lives for {LIFE}")
    parser.add_argument("--seed", type=int, default=1, help="the first company's seed; the next one's is one more")
    parser.add_argument("--jobs", type=int, default=1, help="companies that live at a time, each in its own process")
    parser.add_argument("--upto", type=int, help="live one company, and only up to this step")
    parser.add_argument("--shape", choices=sorted(SHAPES), help="the kind of company; drawn from the seed without it")
    return parser


def _tell(failure: Failure, shape: str | None) -> None:
    print(*failure.story[-TOLD:], sep="\n")
    again = f"--seed {failure.seed} --upto {failure.step}" + (f" --shape {shape}" if shape else "")
    print(f"\nbroken at step {failure.step}: {failure.problem}\nagain: python -m benchmarks.simulate {again}")


if __name__ == "__main__":
    sys.exit(main())

"""Simulates companies step by step and checks the laws: ``python -m benchmarks.simulate --steps 200000 --jobs 2``.

Prints the seed of every company; ``--seed N --upto M`` lives the one that failed again, up to step M. Exit status 1
when a law broke, with the law, the seed and the end of the story. ``--broken echo|clocks|empty`` takes a defence away
from the pipeline first, for the laws to catch it.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from benchmarks.simulator.company import SHAPES
from benchmarks.simulator.run import LIFE, PACES, Failure, Life, Tally, life_of, live
from benchmarks.simulator.variants import BROKEN

TOLD = 40  # lines of the story that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What became of one company."""

    life: Life
    tally: Tally
    failure: Failure | None


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    wish = _parser().parse_args(arguments)
    started, steps, syncs = time.monotonic(), 0, 0
    for lived in _lives(_companies(wish), wish.broken, wish.jobs):
        if lived.failure is not None:
            _tell(lived.failure, wish.broken)
            return 1
        steps, syncs = steps + lived.tally.steps, syncs + lived.tally.syncs
        rate, one = steps / (time.monotonic() - started), lived.life
        print(
            f"seed {one.seed} ({one.shape}, pace {one.pace}): {steps} steps, {syncs} syncs, {rate:.1f} steps/s, "
            "no law broken",
            flush=True,
        )
    return 0


def _companies(wish: argparse.Namespace) -> list[Life]:
    """One company, or one after the other until there are so many steps."""
    if wish.upto:
        return [life_of(wish.seed, wish.upto, wish.shape, wish.pace)]
    steps = [min(LIFE, wish.steps - lived) for lived in range(0, wish.steps, LIFE)]
    return [life_of(wish.seed + n, one, wish.shape, wish.pace) for n, one in enumerate(steps)]


def _lives(companies: Sequence[Life], broken: str | None, jobs: int) -> Iterator[Lived]:
    """Lives in their order, several at a time; those that have not begun never do once nobody asks any more."""
    one = partial(_life, broken)
    if jobs == 1:
        yield from map(one, companies)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(one, companies)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _life(broken: str | None, life: Life) -> Lived:
    """One company from its seed. What the pipeline warns of in a company full of faults is no news."""
    logging.disable(logging.ERROR)
    tally = Tally()
    try:
        with BROKEN[broken]() if broken else nullcontext():
            failure = live(life, tally)
    finally:
        logging.disable(logging.NOTSET)
    return Lived(life=life, tally=tally, failure=failure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000, help=f"steps in all; a company lives for {LIFE}")
    parser.add_argument("--seed", type=int, default=1, help="the first company's seed; the next one's is one more")
    parser.add_argument("--jobs", type=int, default=1, help="companies that live at a time, each in its own process")
    parser.add_argument("--upto", type=int, help="live one company, and only up to this step")
    parser.add_argument("--shape", choices=sorted(SHAPES), help="the kind of company; drawn from the seed without it")
    paces = ", ".join(map(str, PACES))
    parser.add_argument(
        "--pace", type=int, help=f"how busy people are between two syncs; drawn from {paces} without it"
    )
    parser.add_argument("--broken", choices=sorted(BROKEN), help="take this defence away first: a law must break")
    return parser


def _tell(failure: Failure, broken: str | None) -> None:
    print(*failure.story[-TOLD:], sep="\n")
    life = failure.life
    again = f"--seed {life.seed} --upto {failure.step} --shape {life.shape} --pace {life.pace}"
    again += f" --broken {broken}" if broken else ""
    print(f"\nbroken at step {failure.step}: {failure.problem}\nagain: python -m benchmarks.simulate {again}")


if __name__ == "__main__":
    sys.exit(main())

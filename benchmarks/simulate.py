"""Simulates companies step by step and checks the laws: ``python -m benchmarks.simulate --steps 200000 --seed 1``.

Prints the seed of every company; ``--seed N --upto M`` lives the one that failed again, up to step M. Exit status 1
when a law broke, with the law, the seed and the end of the story.
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.simulator.company import SHAPES
from benchmarks.simulator.run import LIFE, Failure, Tally, live

TOLD = 40  # lines of the story that are shown


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    wish = _parser().parse_args(arguments)
    started, tally, seed = time.monotonic(), Tally(), wish.seed
    while tally.steps < wish.steps:
        life = wish.upto or min(LIFE, wish.steps - tally.steps)
        failure = live(seed, life, wish.shape, tally=tally)
        if failure is not None:
            _tell(failure, wish.shape)
            return 1
        rate = tally.steps / (time.monotonic() - started)
        print(f"seed {seed}: {tally.steps} steps, {tally.syncs} syncs, {rate:.1f} steps/s, no law broken", flush=True)
        if wish.upto:
            break
        seed += 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000, help=f"steps in all; a company lives for {LIFE}")
    parser.add_argument("--seed", type=int, default=1, help="the first company's seed; the next one's is one more")
    parser.add_argument("--upto", type=int, help="live one company, and only up to this step")
    parser.add_argument("--shape", choices=sorted(SHAPES), help="the kind of company; drawn from the seed without it")
    return parser


def _tell(failure: Failure, shape: str | None) -> None:
    print(*failure.story[-TOLD:], sep="\n")
    again = f"--seed {failure.seed} --upto {failure.step}" + (f" --shape {shape}" if shape else "")
    print(f"\nbroken at step {failure.step}: {failure.problem}\nagain: python -m benchmarks.simulate {again}")


if __name__ == "__main__":
    sys.exit(main())

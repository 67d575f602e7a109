"""Clusters of scored pairs without weak chains: A and C never meet through a B that they merely resemble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, log2

DIGITS = 6  # that are kept of a probability
BITS = 3  # digits that are kept of a weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records and how likely they are the same thing; ``left`` < ``right``.

    probability  0 to 1
    weight       the same in bits, which still tells a poor pair from a contradiction
    """

    left: str
    right: str
    probability: float
    weight: float


# Two groups meet over a pair of at least AUTO; a person is asked from REVIEW on.
AUTO = 0.9
REVIEW = 0.1
LEAST = log2(AUTO / (1 - AUTO))  # bits
# Below this many bits two records contradict each other: they are never of one group, whoever resembles both.
FLOOR = -30.0


def cluster(
    pairs: Iterable[Pair], *, auto: float = AUTO, floor: float = FLOOR, apart: Mapping[str, str] | None = None
) -> tuple[tuple[str, ...], ...]:
    """Groups of two and more records, strongest pairs first; the order of the pairs never matters.

    auto   two groups meet over a pair of at least this probability
    floor  and only when every pair across them has this weight in bits; a pair that was never scored has none
    apart  record -> system; no group holds two records of one system
    """
    weights = {(min(p.left, p.right), max(p.left, p.right)): p.weight for p in pairs}
    groups: dict[str, frozenset[str]] = {ref: frozenset({ref}) for pair in weights for ref in pair}
    least = log2(auto / (1 - auto))
    for _, (left, right) in sorted((-weight, pair) for pair, weight in weights.items() if weight >= least):
        one, other = groups[left], groups[right]
        if one is other or not _agree(one, other, weights, floor) or _collide(one, other, apart):
            continue
        together = one | other
        groups.update(dict.fromkeys(together, together))
    return tuple(sorted(tuple(sorted(group)) for group in set(groups.values()) if len(group) > 1))


def _agree(one: frozenset[str], other: frozenset[str], weights: Mapping[tuple[str, str], float], floor: float) -> bool:
    return all(weights.get((min(a, b), max(a, b)), -inf) >= floor for a in one for b in other)


def _collide(one: frozenset[str], other: frozenset[str], apart: Mapping[str, str] | None) -> bool:
    return apart is not None and not {apart[ref] for ref in one}.isdisjoint({apart[ref] for ref in other})

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from models.clusters import AUTO, FLOOR, Pair, cluster

REFS = "abcdefg"
WEIGHTS = st.floats(min_value=-60, max_value=30, allow_nan=False).map(lambda w: round(w, 3))


def pair(left: str, right: str, weight: float) -> Pair:
    return Pair(left=left, right=right, weight=weight, probability=2**weight / (1 + 2**weight))


SCORED = st.dictionaries(st.sampled_from(list(combinations(REFS, 2))), WEIGHTS).map(
    lambda found: [pair(*refs, weight) for refs, weight in found.items()]
)


@given(SCORED)
def test_no_group_holds_a_pair_that_contradicts_itself(pairs):
    weights = {(p.left, p.right): p.weight for p in pairs}
    for group in cluster(pairs):
        assert all(weights[two] >= FLOOR for two in combinations(group, 2))


@given(SCORED, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    assert cluster(shuffled) == cluster(pairs)


@given(SCORED)
def test_no_group_holds_two_records_of_one_system(pairs):
    systems = {ref: "crm" if ref < "d" else ref for ref in REFS}
    for group in cluster(pairs, apart=systems):
        assert len({systems[ref] for ref in group}) == len(group)


@given(SCORED)
def test_every_member_was_brought_by_a_strong_pair(pairs):
    strong = {(p.left, p.right) for p in pairs if p.probability >= AUTO - 1e-9}
    for group in cluster(pairs):
        assert all(any(ref in two and set(two) <= set(group) for two in strong) for ref in group)


def test_two_records_never_meet_through_a_third_that_both_merely_resemble():
    assert cluster([pair("a", "b", 2), pair("b", "c", 2), pair("a", "c", 5)]) == (("a", "c"),)


def test_the_stronger_of_two_that_contradict_each_other_wins():
    assert cluster([pair("a", "b", 9), pair("b", "c", 8), pair("a", "c", -40)]) == (("a", "b"),)

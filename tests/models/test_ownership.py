from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from models.ownership import KINDS, Ownership, furthest, latest, only, prefer, union


def test_there_is_a_maker_for_every_kind() -> None:
    made = (prefer("a", "b"), only("a"), latest("a", "b"), furthest(("x", "y"), "a", "b"), union("a", "b"))
    assert tuple(rule.kind for rule in made) == KINDS
    assert [rule.order for rule in made] == [("a", "b"), ("a",), ("a", "b"), ("a", "b"), ("a", "b")]
    assert [rule.lifecycle for rule in made] == [(), (), (), ("x", "y"), ()]


def test_a_rule_reads_as_people_write_it() -> None:
    assert prefer("jobber", "hubspot").label == "prefer(jobber, hubspot)"
    assert only("books").label == "only(books)"
    assert Ownership(kind="union").label == "union()"


def test_a_rule_is_a_value() -> None:
    assert prefer("a", "b") == Ownership(kind="prefer", order=("a", "b"))
    assert prefer("a", "b") != prefer("b", "a")
    with pytest.raises(FrozenInstanceError):
        prefer("a").kind = "only"  # type: ignore[misc]

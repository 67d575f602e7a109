"""Exactly once, whatever dies when: kills at named points and at random, counted at the system and not in our books."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.crash import trial, world
from benchmarks.crash.__main__ import at_random
from benchmarks.crash.shop import KINDS
from benchmarks.crash.trial import Count, Field
from pipelines import push

# The workers of the test runner have a thread of their own, which takes no part in what is forked.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    with trial.open_field() as one:
        yield one


@pytest.mark.parametrize("kind", KINDS)
def test_story_36_killed_at_named_points_every_change_took_effect_once(field: Field, kind: str) -> None:
    points = trial.passages(field, kind)
    assert len(points) >= 200
    chosen = random.Random(kind).sample(points, 8)
    for point in chosen:
        assert trial.killed_at(field, kind, point).clean, point


@pytest.mark.slow
def test_story_36_killed_at_random_every_change_took_effect_once(field: Field) -> None:
    total = sum(at_random(field, 50, seed=4), Count())
    assert total.clean, total
    assert total.killed == 50


@pytest.mark.parametrize("seed", [31, 310])
def test_story_31_a_run_cancelled_anywhere_and_run_again_ends_as_one_that_was_not(field: Field, seed: int) -> None:
    field.reset("honours")
    trial.in_child(lambda: world.run(field.place, "honours", world.WANTED))
    whole = contents(field)
    assert trial.killed_somewhere(field, "honours", random.Random(seed), trial.how_long(field)).clean
    assert contents(field) == whole


def contents(field: Field) -> list[tuple[str, ...]]:
    """What the shop says, without its own numbers."""
    return sorted((r["mark"], r["first"], r["city"]) for r in field.ask("list")["records"])


def test_without_settling_the_same_kill_makes_duplicates(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    # the measure itself: what it is there to find is found when the defence is taken away
    point = ("before push.book", 3)
    assert trial.killed_at(field, "ignores", point).clean
    monkeypatch.setattr(world, "settle", lambda *_: None)
    monkeypatch.setattr(world, "changes_between", blind(world.changes_between))
    monkeypatch.setattr(push, "_doubtful", lambda *_: set())
    assert trial.killed_at(field, "ignores", point).duplicates > 0


def blind(look: Any) -> Any:
    """A planner that knows our books alone, as if the system's list lagged behind."""
    return lambda records, links, wanted: look([r for r in records if r["id"] in told(links)], links, wanted)


def told(links: dict[str, Any]) -> set[str]:
    return {link.target_id for link in links.values()}

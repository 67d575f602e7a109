"""Tests of the test: a pipeline without one of its defences is caught by the laws of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from random import Random

import pytest

from benchmarks import simulate
from benchmarks.simulator import actions
from benchmarks.simulator import run as lives
from benchmarks.simulator.actions import Game
from benchmarks.simulator.run import life_of, live
from benchmarks.simulator.systems import Broken, Faults
from benchmarks.simulator.variants import clocks, echo, empty

pytestmark = pytest.mark.slow
SEED = 3
# seed and steps of companies of people (pace 1) that break a law without this defence, and none with it
CAUGHT = {
    "echo": ((7, 187), (2, 300), (3, 192), (6, 300)),
    "clocks": ((3, 83), (1, 87), (4, 101), (5, 263)),
    "empty": ((31, 54), (5, 173), (21, 248), (25, 300)),
}


def law_broken(variant: Callable[[], AbstractContextManager[None]]) -> str:
    """The law that broke in the story of the two first names, empty when none did."""
    with variant(), lives.game_of("people", SEED, Random(SEED).randrange) as game:
        try:
            _two_first_names(game)
        except Broken as problem:
            return problem.law
    return ""


def _two_first_names(game: Game) -> None:
    """A name typed in one system is written to the others; another is typed in a second one; a third is busy since."""
    crm, field, books = (game.stores[name] for name in ("crm", "field", "books"))
    id = crm.new_id()
    actions.set_(game, crm, "people", id, {"first": "Ann", "last": "Lee", "email": "ann@example.com"})
    lives.everything(game)
    actions.set_(game, crm, "people", id, {"first": "Anna"})
    lives.everything(game)
    actions.set_(game, field, "people", next(iter(field.living("people"))), {"first": "Nan"})
    game.world.clock.tick(3600)
    actions.set_(game, books, "people", next(iter(books.living("people"))), {"city": "Austin"})
    lives.everything(game)


def test_the_whole_pipeline_breaks_no_law_in_that_story() -> None:
    assert law_broken(nullcontext) == ""


def test_without_the_echo_filter_what_we_wrote_is_taken_for_an_edit() -> None:
    assert law_broken(echo) == "no echo"


def test_when_clocks_are_ignored_an_older_edit_wins_over_a_newer_one() -> None:
    assert law_broken(clocks) == "no echo"


def test_when_an_empty_read_is_believed_people_vanish() -> None:
    with lives.game_of("people", SEED, Random(SEED).randrange) as game:
        for _ in range(12):
            actions.create(game)
        lives.everything(game)
        lives.everything(game)
        game.stores["field"].faults = Faults(share=0.0)
        lives.everything(game)
        assert game.world.session is not None
        assert "field" in game.world.session.refused
        with empty(), pytest.raises(Broken, match="refuse to empty"):
            lives.everything(game)


@pytest.mark.parametrize("variant", sorted(CAUGHT))
def test_a_life_like_any_other_breaks_a_law_without_the_defence(
    variant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One life of the list is enough: how often we ask a system moves its clock, and with it the stories."""

    def broken(seed: int, steps: int) -> bool:
        company = ["--seed", str(seed), "--upto", str(steps), "--shape", "people", "--pace", "1"]
        return simulate.main([*company, "--broken", variant]) == 1

    assert any(broken(seed, steps) for seed, steps in CAUGHT[variant])
    said = capsys.readouterr().out
    assert "broken at step " in said
    assert said.endswith(f" --shape people --pace 1 --broken {variant}\n")


@pytest.mark.parametrize("variant", sorted(CAUGHT))
def test_the_same_life_breaks_none_with_it(variant: str) -> None:
    seed, steps = CAUGHT[variant][0]
    assert live(life_of(seed, steps, "people", 1)) is None

"""Companies live for thousands of steps without a broken law; ``benchmarks.simulate`` lets them live longer."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from benchmarks import simulate
from benchmarks.simulator import actions
from benchmarks.simulator import run as lives
from benchmarks.simulator.run import Failure, life_of, live

# seed, steps, shape, and how busy people are between two syncs (``run.drawn``)
LARGE = ((1, 4000, "people", 16), (1, 1000, "visits", 16))


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "steps", "shape", "pace"), LARGE)
def test_no_law_breaks_in_a_life(seed: int, steps: int, shape: str, pace: int) -> None:
    failure = live(life_of(seed, steps, shape, pace))
    assert failure is None, f"{failure.problem}\n" + "\n".join(failure.story[-40:])


def test_a_seed_tells_the_same_story_again() -> None:
    stories = []
    for _ in range(2):
        with lives.game_of("people", 7, Random(7).randrange) as game:
            for _ in range(40):
                lives.step(game, 3)
            lives.sync(game)
            stories.append(list(game.story))
    assert stories[0] == stories[1]
    assert " sync " in stories[0][-1]


def test_a_spoiled_record_that_is_deleted_is_mended_by_nobody() -> None:
    with lives.game_of("people", 7, lambda _: 0) as game:
        field = game.stores["field"]
        for id in ("1", "2", "3", "4"):
            actions.set_(game, field, "people", id, {"email": f"p{id}@example.com", "status": "lead"})
        actions.spoil(game)
        assert ("field", "1") in game.oracle.broken
        actions.delete(game)
        assert "1" not in field.living("people")
        assert not game.oracle.broken


def test_a_broken_law_ends_the_run_with_its_seed_and_how_to_see_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Failure(life=life_of(9), step=17, problem="fixpoint: core still moves", story=("sync everything",))
    monkeypatch.setattr(simulate, "live", lambda *_, **__: broken)
    assert simulate.main(["--seed", "9", "--steps", "1000"]) == 1
    said = capsys.readouterr().out
    assert "fixpoint: core still moves" in said
    drawn = life_of(9)
    assert f"--seed 9 --upto 17 --shape {drawn.shape} --pace {drawn.pace}\n" in said
    assert life_of(9, 17, drawn.shape, drawn.pace) == replace(drawn, steps=17)

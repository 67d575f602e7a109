"""Tests of the test: a pipeline without one of its defences is caught by the simulator, from a fixed seed."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from sqlglot import exp

from benchmarks.simulator import actions
from benchmarks.simulator import run as lives
from benchmarks.simulator.run import live
from benchmarks.simulator.systems import Broken, Faults
from models.compile import rules, staged
from pipelines import statements
from tests.simulation.companies import SMALL

pytestmark = pytest.mark.slow
SEED, STEPS, SHAPE, PACE = SMALL  # a life that the whole pipeline ends well: ``test_lives``


def law_broken(monkeypatch: pytest.MonkeyPatch, weakened: str) -> str:
    """The law that broke, empty when none did. SQL compiled without a defence, ``weakened``, is nobody else's."""
    kept = {key: text for key, text in statements._texts.items() if not key[1].startswith(weakened)}
    monkeypatch.setattr(statements, "_texts", kept)
    failure = live(SEED, STEPS, SHAPE, pace=PACE)
    return "" if failure is None else failure.problem.partition(":")[0]


def test_without_the_echo_filter_what_we_wrote_is_taken_for_an_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: the first branch of ``models.compile.staged._clock``, which dates our own values back for ever."""
    whole = staged._clock

    def undefended(*given: Any, **options: Any) -> exp.Expr:
        clock = whole(*given, **options)
        clock.set("ifs", clock.args["ifs"][1:])
        return clock

    monkeypatch.setattr(staged, "_clock", undefended)
    assert law_broken(monkeypatch, "map/") == "no echo"


def test_when_clocks_are_ignored_an_older_edit_wins_over_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: ``models.compile.rules._rank``, by which ``latest`` compares the clocks of what systems say."""
    monkeypatch.setattr(rules, "_rank", lambda *_: exp.convert(1))
    assert law_broken(monkeypatch, "core/") == "no echo"


def test_when_an_empty_read_is_believed_people_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: ``connectors.reading.too_small``."""
    with lives.game_of(SHAPE, SEED, Random(SEED).randrange) as game:
        for _ in range(12):
            actions.create(game)
        lives.everything(game)
        lives.everything(game)
        game.stores["field"].faults = Faults(share=0.0)
        lives.everything(game)
        assert game.world.session is not None
        assert "field" in game.world.session.refused
        monkeypatch.setattr("connectors.reading.too_small", lambda *_: None)
        with pytest.raises(Broken, match="refuse to empty"):
            lives.everything(game)

"""Tests of the test: a pipeline without one of its defences is caught by the laws of the simulator."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from sqlglot import exp

from benchmarks.simulator import actions
from benchmarks.simulator import run as lives
from benchmarks.simulator.actions import Game
from benchmarks.simulator.systems import Broken, Faults
from models.compile import rules, staged
from pipelines import statements

pytestmark = pytest.mark.slow
SEED = 3


def law_broken(monkeypatch: pytest.MonkeyPatch, weakened: str) -> str:
    """The law that broke, empty when none did. SQL compiled without a defence, ``weakened``, is nobody else's."""
    kept = {key: text for key, text in statements._texts.items() if not weakened or not key[1].startswith(weakened)}
    monkeypatch.setattr(statements, "_texts", kept)
    with lives.game_of("people", SEED, Random(SEED).randrange) as game:
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


def test_the_whole_pipeline_breaks_no_law_in_that_story(monkeypatch: pytest.MonkeyPatch) -> None:
    assert law_broken(monkeypatch, "") == ""


def test_without_the_echo_filter_what_we_wrote_is_taken_for_an_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: ``models.compile.staged._clock`` dates our own values back for ever, in another spelling too."""
    whole = staged._clock

    def undefended(*given: Any, **options: Any) -> exp.Expr:
        clock = whole(*given, **options)
        clock.set("ifs", clock.args["ifs"][1:])
        return clock

    monkeypatch.setattr(staged, "_clock", undefended)
    monkeypatch.setattr(staged, "_said", lambda _, stamp, __: stamp)
    assert law_broken(monkeypatch, "map/") == "no echo"


def test_when_clocks_are_ignored_an_older_edit_wins_over_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: ``models.compile.rules._rank``, by which ``latest`` compares the clocks of what systems say."""
    monkeypatch.setattr(rules, "_rank", lambda *_: exp.convert(1))
    assert law_broken(monkeypatch, "core/") == "no echo"


def test_when_an_empty_read_is_believed_people_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence: ``connectors.reading.too_small``."""
    with lives.game_of("people", SEED, Random(SEED).randrange) as game:
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

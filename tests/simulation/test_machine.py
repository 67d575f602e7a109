"""The same laws under Hypothesis, which makes a story that breaks one as short as it can."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from benchmarks.simulator import actions
from benchmarks.simulator import run as lives
from benchmarks.simulator.actions import Game

Step = Callable[[Game], None]
EDITS = (actions.edit, actions.edit, actions.undo, actions.bulk, actions.create, actions.create_late, actions.delete)
EXAMPLES = 2  # each comes to rest, which takes three syncs
TROUBLE = (actions.fault, actions.merge, actions.spoil, actions.heal, actions.wait, actions.work)


class Company(RuleBasedStateMachine):
    """People edit, systems fail, syncs run; at the end the company comes to rest."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.game: Game | None = None

    @initialize(seed=st.integers(0, 99))
    def found(self, seed: int) -> None:
        self.game = self.open.enter_context(lives.game_of("people", seed, lambda _: 0))

    def happen(self, what: Step, data: Any) -> None:
        assert self.game is not None
        self.game.pick = lambda n: data.draw(st.integers(0, n - 1))
        self.game.world.clock.tick(20)
        actions.commit(self.game)
        what(self.game)

    @rule(what=st.sampled_from(EDITS), data=st.data())
    def people_edit(self, what: Step, data: Any) -> None:
        self.happen(what, data)

    @rule(what=st.sampled_from((*EDITS, *TROUBLE)), data=st.data())
    def something_happens(self, what: Step, data: Any) -> None:
        self.happen(what, data)

    @precondition(lambda self: self.game is not None and len(self.game.story) > 6 * self.game.syncs)
    @rule(what=st.sampled_from([lives.sync, lives.sync, lives.crash, lives.race]), data=st.data())
    def the_pipeline_runs(self, what: Step, data: Any) -> None:
        self.happen(what, data)

    def teardown(self) -> None:
        with self.open:
            if self.game is not None:
                self.game.pick = lambda _: 0
                lives.rest(self.game)


@pytest.mark.slow
def test_no_law_breaks_whatever_people_do() -> None:
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Company, settings=chosen)  # type: ignore[no-untyped-call]

"""Lives: a company is founded from a seed, steps happen to it, and in between it comes to rest and is looked at.

A step is one event: an edit, a deletion, a merge, a fault, a wait, a sync. What the pipeline says moves only when it
runs: no blind overwrite is watched for at each request of ours, the laws of ``laws.after_sync`` (conservation, round
trip, no echo, exactly-once effect, no edit lost, refuse to empty) are checked after each sync that was not killed, and
those that speak of a company in which nobody edits (determinism, fixpoint, convergence) at each rest and at the end
of a life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.simulator import actions, laws
from benchmarks.simulator.actions import Game, Pick
from benchmarks.simulator.company import SHAPES, found
from benchmarks.simulator.oracle import Oracle
from benchmarks.simulator.systems import Broken
from models.errors import PlumblineError

LIFE = 1000  # steps of one company
PACES = (1, 1, 2, 3)  # how busy people are between two syncs: short stories and long ones break different things
Step = Callable[[Game], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Which company lives, for how many steps; ``pace`` as in ``drawn``."""

    seed: int
    shape: str
    pace: int
    steps: int = LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A law that broke: the life and the step that show it again, which it is and of what, and what had happened."""

    life: Life
    step: int
    problem: str
    story: tuple[str, ...]


@contextmanager
def game_of(shape: str, seed: int, pick: Pick) -> Iterator[Game]:
    """A new company with its account, in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="simulated-") as folder, found(Path(folder), shape, Random(seed)) as world:
        game = Game(world=world, oracle=Oracle(world.stores), pick=pick)
        for store in world.stores.values():
            store.boundary = partial(actions.boundary, game)
        yield game


def sync(game: Game) -> None:
    """A sync of all systems, or of some."""
    names = list(game.stores)
    chosen = None if game.pick(4) else [n for n in names if game.pick(2)] or names[:1]
    _sync(game, chosen)


def everything(game: Game) -> None:
    """A sync of all systems."""
    _sync(game, None)


def crash(game: Game) -> None:
    """A sync in which the process dies at one of its requests, if it gets that far."""
    game.dies_in = game.pick(12)
    _sync(game, None)
    game.dies_in = None


def race(game: Game) -> None:
    """A sync during which people go on editing."""
    game.races = 1 + game.pick(4)
    _sync(game, None)
    game.races = 0


def _sync(game: Game, systems: list[str] | None, believe: tuple[str, ...] = ()) -> None:
    game.syncs += 1
    game.tell("sync", *(systems or ["everything"]))
    races = game.races
    session = game.world.sync(systems, believe)
    if session is None:
        return
    game.oracle.observe(session.reports)
    laws.after_sync(game.world, game.oracle, session, raced=game.races < races)


def rest(game: Game) -> None:
    """Edits stop and all systems are well: two syncs later all agree, and nothing is left to do.

    What waited for a person at the first, who was to say whether two records are one, and no longer does at the second,
    is made there: it counts from there, because the system may keep it in a form of its own.
    """
    actions.heal(game)
    for _, id in sorted(game.oracle.broken):
        actions.mend(game, id)
    while any(store.waiting for store in game.stores.values()):
        game.world.clock.tick(60)
        actions.commit(game)
    game.tell("rest")
    _sync(game, None, _believed(game))
    asked = _asked(game)
    _sync(game, None, _believed(game))
    if asked - _asked(game):
        _sync(game, None, _believed(game))
    laws.agreed(game.world)
    _sync(game, None)
    laws.still(game.world)
    laws.overlooked(game.world)
    laws.pure(game.world)
    laws.rebuilt(game.world)
    game.oracle.rest()


def _asked(game: Game) -> set[tuple[str, str, str]]:
    """What the last sync did not make because it may be there: system, entity, core_id."""
    found = game.world.session.deliveries.values() if game.world.session else ()
    return {
        (held.change.system, held.change.entity, held.change.core_id)
        for done in found
        for held in done.held
        if held.reason.startswith("may be ")
    }


def _believed(game: Game) -> tuple[str, ...]:
    """People looked: what the systems show now is right."""
    return tuple(f"{name}.{one.name}" for name, found in game.world.company.resources.items() for one in found)


STEPS: tuple[tuple[int, Step], ...] = (
    (600, actions.edit),
    (120, actions.undo),
    (40, actions.bulk),
    (60, actions.create),
    (20, actions.create_late),
    (60, actions.work),
    (30, actions.reassign),
    (25, actions.delete),
    (8, actions.merge),
    (15, actions.spoil),
    (40, actions.fault),
    (20, actions.heal),
    (60, actions.wait),
    (14, sync),
    (5, crash),
    (5, race),
    (1, rest),
)
OURS = (sync, crash, race, rest)


@cache
def drawn(pace: int) -> tuple[Step, ...]:
    """The steps as often as they come: about 43 between two syncs, and ``pace`` times as many."""
    return tuple(step for weight, step in STEPS for _ in range(weight if step in OURS else weight * pace))


def step(game: Game, pace: int) -> None:
    """One thing happens."""
    game.world.clock.tick(5 + game.pick(60))
    actions.commit(game)
    game.one(drawn(pace))(game)


@dataclass(slots=True)
class Tally:
    """Steps and syncs so far."""

    steps: int = 0
    syncs: int = 0


def life_of(seed: int, steps: int = LIFE, shape: str | None = None, pace: int | None = None) -> Life:
    """The life that a seed stands for; what is given of it is not drawn."""
    random = Random(f"life {seed}")
    kind, busy = random.choice(list(SHAPES)), random.choice(PACES)
    return Life(seed=seed, steps=steps, shape=shape or kind, pace=pace or busy)


def live(life: Life, tally: Tally | None = None) -> Failure | None:
    """One company from its founding to its last rest; the law that broke, if one did."""
    tally = tally or Tally()
    with game_of(life.shape, life.seed, Random(life.seed).randrange) as game:
        try:
            while game.steps < life.steps:
                game.steps += 1
                step(game, life.pace)
            rest(game)
        except (Broken, PlumblineError) as problem:
            return Failure(life=life, step=game.steps, problem=str(problem), story=tuple(game.story))
        finally:
            tally.steps += game.steps
            tally.syncs += game.syncs
    return None

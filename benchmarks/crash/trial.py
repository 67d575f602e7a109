"""One trial: a run is killed, the next one settles, the one after finds nothing to do; then the shop is counted."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.crash import points, world
from benchmarks.crash.points import Point
from benchmarks.crash.shop import KINDS, Caller, Record, open_shop
from models.compile import staged

PATIENCE = 600  # seconds after which a run that hangs is ended
# SIGKILL ends a process, not the machine: what was written to memory stays, where there is such a place.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - folders of our own are made in it
ENOUGH = 6  # runs after a kill within which everything has to be settled; a shop that drops answers needs several


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What one trial, or many, did at the shop.

    killed      runs that died before their end
    duplicates  records beyond the first for what is wanted once; losses: wanted and not there, or otherwise
    ghosts      there and not wanted; restless: the run after the one that settled planned something
    """

    trials: int = 0
    killed: int = 0
    duplicates: int = 0
    losses: int = 0
    ghosts: int = 0
    restless: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})

    @property
    def clean(self) -> bool:
        return not (self.duplicates or self.losses or self.ghosts or self.restless)


@dataclass(slots=True)
class Field:
    """A shop that is open, and the records from which every trial starts, beside the ledger that made them."""

    place: Path
    baseline: list[Record] = field(default_factory=list)

    def reset(self, kind: str) -> None:
        """Everything as before the twelve changes."""
        for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
            (self.place / name).unlink(missing_ok=True)
        if not self.baseline:
            self.ask("reset", kind=KINDS[0], records={})
            in_child(lambda: world.run(self.place, KINDS[0], world.FIRST))
            self.baseline = self.ask("list")["records"]
            shutil.move(self.place / "ledger.sqlite", self.place / "first.sqlite")
        shutil.copyfile(self.place / "first.sqlite", self.place / "ledger.sqlite")
        self.ask("reset", kind=kind, records={record["id"]: record for record in self.baseline})

    def ask(self, do: str, **more: Any) -> Record:
        with closing(Caller(self.place / "shop")) as caller:
            return caller.ask(do, **more)


@contextmanager
def open_field() -> Iterator[Field]:
    """To be opened before any thread is started: its trials are forks of this process."""
    import numpy as np  # noqa: F401 - loaded once here and not in each fork; DuckDB loads it at its first answer

    staged.rows(world.MODEL, "shop", world.MAP).sql("duckdb")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, open_shop(Path(folder)):
        yield Field(place=Path(folder))


def in_child(work: Callable[[], Any], *, killed_after: float | None = None) -> Any:
    """What ``work`` gives in a fork of this process; None when the fork was killed. RuntimeError when it failed."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        _work_and_leave(work, writer)
    os.close(writer)
    if killed_after is not None and not select.select([reader], [], [], killed_after)[0]:
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader) as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return None
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"a run failed instead of dying: {said}")
    return json.loads(said)


def _work_and_leave(work: Callable[[], Any], writer: int) -> None:
    """Nothing of this process's own end (its exit handlers, its open files) belongs to the fork."""
    signal.alarm(PATIENCE)  # its default is to end the process, should it wait for something that the fork left behind
    code = 1
    try:
        os.write(writer, json.dumps(work()).encode())
        code = 0
    except Exception as problem:  # noqa: BLE001 - told to the parent, which raises it
        os.write(writer, f"{type(problem).__name__}: {problem}".encode())
    finally:
        os._exit(code)


def passages(place: Field, kind: str) -> list[Point]:
    """All points that a run passes when nobody kills it."""

    def recorded() -> Mapping[str, int]:
        seen: Counter[str] = Counter()
        points.wrap(lambda name: seen.update([name]))
        world.run(place.place, kind, world.WANTED)
        return seen

    place.reset(kind)
    found = in_child(recorded)
    return [(name, number) for name, times in found.items() for number in range(1, times + 1)]


def killed_at(place: Field, kind: str, point: Point) -> Count:
    """Kill a run at a point, then let runs settle it."""

    def dying() -> int:
        points.wrap(points.dies_at(point))
        return world.run(place.place, kind, world.WANTED)

    place.reset(kind)
    return _aftermath(place, kind, killed=in_child(dying) is None)


def killed_somewhere(place: Field, kind: str, chance: random.Random, longest: float) -> Count:
    """Kill a run after a time between nothing and ``longest`` seconds."""
    place.reset(kind)
    delay = chance.uniform(0, longest)
    died = in_child(lambda: world.run(place.place, kind, world.WANTED, concurrency=4), killed_after=delay) is None
    return _aftermath(place, kind, killed=died)


def how_long(place: Field) -> float:
    """Seconds that a run takes when nobody kills it."""
    seconds = []
    for _ in range(3):
        place.reset(KINDS[0])
        started = time.monotonic()
        in_child(lambda: world.run(place.place, KINDS[0], world.WANTED, concurrency=4))
        seconds.append(time.monotonic() - started)
    return min(seconds)


def _aftermath(place: Field, kind: str, *, killed: bool) -> Count:
    place.ask("night")
    if kind == "replays":
        in_child(lambda: _delete_what_is_in_doubt(place))

    def settled() -> int:
        """Runs until one plans nothing; a shop that answers needs two."""
        for number in range(ENOUGH):
            if world.run(place.place, kind, world.WANTED) == 0:
                return number
        return ENOUGH

    runs = in_child(settled)
    if runs is None:
        raise RuntimeError("a run that was to settle hung; nothing can be counted")
    allowed = ENOUGH - 1 if kind == "drops" else 2 if kind == "replays" else 1
    return _counted(place.ask("list")["records"], killed=killed, restless=runs > allowed)


def _delete_what_is_in_doubt(place: Field) -> None:
    """A person deletes what was made before anybody knew that it was: its key leads to a dead record from now on."""
    from pipelines import ledger as books

    with books.open_ledger(f"sqlite:///{place.place / 'ledger.sqlite'}") as ledger:
        creates = [i.change.core_id for i in books.in_doubt(ledger, "shop") if i.change.action == "create"]
    for record in place.ask("list")["records"]:
        if record["mark"] in creates:
            place.ask("delete", id=record["id"], version=record["version"])


def _counted(records: list[Record], *, killed: bool, restless: bool) -> Count:
    there = Counter(record["mark"] for record in records)
    right = {r["mark"] for r in records if world.WANTED.get(r["mark"]) == {"given_name": r["first"], "city": r["city"]}}
    return Count(
        trials=1,
        killed=killed,
        duplicates=sum(times - 1 for times in there.values()),
        losses=len(world.WANTED.keys() - right),
        ghosts=len(there.keys() - world.WANTED.keys()),
        restless=restless,
    )

"""The company between the office's files and the systems: its stack, its syncs, and what the systems hold of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks.declared.office import MARKED, Office, needed, stack_entry
from benchmarks.declared.seen import Seen, Standing
from benchmarks.declared.systems import entry, follows, makes, writes
from connectors.spec import Write
from pipelines import company as companies
from pipelines.decoding import Decoder
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync

CLOCK = "/_sandbox/clock"
PAUSE = 20 * 60  # seconds between two syncs


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What systems hold against what the office says.

    duplicates  records beyond the first for one number
    losses      numbers that stand nowhere, or otherwise than the office says; ghosts: ones that it does not know
    """

    duplicates: int = 0
    losses: int = 0
    ghosts: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


@dataclass(kw_only=True)
class Company:
    """A folder with the stack and the office's files, and the systems that are written, below one address."""

    folder: Path
    address: str
    systems: Sequence[str]

    @cached_property
    def office(self) -> Office:
        return Office(folder=self.folder, entities=needed({write.entity for _, write in writes(self.systems)}))

    def write(self) -> None:
        """The stack and the files as they are now."""
        entities = self.office.entities
        stack = {
            "company": "Little",
            "clock": f"{self.address}{CLOCK}",
            "time_zone": "America/Chicago",
            "currency": "USD",
            "systems": {
                "office": stack_entry(entities),
                **{name: entry(name, self.address) for name in self.systems},
            },
            "ownership": {name: {"only": "office"} for name in entities},
            "handoffs": {
                f"{name}.{write.entity}": {"mode": "live", "deletes": "mirror"} for name, write in writes(self.systems)
            },
            "guards": dict.fromkeys(("deletes", "creates", "overwrites"), 10**6),
        }
        (self.folder / "stack.yml").write_text(json.dumps(stack), encoding="utf-8")
        self.office.write()

    def change(self, chance: random.Random) -> None:
        self.office.change(chance)
        self.write()

    def assembled(self) -> companies.Company:
        return companies.assemble(load(self.folder / "stack.yml"))

    def sync(self) -> Session:
        """One whole sync in this process, a while after the last thing that happened.

        AssertionError when a system cannot be used.
        """
        self.later()
        done = run_sync(self.assembled(), check=lambda *_: ())
        assert not done.problems, done.problems
        return done

    def later(self, seconds: int = PAUSE) -> None:
        """Time passes at the twins, as between two syncs: some systems tell of a change after minutes only."""
        told = json.dumps({"advance_seconds": seconds}).encode()
        call = Request(f"{self.address}{CLOCK}", told, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        with urlopen(call, timeout=30):  # noqa: S310 - loopback
            return

    def tally(self) -> Mapping[str, Tally]:
        """``system.entity`` of everything that can be made -> what stands there against what the office says."""
        home, found = self.assembled(), {}
        with Decoder(home.model, home.fingerprint) as decoder:
            for name in self.systems:
                seen = Seen(home=home, decoder=decoder, system=name)
                for _, write in makes([name]):
                    found[f"{name}.{write.entity}"] = self._tallied(name, write, seen.standing(write))
        return found

    def edited(self) -> int:
        """Somebody edits a record of every kind that follows us, through the account that we write with: how many."""
        home, count = self.assembled(), 0
        with Decoder(home.model, home.fingerprint) as decoder:
            for name, write in makes(self.systems):
                if follows(name, write, MARKED[write.entity]):
                    Seen(home=home, decoder=decoder, system=name).edit(write, MARKED[write.entity])
                    count += 1
        return count

    def _tallied(self, system: str, write: Write, found: Sequence[Standing]) -> Tally:
        entity = write.entity
        titled = "appointment" if entity == "assignment" else entity
        told, revised = self.office.revisions, follows(system, write, MARKED[entity])
        times = Counter(one.number for one in found)
        right = {
            one.number
            for one in found
            if (not revised or one.revision == told[titled].get(one.number))
            and (entity != "assignment" or one.who == self.office.goes.get(one.number))
        }
        return Tally(
            duplicates=sum(n - 1 for n in times.values()),
            losses=len(told[entity].keys() - right),
            ghosts=len(times.keys() - told[entity].keys()),
        )

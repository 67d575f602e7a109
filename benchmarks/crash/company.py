"""Whole syncs of a small company, killed anywhere: read, stage, decide, plan and push into the twins of real vendors.

The office's files say who the customers are and who goes where; HubSpot, Jobber, QuickBooks Online, Housecall Pro, two
calendars, Asana and Slack follow. Each trial changes the files, kills a sync, lets the next one settle, and counts at
the twins, by names that say which customer or visit it is and in which revision.
"""

from __future__ import annotations

import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.crash import points
from benchmarks.crash.trial import Count, in_child
from pipelines.company import assemble
from pipelines.settings import load
from pipelines.sync import run_sync

ROOT = Path(__file__).parents[2]
CLIENT = {"client_id": "sandbox:", "client_secret": "sandbox:", "refresh_token": "sandbox:"}
SYSTEMS: Mapping[str, dict[str, Any]] = {
    "hubspot": {"roles": ["crm"], "credentials": {"token": "sandbox:access_token"}},
    "jobber": {
        "roles": ["crm"],
        "credentials": {**CLIENT, "client_custom_field_configuration_id": "sandbox:"},
    },
    "quickbooks_online": {"roles": ["accounting"], "credentials": CLIENT, "settings": {"realm_id": "9341454816381446"}},
    "housecall_pro": {"roles": ["crm"], "credentials": {"token": "sandbox:"}},
    "google_calendar": {"roles": ["calendar"], "credentials": {"service_account": "sandbox:*", "subject": "sandbox:"}},
    "caldav": {
        "roles": ["calendar"],
        "credentials": {"username": "sandbox:", "password": "sandbox:"},
        "settings": {"calendar": "/dispatch/{technician}/"},
    },
    "asana": {
        "roles": ["work_management"],
        "credentials": CLIENT,
        "settings": {"workspace": "1202775892569436", "jobs": "1211440998967780", "assignments": "1211440998967781"},
    },
    "slack": {"roles": ["messaging"], "credentials": {"token": "sandbox:"}, "settings": {"channel": "C0KRQLD01"}},
}
SHOWN = {"hubspot": "contacts", "jobber": "clients", "quickbooks_online": "customers", "housecall_pro": "customers"}
VISITED = {
    "google_calendar": "events",
    "caldav": "events",
    "asana": "tasks",
    "slack": "messages",
}  # who is told of visits, and where they show
CALENDARS = ("google_calendar", "caldav")
# One company each: what one CRM holds of its own would be made in the next, which is not what is counted here.
TOGETHER = (("hubspot",), ("jobber",), ("quickbooks_online",), ("housecall_pro",), CALENDARS, ("asana",), ("slack",))
TECHNICIANS = ("tech1", "tech2", "tech3")
TIMES = {"starts_at": {"instant": "Start"}, "ends_at": {"instant": "End"}}
OFFICE: Mapping[str, Any] = {
    "connector": "files",
    "roles": ["scheduling"],
    "resources": {
        "people": {"path": "people.csv", "id": "Number"},
        "technicians": {"path": "technicians.csv", "id": "Number"},
        "visits": {"path": "visits.csv", "id": "Number"},
        "crews": {"path": "crews.csv", "id": "Number"},
    },
    "maps": [
        {"resource": "people", "to": "customer",
         "fields": {"given_name": {"text": "First"}, "family_name": {"text": "Last"}, "email": {"email": "Mail"}}},
        {"resource": "technicians", "to": "technician",
         "fields": {"name": {"text": "Name"}, "email": {"email": "Mail"}}},
        {"resource": "visits", "to": "appointment", "fields": {"title": {"text": "Title"}, **TIMES}},
        {"resource": "crews", "to": "assignment",
         "fields": {"appointment": {"ref": "Visit"}, "technician": {"ref": "Technician"}}},
    ],
}  # fmt: skip
NAME = re.compile(r"Crash([0-9]+)r([0-9]+)")


@dataclass(slots=True)
class Company:
    """The office's files, where the twins are, and what is wanted there.

    people  customer -> revision of the name; visits: visit -> (revision of the title, technician)
    """

    folder: Path
    url: str
    systems: Sequence[str]
    people: dict[int, int] = field(default_factory=dict)
    visits: dict[int, tuple[int, str]] = field(default_factory=dict)
    numbers: int = 0

    def write(self) -> None:
        """The stack and the files as they are now."""
        chosen = {name: SYSTEMS[name] for name in self.systems}
        reached = {
            name: {**told, "environment": "sandbox", "headroom": 1000, "base_url": f"{self.url}/{name}"}
            for name, told in chosen.items()
        }
        entity = {name: "assignment" if name in VISITED else "customer" for name in self.systems}
        stack = {
            "company": "Crash",
            "time_zone": "America/Chicago",
            "systems": {"office": OFFICE, **reached},
            "ownership": {"customer": {"only": "office"}},
            "handoffs": {f"{name}.{entity[name]}": {"mode": "live", "deletes": "mirror"} for name in self.systems},
            "guards": dict.fromkeys(("deletes", "creates", "overwrites"), 10**6),
        }
        (self.folder / "stack.yml").write_text(json.dumps(stack), encoding="utf-8")
        self._table("technicians", "Number Name Mail", [(t, t, f"{t}@bluebonnet.example.com") for t in TECHNICIANS])
        people = [(n, f"Pat{n}", f"Crash{n}r{r}", f"p{n}@crash.example") for n, r in self.people.items()]
        self._table("people", "Number First Last Mail", people)
        hours = ("2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")
        visits = [(n, f"Crash{n}r{r}", *hours) for n, (r, _) in self.visits.items()]
        self._table("visits", "Number Title Start End", visits)
        self._table("crews", "Number Visit Technician", [(f"{n}-{who}", n, who) for n, (_, who) in self.visits.items()])

    def _table(self, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns.split(), *rows])

    def change(self, chance: random.Random) -> None:
        """Three new customers and visits, a new name, a new title, and a visit that goes to somebody else."""
        for _ in range(3):
            self.numbers += 1
            self.people[self.numbers], self.visits[self.numbers] = 1, (1, chance.choice(TECHNICIANS))
        self.people[chance.choice(list(self.people))] += 1
        renamed, moved = chance.choice(list(self.visits)), chance.choice(list(self.visits))
        self.visits[renamed] = (self.visits[renamed][0] + 1, self.visits[renamed][1])
        self.reassign(moved, chance)
        self.write()

    def reassign(self, visit: int, chance: random.Random) -> None:
        revision, before = self.visits[visit]
        self.visits[visit] = (revision, chance.choice([t for t in TECHNICIANS if t != before]))

    def sync(self) -> list[int]:
        """One whole sync in this process: how many changes may be sent, were delivered, held and rejected."""
        done = run_sync(assemble(load(self.folder / "stack.yml")), check=lambda *_: ())
        assert not done.problems, done.problems
        sent = list(done.deliveries.values())
        return [
            sum(len(plan.changes) for plan in done.plans),
            *(sum(len(getattr(one, state)) for one in sent) for state in ("delivered", "held", "rejected")),
        ]

    def count(self, *, killed: bool, restless: bool) -> Count:
        """What the twins hold, against what is wanted."""
        total = Count(trials=1, killed=killed, restless=restless)
        for name in self.systems:
            visited = name in VISITED
            wanted: dict[int, Any] = dict(self.visits) if visited else dict(self.people)
            found = list(self._events(name) if visited else self._names(name))
            times = Counter(number for number, _ in found)
            total += Count(
                duplicates=sum(n - 1 for n in times.values()),
                losses=sum((number, told) not in found for number, told in wanted.items()),
                ghosts=len(times.keys() - wanted.keys()),
            )
        return total

    def state(self, system: str, collection: str) -> list[dict[str, Any]]:
        """The records that a twin holds, each with its id."""
        with urlopen(f"{self.url}/_sandbox/state/{system}/{collection}", timeout=30) as answer:  # noqa: S310 - loopback
            return list(json.load(answer)["records"])

    def _names(self, system: str) -> Iterator[tuple[int, int]]:
        """Customer and newest revision that each record names: some fields keep what was there before."""
        for one in self.state(system, SHOWN[system]):
            if found := NAME.findall(json.dumps(one["record"])):
                yield int(found[0][0]), max(int(revision) for _, revision in found)

    def _events(self, system: str) -> Iterator[tuple[int, tuple[int, str]]]:
        """Visit, revision and technician of each event, task or message; a calendar's name says whose it is."""
        named = system in ("asana", "slack")
        people = {one["id"]: json.dumps(one["record"]) for one in self.state(system, "users")} if named else {}
        for one in self.state(system, VISITED[system]):
            text = json.dumps(one["record"])
            if (found := NAME.search(text)) and one["record"].get("status") != "cancelled":
                who = re.search(r"tech[0-9]", people.get(_sent_to(one["record"]), one["id"]))
                yield int(found[1]), (int(found[2]), who[0] if who else "nobody")


def _sent_to(record: Mapping[str, Any]) -> str:
    """Who a task or a message names, by the system's own id."""
    said = (record.get("metadata") or {}).get("event_payload") or {}
    return str((record.get("assignee") or {}).get("gid") or said.get("technician"))


@contextmanager
def open_company(systems: Sequence[str]) -> Iterator[Company]:
    """A company whose first customers and visits have arrived everywhere; the twins are a process of their own."""
    only = [part for name in systems for part in ("--only", name)]
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--headroom", "1000", *only]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as twins,
    ):
        try:
            assert twins.stdout is not None
            url = next(line for line in twins.stdout if "ready on" in line).split()[-1]
            one = Company(folder=Path(folder), url=url, systems=systems)
            one.change(random.Random(0))
            planned = in_child(one.sync)
            assert planned[0] == planned[1], planned
            assert in_child(one.sync)[0] == 0
            yield one
        finally:
            twins.kill()


def killed(kills: int, seed: int, systems: Sequence[str]) -> Iterator[Count]:
    """Syncs killed by turns at a named point of their push and at a random instant."""
    chance = random.Random(seed)
    with open_company(systems) as one:
        passed, longest = _passages(one, chance)
        for number in range(kills):
            one.change(chance)
            if number % 2:
                died = in_child(one.sync, killed_after=chance.uniform(0, longest)) is None
            else:
                died = in_child(partial(_dying, one, chance.choice(passed))) is None
            yield aftermath(one, killed=died)


def aftermath(one: Company, *, killed: bool) -> Count:
    """The next sync settles, the one after plans nothing; then the twins are counted."""
    in_child(one.sync)
    return one.count(killed=killed, restless=in_child(one.sync)[0] > 0)


def _passages(one: Company, chance: random.Random) -> tuple[list[points.Point], float]:
    """The points that a sync of changes passes, and how long it takes."""

    def recorded() -> Mapping[str, int]:
        seen: Counter[str] = Counter()
        points.wrap(lambda name: seen.update([name]))
        one.sync()
        return seen

    one.change(chance)
    started = time.monotonic()
    found = in_child(recorded)
    return [(n, i) for n, times in found.items() for i in range(1, times + 1)], time.monotonic() - started


def _dying(one: Company, point: points.Point) -> list[int]:
    points.wrap(points.dies_at(point))
    return one.sync()

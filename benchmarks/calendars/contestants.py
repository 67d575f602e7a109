"""Who carries the office's visits into the calendars: our sync over the office's files, and vdirsyncer over a folder.

Both are used alike: the office says which visits there are, one sync runs, or one is killed in the middle.
"""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.calendars.server import TECHNICIANS, Event, Server, event
from benchmarks.push.calendars import USER
from pipelines.company import Company, assemble
from pipelines.looking import conflicts
from pipelines.report import account
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot

ROOT = Path(__file__).parents[2]
Visits = Mapping[int, int]  # number -> revision of its title
OFFICE: Mapping[str, Any] = {
    "connector": "files",
    "roles": ["scheduling"],
    "resources": {
        "visits": {"path": "visits.csv", "id": "Number"},
        "technicians": {"path": "technicians.csv", "id": "Name"},
    },
    "maps": [
        {"resource": "technicians", "to": "technician",
         "fields": {"name": {"text": "Name"}, "email": {"email": "Mail"}}},
        {"resource": "visits", "to": "appointment",
         "fields": {"title": {"text": "Title"}, "starts_at": {"instant": "Start"}, "ends_at": {"instant": "End"}}},
        {"resource": "visits", "to": "assignment",
         "fields": {"appointment": {"ref": "Number"}, "technician": {"ref": "Technician"}}},
    ],
}  # fmt: skip
CREWS: Mapping[str, Any] = {
    "connector": "caldav",
    "roles": ["calendar"],
    "environment": "sandbox",
    "credentials": {"username": "env:CALENDARS_USER", "password": "env:CALENDARS_PASSWORD"},
    "settings": {"calendar": f"/{USER[0]}/{{technician}}/"},
}
PAIR = """
[general]
status_path = "{folder}/status"
[pair p]
a = "office"
b = "crews"
collections = ["from a"]
conflict_resolution = "a wins"
[storage office]
type = "filesystem"
path = "{folder}/visits"
fileext = ".ics"
[storage crews]
type = "caldav"
url = "{address}"
username = "{user}"
password = "{password}"
"""
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//office//EN\r\nBEGIN:VEVENT\r\nUID:visit-{number}\r\n"
    "DTSTAMP:{now:%Y%m%dT%H%M%SZ}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
    "SUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


SHOWN = """
SELECT source_id AS id, title, place, instructions AS notes FROM staged.crews__assignment WHERE deleted_at IS NULL
"""


def title(number: int, revision: int) -> str:
    return f"Visit {number} r{revision}"


def whose(number: int) -> str:
    return TECHNICIANS[number % len(TECHNICIANS)]


@dataclass(slots=True, kw_only=True)
class Contestant(ABC):
    """One who syncs, with a folder of its own and a server of its own."""

    folder: Path
    server: Server
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(minute=0, second=0, microsecond=0))

    def hours(self, number: int) -> tuple[datetime, datetime]:
        """When a visit is, UTC: one after the other in each technician's days, from the day after tomorrow."""
        start = self.now + timedelta(days=2, hours=number // len(TECHNICIANS))
        return start, start + timedelta(minutes=50)

    @abstractmethod
    def office(self, visits: Visits) -> None:
        """The office has these visits, and no others."""

    @abstractmethod
    def sync(self) -> dict[str, Any]:
        """One sync to its end; what it said."""

    @abstractmethod
    def known(self) -> list[Event]:
        """The events as they stand on this side, where the sync keeps what it knows."""

    @property
    @abstractmethod
    def command(self) -> Sequence[str]:
        """The same sync as a program."""

    def killed(self, standing: int) -> None:
        """A sync that gets SIGKILL once so many events stand on the server."""
        running = subprocess.Popen(self.command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.server.count() < standing:
            assert running.poll() is None, f"the sync ended before {standing} events stood on the server"
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        assert running.wait(timeout=20) == -signal.SIGKILL


@dataclass(slots=True, kw_only=True)
class Ours(Contestant):
    """A company that keeps its visits in a file and shows them in calendars; read, decide, plan, push."""

    def __post_init__(self) -> None:
        os.environ["CALENDARS_USER"], os.environ["CALENDARS_PASSWORD"] = USER
        self.folder.mkdir(parents=True)
        whole = {
            "company": "Bench",
            "time_zone": "America/Chicago",
            "systems": {"office": OFFICE, "crews": {**CREWS, "base_url": self.server.address}},
            "handoffs": {"crews.assignment": {"mode": "live", "deletes": "mirror"}},
        }
        self.stack.write_text(json.dumps(whole))
        mails = [(technician, f"{technician}@bench.example") for technician in TECHNICIANS]
        self._table("technicians", ("Name", "Mail"), mails)

    @property
    def stack(self) -> Path:
        return self.folder / "stack.yml"

    @property
    def company(self) -> Company:
        return assemble(load(self.stack))

    def office(self, visits: Visits) -> None:
        rows = [
            (number, title(number, revision), whose(number), *(at.isoformat() for at in self.hours(number)))
            for number, revision in visits.items()
        ]
        self._table("visits", ("Number", "Title", "Technician", "Start", "End"), rows)

    def _table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])

    def sync(self, *, believe: Sequence[str] = ()) -> dict[str, Any]:
        return account(run_sync(self.company, check=lambda *_: (), believe=believe), 0.0)

    def known(self) -> list[Event]:
        """What was read of the calendars, as the published snapshot has it."""
        with open_snapshot(self.company.snapshot) as warehouse:
            rows = warehouse.rows(SHOWN)
        texts = (
            (row["id"], f"SUMMARY:{row['title']}\nLOCATION:{row['place']}\nDESCRIPTION:{row['notes']}") for row in rows
        )
        return [event(href, text) for href, text in texts]

    def waiting(self) -> list[dict[str, Any]]:
        """Deletions that a person is to decide, as ``plumbline conflicts`` lists them."""
        found = conflicts(self.company, settled=False)
        return [row for row in found if row["field"] == "deleted_at" and row["state"] == "waiting"]

    @property
    def command(self) -> Sequence[str]:
        program = "from pipelines.cli import main; main()"
        return (sys.executable, "-c", program, "sync", "--stack", str(self.stack))


@dataclass(slots=True, kw_only=True)
class Vdirsyncer(Contestant):
    """A folder of events for each technician, paired with the server; the office wins where both changed."""

    def __post_init__(self) -> None:
        for technician in TECHNICIANS:
            (self.folder / "visits" / technician).mkdir(parents=True)
        told = {"folder": self.folder, "address": self.server.address, "user": USER[0], "password": USER[1]}
        (self.folder / "config").write_text(PAIR.format(**told))
        self._run("discover")

    def path(self, number: int) -> Path:
        return self.folder / "visits" / whose(number) / f"visit-{number}.ics"

    def office(self, visits: Visits) -> None:
        """Titles are corrected inside the files, which may hold by now what came back from the server."""
        for path in self.folder.glob("visits/*/*.ics"):
            if event(path.name, _text(path)).visit not in visits:
                path.unlink()
        for number, revision in visits.items():
            said, path = title(number, revision), self.path(number)
            if path.exists():
                text = re.sub(r"(?m)^SUMMARY:.*?(?=\r?$)", f"SUMMARY:{said}", _text(path))
            else:
                start, end = self.hours(number)
                text = EVENT.format(number=number, title=said, now=self.now, start=start, end=end)
            path.write_bytes(text.encode())

    def known(self) -> list[Event]:
        return [event(path.name, _text(path)) for path in self.folder.glob("visits/*/*.ics")]

    def sync(self) -> dict[str, Any]:
        done = self._run("sync")
        return {"exit": done.returncode, "said": done.stderr.decode()}

    @property
    def command(self) -> Sequence[str]:
        return (sys.executable, "-m", "vdirsyncer", "-c", str(self.folder / "config"), "sync")

    def _run(self, verb: str) -> subprocess.CompletedProcess[bytes]:
        """Vdirsyncer asks whether to make what is missing; yes."""
        done = subprocess.run([*self.command[:-1], verb], input=b"y\n" * 20, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done


def _text(path: Path) -> str:
    return path.read_bytes().decode()

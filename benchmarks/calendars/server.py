"""Radicale as it is installed, in a process of its own, and the hands of the people who use its calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.push.calendars import USER, radicale

TECHNICIANS = ("tech1", "tech2", "tech3", "tech4")
VISIT = re.compile(r"^SUMMARY:Visit ([0-9]+) r([0-9]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it stands in a calendar: which visit it shows, in which revision of the office, and its text."""

    visit: int
    revision: int
    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running Radicale. What stands there is read from its folder, so that looking never disturbs it."""

    address: str
    folder: Path

    def events(self) -> list[Event]:
        """Every event in every calendar, what was written last at the end."""
        root = self.folder / "collections" / "collection-root"
        paths = sorted(root.glob("*/*/*.ics"), key=lambda path: path.stat().st_mtime_ns)
        return [event(f"/{path.relative_to(root).as_posix()}", path.read_text(encoding="utf-8")) for path in paths]

    def count(self) -> int:
        """How many events stand there; cheap enough to be asked while somebody writes."""
        return sum(1 for _ in (self.folder / "collections" / "collection-root").glob("*/*/*.ics"))

    def edit(self, visits: Iterable[int]) -> None:
        """People write a place or a note into these visits with a calendar client, over CalDAV."""

        def write(client: httpx.Client, one: Event) -> None:
            found = client.get(one.href).raise_for_status()
            body = re.sub(r"(?m)^END:VEVENT", f"{edit_of(one.visit)}\r\nEND:VEVENT", found.text, count=1)
            headers = {"Content-Type": "text/calendar; charset=utf-8", "If-Match": found.headers["ETag"]}
            client.put(one.href, content=body.encode(), headers=headers).raise_for_status()

        self._each(visits, write)

    def delete(self, visits: Iterable[int]) -> None:
        """People take these visits out of their calendars."""
        self._each(visits, lambda client, one: client.delete(one.href).raise_for_status())

    def _each(self, visits: Iterable[int], hand: Callable[[httpx.Client, Event], object]) -> None:
        wanted = set(visits)
        found = [one for one in self.events() if one.visit in wanted]
        missing = sorted(wanted - {one.visit for one in found})
        assert not missing, f"these visits do not stand in any calendar: {missing}"
        with httpx.Client(base_url=self.address, auth=USER, timeout=60) as client:
            for one in found:
                hand(client, one)


def event(href: str, text: str) -> Event:
    """What a text shows. ValueError when it is no visit of the office's."""
    found = VISIT.search(text)
    if found is None:
        raise ValueError(f"{href} shows no visit: {text}")
    return Event(visit=int(found[1]), revision=int(found[2]), href=href, text=text)


def edit_of(visit: int) -> str:
    """The line that people write into a visit: by turns where it is, and what to know."""
    return f"LOCATION:Gate {visit}" if visit % 2 else f"DESCRIPTION:The dog of {visit} bites."


def edited(events: Sequence[Event], visits: Iterable[int]) -> list[int]:
    """Those visits that exactly one event shows, with what people wrote in it."""
    shown = {visit: [e for e in events if e.visit == visit] for visit in visits}
    return [visit for visit, found in shown.items() if len(found) == 1 and edit_of(visit) in found[0].text]


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Radicale with an empty calendar for each technician; its collections stand in ``folder``."""
    with radicale(folder) as address, httpx.Client(base_url=address, auth=USER, timeout=60) as client:
        for technician in TECHNICIANS:
            client.request("MKCALENDAR", f"/{USER[0]}/{technician}/").raise_for_status()
        yield Server(address=address, folder=folder)

"""Radicale itself, on a folder of its own that vanishes with the process, and a person's hands inside its storage."""

from __future__ import annotations

import logging
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import radicale.item
from a2wsgi import WSGIMiddleware
from radicale import config
from radicale.app import Application
from starlette.types import Receive, Scope, Send
from vobject.base import VObjectError

from sandbox.store import Record, Store

_KEPT = "radicale"


class Engine:
    """One Radicale with its folder; the folder is removed when the engine or the process ends."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sandbox-caldav-"))
        self._gone = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "users").write_text("".join(f"{user}:{word}\n" for user, word in users.items()), "utf-8")
        logging.getLogger("radicale").setLevel(logging.ERROR)
        self.application = Application(_configuration(self.folder))
        self.storage = self.application._storage  # Radicale gives no public way to its storage
        self._asgi = WSGIMiddleware(self.application)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Radicale over ASGI; ``root_path`` becomes SCRIPT_NAME, so its hrefs carry the prefix it is mounted under."""
        await self._asgi(scope, receive, send)

    def wipe(self) -> None:
        """Deletes every user's tree."""
        with self.storage.acquire_lock("w", ""):
            for principal in [found for found in self.storage.discover("/", depth="1") if found.path]:
                principal.delete()

    def make_calendar(self, user: str, calendar: str, title: str) -> None:
        with self.storage.acquire_lock("w", user):
            self.storage.create_collection(f"/{user}/")
            self.storage.create_collection(f"/{user}/{calendar}/", props={"tag": "VCALENDAR", "D:displayname": title})

    def read_all(self) -> list[tuple[str, Record]]:
        """Every event of every calendar, by ``<user>/<calendar>/<file>.ics``."""
        with self.storage.acquire_lock("r", ""):
            principals = [found for found in self.storage.discover("/", depth="1") if found.path]
            return [found for principal in principals for found in self._events_of(principal.path)]

    def _events_of(self, principal: str) -> list[tuple[str, Record]]:
        calendars = [found for found in self.storage.discover(f"/{principal}/", depth="1") if "/" in found.path]
        return [
            (f"{calendar.path}/{item.href}", {"ics": item.serialize()})
            for calendar in calendars
            for item in sorted(calendar.get_all(), key=lambda item: str(item.href))
        ]

    def read(self, id: str) -> Record | None:
        path, _, href = id.rpartition("/")
        with self.storage.acquire_lock("r", ""):
            item = self._item(path, href)
            return None if item is None else {"ics": item.serialize()}

    def _item(self, path: str, href: str) -> Any:
        calendar = self._calendar(path)
        return None if calendar is None else next((item for _, item in calendar.get_multi([href])), None)

    def _calendar(self, path: str) -> Any:
        """The calendar at ``<user>/<calendar>``; None when there is none."""
        if path.count("/") != 1:
            return None
        return next(iter(self.storage.discover(f"/{path}/", depth="0")), None)

    def write(self, id: str, ics: str) -> Record:
        """Puts an event as a client would; ValueError when there is no such calendar or it is no iCalendar text."""
        path, _, href = id.rpartition("/")
        with self.storage.acquire_lock("w", path.partition("/")[0]):
            calendar = self._calendar(path)
            if calendar is None or not href.endswith(".ics"):
                raise ValueError("an id is <user>/<calendar>/<file>.ics of a calendar that exists")
            stored, _ = calendar.upload(href, _item(path, ics))
            return {"ics": stored.serialize()}

    def delete(self, id: str) -> None:
        """Removes an event, so that the next sync-collection reports it as gone."""
        path, _, href = id.rpartition("/")
        with self.storage.acquire_lock("w", path.partition("/")[0]):
            calendar = self._calendar(path)
            if calendar is not None:
                calendar.delete(href)


def engine(store: Store, users: Mapping[str, str]) -> Engine:
    """The store's Radicale, started on first use; it outlives a reset."""
    with store.lock:
        if _KEPT not in store.kept:
            store.kept[_KEPT] = Engine(users)
        running: Engine = store.kept[_KEPT]
        return running


def _item(path: str, ics: str) -> Any:
    """Radicale's own checks of a PUT; whatever its parser objects to is a ValueError."""
    try:
        parsed = radicale.item.read_components(ics)
        radicale.item.check_and_sanitize_items(parsed, max_vevent_rrule_occurrence=10000, tag="VCALENDAR")
        (component,) = parsed
        item = radicale.item.Item(collection_path=path, vobject_item=component)
        item.prepare()
    except (AttributeError, RuntimeError, TypeError, ValueError, VObjectError) as wrong:
        raise ValueError(f"not an iCalendar object: {wrong}") from wrong
    return item


def _configuration(folder: Path) -> Any:
    """As in the recorded exchanges (facts, Packages): plain htpasswd, no delay, each user in their own tree only."""
    sections: Mapping[str, Mapping[str, Sequence[str] | str]] = {
        "auth": {
            "type": "htpasswd",
            "htpasswd_filename": str(folder / "users"),
            "htpasswd_encryption": "plain",
            "delay": "0",
        },
        "rights": {"type": "owner_only"},
        "storage": {"filesystem_folder": str(folder / "storage"), "_filesystem_fsync": "False"},
        "web": {"type": "none"},
    }
    configuration = config.load()
    configuration.update(sections, "sandbox", privileged=True)
    return configuration

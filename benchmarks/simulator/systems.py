"""In-memory systems: records with versions and stamps of a wrong clock, values kept in a form of their own, faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.spec import Cursor, Page
from models.errors import Ambiguous, Gone, Stale, Transient, Unreachable

Record = dict[str, Any]
Form = Callable[[Any], Any]

OVERLAP = timedelta(minutes=10)  # how far a cursor's reader looks back; a late commit is never older than half of it
PAGE = 5
CENT = Decimal("0.01")


class Killed(BaseException):
    """The process dies here; nothing after this line runs."""


class Broken(Exception):
    """A law does not hold: ``law`` names it, the text says of what."""

    def __init__(self, law: str, what: str) -> None:
        super().__init__(f"{law}: {what}")
        self.law = law


@dataclass(slots=True)
class Clock:
    """True time, which no system knows exactly."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 1) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A record entered a while ago that becomes visible only now, under its old stamp."""

    due: datetime
    stamp: datetime
    collection: str
    record: Record


@dataclass(slots=True, kw_only=True)
class Faults:
    """What goes wrong until it is healed.

    down     every request fails
    cut      reads end with an error after this many pages
    share    full reads show only this share of the records, and do not say so
    expired  no cursor is good any more
    lost     so many writes take effect without an answer
    busy     so many writes fail before they take effect
    """

    down: bool = False
    cut: int | None = None
    share: float = 1.0
    expired: bool = False
    lost: int = 0
    busy: int = 0


@dataclass(slots=True, kw_only=True)
class Store:
    """One system: its records by collection and id, and what it does to them.

    deletes   how it tells of deletions: ``event``, ``flag`` or ``compare`` (it lists everything each time)
    forms     wire field -> the form in which it is kept
    late      forms that do not show in the answer to a write yet
    exposed   (collection, id, version) that somebody outside was shown
    silent    the answer to a write does not show the record
    boundary  called around every request of a writer: the process may die there, somebody may be faster
    read_at   when each collection was last listed; listed: how many records the last list had that was read to its end
    """

    name: str
    clock: Clock
    deletes: str
    skew: timedelta = timedelta(0)
    forms: Mapping[str, Form] = field(default_factory=dict)
    late: bool = False
    silent: bool = False
    tables: dict[str, dict[str, Record]] = field(default_factory=dict)
    graves: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: list[Late] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    exposed: set[tuple[str, str, str]] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)
    boundary: Callable[[Store, str], None] = lambda *_: None
    read_at: dict[str, datetime] = field(default_factory=dict)
    listed: dict[str, int] = field(default_factory=dict)
    count: int = 0

    # --- what people do ------------------------------------------------------------------------------------

    def stamp(self) -> datetime:
        """The time as this system has it."""
        return self.clock.now + self.skew

    def living(self, collection: str) -> dict[str, Record]:
        """The records that are not deleted, by id."""
        return {id: r for id, r in self.tables.get(collection, {}).items() if not r.get("gone")}

    def new_id(self) -> str:
        self.count += 1
        return f"{self.name[0]}{self.count}"

    def put(self, collection: str, id: str, values: Mapping[str, Any], stamp: datetime | None = None) -> Record:
        """Store values in this system's form under a new version."""
        table = self.tables.setdefault(collection, {})
        formed = {name: self.formed(name, value) for name, value in values.items()}
        self.count += 1
        seen = {"id": id, "version": f"v{self.count}", "changed": (stamp or self.stamp()).isoformat()}
        table[id] = {**table.get(id, {}), **formed, **seen}
        return table[id]

    def formed(self, name: str, value: Any) -> Any:
        """A value as this system keeps it."""
        return self.forms[name](value) if value is not None and name in self.forms else value

    def remove(self, collection: str, id: str) -> None:
        """Delete a record, in this system's way."""
        if self.deletes == "flag":
            self.put(collection, id, {"gone": True})
            return
        del self.tables[collection][id]
        self.graves.setdefault(collection, {})[id] = self.stamp().isoformat()

    def commit(self) -> list[Late]:
        """Let late records appear whose time has come; returns them."""
        due = [one for one in self.waiting if one.due <= self.clock.now]
        self.waiting = [one for one in self.waiting if one.due > self.clock.now]
        for one in due:
            self.put(one.collection, str(one.record["id"]), one.record, one.stamp)
        return due

    # --- what a reader gets --------------------------------------------------------------------------------

    def read(self, collection: str, cursor: Cursor) -> Iterator[Page]:
        """Pages of a collection; systems that tell of deletions list only what changed since the cursor."""
        self.check()
        self.read_at[collection] = self.clock.now
        since = cursor.get("since")
        if since is not None and self.faults.expired:
            raise Gone(self.name, "the cursor is too old")
        if self.deletes == "compare" or since is None:
            return self._everything(collection)
        return self._changed(collection, str(since))

    def _everything(self, collection: str) -> Iterator[Page]:
        flagged = self.deletes == "flag"
        records = list((self.tables.get(collection, {}) if flagged else self.living(collection)).values())
        last = self.listed.get(collection, 0)
        if self.faults.share < 1 and last >= (2 * PAGE if self.faults.share else PAGE):
            records = records[: int(last * self.faults.share)]  # of what was there: no reader could tell otherwise
            return self._pages(collection, records, (), full=True)
        return self._whole(collection, records)

    def _whole(self, collection: str, records: list[Record]) -> Iterator[Page]:
        """All records; only who came to the last page can tell later that some are missing."""
        yield from self._pages(collection, records, (), full=True)
        self.listed[collection] = len(records)

    def _changed(self, collection: str, since: str) -> Iterator[Page]:
        from_ = (datetime.fromisoformat(since) - OVERLAP).isoformat()
        records = [r for r in self.tables.get(collection, {}).values() if r["changed"] >= from_]
        gone = [id for id, at in self.graves.get(collection, {}).items() if at >= from_]
        return self._pages(collection, records, gone, full=False)

    def _pages(self, collection: str, records: list[Record], gone: Any, *, full: bool) -> Iterator[Page]:
        """Records in pages of some, the cursor with the last one: the newest stamp that was shown."""
        cursor = {"since": self.stamp().isoformat()} if self.deletes != "compare" else None
        parts = [records[i : i + PAGE] for i in range(0, len(records), PAGE)] or [[]]
        for number, part in enumerate(parts):
            if self.faults.cut is not None and number >= self.faults.cut:
                raise Transient(self.name, "the connection broke")
            last = number == len(parts) - 1
            self.exposed |= {(collection, r["id"], r["version"]) for r in part}
            yield Page(records=[dict(r) for r in part], deleted=gone if last else (), cursor=cursor, full=full)
        if self.faults.cut is not None:
            raise Transient(self.name, "the connection broke")

    # --- what a writer meets -------------------------------------------------------------------------------

    def check(self) -> None:
        """Unreachable while the system is down."""
        self.clock.tick()
        if self.faults.down:
            raise Unreachable(self.name, "nobody answers")

    @contextmanager
    def request(self, kind: str) -> Iterator[None]:
        """A write: it may fail before it takes effect, or take effect without an answer."""
        self.boundary(self, kind)
        self.check()
        if self.faults.busy:
            self.faults.busy -= 1
            raise Transient(self.name, "busy")
        yield
        self.boundary(self, "after")
        if self.faults.lost:
            self.faults.lost -= 1
            raise Ambiguous(self.name, "the answer was lost")

    def guard(self, collection: str, id: str, version: str | None, *, guarded: bool) -> Record:
        """The record that a write is for. Stale for another version; Gone; Broken when it was shown to nobody."""
        record = self.living(collection).get(id)
        if record is None:
            raise Gone(self.name, f"{id} is not there")
        if guarded and record["version"] != version:
            raise Stale(self.name, "the version moved")
        if (collection, id, record["version"]) not in self.exposed:
            raise Broken("no blind overwrite", f"{self.name} {id}: {record} was overwritten and never shown")
        return record

    def answer(self, collection: str, record: Record, sent: Mapping[str, Any] | None = None) -> Record:
        """The record as a write or a single read shows it."""
        self.exposed.add((collection, record["id"], record["version"]))
        return {**record, **(sent or {})} if self.late else dict(record)


def capitals(value: str) -> str:
    return value.upper()


def trimmed(value: str) -> str:
    return value.strip()


def cents(value: Any) -> str:
    return str(Decimal(str(value)).quantize(CENT, ROUND_HALF_UP))


def spaced_phone(value: str) -> str:
    """(512) 555-0101, as many systems keep a North American number."""
    digits = "".join(c for c in value if c.isdigit())[-10:]
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else value


def to_the_minute(value: str) -> str:
    """An instant without its seconds."""
    return datetime.fromisoformat(value).replace(second=0, microsecond=0).isoformat()

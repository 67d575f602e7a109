"""What a twin remembers: records by collection, a change journal, the sandbox clock, faults in force."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Faults

Record = dict[str, Any]


def _copied(value: Any) -> Any:
    """A deep copy; several times faster than ``copy.deepcopy`` on the plain trees that records are."""
    kind = type(value)
    if kind is dict:
        return {name: _copied(part) for name, part in value.items()}
    if kind is list:
        return [_copied(part) for part in value]
    return value if kind in _UNCHANGING else copy.deepcopy(value)


_UNCHANGING = frozenset({str, int, float, bool, type(None), Decimal, datetime, date})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the change journal: what happened to which record, in order."""

    sequence: int
    collection: str
    id: str
    deleted: bool


@dataclass(slots=True)
class Store:
    """The records of one twin. Everything handed out is a copy; ``put`` and ``delete`` are the only ways in.

    ``base_url`` is where this twin answers, without a slash at its end (``http://127.0.0.1:8700/hubspot``).
    ``headroom`` is how many times the vendor's published limits this account was given.
    ``bag`` is the twin's own and emptied by ``clear``; ``kept`` is too, but outlives a reset (a folder, an engine).
    """

    clock: Clock
    faults: Faults
    base_url: str = ""
    headroom: int = 1
    bag: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _records: dict[str, dict[str, Record]] = field(default_factory=dict)
    _journal: list[Entry] = field(default_factory=list)
    _counters: dict[str, int] = field(default_factory=dict)

    def all(self, collection: str) -> list[Record]:
        with self.lock:
            return [_copied(record) for record in self._records.get(collection, {}).values()]

    def items(self, collection: str) -> list[tuple[str, Record]]:
        """Like ``all``, each record with the id it is stored under."""
        with self.lock:
            return [(id, _copied(record)) for id, record in self._records.get(collection, {}).items()]

    def get(self, collection: str, id: str) -> Record | None:
        with self.lock:
            found: Record | None = _copied(self._records.get(collection, {}).get(id))
            return found

    def put(self, collection: str, id: str, record: Record) -> Record:
        """Insert or replace a record as it is (stamping is the twin's ``touch``) and journal it."""
        with self.lock:
            self._records.setdefault(collection, {})[id] = _copied(record)
            self._write_entry(collection, id, deleted=False)
            return record

    def delete(self, collection: str, id: str) -> None:
        with self.lock:
            if self._records.get(collection, {}).pop(id, None) is not None:
                self._write_entry(collection, id, deleted=True)

    def next_id(self, collection: str, start: int = 1) -> int:
        """The next number of this collection's own sequence, never given twice."""
        with self.lock:
            self._counters[collection] = max(self._counters.get(collection, start - 1) + 1, start)
            return self._counters[collection]

    def sequence(self) -> int:
        """The number of the newest journal entry; 0 when nothing ever changed."""
        with self.lock:
            return len(self._journal)

    def since(self, collection: str, sequence: int) -> Iterator[Entry]:
        """Journal entries of a collection after ``sequence``, oldest first."""
        with self.lock:
            entries = self._journal[sequence:]
        return (entry for entry in entries if entry.collection == collection)

    def copied(self, shared: Sequence[str] = ()) -> Store:
        """Another store with the same records and past, and of the bag only what is ``shared``: no index of these."""
        with self.lock:
            bag = {name: self.bag[name] for name in shared if name in self.bag}
            copy = Store(clock=self.clock, faults=self.faults, base_url=self.base_url, headroom=self.headroom, bag=bag)
            copy._records = _copied(self._records)
            copy._journal, copy._counters = list(self._journal), dict(self._counters)
            return copy

    def clear(self) -> None:
        with self.lock:
            self._records.clear()
            self._journal.clear()
            self._counters.clear()
            self.bag.clear()

    def _write_entry(self, collection: str, id: str, *, deleted: bool) -> None:
        self._journal.append(Entry(sequence=len(self._journal) + 1, collection=collection, id=id, deleted=deleted))

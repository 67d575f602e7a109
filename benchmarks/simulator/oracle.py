"""An account of who edited what when, kept beside the pipeline: it sees systems and reads, never the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.simulator.connectors import MAPS
from benchmarks.simulator.systems import CENT, Record, Store
from connectors.reading import ReadReport
from models.schema import Map

Key = tuple[str, str, str, str]  # system, collection, id, wire field
SURE = timedelta(minutes=15)  # a stamp is never further from the truth: skew, late commit, the ticking of a sync


@dataclass(slots=True, kw_only=True)
class Edit:
    """What a person set, and what is known of when.

    value   as the system keeps it, folded
    before  what stood there when the system was last read, folded
    since   the edit was made after this instant and, once it was ``seen`` by a read, before that one
    fate    how it ended, as ``laws`` finds it; None while it is open
    """

    system: str
    entity: str
    id: str
    field: str
    value: Any
    before: Any
    at: datetime
    since: datetime
    seen: datetime | None = None
    fate: str | None = None


@dataclass(slots=True)
class Oracle:
    """Every edit since the last rest, what people deleted, and when each collection was last read whole.

    edits   the last edit of each field of each record; past: earlier ones, and those of deleted records
    buried  (system, source id) that people deleted
    broken  (system, record id) that break their contract -> the record as it last was readable
    """

    stores: Mapping[str, Store]
    edits: dict[Key, Edit] = field(default_factory=dict)
    past: list[Edit] = field(default_factory=list)
    buried: set[tuple[str, str]] = field(default_factory=set)
    read: dict[tuple[str, str], datetime] = field(default_factory=dict)
    broken: dict[tuple[str, str], Record] = field(default_factory=dict)

    def edited(self, store: Store, collection: str, id: str, old: Record | None, values: Mapping[str, Any]) -> None:
        """A person set these wire values; ``old`` is the record before, None when it is new."""
        for one, name, wire in fields_of(store.name, collection):
            if wire not in values or (old is not None and wire not in store.tables[collection][id]):
                continue
            key = (store.name, collection, id, wire)
            open_ = self.edits.get(key)
            unseen = open_ is not None and open_.seen is None
            known = (self.broken.get((store.name, id)) or old or {}).get(wire)
            if open_ is not None:
                self.past.append(open_)
            self.edits[key] = Edit(
                system=store.name,
                entity=one.to,
                id=id,
                field=name,
                value=fold(name, store.tables[collection][id].get(wire)),
                before=open_.before if open_ is not None and unseen else fold(name, known),
                at=store.clock.now,
                since=self._since(store, collection, new=old is None),
            )

    def _since(self, store: Store, collection: str, *, new: bool) -> datetime:
        last = self.read.get((store.name, collection), store.clock.now - SURE)
        return min(last, store.clock.now - SURE) if new else last

    def removed(self, store: Store, collection: str, id: str, sources: Sequence[str] = ()) -> None:
        """A person deleted a record, or elements of it (``sources``, their ids in our model).

        Whoever mended a broken record that is deleted would make an empty one under its id, as no person can.
        """
        self.buried |= {(store.name, one) for one in sources or (id,)}
        if not sources:
            self.broken.pop((store.name, id), None)
            for key in [k for k in self.edits if k[:3] == (store.name, collection, id)]:
                self.past.append(self.edits.pop(key))

    def observe(self, reports: Mapping[str, Sequence[ReadReport]]) -> None:
        """A sync has read: edits made before a whole read of their collection were seen by it."""
        for system, found in reports.items():
            for report in found:
                if report.status == "ok":
                    self._seen(system, report.resource)

    def _seen(self, system: str, collection: str) -> None:
        at = self.stores[system].read_at[collection]
        self.read[(system, collection)] = at
        for key, edit in list(self.edits.items()):
            if key[:2] != (system, collection) or edit.seen is not None or edit.at > at:
                continue
            if (system, key[2]) in self.broken:
                continue
            if edit.value == edit.before or edit.value is None:
                del self.edits[key]  # there and back between two reads; an empty value is not ours to spread
            else:
                edit.seen = at

    def rest(self) -> None:
        """All systems agree: what was edited before is history."""
        self.edits = {key: edit for key, edit in self.edits.items() if edit.fate is None}
        self.past = []


def fields_of(system: str, collection: str) -> Iterator[tuple[Map, str, str]]:
    """(map, canonical field, wire field) of everything a person can type into a record."""
    for one in MAPS[system]:
        if one.resource == collection and one.each is None:
            for name, codec in one.fields.items():
                if codec.kind != "ref":
                    yield one, name, codec.paths[0]


def fold(name: str, value: Any) -> Any:
    """A value without what systems change in it: case, white space, punctuation, cents, seconds."""
    if value is None or value == "":
        return None
    if name == "total":
        return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
    if name in ("starts_at", "ends_at"):
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
        return at.replace(second=0, microsecond=0)
    if name == "phone":
        return "".join(c for c in str(value) if c.isdigit())[-10:]
    if name == "status":
        return {"gone": "inactive"}.get(str(value), str(value))
    return "".join(c for c in str(value).casefold() if c.isalnum()) or None

"""Versions: the instant, ETag and iCalendar sequence that every change moves.

An ETag is a quoted string inside the JSON too; for events it is twice the change's microseconds
(facts section "Streams", the event's important fields).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.google_calendar.times import show_stamp
from sandbox.store import Store

Record = dict[str, Any]

_TIMING = ("start", "end", "recurrence")
_OWN_STAMPS = ("etag", "updated", "sequence", "reminders")


def next_instant(store: Store) -> datetime:
    """Now, in whole milliseconds, and always later than the last one given, so that no two versions look alike."""
    with store.lock:
        now = store.clock.now().astimezone(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        last = store.bag.get("last_instant")
        if last is not None and now <= last:
            now = last + timedelta(milliseconds=1)
        store.bag["last_instant"] = now
        return now


def etag_of(at: datetime) -> str:
    """The ETag of a version made at this instant."""
    micros = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f'"{micros * 2}"'


def fresh(store: Store, record: Record) -> Record:
    """A record of any kind but an event, with a new ETag."""
    return {**record, "etag": etag_of(next_instant(store))}


def stamp_event(store: Store, event: Record, before: Record | None, at: datetime | None = None) -> Record:
    """An event as the vendor keeps it after a change: ``updated``, ``etag``, ``sequence`` moved.

    A change of reminders alone does not move ``updated`` (discovery: Event.reminders).
    """
    at = at or next_instant(store)
    moved = {**event, "etag": etag_of(at), "sequence": _sequence(event, before)}
    moved.setdefault("created", show_stamp(at))
    only_reminders = (
        before is not None
        and _content(event) == _content(before)
        and (event.get("reminders") != before.get("reminders"))
    )
    moved["updated"] = before["updated"] if before is not None and only_reminders else show_stamp(at)
    return moved


def _sequence(event: Record, before: Record | None) -> int:
    if before is None:
        return int(event.get("sequence", 0))
    last = int(before.get("sequence", 0))
    timing_moved = any(event.get(part) != before.get(part) for part in _TIMING)
    return max(int(event.get("sequence", 0)), last + 1 if timing_moved else last)


def _content(event: Record) -> Record:
    return {name: value for name, value in event.items() if name not in _OWN_STAMPS}


def make_id(*parts: str, length: int = 26) -> str:
    """An id in the vendor's alphabet (0-9, a-v), the same for the same parts."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return base64.b32hexencode(digest).decode().lower()[:length]


def collection_etag(store: Store, *parts: str) -> str:
    """The ETag of a list: moves with every change in the store."""
    return f'"p{make_id(str(store.sequence()), *parts, length=16)}"'

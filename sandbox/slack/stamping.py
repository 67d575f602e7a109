"""What Slack itself does to a record at any change: stamps, and what takes the place of a deletion."""

from __future__ import annotations

from sandbox.slack.dialect import TEAM, new_ts, seconds
from sandbox.store import Store
from sandbox.twin import Record


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record as it is kept after a person's change; ValueError for one that Slack could not hold."""
    if collection == "users":
        return {**record, "updated": seconds(store.clock.now())}
    if collection == "messages":
        return _message(store, record)
    return record


def remove(store: Store, collection: str, id: str) -> None:
    """People are deactivated and channels archived; messages, also those that wait, and files go."""
    record = store.get(collection, id)
    if record is None:
        return
    if collection == "users":
        store.put("users", id, touch(store, "users", {**record, "deleted": True}))
    elif collection == "channels":
        store.put("channels", id, {**record, "is_archived": True})
    else:
        store.delete(collection, id)


def _message(store: Store, record: Record) -> Record:
    """A message that somebody wrote or changed: it has a channel, a time, and whoever said it."""
    if store.get("channels", str(record.get("channel"))) is None:
        raise ValueError(f"a message stands in a channel, and {record.get('channel')!r} is none")
    told = {"type": "message", "text": "", "team": TEAM, **record}
    if "ts" not in told:
        return {**told, "ts": new_ts(store)}
    if store.get("messages", f"{told['channel']}:{told['ts']}") is None:
        return told
    return {**told, "edited": {"user": told.get("user", ""), "ts": new_ts(store)}}

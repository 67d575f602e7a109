"""Assignments and alerts as messages of ours: posted, changed and deleted, each with our id in its metadata.

Slack has neither preconditions nor idempotency keys (facts.md, Idempotency and markers): the caller reads and compares
before it updates, and ``find`` looks through the channel before a create is sent again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.batches import fetch_one
from connectors.slack import calendar_file
from connectors.slack.dialect import EVENTS, ask, channels, history, is_ours, tell
from connectors.slack.maps import ALERT, ASSIGNMENT
from connectors.slack.wording import WORDINGS
from connectors.spec import Api, Outgoing, Record, Write, Written
from models.change import Change
from models.errors import Gone, Unauthorized
from models.fields import encode_record

QUIET = {"unfurl_links": "false", "unfurl_media": "false"}
MEANT = {"assignment": ASSIGNMENT.fields, "alert": ALERT.fields}


def prepare(api: Api) -> None:
    """Be in the channels, since only who is in one may read it. Unauthorized where a person has to invite the app."""
    for id in dict.fromkeys(channels(api.settings).values()):
        channel = ask(api, "conversations.info", channel=id)["channel"]
        if channel.get("is_member"):
            continue
        if channel.get("is_private"):
            name = channel.get("name") or channel["id"]
            raise Unauthorized(api.system, f"channel {name} is private; invite the app to it there")
        tell(api, "conversations.join", {"channel": channel["id"]}, repeatable=True)


def create(api: Api, out: Outgoing) -> Written:
    """Post a message, and its calendar file below it where the stack wants one."""
    channel = channels(api.settings)[out.change.entity]
    said = calendar_file.added(api, _said(out.change), {})
    answer = tell(api, "chat.postMessage", {"channel": channel, **QUIET, **_body(api, out.change.entity, said)})
    place = {"channel": str(answer["channel"]), "ts": str(answer["ts"])}
    calendar_file.shared(api, said, {}, place)
    return _written({**answer["message"], **place})


def update(api: Api, out: Outgoing) -> Written:
    """Say all of it anew, in the same place. Gone when somebody deleted the message."""
    id = str(out.change.target_id)
    place, before = _place(id), _before(api, id)
    said = calendar_file.added(api, _said(out.change), before)
    answer = tell(api, "chat.update", {**place, **_body(api, out.change.entity, said)}, repeatable=True)
    calendar_file.shared(api, said, before, place)
    return _written({**answer["message"], **place})


def delete(api: Api, out: Outgoing) -> Written:
    """Delete a message and its calendar file; what is gone already is as it should be."""
    id = str(out.change.target_id)
    if file := _before(api, id).get("file"):
        calendar_file.removed(api, file)
    try:
        tell(api, "chat.delete", _place(id), repeatable=True)
    except Gone:
        return Written(id=id)
    return Written(id=id)


def fetch_many(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Messages of ours as they are now, by what was said between the first of them and the last."""
    found: dict[str, Written] = {}
    stamps: dict[str, list[str]] = {}
    for id in ids:
        place = _place(id)
        stamps.setdefault(place["channel"], []).append(place["ts"])
    for channel, known in stamps.items():
        for page in history(api, channel, oldest=min(known), latest=max(known)):
            found |= {one.id: one for one in map(_written, filter(is_ours, page))}
    return {id: found[id] for id in ids if id in found}


fetch = fetch_one(fetch_many)


def find(api: Api, out: Outgoing) -> Written | None:
    """The message that a create in doubt posted, by our id."""
    for page in history(api, channels(api.settings)[out.change.entity]):
        for one in filter(is_ours, page):
            if one["metadata"]["event_payload"].get("core_id") == out.change.core_id:
                return _written(one)
    return None


def _place(id: str) -> dict[str, str]:
    channel, _, ts = id.partition(":")
    return {"channel": channel, "ts": ts}


def _written(message: Record) -> Written:
    """A message; an answer that leaves the metadata out does not show the record."""
    version = (message.get("edited") or {}).get("ts")
    id = f"{message['channel']}:{message['ts']}"
    return Written(id=id, version=version, record=message if is_ours(message) else None)


def _before(api: Api, id: str) -> Mapping[str, Any]:
    """What a message says of itself now; only asked where it may name a calendar file."""
    found = fetch(api, id) if calendar_file.wanted(api) else None
    return found.record["metadata"]["event_payload"] if found and found.record else {}


def _said(change: Change) -> dict[str, Any]:
    """What the metadata says: our id, and every value that is there."""
    values = {name: value for name, value in change.desired.items() if name != "technician"}
    if change.desired.get("technician") is not None:
        values["technician"] = change.refs.get("technician")
    payload = encode_record(MEANT[change.entity], values).get("metadata", {}).get("event_payload", {})
    return {"core_id": change.core_id, **{name: value for name, value in payload.items() if value not in (None, "")}}


def _body(api: Api, entity: str, said: Mapping[str, Any]) -> dict[str, str]:
    """The whole message: text for people and metadata for us."""
    metadata = json.dumps({"event_type": EVENTS[entity], "event_payload": said}, ensure_ascii=False)
    return {"text": WORDINGS[entity](said, api.context), "metadata": metadata}


WRITES = tuple(
    Write(
        entity=entity,
        resource="messages",
        create=create,
        update=update,
        delete=delete,
        fetch=fetch,
        find=find,
        identity="marker",
        fetch_many=fetch_many,
    )
    for entity in MEANT
)

"""Messages: posted, changed and deleted by the app, and those that wait for their time (facts: Writes)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sandbox.respelling import Members, respelled
from sandbox.slack.conversations import channel_of, wire
from sandbox.slack.dialect import (
    APP,
    BOT,
    BOT_USER,
    TEAM,
    Call,
    Failure,
    answer,
    invalid,
    new_id,
    new_ts,
    paged,
    seconds,
)
from sandbox.store import Store
from sandbox.twin import Record

LONGEST = 40_000  # characters; what is longer is cut
FARTHEST, LAST_CALL = timedelta(days=120), timedelta(seconds=60)
WINDOW, MOST_IN_WINDOW = 300, 30  # seconds, and messages that may be due in them in one channel
_SPELT = Members(texts=frozenset({"text"}))
_EVENT = re.compile(r"[A-Za-z0-9_]+")
PROFILE: Mapping[str, Any] = {
    "id": BOT, "app_id": APP, "name": "Plumbline", "deleted": False, "updated": 1759300000, "team_id": TEAM,
    "icons": {
        f"image_{size}": f"https://a.slack-edge.com/80588/img/plugins/app/bot_{size}.png" for size in (36, 48, 72)
    },
}  # fmt: skip


def post(call: Call) -> Response:
    """chat.postMessage: once for every call, since nothing tells a repeated one."""
    channel = _open_channel(call)
    message = _said(call) | {"ts": new_ts(call.store)}
    if thread := call.text("thread_ts"):
        _message(call.store, channel, thread)
        message["thread_ts"] = thread
    kept = keep(call.store, {**message, "channel": channel})
    return answer(channel=channel, ts=kept["ts"], message=wire(kept))


def update(call: Call) -> Response:
    """chat.update: text, and the metadata where it is given; only what the app itself said."""
    channel = channel_of(call)["id"]
    old = _message(call.store, channel, call.need("ts"))
    if old.get("bot_id") != BOT:
        raise Failure(error="cant_update_message")
    edited = {"edited": {"user": BOT_USER, "ts": new_ts(call.store)}}
    kept = keep(call.store, {**old, **_said(call), **edited})
    shown = {name: value for name, value in wire(kept).items() if name != "ts"}
    return answer(channel=channel, ts=kept["ts"], text=kept["text"], message=shown)


def delete(call: Call) -> Response:
    """chat.delete: what the app itself said."""
    channel = channel_of(call)["id"]
    old = _message(call.store, channel, call.need("ts"))
    if old.get("bot_id") != BOT:
        raise Failure(error="cant_delete_message")
    call.store.delete("messages", f"{channel}:{old['ts']}")
    return answer(channel=channel, ts=old["ts"])


def schedule(call: Call) -> Response:
    """chat.scheduleMessage: within 120 days, and not too many at once."""
    channel, now = _open_channel(call), call.store.clock.now()
    try:
        at = int(call.need("post_at"))
    except ValueError as problem:
        raise Failure(error="invalid_time") from problem
    if at <= seconds(now):
        raise Failure(error="time_in_past")
    if at > seconds(now + FARTHEST):
        raise Failure(error="time_too_far")
    waiting = [one for one in call.store.all("scheduled") if one["channel_id"] == channel]
    if sum(1 for one in waiting if abs(one["post_at"] - at) < WINDOW) >= MOST_IN_WINDOW:
        raise Failure(error="restricted_too_many")
    message = _said(call)
    id = new_id(call.store, "Q")
    kept = {"id": id, "channel_id": channel, "post_at": at, "date_created": seconds(now), "text": message["text"]}
    call.store.put("scheduled", id, {**kept, "message": message})
    shown = {**message, "type": "delayed_message"}
    return answer(channel=channel, scheduled_message_id=id, post_at=at, message=shown)


def scheduled(call: Call) -> Response:
    """chat.scheduledMessages.list: what the app scheduled and has not been posted."""
    waiting = call.store.all("scheduled")
    if channel := call.text("channel"):
        waiting = [one for one in waiting if one["channel_id"] == channel]
    oldest, latest = call.whole("oldest", 0), call.whole("latest", 9_999_999_999)
    waiting = [one for one in waiting if oldest <= one["post_at"] <= latest]
    page, following = paged(call, waiting)
    shown = [{name: value for name, value in one.items() if name != "message"} for one in page]
    return answer(scheduled_messages=shown, response_metadata=following)


def unschedule(call: Call) -> Response:
    """chat.deleteScheduledMessage: until a minute before it is due."""
    channel = channel_of(call)["id"]
    found = call.store.get("scheduled", call.need("scheduled_message_id"))
    soon = seconds(call.store.clock.now() + LAST_CALL)
    if found is None or found["channel_id"] != channel or found["post_at"] <= soon:
        raise Failure(error="invalid_scheduled_message_id")
    call.store.delete("scheduled", found["id"])
    return answer()


def settle(store: Store) -> None:
    """Post what is due; a scheduled message with metadata never appears (facts: Schedule rules)."""
    now = seconds(store.clock.now())
    for one in store.all("scheduled"):
        if one["post_at"] <= now:
            store.delete("scheduled", one["id"])
            if "metadata" not in one["message"]:
                keep(store, {**one["message"], "ts": new_ts(store), "channel": one["channel_id"]})


def keep(store: Store, message: Record) -> Record:
    return store.put("messages", f"{message['channel']}:{message['ts']}", message)


def blank(text: str) -> Record:
    """A message of the app, without its time."""
    told: Record = {"type": "message", "text": text, "user": BOT_USER, "bot_id": BOT, "app_id": APP, "team": TEAM}
    return told | {"bot_profile": dict(PROFILE)}


def _said(call: Call) -> Record:
    """The members of a message that a call sets. Raises Failure for what cannot be said."""
    text, blocks, metadata = call.text("text"), call.nested("blocks"), call.nested("metadata")
    if not text and not blocks and not call.nested("attachments"):
        raise Failure(error="no_text")
    message = blank(re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text)[:LONGEST])
    if blocks:
        message["blocks"] = blocks
    if metadata is not None:
        message["metadata"] = _metadata(metadata)
    fault = call.store.faults.take("rewritten_values", call.request.method, call.request.url.path)
    return message if fault is None else dict(respelled(message, fault.form or "trim", _SPELT))


def _metadata(given: Any) -> Record:
    if not isinstance(given, dict) or not _EVENT.fullmatch(str(given.get("event_type", ""))):
        raise invalid("invalid metadata: event_type")
    if not isinstance(given.get("event_payload"), dict):
        raise invalid("invalid metadata: event_payload")
    return {"event_type": given["event_type"], "event_payload": given["event_payload"]}


def _open_channel(call: Call) -> str:
    """Where the app may speak: a public channel without joining it, by ``chat:write.public``. Raises Failure."""
    channel = channel_of(call)
    if channel["is_archived"]:
        raise Failure(error="is_archived")
    return str(channel["id"])


def _message(store: Store, channel: str, ts: str) -> Record:
    found = store.get("messages", f"{channel}:{ts}")
    if found is None:
        raise Failure(error="message_not_found")
    return found

"""Channels and people, and what was said in a channel (facts: Reads)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from starlette.responses import Response

from sandbox.slack.dialect import Call, Failure, answer, cursored, limit_of, new_id, paged, seconds, uncursored
from sandbox.store import Store
from sandbox.twin import Record

KINDS = {"public_channel": False, "private_channel": True}


def listed(call: Call) -> Response:
    """conversations.list: public channels unless ``types`` says more; direct messages are in no list here."""
    kinds = (call.text("types") or "public_channel").split(",")
    private = {KINDS[one.strip()] for one in kinds if one.strip() in KINDS}
    known = [one for one in call.store.all("channels") if one.get("is_private") in private and not one.get("is_im")]
    known = [one for one in known if not one["is_private"] or one["is_member"]]
    if call.flag("exclude_archived"):
        known = [one for one in known if not one["is_archived"]]
    page, following = paged(call, known)
    return answer(channels=page, response_metadata=following)


def info(call: Call) -> Response:
    """conversations.info."""
    return answer(channel=channel_of(call))


def join(call: Call) -> Response:
    """conversations.join: a public channel that is not archived; again is a warning."""
    channel = channel_of(call)
    if channel.get("is_im") or channel["is_private"]:
        raise Failure(error="method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise Failure(error="is_archived")
    if channel["is_member"]:
        told = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return answer(channel=channel, **told)
    kept = {**channel, "is_member": True, "num_members": channel["num_members"] + 1}
    return answer(channel=call.store.put("channels", channel["id"], kept))


def opened(call: Call) -> Response:
    """conversations.open: the direct messages with one person, made when there are none yet."""
    user = call.store.get("users", call.need("users"))
    if user is None:
        raise Failure(error="user_not_found")
    if user["deleted"]:
        raise Failure(error="user_disabled")
    for one in call.store.all("channels"):
        if one.get("is_im") and one["user"] == user["id"]:
            return answer(channel=one, already_open=True, no_op=True)
    id = new_id(call.store, "D")
    made: Record = {"id": id, "created": seconds(call.store.clock.now()), "is_archived": False}
    made |= {"is_im": True, "is_org_shared": False, "user": user["id"], "priority": 0, "is_member": True}
    made |= {"is_private": True}
    return answer(channel=call.store.put("channels", id, made))


def history(call: Call) -> Response:
    """conversations.history: newest first, threads' answers left out; metadata when it is asked for."""
    channel = joined(call)
    limit, shown = limit_of(call), said_in(call.store, channel["id"])
    oldest, latest = _bound(call, "oldest", "0"), _bound(call, "latest", "9999999999")
    if call.flag("inclusive"):
        shown = [one for one in shown if oldest <= Decimal(one["ts"]) <= latest]
    else:
        shown = [one for one in shown if oldest < Decimal(one["ts"]) < latest]
    if cursor := call.text("cursor"):
        place = Decimal(uncursored(cursor, "next_ts"))
        shown = [one for one in shown if Decimal(one["ts"]) <= place]
    page, rest = shown[:limit], shown[limit:]
    told: Record = {"messages": [wire(one, metadata=call.flag("include_all_metadata")) for one in page]}
    told |= {"has_more": bool(rest), "pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
    if rest:
        told["response_metadata"] = {"next_cursor": cursored("next_ts", rest[0]["ts"])}
    return answer(**told)


def said_in(store: Store, channel: str) -> list[Record]:
    """The messages of a channel, newest first; of threads only the first ones."""
    every = (one for one in store.all("messages") if one["channel"] == channel)
    heads = [one for one in every if one.get("thread_ts", one["ts"]) == one["ts"]]
    return sorted(heads, key=lambda one: Decimal(one["ts"]), reverse=True)


def wire(message: Record, *, metadata: bool = True) -> Record:
    """A message as it is shown: without its channel, which the caller named."""
    hidden = {"channel"} if metadata else {"channel", "metadata"}
    return {name: value for name, value in message.items() if name not in hidden}


def channel_of(call: Call) -> Record:
    """The channel that a call names and the app may see. Raises Failure ``channel_not_found``."""
    channel = call.store.get("channels", call.need("channel"))
    if channel is None or (channel["is_private"] and not channel["is_member"]):
        raise Failure(error="channel_not_found")
    return channel


def joined(call: Call) -> Record:
    """The same, where the app must be in it. Raises Failure ``not_in_channel``."""
    channel = channel_of(call)
    if not channel["is_member"]:
        raise Failure(error="not_in_channel")
    return channel


def users(call: Call) -> Response:
    """users.list: everybody, also who was deactivated, and the bots."""
    page, following = paged(call, call.store.all("users"))
    return answer(members=page, cache_ts=seconds(call.store.clock.now()), response_metadata=following)


def user(call: Call) -> Response:
    """users.info."""
    found = call.store.get("users", call.need("user"))
    if found is None:
        raise Failure(error="user_not_found")
    return answer(user=found)


def by_email(call: Call) -> Response:
    """users.lookupByEmail: somebody who is not deactivated."""
    wanted = call.need("email").lower()
    for one in call.store.all("users"):
        if not one["deleted"] and (one["profile"].get("email") or "").lower() == wanted:
            return answer(user=one)
    raise Failure(error="users_not_found")


def _bound(call: Call, name: str, default: str) -> Decimal:
    try:
        return Decimal(call.text(name) or default)
    except InvalidOperation as problem:
        raise Failure(error=f"invalid_ts_{name}") from problem

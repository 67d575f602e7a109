"""How often each method may be called: tiers by the minute, posts by the second and channel (facts: Rate limits)."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from sandbox.slack.dialect import Call, Failure

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TIERS = {
    "conversations.list": 20,
    "users.list": 20,
    "files.getUploadURLExternal": 100,
    "users.info": 100,
    "conversations.info": 50,
    "conversations.history": 50,
    "auth.test": 100,
}
_TIER_3 = 50


def admit(call: Call) -> None:
    """Count the call. Raises Failure 429 with the seconds until this method may be called again; others go on."""
    if call.method == "chat.postMessage":
        _counted(call, f"chat.postMessage/{call.text('channel')}", 1, SECOND)
    else:
        _counted(call, call.method, TIERS.get(call.method, _TIER_3), MINUTE)


def _counted(call: Call, name: str, most: int, length: timedelta) -> None:
    now = call.store.clock.now()
    window: deque[datetime] = call.store.bag.setdefault(f"calls/{name}", deque())
    while window and window[0] <= now - length:
        window.popleft()
    if len(window) >= most * call.store.headroom:
        wait = math.ceil((window[0] + length - now).total_seconds())
        raise Failure(error="ratelimited", status=429, headers={"Retry-After": str(max(1, wait))})
    window.append(now)

"""How many calls a token has in any minute: 1,500 on a paid plan (facts: Limits, errors)."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from sandbox.asana.dialect import Call, Failure

CALLS, MINUTE = 1500, timedelta(minutes=1)
_WORDS = "You've made too many requests and hit a rate limit. Please retry after the given amount of time."


def admit(call: Call) -> None:
    """Count the call. Raises Failure 429 with the seconds until there is room again."""
    now = call.store.clock.now()
    window: deque[datetime] = call.store.bag.setdefault(f"calls/{call.app}", deque())
    while window and window[0] <= now - MINUTE:
        window.popleft()
    if len(window) >= CALLS * call.store.headroom:
        wait = math.ceil((window[0] + MINUTE - now).total_seconds())
        raise Failure(status=429, message=_WORDS, headers={"Retry-After": str(wait)})
    window.append(now)

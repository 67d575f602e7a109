"""Rate limits and their headers (facts: Rate limits).

An OAuth app has 110 calls in any 10 seconds, the private app 190 and a daily number; searches of all
callers together 5 in any second, and their answers carry no rate headers.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sandbox.hubspot.auth import CREDENTIALS
from sandbox.hubspot.dialect import PORTAL, Call, correlation, rate_limited
from sandbox.store import Store

_OAUTH, _PRIVATE = 110, 190
_DAILY = 650_000
_SEARCHES = 5
_TEN, _ONE = timedelta(seconds=10), timedelta(seconds=1)

Window = deque[datetime]


def admit(call: Call, credential: str, *, search: bool) -> dict[str, str]:
    """Count the call and give the rate headers of its answer. Raises Failure 429 when it is one too many.

    The per-second headers are shown only: the vendor does not enforce them (from memory).
    """
    store = call.store
    now = store.clock.now()
    unlimited = call.take("unlimited") is not None
    if search:
        _enter(store, "searches", _SEARCHES * store.headroom, _ONE, now, "SECONDLY", unlimited)
        return {}
    private = credential == CREDENTIALS["access_token"]
    most = (_PRIVATE if private else _OAUTH) * store.headroom
    used = _enter(store, f"calls/{private}", most, _TEN, now, "TEN_SECONDLY_ROLLING", unlimited)
    lately = sum(each > now - _ONE for each in _window(store, f"calls/{private}"))
    headers = {
        "max": most,
        "remaining": most - used,
        "interval-milliseconds": 10_000,
        "secondly": most // 10,
        "secondly-remaining": max(most // 10 - lately, 0),
    }
    if private:
        headers |= {"daily": _DAILY, "daily-remaining": _DAILY - _count_day(store, now, unlimited)}
    return {f"x-hubspot-ratelimit-{name}": str(value) for name, value in headers.items()}


def _window(store: Store, name: str) -> Window:
    return cast("Window", store.bag.setdefault(f"window/{name}", deque()))


def _enter(store: Store, name: str, most: int, length: timedelta, now: datetime, policy: str, unlimited: bool) -> int:
    """Enter a rolling window; how many calls are in it. A refused call does not count."""
    window = _window(store, name)
    while window and window[0] <= now - length:
        window.popleft()
    if unlimited:
        return min(len(window), most)
    if len(window) >= most:
        raise rate_limited(policy, correlation(store))
    window.append(now)
    return len(window)


def _count_day(store: Store, now: datetime, unlimited: bool) -> int:
    """Calls of the private app since midnight in the portal's zone."""
    portal = store.get("account", str(PORTAL)) or {}
    day = now.astimezone(ZoneInfo(portal["timeZone"])).date().isoformat()
    counted_day, count = cast("tuple[str, int]", store.bag.get("day", (day, 0)))
    count = count + 1 if counted_day == day else 1
    if count > _DAILY and not unlimited:
        raise rate_limited("DAILY", correlation(store))
    store.bag["day"] = (day, count)
    return min(count, _DAILY)

"""How often an app may call one mailbox (facts: Limits and errors)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from sandbox.microsoft_graph.dialect import Caller, Failure
from sandbox.store import Store

MOST, LENGTH = 10_000, timedelta(minutes=10)
AT_ONCE = 4


def admit(store: Store, caller: Caller, mailbox: str) -> None:
    """Count one call. Raises Failure 429 with the seconds until this mailbox may be called again; others go on."""
    now = store.clock.now()
    window: deque[datetime] = store.bag.setdefault(f"calls/{caller.app}/{mailbox}", deque())
    while window and window[0] <= now - LENGTH:
        window.popleft()
    if len(window) >= store.bag.get("per_mailbox", MOST * store.headroom):
        wait = (window[0] + LENGTH - now).total_seconds()
        raise throttled("Application is over its RequestsPerTenMinutes limit.", wait)
    window.append(now)


def throttled(message: str, wait: float) -> Failure:
    headers = {"Retry-After": f"{max(wait, 0.001):.3f}"}
    return Failure(status=429, code="ApplicationThrottled", message=message, headers=headers)

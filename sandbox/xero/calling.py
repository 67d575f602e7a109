"""What stands before every call to the books: how often one may call, and whether it was asked before (Limits)."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero.dialect import Blocked, bad_body

LIMITS = {"minute": (60, timedelta(minutes=1)), "day": (5000, timedelta(days=1))}
REMEMBERED = timedelta(minutes=10)  # minutes, not hours (Idempotency)
LONGEST_KEY = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An answer that a key remembers."""

    status: int
    body: Record | None


def count(store: Store, method: str, path: str) -> Mapping[str, str]:
    """The headers that say what is left; Blocked when it is nothing. A refused call does not count."""
    now = store.clock.now()
    if store.faults.take("unlimited", method, path) is not None:
        return {}
    left = {}
    for name, (most, span) in LIMITS.items():
        calls: deque[datetime] = store.bag.setdefault(f"calls {name}", deque())
        while calls and now - calls[0] >= span:
            calls.popleft()
        left[name] = most * store.headroom - len(calls)
        if left[name] <= 0:
            wait = int((calls[0] + span - now).total_seconds()) + 1
            raise Blocked(status=429, headers={"Retry-After": str(wait), "X-Rate-Limit-Problem": name})
    for name in LIMITS:
        store.bag[f"calls {name}"].append(now)
    return {
        "X-MinLimit-Remaining": str(left["minute"] - 1),
        "X-DayLimit-Remaining": str(left["day"] - 1),
        "X-AppMinLimit-Remaining": "9999",
    }


def once(store: Store, key: str | None, asked: tuple[str, str, bytes], act: Callable[[], Outcome]) -> Outcome:
    """The first answer again for the same key; refused when the key comes with another body."""
    method, path, body = asked
    if key is None or store.faults.take("ignored_idempotency_key", method, path) is not None:
        return act()
    if len(key) > LONGEST_KEY:
        raise bad_body(f"Idempotency-Key is longer than {LONGEST_KEY} characters")
    keys: dict[str, tuple[datetime, str, Outcome]] = store.bag.setdefault("keys", {})
    now, digest = store.clock.now(), hashlib.sha256(b"|".join([method.encode(), path.encode(), body])).hexdigest()
    at, before, answer = keys.get(key, (now - REMEMBERED, "", None))
    if answer is not None and now - at < REMEMBERED:
        if digest != before:
            raise bad_body("The Idempotency-Key was used before with another request")
        return answer
    outcome = act()
    keys[key] = (now, digest, outcome)
    return outcome

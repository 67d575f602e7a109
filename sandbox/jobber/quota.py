"""The two limiters of the API: points by query cost in a leaky bucket, and requests per five minutes.

Facts, "Pagination, cost limits". Both are per app and account, of which the sandbox has one, and run on its clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.store import Store

MAXIMUM = 10_000
RESTORE_PER_SECOND = 500
REQUESTS = 2500
WINDOW_SECONDS = 300

_BUCKET = "jobber.bucket"
_WINDOW = "jobber.window"


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Points that were available at a moment; they come back with time up to the maximum."""

    available: float
    at: datetime


def available(store: Store) -> float:
    """Points that may be spent now; call with ``store.lock`` held."""
    now = store.clock.now()
    bucket: Bucket = store.bag.setdefault(_BUCKET, Bucket(available=MAXIMUM, at=now))
    restored = bucket.available + (now - bucket.at).total_seconds() * RESTORE_PER_SECOND * store.headroom
    bucket.available, bucket.at = min(float(MAXIMUM), restored), now
    return bucket.available


def spend(store: Store, points: int) -> None:
    """Take what a query really cost; call with ``store.lock`` held."""
    left = available(store) - points
    store.bag[_BUCKET].available = max(left, 0.0)


def status(store: Store, *, asked: int, cost: int) -> dict[str, Any]:
    """``extensions.cost`` of an answer."""
    throttle = {
        "maximumAvailable": MAXIMUM,
        "currentlyAvailable": int(available(store)),
        "restoreRate": RESTORE_PER_SECOND * store.headroom,
    }
    return {"requestedQueryCost": asked, "actualQueryCost": cost, "throttleStatus": throttle}


def admitted(store: Store) -> bool:
    """Count one request; False when this window of five minutes has had its share (answered with 429)."""
    with store.lock:
        window = int(store.clock.now().timestamp()) // WINDOW_SECONDS
        started, count = store.bag.get(_WINDOW, (window, 0))
        count = count + 1 if started == window else 1
        store.bag[_WINDOW] = (window, count)
        return count <= REQUESTS * store.headroom

"""The daily quota of the organisation, and the header that tells of it (Limits and errors)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import cast

from sandbox.salesforce.dialect import Failure
from sandbox.store import Store
from sandbox.twin import Record

DAILY = 100_000
_DAY = timedelta(days=1)
EXHAUSTED = Failure(status=403, code="REQUEST_LIMIT_EXCEEDED", message="TotalRequests Limit exceeded.")


def allowed(store: Store) -> int:
    """Calls in any 24 hours."""
    return DAILY * store.headroom


def admit(store: Store, method: str, path: str) -> dict[str, str]:
    """Count a call and give the header of its answer. Failure when the day is used up; such a call does not count."""
    calls = _calls(store)
    if store.faults.take("unlimited", method, path) is None:
        if len(calls) >= allowed(store):
            raise Failure(status=EXHAUSTED.status, code=EXHAUSTED.code, message=EXHAUSTED.message, headers=_told(store))
        calls.append(store.clock.now())
    return _told(store)


def told(store: Store) -> Record:
    """GET /limits."""
    jobs = {"Max": 10_000, "Remaining": 10_000}
    left = {"Max": allowed(store), "Remaining": allowed(store) - len(_calls(store))}
    return {
        "DailyApiRequests": left,
        "DailyBulkV2QueryJobs": jobs,
        "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
    }


def _told(store: Store) -> dict[str, str]:
    return {"Sforce-Limit-Info": f"api-usage={len(_calls(store))}/{allowed(store)}"}


def _calls(store: Store) -> deque[datetime]:
    calls = cast("deque[datetime]", store.bag.setdefault("calls", deque()))
    while calls and store.clock.now() - calls[0] >= _DAY:
        calls.popleft()
    return calls

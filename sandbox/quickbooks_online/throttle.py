"""How many requests a company takes: 10 in a second, 500 in a minute, 40 batches in a minute.

Source: facts sheet "Limits".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.quickbooks_online.refusals import throttled
from sandbox.store import Store

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
REQUESTS_A_SECOND = 10
REQUESTS_A_MINUTE = 500
BATCHES_A_MINUTE = 40
_BAG = "calls"


def count_call(store: Store, *, batch: bool) -> None:
    """Count one call at the clock's now; raises ``Refused`` (3001, HTTP 429) when it is one too many.

    A refused call is not counted, so that waiting always helps.
    """
    now = store.clock.now()
    calls: Mapping[str, deque[datetime]] = store.bag.setdefault(_BAG, {"all": deque(), "batch": deque()})
    for times in calls.values():
        while times and now - times[0] >= _MINUTE:
            times.popleft()
    everything = calls["all"]
    a_second, a_minute, batches = (n * store.headroom for n in (REQUESTS_A_SECOND, REQUESTS_A_MINUTE, BATCHES_A_MINUTE))
    last_second = sum(now - at < _SECOND for at in list(everything)[-a_second:])
    full = last_second >= a_second or len(everything) >= a_minute
    if full or (batch and len(calls["batch"]) >= batches):
        raise throttled()
    everything.append(now)
    if batch:
        calls["batch"].append(now)

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gateway import open_api
from connectors.quota import MARGIN, Meter, Meters
from connectors.spec import Limit, Quota
from tests.connectors.kit import SECRET, FakeClock, connector, gateway


def starts(meter: Meter, clock: FakeClock, calls: int, *, takes: float = 0.0) -> list[float]:
    """When each of many calls in a row was let through, in seconds from the beginning."""
    begun, found = clock().timestamp(), []
    for _ in range(calls):
        with meter.turn():
            found.append(clock().timestamp() - begun)
            if takes:
                clock.sleep(takes)
    return found


@given(
    calls=st.integers(1, 12),
    seconds=st.floats(0.5, 30),
    burst=st.none() | st.integers(1, 6),
    takes=st.floats(0, 2),
)
def test_no_window_ever_sees_more_calls_than_allowed(
    calls: int, seconds: float, burst: int | None, takes: float
) -> None:
    clock = FakeClock()
    meter = Meter(Quota(limits=(Limit(calls=calls, seconds=seconds, burst=burst),)), clock=clock, sleep=clock.sleep)
    made = starts(meter, clock, 40, takes=takes)
    assert all(sum(1 for at in made if begin <= at < begin + seconds) <= calls for begin in made)
    if burst is not None:
        assert all(sum(1 for at in made if begin <= at < begin + seconds / calls / 2) <= burst for begin in made)


def test_nearly_all_of_a_quota_is_used() -> None:
    clock = FakeClock()
    meter = Meter(Quota(limits=(Limit(calls=100, seconds=10),)), clock=clock, sleep=clock.sleep)
    made = starts(meter, clock, 2000)
    assert made[-1] <= 19 * 10 / 0.95


def test_the_strictest_of_several_limits_decides() -> None:
    clock = FakeClock()
    limits = (Limit(calls=10, seconds=1), Limit(calls=20, seconds=60))
    made = starts(Meter(Quota(limits=limits), clock=clock, sleep=clock.sleep), clock, 21)
    assert made[9] == 0
    assert made[20] == pytest.approx(60 * MARGIN)


def test_a_throttled_answer_holds_everybody() -> None:
    clock = FakeClock()
    meter = Meter(Quota(), clock=clock, sleep=clock.sleep)
    meter.heed(429, {"Retry-After": "30"}, clock())
    assert starts(meter, clock, 2) == [30.0, 30.0]


def test_what_others_used_up_is_learnt_from_the_answer() -> None:
    clock = FakeClock()
    meter = Meter(Quota(limits=(Limit(calls=100, seconds=10),)), clock=clock, sleep=clock.sleep)
    meter.heed(200, {"X-Acme-RateLimit-Max": "100", "X-Acme-RateLimit-Remaining": "2"}, clock())
    assert [at > 0 for at in starts(meter, clock, 3)] == [False, False, True]


def test_a_day_quota_in_the_headers_does_not_touch_the_second_quota() -> None:
    clock = FakeClock()
    meter = Meter(Quota(limits=(Limit(calls=100, seconds=10),)), clock=clock, sleep=clock.sleep)
    meter.heed(200, {"X-Day-RateLimit-Limit": "5000", "X-Day-RateLimit-Remaining": "1"}, clock())
    assert starts(meter, clock, 50)[-1] == 0


def test_no_more_calls_are_under_way_than_allowed() -> None:
    clock = FakeClock()
    meter = Meter(Quota(concurrency=2), clock=clock, sleep=clock.sleep)
    under_way, most, lock, gate = 0, 0, threading.Lock(), threading.Barrier(2)

    def call() -> None:
        nonlocal under_way, most
        with meter.turn():
            with lock:
                under_way += 1
                most = max(most, under_way)
            gate.wait(5)  # always two at once, or this breaks
            with lock:
                under_way -= 1

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 2


def test_threads_get_turns_in_order_without_gaps() -> None:
    clock = FakeClock()
    meter = Meter(Quota(limits=(Limit(calls=1, seconds=1),)), clock=clock, sleep=clock.sleep)
    made = starts(meter, clock, 5)
    assert [later - earlier for earlier, later in pairwise(made)] == pytest.approx([MARGIN] * 4)


def test_one_credential_has_one_meter() -> None:
    clock, pool = FakeClock(), Meters()
    quota = Quota(limits=(Limit(calls=2, seconds=60),))
    options = {"connector": connector(quota=quota), "clock": clock, "meters": pool}
    one, two = (gateway(lambda _: httpx.Response(200, json={}), **options) for _ in range(2))
    other = gateway(lambda _: httpx.Response(200, json={}), **options, credentials={"token": "another-credential"})
    for api in (one, two, other):
        api.request("GET", "/")
    assert clock.slept == []
    two.request("GET", "/")
    assert clock.slept == [pytest.approx(60 * MARGIN)]


def test_a_date_to_wait_for_is_the_systems_own_time() -> None:
    clock, theirs = FakeClock(), FakeClock()
    theirs.now += timedelta(days=40)
    meter = Meter(Quota(), clock=clock, sleep=clock.sleep)
    meter.heed(429, {"Retry-After": "Sat, 11 Apr 2026 12:00:20 GMT"}, theirs())
    assert starts(meter, clock, 1) == [20.0]


def test_a_business_clock_of_its_own_does_not_part_the_quotas() -> None:
    one, two = (open_api(connector(), credentials={"token": SECRET}, clock=FakeClock()) for _ in range(2))
    assert one.meter is two.meter
    for api in (one, two):
        api.close()

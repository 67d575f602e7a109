from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gateway import open_api
from connectors.loop import wait_for
from connectors.quota import LONGEST_WAIT, Meter, Meters, Urgency, urgency
from connectors.spec import Cost, Limit, Quota
from connectors.windows import MARGIN
from models.errors import Throttled
from tests.connectors.kit import SECRET, FakeClock, connector, gateway


def metered(quota: Quota, clock: FakeClock) -> Meter:
    """A meter whose waiting moves its clock."""

    async def pause(seconds: float) -> None:
        clock.sleep(seconds)

    return Meter(quota, clock=clock, pause=pause, system="acme")


def starts(meter: Meter, clock: FakeClock, calls: int, *, takes: float = 0.0, kind: str = "") -> list[float]:
    """When each of many calls in a row was let through, in seconds from the beginning."""

    async def call_all() -> list[float]:
        begun, found = clock().timestamp(), []
        for _ in range(calls):
            async with meter.turn(kind):
                found.append(clock().timestamp() - begun)
                if takes:
                    clock.sleep(takes)
        return found

    return wait_for(call_all())


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
    meter = metered(Quota(limits=(Limit(calls=calls, seconds=seconds, burst=burst),)), clock)
    made = starts(meter, clock, 40, takes=takes)
    assert all(sum(1 for at in made if begin <= at < begin + seconds) <= calls for begin in made)
    if burst is not None:
        assert all(sum(1 for at in made if begin <= at < begin + seconds / calls / 2) <= burst for begin in made)


def test_nearly_all_of_a_quota_is_used() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=100, seconds=10),)), clock)
    made = starts(meter, clock, 2000)
    assert made[-1] <= 19 * 10 / 0.95


def test_the_strictest_of_several_limits_decides() -> None:
    clock = FakeClock()
    limits = (Limit(calls=10, seconds=1), Limit(calls=20, seconds=60))
    made = starts(metered(Quota(limits=limits), clock), clock, 21)
    assert made[9] == 0
    assert made[20] == pytest.approx(60 * MARGIN)


def test_a_throttled_answer_holds_everybody() -> None:
    clock = FakeClock()
    meter = metered(Quota(), clock)
    meter.heed(429, {"Retry-After": "30"}, clock())
    assert starts(meter, clock, 2) == [30.0, 30.0]


EACH = Quota(limits=(Limit(calls=2, seconds=60, each=r"/users/([^/]+)/"), Limit(calls=5, seconds=60)))


def test_a_limit_for_each_mailbox_is_counted_for_each() -> None:
    clock = FakeClock()
    meter = metered(EACH, clock)
    made = [starts(meter, clock, 2, kind=f"GET /users/{who}/events")[-1] for who in ("kim", "noor")]
    assert made == [0, 0]
    assert starts(meter, clock, 1, kind="GET /users") == [0]  # about nobody
    assert starts(metered(EACH, clock), clock, 3, kind="GET /users/kim/events")[-1] == pytest.approx(60 * MARGIN)


def test_a_mailbox_that_is_told_to_wait_holds_up_no_other() -> None:
    clock = FakeClock()
    meter = metered(EACH, clock)
    meter.heed(429, {"Retry-After": "30"}, clock(), "GET /users/kim/events")
    assert starts(meter, clock, 1, kind="GET /users/noor/events") == [0]
    assert starts(meter, clock, 1, kind="GET /users/kim/calendars") == [30]
    meter.heed(429, {"Retry-After": "30"}, clock(), "GET /users")
    assert starts(meter, clock, 1, kind="GET /users/noor/events") == [30]


def test_what_others_used_up_is_learnt_from_the_answer() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=100, seconds=10),)), clock)
    meter.heed(200, {"X-Acme-RateLimit-Max": "100", "X-Acme-RateLimit-Remaining": "2"}, clock())
    assert [at > 0 for at in starts(meter, clock, 3)] == [False, False, True]


def test_a_day_quota_in_the_headers_does_not_touch_the_second_quota() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=100, seconds=10),)), clock)
    meter.heed(200, {"X-Day-RateLimit-Limit": "5000", "X-Day-RateLimit-Remaining": "1"}, clock())
    assert starts(meter, clock, 50)[-1] == 0


def test_no_more_calls_are_under_way_than_allowed() -> None:
    meter = metered(Quota(concurrency=2), FakeClock())
    under_way: list[int] = []
    seen: list[int] = []

    async def call(number: int) -> None:
        async with meter.turn():
            under_way.append(number)
            seen.append(len(under_way))
            await asyncio.sleep(0)
            under_way.remove(number)

    async def call_all() -> None:
        await asyncio.gather(*(call(number) for number in range(8)))

    wait_for(call_all())
    assert (len(seen), max(seen)) == (8, 2)


def test_the_most_urgent_goes_first_where_calls_are_scarce() -> None:
    meter = metered(Quota(limits=(Limit(calls=1, seconds=60),)), FakeClock())
    order: list[Urgency] = []

    async def call(level: Urgency) -> None:
        with urgency(level):
            async with meter.turn():
                order.append(level)

    async def call_all() -> None:
        wanted = (Urgency.READ, Urgency.READ, Urgency.WRITE, Urgency.SOON, Urgency.WRITE)
        await asyncio.gather(*(call(level) for level in wanted))

    wait_for(call_all())
    # The first one found nobody before it.
    assert order == [Urgency.READ, Urgency.SOON, Urgency.WRITE, Urgency.WRITE, Urgency.READ]


def test_a_caller_that_gives_up_leaves_its_place_to_others() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=2, seconds=60),)), clock)

    async def call_all() -> list[str]:
        done: list[str] = []
        leave = asyncio.Event()

        async def call(name: str) -> None:
            async with meter.turn():
                await leave.wait()
                done.append(name)

        first = asyncio.create_task(call("first"))
        waiting = asyncio.create_task(call("gives up"))
        await asyncio.sleep(0)
        waiting.cancel()
        leave.set()
        last = asyncio.create_task(call("last"))
        await asyncio.gather(first, last, waiting, return_exceptions=True)
        return done

    assert wait_for(call_all()) == ["first", "last"]


def test_a_limit_of_some_calls_leaves_the_others_alone() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=1, seconds=1, only="/search$"),)), clock)
    assert starts(meter, clock, 3, kind="GET /contacts") == [0, 0, 0]
    assert starts(meter, clock, 2, kind="POST /contacts/search") == pytest.approx([0, MARGIN])


def test_a_day_that_is_used_up_is_said_and_not_slept_through() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=1000, seconds=86_400),)), clock)
    starts(meter, clock, 1000, takes=1)
    with pytest.raises(Throttled, match=r"acme: its quota is used up for .* minutes") as raised:
        starts(meter, clock, 1)
    assert raised.value.wait is not None
    assert raised.value.wait > LONGEST_WAIT
    assert clock.slept == [1.0] * 1000


def test_what_is_left_of_the_day_is_learnt_from_the_answer() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=650_000, seconds=86_400),)), clock)
    meter.heed(200, {"X-Acme-RateLimit-Daily": "650000", "X-Acme-RateLimit-Daily-Remaining": "1"}, clock())
    assert starts(meter, clock, 1) == [0]
    with pytest.raises(Throttled):
        starts(meter, clock, 1)


def test_what_a_vendor_says_of_its_day_in_words_of_its_own_lowers_the_longest_window() -> None:
    clock = FakeClock()
    limits = (Limit(calls=1000, seconds=86_400), Limit(calls=50, seconds=10))
    meter = metered(Quota(limits=limits, left=lambda headers: int(headers["acme-left"])), clock)
    meter.heed(200, {"Acme-Left": "60"}, clock())
    assert starts(meter, clock, 60)[-1] < 20
    with pytest.raises(Throttled):
        starts(meter, clock, 1)


# --- points ----------------------------------------------------------------------------------------------------

POINTS = Quota(limits=(Limit(calls=10_000, seconds=20, unit="points"),))


def spend(meter: Meter, clock: FakeClock, kind: str, price: float, bucket: list[float]) -> float:
    """One call that costs so many points of a bucket that refills by 500 a second; when it left."""

    async def call() -> float:
        async with meter.turn(kind) as paid:
            at = clock().timestamp()
            there = min(10_000.0, bucket[0] + (at - bucket[1]) * 500)
            assert there >= price or bucket[2], "the vendor would have refused it"
            bucket[:] = [there - price, at, 0]
            paid(Cost(asked=price, left=there - price))
            return at

    return wait_for(call())


def test_dear_calls_wait_until_their_points_are_there() -> None:
    clock = FakeClock()
    meter, bucket = metered(POINTS, clock), [10_000.0, clock().timestamp(), 1.0]
    begun = clock().timestamp()
    left = [spend(meter, clock, "POST /graphql clients", 4000, bucket) - begun for _ in range(6)]
    assert left == pytest.approx([0, 0, 4, 12, 20, 28])


def test_cheap_calls_do_not_wait_for_the_points_of_dear_ones() -> None:
    clock = FakeClock()
    meter, bucket = metered(POINTS, clock), [10_000.0, clock().timestamp(), 1.0]
    spend(meter, clock, "POST /graphql clients", 9900, bucket)
    assert spend(meter, clock, "POST /graphql edit", 50, bucket) == clock().timestamp()
    assert clock.slept == []


def test_threads_get_turns_in_order_without_gaps() -> None:
    clock = FakeClock()
    meter = metered(Quota(limits=(Limit(calls=1, seconds=1),)), clock)
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
    meter = metered(Quota(), clock)
    meter.heed(429, {"Retry-After": "Sat, 11 Apr 2026 12:00:20 GMT"}, theirs())
    assert starts(meter, clock, 1) == [20.0]


def test_a_business_clock_of_its_own_does_not_part_the_quotas() -> None:
    one, two = (open_api(connector(), credentials={"token": SECRET}, clock=FakeClock()) for _ in range(2))
    assert one.meter is two.meter
    for api in (one, two):
        api.close()

"""Throughput under a declared quota: as many calls as a twin with the vendor's own limits bears, and no refusal."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.push.crm import token
from benchmarks.push.measure import Row, sandbox
from connectors import registry
from connectors.gateway import open_api

CONTACTS = "/crm/v3/objects/contacts"


def rows(seconds: float) -> list[Row]:
    """HubSpot's 100 calls in 10 seconds, used for a while by eight callers at once."""
    connector = registry.load("hubspot")
    limit = connector.quota.limits[0]
    seen: list[tuple[float, int]] = []
    with sandbox(headroom=1) as address:
        api = open_api(
            connector, credentials={"token": token(address)}, base_url=f"{address}/hubspot",
            on_exchange=lambda _, response: seen.append((time.perf_counter(), response.status_code)),
        )  # fmt: skip
        over = threading.Event()

        def call(_: int) -> None:
            while not over.is_set():
                api.request("GET", CONTACTS, params={"limit": 1})

        with api, ThreadPoolExecutor(8) as pool:
            callers = [pool.submit(call, number) for number in range(8)]
            time.sleep(seconds)
            over.set()
            for caller in callers:
                caller.result()
    # From the first call of the first window to the first call of the last one.
    windows = (len(seen) - 1) // limit.calls
    took = seen[windows * limit.calls][0] - seen[0][0]
    used = windows * limit.seconds / took
    refused = sum(status == 429 for _, status in seen) / len(seen)
    return [
        Row(work=f"calls under a quota of {limit.calls} in {limit.seconds:.0f} s",
            ours=f"{windows * limit.calls} in {took:.1f} s", goal="95 % used, 429 under 0.1 %",
            peer=f"{took / limit.seconds * limit.calls:.0f} allowed", ratio=f"{used:.1%}, 429: {refused:.2%}",
            met=used >= 0.95 and refused < 0.001),
    ]  # fmt: skip

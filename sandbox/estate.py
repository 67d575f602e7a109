"""Everything that one running sandbox holds: the twins with their stores, one clock, one request log."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.founding import build
from sandbox.store import Store
from sandbox.traffic import Traffic
from sandbox.twin import Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A twin and what it remembers."""

    twin: Twin
    store: Store


@dataclass(slots=True, kw_only=True)
class Estate:
    """``seed`` is that of the company the stores were last filled from."""

    clock: Clock
    served: Mapping[str, Served]
    seed: int
    traffic: Traffic = field(default_factory=Traffic)
    lock: threading.Lock = field(default_factory=threading.Lock)


def found(twins: Mapping[str, Twin], *, seed: int, clock: Clock | None, base_url: str, headroom: int = 1) -> Estate:
    """Gives every twin a store at its own address and fills it from the company."""
    clock = clock or Clock(build(seed).now)
    served = {
        name: Served(
            twin=twin,
            store=Store(
                clock=clock,
                faults=Faults(seed=seed),
                base_url=f"{base_url.rstrip('/')}/{name}",
                headroom=headroom,
            ),
        )
        for name, twin in twins.items()
    }
    estate = Estate(clock=clock, served=served, seed=seed)
    _fill(estate)
    return estate


def reset(estate: Estate, seed: int | None = None) -> None:
    """Back to the beginning: time, records, faults and log; with another ``seed``, another company."""
    with estate.lock:
        estate.seed = estate.seed if seed is None else seed
        estate.clock.restart()
        for served in estate.served.values():
            served.store.clear()
            served.store.faults.clear()
        _fill(estate)
        estate.traffic.clear()


def _fill(estate: Estate) -> None:
    company = build(estate.seed)
    for served in estate.served.values():
        with served.store.lock:
            served.twin.seed(company, served.store)

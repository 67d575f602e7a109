"""What the tests of the kit share: a clock that moves only when told, and a connector made for the occasion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Bearer, Connector, Cursor, Page, Resource
from connectors.vault import MemoryVault

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "secret-token-of-acme"


@dataclass(slots=True)
class FakeClock:
    """Calling it tells the time; ``sleep`` moves it and remembers by how much."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def connector(**changes: Any) -> Connector:
    """A connector named ``acme`` with a bearer token; ``changes`` replace its members."""
    plain: dict[str, Any] = {
        "name": "acme",
        "title": "Acme",
        "roles": ("crm",),
        "docs": "https://acme.test/docs",
        "base_url": "https://api.acme.test",
        "auth": Bearer(),
    }
    return Connector(**(plain | changes))


def gateway(
    handler: Callable[[httpx.Request], httpx.Response], *, clock: FakeClock | None = None, **changes: Any
) -> Gateway:
    """The api of an acme that answers by ``handler``; pauses are full (no jitter) and pass at once."""
    clock = clock or FakeClock()
    options: dict[str, Any] = {
        "connector": connector(),
        "credentials": {"token": SECRET},
        "vault": MemoryVault(),
        "patience": Patience(draw=lambda most: most),
    }
    options |= changes
    return open_api(
        options.pop("connector"), clock=clock, sleep=clock.sleep, transport=httpx.MockTransport(handler), **options
    )


@dataclass(slots=True)
class MemorySystem:
    """An ``Api`` without a wire, for readers that need none."""

    system: str = "acme"
    clock: FakeClock = field(default_factory=FakeClock)
    calls: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.clock()


def resource(name: str, pages: Callable[[Cursor], Iterator[Page]], **changes: Any) -> Resource:
    """A resource whose pages come from a function of the cursor."""
    return Resource(name=name, read=lambda _, cursor: pages(cursor), **({"id": "id", "deletes": "compare"} | changes))

"""The whole sandbox on loopback with an ear at the door: every call of every client, and every answer of every twin.

An answer that is dropped on purpose never leaves the sandbox; the second ear, behind the faults, hears it all the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Router

from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.discovery import twins
from sandbox.estate import Estate, found
from sandbox.faults import Fault
from sandbox.guard import ConnectionCut
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from sandbox.twin import Twin
from tests.vendors.exchange import App, Exchange, Receive, Recording, RecordingApp, Scope, Send

_HEARD = "conformance.heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A served sandbox: where it answers, what it holds, and what was said so far."""

    address: str
    estate: Estate
    recording: Recording

    def fault(self, system: str, kind: str, **more: Any) -> None:
        """Switch on a fault for one call."""
        self.estate.served[system].store.faults.add(Fault(system=system, kind=kind, **{"times": 1, **more}))

    def said(self, system: str, since: int = 0) -> list[Exchange]:
        """What was exchanged with one twin, after the first ``since`` exchanges of all."""
        return [one for one in list(self.recording)[since:] if one.system == system]


@dataclass(frozen=True, slots=True)
class _Door:
    """Hears whole exchanges; of a call that is cut off, what the twin had answered."""

    inner: RecordingApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heard: list[Exchange] = []
        scope[_HEARD] = heard
        try:
            await self.inner(scope, receive, send)
        except ConnectionCut:
            for one in heard:
                self.inner.recording.add(one)
            raise


@dataclass(frozen=True, slots=True)
class _Inside:
    """Stands between the faults and the twin."""

    inner: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = Recording()
        await RecordingApp(self.inner, recording=taken)(scope, receive, send)
        scope[_HEARD].extend(taken)


@contextlib.contextmanager
def listened(
    *, seed: int = 1, clock: Clock | None = None, only: Sequence[str] | None = None, headroom: int = 20
) -> Iterator[Sandbox]:
    """The sandbox of ``sandbox.serving.serving``, listened to for the time of a ``with``."""
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        heard: Mapping[str, Twin] = {name: _overheard(twin) for name, twin in twins(only).items()}
        estate = found(heard, seed=seed, clock=clock, base_url=url(bound), headroom=headroom)
        recorder = RecordingApp(assemble(estate))
        with serving_app(cast("Starlette", _Door(recorder)), bound) as address:
            yield Sandbox(address=address, estate=estate, recording=recorder.recording)


def _overheard(twin: Twin) -> Twin:
    def routes(store: Store) -> Sequence[BaseRoute]:
        return [Mount("", app=_Inside(Router(routes=list(twin.routes(store)), redirect_slashes=False)))]

    return replace(twin, routes=routes)

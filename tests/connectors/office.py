"""Whole syncs from an office's files into one system: files, twin, and the company between them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from benchmarks.declared.systems import entry
from connectors import gateway
from pipelines.company import Company, assemble
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox.app import assemble as serve
from sandbox.clock import Clock
from sandbox.company import Company as Seed
from sandbox.estate import Served, found
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from tests.connectors.desk import NOW, twin_of
from tests.pipelines import short_read

Rows = Sequence[Mapping[str, Any]]
LIVE = {"mode": "live", "deletes": "mirror"}


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's files, the twin that they are written to, and the company between them."""

    folder: Path
    served: Served
    company: Company
    beside: Mapping[str, Served]

    @property
    def store(self) -> Store:
        return self.served.store

    def say(self, **files: Rows) -> None:
        """What the office's files hold from now on."""
        for name, rows in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(list(rows)), encoding="utf-8")

    def sync(self, **later: float) -> Session:
        """One sync, 20 minutes after the last thing that happened unless told otherwise."""
        self.store.clock.advance(timedelta(**later or {"minutes": 20}))
        done = run_sync(self.company, check=lambda *_: ())
        assert done.problems == {}
        return done

    def wanted(self, **later: float) -> list[tuple[str, str, dict[str, Any]]]:
        """What a sync wants to change: entity, action, values."""
        return [(one.entity, one.action, dict(one.after)) for plan in self.sync(**later).plans for one in plan.changes]

    def fault(self, kind: str, **more: Any) -> None:
        """Switch on a fault, for good unless ``times`` says otherwise."""
        self.store.faults.add(Fault(system=self.served.twin.name, kind=kind, **more))


@contextlib.contextmanager
def opened(
    system: str,
    folder: Path,
    *,
    files: Mapping[str, Rows],
    maps: Sequence[Mapping[str, Any]],
    handoffs: Mapping[str, Mapping[str, Any]],
    roles: Sequence[str] = ("scheduling",),
    company: Seed | None = None,
    beside: Mapping[str, Seed] = MappingProxyType({}),
    settings: Mapping[str, Any] | None = None,
    **stack: Any,
) -> Iterator[Office]:
    """One company for all tests of a module, in their order: compiling its plans takes longer than all of its syncs.

    files     name -> what it holds at first, by ``id``; ``maps`` say what that is. No files: no office
    handoffs  entity -> what its handoff has beyond being live; ``roles`` are the office's
    company   what the twin is filled from, instead of the sandbox's own
    settings  of the system, beyond those that its twin gives away; ``stack`` are more parts of the stack
    beside    other systems of the company that are only read, and what their twins are filled from
    """
    clock, twin = Clock(NOW, ticker=lambda: 0.0), twin_of(system, company)
    passing = partial(gateway.open_api, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(listen("127.0.0.1", 0)) as bound:
        others = {name: twin_of(name, seed) for name, seed in beside.items()}
        estate = found({system: twin, **others}, seed=1, clock=clock, base_url=url(bound), headroom=100)
        with serving_app(serve(estate), bound) as address:
            patch.setattr(gateway, "open_api", passing)
            patch.setattr("pipelines.sync.read_all", short_read.read_all)
            entries = {name: entry(name, address, headroom=100) for name in (system, *others)}
            entries[system]["settings"] |= settings or {}
            told = {
                "company": "Acme Heating",
                "time_zone": "America/Chicago",
                "currency": "USD",
                "systems": {**({"office": _files(folder, files, maps, roles)} if files else {}), **entries},
                "handoffs": {f"{system}.{entity}": {**LIVE, **more} for entity, more in handoffs.items()},
                **stack,
            }
            (folder / "stack.yml").write_text(json.dumps(told), encoding="utf-8")
            one = Office(
                folder=folder,
                served=estate.served[system],
                beside={name: estate.served[name] for name in others},
                company=assemble(load(folder / "stack.yml"), clock=clock.now),
            )
            one.say(**files)
            yield one


def _files(
    folder: Path, files: Mapping[str, Rows], maps: Sequence[Mapping[str, Any]], roles: Sequence[str]
) -> dict[str, Any]:
    resources = {name: {"path": str(folder / f"{name}.json"), "id": "id"} for name in files}
    return {"connector": "files", "roles": list(roles), "maps": list(maps), "resources": resources}

"""A company of in-memory systems on the real path from raw to push.

Replaced are dlt (``lake``), the checks of great_expectations, and what only costs time in a tiny company: warehouse and
ledger stay open between syncs, and no snapshot is published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self
from unittest.mock import patch

from benchmarks.simulator import connectors as declared
from benchmarks.simulator import systems as forms
from benchmarks.simulator.lake import Lake
from benchmarks.simulator.systems import Clock, Form, Killed, Store
from models.entities import ENTITIES
from models.schema import Binding, Context, Model
from pipelines.company import Company
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, open_ledger
from pipelines.session import Session
from pipelines.settings import load
from pipelines.statements import Statements
from pipelines.sync import run_sync
from pipelines.warehouse import Warehouse, prepare

START = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
SKEW = timedelta(minutes=5)
SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # name -> systems, entities
    "people": (("crm", "field", "books"), ("customer",)),
    "money": (("crm", "field", "books"), ("customer", "invoice")),
    "visits": (("crm", "field", "cal"), ("customer", "technician", "appointment", "assignment")),
    "whole": (
        ("crm", "field", "books", "cal"),
        ("customer", "technician", "appointment", "assignment", "invoice"),
    ),
}
FORMS: Mapping[str, Mapping[str, Form]] = {
    "crm": {"first": forms.trimmed, "phone": forms.spaced_phone},
    "field": {"last": forms.trimmed, "phone": forms.spaced_phone},
    "books": {"city": forms.capitals, "first": forms.capitals, "total": forms.cents},
    "cal": {"start": forms.to_the_minute, "title": forms.capitals},
}
RULES = {"customer.given_name": ("latest", ("crm", "field", "books"))}
MIRRORED = ("field.customer", "cal.assignment")


@dataclass(slots=True, kw_only=True)
class World:
    """One company's systems, its pipeline's state, and what its last sync said."""

    folder: Path
    shape: str
    clock: Clock
    stores: dict[str, Store]
    lake: Lake
    company: Company
    warehouse: Warehouse
    ledger: Ledger
    decoder: Decoder
    session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.warehouse.close()
        self.ledger.close()
        self.decoder.__exit__(None, None, None)

    @property
    def entities(self) -> tuple[str, ...]:
        return SHAPES[self.shape][1]

    def sync(self, systems: Sequence[str] | None = None, believe: Sequence[str] = ()) -> Session | None:
        """One sync on the real path; None when the process died in it."""
        self.clock.tick(60)
        try:
            with self._held_open():
                self.session = run_sync(self.company, check=lambda *_: (), systems=systems, believe=believe)
        except Killed:
            self.session = None
        self.clock.tick(60)
        return self.session

    @contextmanager
    def _held_open(self) -> Iterator[None]:
        @contextmanager
        def warehouse(*_: object) -> Iterator[Warehouse]:
            yield self.warehouse

        @contextmanager
        def ledger(_: str) -> Iterator[Ledger]:
            yield self.ledger

        @contextmanager
        def decoder(*_: object) -> Iterator[Decoder]:
            yield self.decoder

        replaced = {"read_all": self.lake.read_all, "loads": self.lake.loads, "open_warehouse": warehouse}
        with ExitStack() as stack:
            stack.enter_context(patch.multiple("pipelines.sync", **replaced, publish_snapshot=lambda _: None))
            stack.enter_context(patch.multiple("pipelines.session", open_ledger=ledger, Decoder=decoder))
            yield


def found(folder: Path, shape: str, random: Random) -> World:
    """A new company; the clocks of its systems and how they spell what they keep are drawn."""
    clock = Clock(START)
    names, entities = SHAPES[shape]
    stores = {
        name: Store(
            name=name,
            clock=clock,
            deletes=declared.DELETES[name],
            skew=SKEW * random.uniform(-1, 1),
            forms=FORMS[name] if random.random() < 0.7 else {},
            late=random.random() < 0.2,
            silent=random.random() < 0.2,
        )
        for name in names
    }
    company = _company(folder, stores, entities, clock)
    return World(
        folder=folder,
        shape=shape,
        clock=clock,
        stores=stores,
        lake=Lake(folder=folder),
        company=company,
        warehouse=open_empty(company, shape),
        ledger=open_ledger(company.stack.ledger_url),
        decoder=Decoder(company.model, f"simulated {shape}"),
    )


def open_empty(company: Company, shape: str) -> Warehouse:
    """An empty warehouse of this company in memory; companies of one shape compile to the same SQL.

    One thread and no optimizer: over a few dozen rows planning takes longer than what it saves.
    """
    warehouse = Warehouse(":memory:")
    warehouse.run("SET threads = 1")
    warehouse.run("PRAGMA disable_optimizer")
    warehouse.statements = Statements(f"simulated {shape}")
    prepare(warehouse, company.model)
    return warehouse


def _company(folder: Path, stores: Mapping[str, Store], entities: Sequence[str], clock: Clock) -> Company:
    path = folder / "stack.yml"
    made = {name: declared.connector(store, entities) for name, store in stores.items()}
    path.write_text(json.dumps(_stack(made)))  # JSON is YAML
    stack = load(path)
    bindings = tuple(Binding(name=n, roles=one.roles, maps=one.maps) for n, one in made.items())
    model = Model(
        entities=ENTITIES, bindings=bindings, rules=stack.ownership, context=Context(time_zone=stack.time_zone)
    )
    resources = {name: one.resources for name, one in made.items()}
    return Company(stack=stack, model=model, connectors=made, resources=resources, clock=clock)


def _stack(made: Mapping[str, Any]) -> dict[str, Any]:
    handoffs = {f"{name}.{w.entity}": {"mode": "live"} for name, one in made.items() for w in one.writes}
    for name in MIRRORED:
        if name in handoffs:
            handoffs[name]["deletes"] = "mirror"
    return {
        "company": "Simulated",
        "time_zone": "America/Chicago",
        "systems": {
            name: {"roles": list(one.roles), "base_url": "http://127.0.0.1:1", "environment": "sandbox"}
            for name, one in made.items()
        },
        "handoffs": handoffs,
        "ownership": {key: {kind: [n for n in order if n in made]} for key, (kind, order) in RULES.items()},
        "guards": {"deletes": 1000, "creates": 10000, "overwrites": 10000, "money": 100000000},
    }

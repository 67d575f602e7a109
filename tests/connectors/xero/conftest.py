"""Xero's twin on loopback with a small company's books, and the connector that talks to it.

Serving and connecting once serves all tests of a module; each test gets the books anew.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Outgoing, Page, Record, Written
from connectors.xero import CONNECTOR
from models.change import Action, Change
from models.fields import encode_record
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import Estate, Served
from sandbox.faults import Fault, Faults
from sandbox.records import keep
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from sandbox.xero import TWIN
from tests.connectors.canonical import CONTEXT, Stage
from tests.sandbox.quickbooks_online.desk import COMPANY, NOW
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

READERS = {resource.name: resource.read for resource in CONNECTOR.resources}
WRITES = {write.entity: write for write in CONNECTOR.writes}
MAP_OF = {one.to: one for one in CONNECTOR.maps}
STAGES: dict[str, Stage] = {}  # a map's reading, compiled by its first use in a module


def row(entity: str, record: Record | None) -> dict[str, Any]:
    """One record as its map reads it; it must not be broken."""
    assert record is not None
    if entity not in STAGES:
        STAGES[entity] = Stage(CONNECTOR, MAP_OF[entity])
    (found,) = STAGES[entity].rows([record])
    assert found["broken"] is None
    return found


def canonical(entity: str, record: Record | None) -> dict[str, Any]:
    """One record's canonical values."""
    found = row(entity, record)
    return {name: found[name] for name in MAP_OF[entity].fields}


def lines(*parts: tuple[str | None, str, str, str]) -> str:
    """Canonical lines of item, description, quantity and price."""
    told = ({"item": i, "description": d, "quantity": q, "unit_price": p, "amount": str(float(q) * float(p))}
            for i, d, q, p in parts)  # fmt: skip
    return json.dumps(list(told))


def outgoing(
    entity: str, action: Action, after: Mapping[str, Any], *, desired: Mapping[str, Any] | None = None,
    id: str | None = None, refs: Mapping[str, str] | None = None, core_id: str = "cus_0123456789abcdef",
) -> Outgoing:  # fmt: skip
    """A change on its way, encoded by the map as a push does it."""
    named = dict(refs or {})
    change = Change(
        system="xero", entity=entity, core_id=core_id, action=action, target_id=id, after=after,
        desired={**(desired or {}), **after}, refs=named,
    )  # fmt: skip
    known = {name: id for name, id in named.items() if name in MAP_OF[entity].fields}
    return Outgoing(change=change, record=encode_record(MAP_OF[entity].fields, {**after, **known}), key=change.id)


@dataclass(slots=True, kw_only=True)
class Books:
    """The twin's store and the connector's way in; ``recording`` holds every exchange between them."""

    served: Served
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    @property
    def store(self) -> Store:
        return self.served.store

    def read(self, resource: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(READERS[resource](self.api, cursor or {}))

    def all(self, resource: str) -> list[Record]:
        return [record for page in self.read(resource) for record in page.records]

    def since(self, resource: str, **span: float) -> Mapping[str, Any]:
        """The cursor of a whole read now, after which some time passes."""
        cursor = self.read(resource)[-1].cursor
        assert cursor is not None
        self.pass_time(**(span or {"minutes": 10}))
        return cursor

    def changed(self, resource: str, cursor: Mapping[str, Any]) -> list[Record]:
        return [record for page in self.read(resource, cursor) for record in page.records]

    def pass_time(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def edit(self, collection: str, id: str, **members: Any) -> None:
        """A person changes a record."""
        record = self.store.get(collection, id)
        assert record is not None
        keep(self.served, collection, id, {**record, **members})

    def one(self, collection: str, **members: Any) -> dict[str, Any]:
        """The first record with these members."""
        return next(row for row in self.store.all(collection) if members.items() <= row.items())

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="xero", kind=kind, **more))

    def sent(self, method: str, tail: str) -> int:
        return sum(one.method == method and one.path.endswith(tail) for one in self.recording)

    def create(self, entity: str, after: Mapping[str, Any], **more: Any) -> Written:
        create = WRITES[entity].create
        assert create is not None
        return create(self.api, outgoing(entity, "create", after, **more))

    def update(self, entity: str, id: str, after: Mapping[str, Any], **more: Any) -> Written:
        update = WRITES[entity].update
        assert update is not None
        return update(self.api, outgoing(entity, "update", after, id=id, **more))

    def delete(self, entity: str, id: str) -> Written:
        delete = WRITES[entity].delete
        assert delete is not None
        return delete(self.api, outgoing(entity, "delete", {}, id=id))

    def find(self, entity: str, after: Mapping[str, Any], **more: Any) -> Written | None:
        find = WRITES[entity].find
        assert find is not None
        return find(self.api, outgoing(entity, "create", after, **more))


@pytest.fixture(scope="module")
def line() -> Iterator[Books]:
    """The served twin and an open connection to it."""
    clock, recording = Clock(NOW, ticker=lambda: 0.0), Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        store = Store(clock=clock, faults=Faults(), base_url=f"{url(bound)}/xero", headroom=1000)
        served = Served(twin=TWIN, store=store)
        with (
            serving_app(assemble(Estate(clock=clock, served={"xero": served}, seed=1)), bound) as address,
            open_api(
                CONNECTOR,
                credentials={name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")},
                settings={"tenant_id": TWIN.credentials["tenant_id"]},
                base_url=f"{address}/xero",
                context=CONTEXT,
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=RecordingTransport(httpx.HTTPTransport(), recording=recording),
                patience=Patience(tries=2, draw=lambda most: most),
            ) as api,
        ):
            yield Books(served=served, api=api, recording=recording)
    while STAGES:
        STAGES.popitem()[1].__exit__()


@pytest.fixture
def books(line: Books) -> Iterator[Books]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    line.recording.exchanges.clear()
    tokens = line.store.bag.get("tokens")
    line.store.clear()
    line.store.bag |= {"tokens": tokens} if tokens else {}  # the connection stays signed in
    line.store.faults.clear()
    TWIN.seed(COMPANY, line.store)
    yield line
    if (VENDORS / "xero").exists():
        assert problems_of(line.recording) == []


@pytest.fixture
def impatient(books: Books) -> Books:
    """The same books, asked by somebody who never asks twice."""
    return replace(books, api=replace(books.api, patience=Patience(tries=1)))

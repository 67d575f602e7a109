"""A twin on loopback, its clock moved only by the test and by waiting, and the connector that talks to it.

``opened`` serves and connects once for a module, ``fresh`` gives each test the company anew and holds what was said
against the vendor's description. What a map reads and what a push sends is ``row``, ``canonical`` and ``outgoing``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Self

import httpx

from connectors import registry
from connectors.gateway import Gateway, Patience, open_api
from connectors.raw import identify
from connectors.spec import Connector, Cursor, Outgoing, Page, Record, Write, Written
from models.change import Action, Change
from models.fields import encode_record
from models.schema import Map
from sandbox import records
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.discovery import twins
from sandbox.estate import Estate, Served, found, reset
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from sandbox.twin import Twin
from tests.connectors.canonical import CONTEXT, Stage
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of the month that the tests play in, UTC and without an offset, as canonical values are."""
    return NOW.replace(day=day, hour=hour, minute=minute, tzinfo=None)


def map_of(system: str, entity: str, resource: str | None = None) -> Map:
    """The system's map of an entity: the only one, or of several that of the resource, or the one that is written."""
    connector = registry.load(system) if resource else registry.chosen(registry.load(system), {})
    found = [one for one in connector.maps if one.to == entity and resource in (None, one.resource)]
    written = {write.resource for write in connector.writes if write.entity == entity}
    (one,) = found if len(found) == 1 else [one for one in found if one.resource in written]
    return one


@cache
def _stage(system: str, entity: str, resource: str | None) -> Stage:
    return Stage(registry.load(system), map_of(system, entity, resource))


def row(system: str, entity: str, record: Record | None, *, resource: str | None = None) -> dict[str, Any]:
    """One record as its map reads it, technical columns included; it must not be broken."""
    assert record is not None
    (read,) = _stage(system, entity, resource).rows([record])
    assert read["broken"] is None
    return read


def canonical(system: str, entity: str, record: Record | None, *, resource: str | None = None) -> dict[str, Any]:
    """One record's canonical values."""
    read = row(system, entity, record, resource=resource)
    return {name: read[name] for name in map_of(system, entity, resource).fields}


def outgoing(
    system: str,
    entity: str,
    action: Action,
    values: Mapping[str, Any],
    *,
    core_id: str = "cus_0123456789abcdef",
    target_id: str | None = None,
    desired: Mapping[str, Any] | None = None,
    refs: Mapping[str, str] | None = None,
    resource: str | None = None,
    **more: Any,
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it; ``desired`` is what the target has besides."""
    known, fields = dict(refs or {}), map_of(system, entity, resource).fields
    change = Change(
        system=system, entity=entity, core_id=core_id, action=action, target_id=target_id, after=values,
        desired={**(desired or {}), **values}, refs=known, **more,
    )  # fmt: skip
    wire = {**values, **{name: id for name, id in known.items() if name in fields}}
    return Outgoing(change=change, record=encode_record(fields, wire), key=change.id)


@dataclass(slots=True, kw_only=True)
class Desk:
    """The twin's records and the connector's way in; ``recording`` holds every exchange between them."""

    connector: Connector
    estate: Estate
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    @property
    def served(self) -> Served:
        return self.estate.served[self.connector.name]

    @property
    def store(self) -> Store:
        return self.served.store

    @property
    def twin(self) -> Twin:
        return self.served.twin

    def read(self, resource: str, cursor: Cursor | None = None) -> list[Page]:
        (one,) = (one for one in self.connector.resources if one.name == resource)
        return list(one.read(self.api, cursor or {}))

    def all(self, resource: str, cursor: Cursor | None = None) -> list[Record]:
        """The records of all pages."""
        return [record for page in self.read(resource, cursor) for record in page.records]

    def since(self, resource: str, **span: float) -> Cursor:
        """The cursor of a whole read now, after which some time passes."""
        cursor = self.read(resource)[-1].cursor
        assert cursor is not None
        self.later(**(span or {"minutes": 10}))
        return cursor

    def writing(self, entity: str) -> Write:
        (one,) = (one for one in self.connector.writes if one.entity == entity)
        return one

    def encoded(self, entity: str, action: Action, values: Mapping[str, Any], **more: Any) -> Outgoing:
        """A change on its way to the resource that this desk's settings choose for it."""
        return outgoing(self.connector.name, entity, action, values, resource=self.writing(entity).resource, **more)

    def write(self, entity: str, action: Action, values: Mapping[str, Any], **more: Any) -> Written:
        send = getattr(self.writing(entity), action)
        written: Written = send(self.api, self.encoded(entity, action, values, **more))
        return written

    def create(self, entity: str, values: Mapping[str, Any], **more: Any) -> Written:
        return self.write(entity, "create", values, **more)

    def update(self, entity: str, id: str, values: Mapping[str, Any], **more: Any) -> Written:
        return self.write(entity, "update", values, target_id=id, **more)

    def delete(self, entity: str, id: str, **more: Any) -> Written:
        return self.write(entity, "delete", {}, target_id=id, **more)

    def find(self, entity: str, values: Mapping[str, Any], **more: Any) -> Written | None:
        """What a create whose answer was lost would find."""
        find = self.writing(entity).find
        assert find is not None
        return find(self.api, self.encoded(entity, "create", values, **more))

    def fetch(self, entity: str, id: str) -> Written | None:
        return self.writing(entity).fetch(self.api, id)

    def prepare(self) -> None:
        """As every push does before it writes."""
        assert self.connector.prepare is not None
        self.connector.prepare(self.api)
        self.recording.exchanges.clear()

    def one(self, collection: str, **members: Any) -> dict[str, Any]:
        """The twin's first record with these members."""
        return next(row for row in self.store.all(collection) if members.items() <= row.items())

    def edit(self, collection: str, id: str, **members: Any) -> None:
        """A person changes a record, a minute after the last thing that happened."""
        self.later(minutes=1)
        record = records.get(self.served, collection, id)
        assert record is not None
        records.keep(self.served, collection, id, records.merged(record, members))

    def remove(self, collection: str, id: str) -> None:
        """A person deletes a record, a minute after the last thing that happened."""
        self.later(minutes=1)
        self.twin.remove(self.store, collection, id)

    def later(self, **span: float) -> None:
        self.estate.clock.advance(timedelta(**span))

    def fault(self, kind: str, **more: Any) -> None:
        """Switch on a fault: for one call, unless ``times`` says otherwise."""
        self.store.faults.add(Fault(system=self.connector.name, kind=kind, **{"times": 1, **more}))

    def sent(self, method: str, tail: str) -> int:
        """How many requests of a method went to paths that end so."""
        return sum(one.method == method and one.path.endswith(tail) for one in self.recording)

    def said(self, below: str = "") -> list[str]:
        """The requests so far, but for signing in, as ``METHOD path`` below the API's own path."""
        sent = (f"{one.method} {one.path.removeprefix(below)}" for one in self.recording)
        return [line for line in sent if "oauth" not in line]

    def impatient(self) -> Self:
        """The same desk, where nobody asks twice."""
        return replace(self, api=replace(self.api, patience=Patience(tries=1)))


@contextlib.contextmanager
def opened(
    system: str,
    *,
    company: Company | None = None,
    headroom: int = 100,
    tries: int = 1,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Desk]:
    """A system's twin, served, with an open connection to it; ``company`` instead of the sandbox's own."""
    twin, recording = twin_of(system, company), Recording()
    connector = registry.chosen(registry.load(system), settings)
    given = known(connector, twin)
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        clock = Clock(NOW, ticker=lambda: 0.0)
        estate = found({system: twin}, seed=1, clock=clock, base_url=url(bound), headroom=headroom)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                connector,
                credentials=given["credentials"],
                settings={**given["settings"], **settings},
                base_url=f"{address}/{system}",
                context=CONTEXT,
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=RecordingTransport(httpx.HTTPTransport(), recording=recording),
                patience=Patience(tries=tries, draw=lambda most: most),
            ) as api,
        ):
            yield Desk(connector=connector, estate=estate, api=api, recording=recording)


def twin_of(system: str, company: Company | None = None) -> Twin:
    """The system's twin, filled from a company instead of the sandbox's own where one is given."""
    twin = twins([system])[system]
    if company is None:
        return twin
    return replace(twin, seed=lambda _, store: twin.seed(company, store))


def known(connector: Connector, twin: Twin) -> dict[str, dict[str, str]]:
    """The credentials and settings of a connector that its twin gives away."""
    given = {"token": twin.credentials.get("access_token", ""), **twin.credentials}
    return {
        "credentials": {one.name: given[one.name] for one in connector.credentials if one.name in given},
        "settings": {one.name: given[one.name] for one in connector.settings if one.name in given},
    }


@contextlib.contextmanager
def fresh(desk: Desk, *, keeps: Sequence[str] = ()) -> Iterator[Desk]:
    """The desk as it was opened; what is said meanwhile is held against the vendor's description, where that is here.

    ``keeps`` names what of the twin's bag stays, because our connection does: its tokens.
    """
    ahead = desk.estate.clock.now() - NOW
    kept = {name: desk.store.bag[name] for name in keeps if name in desk.store.bag}
    reset(desk.estate)
    desk.store.bag |= kept
    desk.estate.clock.advance(ahead)  # token and quota live through a reset, so time goes on
    desk.recording.exchanges.clear()
    yield desk
    if (VENDORS / desk.connector.name).exists():
        assert problems_of(desk.recording) == []


def ids(system: str, resource: str, pages: Sequence[Page]) -> list[str]:
    """The ids of the records of a resource's pages."""
    (one,) = (one for one in registry.load(system).resources if one.name == resource)
    return [str(identify(one, record)) for page in pages for record in page.records]


def gone(pages: Sequence[Page]) -> list[str]:
    """The ids that pages report as deleted."""
    return [id for page in pages for id in page.deleted]

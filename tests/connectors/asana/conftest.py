"""Asana's twin on loopback, its clock moved only by the test and by waiting, and the connector that talks to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest

from connectors.asana import CONNECTOR
from connectors.asana.maps import MAPS
from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Outgoing, Page, Record, Written
from models.change import Action, Change
from models.fields import encode_record
from sandbox import records
from sandbox.app import assemble
from sandbox.asana import TWIN
from sandbox.clock import Clock
from sandbox.estate import Estate, Served, found, reset
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from tests.connectors.canonical import Stage
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
READERS = {resource.name: resource.read for resource in CONNECTOR.resources}
WRITES = {write.entity: write for write in CONNECTOR.writes}
MAP_OF = {one.to: one for one in MAPS}
GIVEN = TWIN.credentials
SETTINGS = {one.name: GIVEN[one.name] for one in CONNECTOR.settings}
SIGN_IN = {one.name: GIVEN[one.name] for one in CONNECTOR.credentials}


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of the month that the tests play in, UTC and without an offset, as canonical values are."""
    return NOW.replace(day=day, hour=hour, minute=minute, tzinfo=None)


@cache
def _stage(entity: str) -> Stage:
    return Stage(CONNECTOR, MAP_OF[entity])


def canonical(entity: str, record: Record | None) -> dict[str, Any]:
    """One record's canonical values."""
    assert record is not None
    (row,) = _stage(entity).rows([record])
    assert row["broken"] is None
    return row


def outgoing(
    entity: str,
    action: Action,
    values: Mapping[str, Any],
    *,
    core_id: str = "x_1",
    refs: Mapping[str, str] | None = None,
    **more: Any,
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it."""
    refs = refs or {}
    change = Change(
        system="asana",
        entity=entity,
        core_id=core_id,
        action=action,
        after=values,
        refs=refs,
        **{"desired": values, **more},
    )
    wire = {**values, **{name: ref for name, ref in refs.items() if name in values}}
    return Outgoing(change=change, record=encode_record(MAP_OF[entity].fields, wire), key="0" * 32)


@dataclass(slots=True, kw_only=True)
class Desk:
    """The twin's records and the connector's way in; ``recording`` holds every exchange between them."""

    estate: Estate
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    @property
    def served(self) -> Served:
        return self.estate.served["asana"]

    def read(self, resource: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(READERS[resource](self.api, cursor or {}))

    def write(self, entity: str, action: Action, values: Mapping[str, Any], **more: Any) -> Written:
        send = getattr(WRITES[entity], action)
        written: Written = send(self.api, outgoing(entity, action, values, **more))
        return written

    def task(self, place: int = 0) -> dict[str, Any]:
        return self.served.store.all("tasks")[place]

    def edit(self, gid: str, **members: Any) -> None:
        """A person changes a task, a minute after the last thing that happened."""
        self.later(minutes=1)
        found = records.get(self.served, "tasks", gid)
        assert found is not None
        records.keep(self.served, "tasks", gid, records.merged(found, members))

    def remove(self, gid: str) -> None:
        self.later(minutes=1)
        TWIN.remove(self.served.store, "tasks", gid)

    def later(self, **length: float) -> None:
        self.estate.clock.advance(timedelta(**length))

    def fault(self, kind: str, **more: Any) -> None:
        self.served.store.faults.add(Fault(system="asana", kind=kind, **{"times": 1, **more}))

    def said(self) -> list[str]:
        """The requests so far, but for signing in, as ``METHOD path``."""
        sent = (f"{one.method} {one.path.removeprefix('/api/1.0')}" for one in self.recording)
        return [line for line in sent if "oauth" not in line]


@pytest.fixture(scope="module")
def office() -> Iterator[Desk]:
    """One served twin for a file of tests; every exchange is held against the vendor's description at the end."""
    recording = Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        clock = Clock(NOW, ticker=lambda: 0.0)
        estate = found({"asana": TWIN}, seed=1, clock=clock, base_url=url(bound), headroom=100)
        transport = RecordingTransport(httpx.HTTPTransport(), recording=recording)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                CONNECTOR,
                credentials=SIGN_IN,
                settings=SETTINGS,
                base_url=f"{address}/asana",
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=transport,
                patience=Patience(tries=1),
            ) as api,
        ):
            yield Desk(estate=estate, api=api, recording=recording)


@pytest.fixture
def desk(office: Desk) -> Iterator[Desk]:
    """The office as it was founded; what is said during the test is valid on both sides."""
    ahead = office.estate.clock.now() - NOW
    reset(office.estate)
    office.estate.clock.advance(ahead)  # the connector's token and quota live through a reset, so time goes on
    office.recording.exchanges.clear()
    yield office
    if (VENDORS / "asana").exists():
        assert problems_of(office.recording) == []


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """The desk after ``prepare``, as every push finds it."""
    assert CONNECTOR.prepare is not None
    CONNECTOR.prepare(desk.api)
    desk.recording.exchanges.clear()
    return desk


def ids(pages: Sequence[Page]) -> list[str]:
    return [record["gid"] for page in pages for record in page.records]


def gone(pages: Sequence[Page]) -> list[str]:
    return [id for page in pages for id in page.deleted]

"""Slack's twin on loopback, its clock moved only by the test and by waiting, and the connector that talks to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest

from connectors.gateway import Gateway, Patience, open_api
from connectors.slack import CONNECTOR
from connectors.slack.maps import MAPS
from connectors.spec import Outgoing, Page, Record, Written
from models.change import Action, Change
from models.fields import encode_record
from sandbox import records
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import Estate, Served, found, reset
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from sandbox.slack import TWIN
from tests.connectors.canonical import Stage
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
READERS = {resource.name: resource.read for resource in CONNECTOR.resources}
WRITES = {write.entity: write for write in CONNECTOR.writes}
MAP_OF = {one.to: one for one in MAPS}
GIVEN = TWIN.credentials
CHANNEL = GIVEN["channel"]


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
        system="slack",
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
        return self.estate.served["slack"]

    def read(self, resource: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(READERS[resource](self.api, cursor or {}))

    def write(self, entity: str, action: Action, values: Mapping[str, Any], **more: Any) -> Written:
        send = getattr(WRITES[entity], action)
        written: Written = send(self.api, outgoing(entity, action, values, **more))
        return written

    def edit(self, id: str, **members: Any) -> None:
        """A person changes somebody, a minute after the last thing that happened."""
        self.later(minutes=1)
        found = records.get(self.served, "users", id)
        assert found is not None
        records.keep(self.served, "users", id, records.merged(found, members))

    def remove(self, collection: str, id: str) -> None:
        self.later(minutes=1)
        TWIN.remove(self.served.store, collection, id)

    def say(self, text: str) -> None:
        """Somebody says something in the channel."""
        self.later(seconds=1)
        ts = f"{int(self.estate.clock.now().timestamp())}.000000"
        message = {"channel": CHANNEL, "user": "U0KRQLT01", "text": text, "ts": ts}
        records.keep(self.served, "messages", f"{CHANNEL}:{ts}", message)

    def later(self, **length: float) -> None:
        self.estate.clock.advance(timedelta(**length))

    def fault(self, kind: str, **more: Any) -> None:
        self.served.store.faults.add(Fault(system="slack", kind=kind, **{"times": 1, **more}))

    def said(self) -> list[str]:
        """The requests so far, as ``METHOD method``."""
        return [f"{one.method} {one.path.removeprefix('/api/')}" for one in self.recording]


@pytest.fixture(scope="module")
def office() -> Iterator[Desk]:
    """One served twin for a file of tests; every exchange is held against the vendor's description at the end."""
    recording = Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        clock = Clock(NOW, ticker=lambda: 0.0)
        estate = found({"slack": TWIN}, seed=1, clock=clock, base_url=url(bound), headroom=100)
        transport = RecordingTransport(httpx.HTTPTransport(), recording=recording)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                CONNECTOR,
                credentials={"token": GIVEN["token"]},
                settings={"channel": CHANNEL},
                base_url=f"{address}/slack",
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
    if (VENDORS / "slack").exists():
        assert problems_of(office.recording) == []


def ids(pages: Sequence[Page]) -> list[str]:
    (id,) = (one.id for one in CONNECTOR.resources if one.name == "messages")
    assert callable(id)
    return [id(record) for page in pages for record in page.records]

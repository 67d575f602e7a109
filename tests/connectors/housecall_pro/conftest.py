"""The twin of Housecall Pro with a small company's work, in process, and the connector that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.gateway import Gateway, Patience, open_api
from connectors.housecall_pro import CONNECTOR
from connectors.spec import Outgoing, Page, Record, Written
from models.change import Action, Change
from models.entities import ENTITIES
from models.fields import encode_record
from models.schema import Binding, Context, Model
from pipelines.decoding import Decoder
from sandbox.housecall_pro import TWIN
from tests.sandbox.housecall_pro.desk import BASE, Desk, InProcess
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

CONTEXT = Context(time_zone="America/Chicago", currency="USD", region="US")
BINDING = Binding(name=CONNECTOR.name, roles=CONNECTOR.roles, maps=CONNECTOR.maps)
READERS = {one.name: one.read for one in CONNECTOR.resources}
WRITES = {one.entity: one for one in CONNECTOR.writes}
MAP_OF = {one.to: one for one in CONNECTOR.maps}
CORES = {"customer": "cus_", "job": "job_", "appointment": "apt_", "assignment": "asg_"}


def outgoing(
    entity: str,
    action: Action,
    values: Mapping[str, Any] | None = None,
    *,
    on: str | None = None,
    refs: Mapping[str, str] | None = None,
    core: str = "0123456789abcdef",
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it; ``on`` is the target's id."""
    values, refs = dict(values or {}), dict(refs or {})
    change = Change(
        system=CONNECTOR.name,
        entity=entity,
        core_id=CORES[entity] + core,
        action=action,
        target_id=on,
        after=values,
        desired=values,
        refs=refs,
    )
    return Outgoing(change=change, record=encode_record(MAP_OF[entity].fields, values | refs), key="k" * 32)


@dataclass(slots=True, kw_only=True)
class Office:
    """The twin behind its desk and the connector's way in; ``recording`` holds every exchange between them."""

    desk: Desk
    api: Gateway
    decoder: Decoder
    recording: Recording = field(default_factory=Recording)

    def read(self, resource: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(READERS[resource](self.api, cursor or {}))

    def cursor(self, resource: str) -> Mapping[str, Any]:
        """Where the next read starts after reading everything now."""
        last = self.read(resource)[-1].cursor
        assert last is not None
        return last

    def changed(self, resource: str, cursor: Mapping[str, Any]) -> list[Record]:
        """The records of a later read."""
        return [one for page in self.read(resource, cursor) for one in page.records]

    def canonical(self, entity: str, written: Written | None) -> dict[str, Any]:
        """What the business reads in an outcome."""
        assert written is not None
        assert written.record is not None
        return self.decoder.decode(CONNECTOR.name, MAP_OF[entity], {written.id: written.record})[written.id]

    def send(self, entity: str, action: Action, values: Mapping[str, Any] | None = None, **more: Any) -> Written:
        function = getattr(WRITES[entity], action)
        found: Written = function(self.api, outgoing(entity, action, values, **more))
        return found

    def find(self, entity: str, values: Mapping[str, Any] | None = None, **more: Any) -> Written | None:
        look = WRITES[entity].find
        assert look is not None
        return look(self.api, outgoing(entity, "create", values, **more))

    def held(self, entity: str, id: str) -> Written | None:
        return WRITES[entity].fetch(self.api, id)

    def sent(self, method: str, tail: str) -> int:
        """How many requests of a method went to paths that end so."""
        return sum(one.method == method and one.path.endswith(tail) for one in self.recording)

    def asked_for(self, tail: str) -> int:
        return self.sent("GET", tail)


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder(Model(entities=ENTITIES, bindings=(BINDING,), context=CONTEXT)) as one:
        yield one


@pytest.fixture
def office(decoder: Decoder) -> Iterator[Office]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    desk, recording = Desk(), Recording()
    clock = desk.store.clock
    with (
        desk.http,
        open_api(
            CONNECTOR,
            credentials={"token": TWIN.credentials["token"]},
            base_url=BASE,
            context=CONTEXT,
            clock=clock.now,
            sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
            transport=RecordingTransport(InProcess(desk.app), recording=recording),
            patience=Patience(tries=2, draw=lambda most: most),
        ) as api,
    ):
        yield Office(desk=desk, api=api, decoder=decoder, recording=recording)
    if (VENDORS / CONNECTOR.name).exists():
        assert problems_of(recording) == []


@pytest.fixture
def impatient(office: Office) -> Office:
    """The same office, asked by somebody who never asks twice."""
    return replace(office, api=replace(office.api, patience=Patience(tries=1)))

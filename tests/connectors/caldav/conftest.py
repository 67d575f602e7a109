"""Radicale behind the sandbox on loopback, and the connector that talks to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.caldav import ASSIGNMENT, BUSY, CONNECTOR
from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Outgoing, Page, Record, Write
from models.change import Action, Change
from models.compile import staged
from models.entities import ENTITIES
from models.fields import encode_record
from models.schema import Binding, Context, Map, Model
from pipelines.decoding import Decoder
from sandbox.serving import serving
from tests.connectors.kit import FakeClock
from tests.vendors.exchange import Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
STATE = "/_sandbox/state/caldav/events"
CREDENTIALS = {"username": "dispatch", "password": "dispatch"}
SETTINGS = {"calendar": "/dispatch/{technician}/", "create_calendars": True}
MODEL = Model(
    entities=ENTITIES,
    bindings=(Binding(name="caldav", roles=("calendar",), maps=CONNECTOR.maps),),
    context=Context(time_zone="America/Chicago"),
)


@dataclass(slots=True, kw_only=True)
class Desk:
    """A dispatcher's view: the connector's api, the sandbox's admin surface, and every exchange that happened."""

    api: Gateway
    admin: httpx.Client
    decoder: Decoder
    clock: FakeClock
    recording: Recording = field(default_factory=Recording)
    write: Write = CONNECTOR.writes[0]

    def read(self, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(CONNECTOR.resources[0].read(self.api, cursor or {}))

    def rows(self, one: Map, records: Sequence[Record]) -> list[dict[str, Any]]:
        """The records as one of the maps reads them, broken ones with their reason."""
        self.decoder.decode("caldav", one, {str(record["href"]): record for record in records})
        return self.decoder.warehouse.rows(staged.rows(MODEL, "caldav", one))

    def assignment(self, record: Record | None) -> dict[str, Any]:
        assert record is not None
        (row,) = self.rows(ASSIGNMENT, [record])
        assert row["broken"] is None
        return row

    def busy(self, record: Record | None) -> dict[str, Any]:
        assert record is not None
        (row,) = self.rows(BUSY, [record])
        assert row["broken"] is None
        return row

    def fault(self, **told: Any) -> None:
        self.admin.post("/_sandbox/faults", json={"system": "caldav", **told}).raise_for_status()

    def put(self, id: str, ics: str) -> None:
        """A person adds an event, or changes it."""
        if self.admin.get(f"{STATE}/{id}").status_code == 404:
            self.admin.post(STATE, json={"id": id, "record": {"ics": ics}}).raise_for_status()
        else:
            self.admin.patch(f"{STATE}/{id}", json={"ics": ics}).raise_for_status()

    def text(self, id: str) -> str:
        answer = self.admin.get(f"{STATE}/{id}")
        answer.raise_for_status()
        return str(answer.json()["ics"])

    def remove(self, id: str) -> None:
        self.admin.delete(f"{STATE}/{id}").raise_for_status()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving(only=["caldav"]) as url:
        yield url


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder(MODEL) as found:
        yield found


@pytest.fixture
def desk(address: str, decoder: Decoder) -> Iterator[Desk]:
    recording, clock = Recording(), FakeClock(now=NOW)
    with (
        httpx.Client(base_url=address) as admin,
        httpx.HTTPTransport() as transport,
        open_api(
            CONNECTOR, credentials=CREDENTIALS, settings=SETTINGS, base_url=f"{address}/caldav",
            context=MODEL.context, clock=clock, sleep=clock.sleep, patience=Patience(tries=1),
            transport=RecordingTransport(transport, recording=recording),
        ) as api,
    ):  # fmt: skip
        admin.post("/_sandbox/reset").raise_for_status()
        yield Desk(api=api, admin=admin, decoder=decoder, clock=clock, recording=recording)


DESIRED = {
    "title": "Furnace tune-up, annual",
    "instructions": "Gate code 7;\nring twice",
    "status": "scheduled",
    "starts_at": datetime(2026, 3, 12, 15),  # noqa: DTZ001 - canonical instants are UTC without saying so
    "ends_at": datetime(2026, 3, 12, 16, 30),  # noqa: DTZ001
    "time_zone": "America/Chicago",
    "all_day": False,
    "place": "12 Main St, Austin, 78701",
}
WHO = {"technician": "tec_1", "technician_name": "José Núñez", "technician_email": "jose.nunez@acme.test"}


def outgoing(
    action: Action,
    *,
    target_id: str | None = None,
    version: str | None = None,
    core_id: str = "asg_1",
    desired: Mapping[str, Any] = DESIRED,
    after: Mapping[str, Any] | None = None,
    who: Mapping[str, Any] = WHO,
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it."""
    values = {} if action == "delete" else dict(desired if after is None else after)
    change = Change(
        system="caldav", entity="assignment", core_id=core_id, action=action, target_id=target_id, version=version,
        after=values, desired={**desired, **who},
    )  # fmt: skip
    return Outgoing(change=change, record=encode_record(ASSIGNMENT.fields, values), key=core_id)

"""The connector against the twin on loopback, time from a clock that only the test and the gateway's pauses move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.gateway import Gateway, open_api
from connectors.jobber import CONNECTOR
from connectors.jobber.graphql import ENDPOINT
from connectors.spec import Cursor, Page, Record
from models.entities import ENTITIES
from models.schema import Binding, Context, Model
from pipelines.decoding import Decoder
from sandbox.clock import Clock
from sandbox.jobber import TWIN
from sandbox.serving import serving
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

CONTEXT = Context(time_zone="America/Chicago", currency="USD", region="US")
NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
MODEL = Model(
    entities=ENTITIES,
    bindings=(Binding(name="jobber", roles=CONNECTOR.roles, maps=CONNECTOR.maps),),
    context=CONTEXT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobber:
    """A twin with its connector, and a person who works in it."""

    api: Gateway
    person: httpx.Client
    clock: Clock
    recording: Recording

    def read(self, resource: str, cursor: Cursor | None = None) -> list[Page]:
        (one,) = (each for each in CONNECTOR.resources if each.name == resource)
        return list(one.read(self.api, cursor or {}))

    def state(self, collection: str) -> dict[str, dict[str, Any]]:
        answer = self.person.get(f"/_sandbox/state/jobber/{collection}").json()
        return {one["id"]: one["record"] for one in answer["records"]}

    def edit(self, collection: str, id: str, **patch: Any) -> None:
        response = self.person.patch(f"/_sandbox/state/jobber/{collection}/{id}", json=patch)
        assert response.status_code == 200, response.text

    def delete(self, collection: str, id: str) -> None:
        response = self.person.delete(f"/_sandbox/state/jobber/{collection}/{id}")
        assert response.is_success, response.text

    def fault(self, kind: str, **known: Any) -> None:
        response = self.person.post("/_sandbox/faults", json={"system": "jobber", "kind": kind, **known})
        assert response.is_success, response.text


def records(pages: Sequence[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def deleted(pages: Sequence[Page]) -> list[str]:
    return [id for page in pages for id in page.deleted]


def canonical(resource: str, entity: str, found: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Record id -> canonical values, read by the SQL that stages them; broken rows are missing."""
    (one,) = (each for each in CONNECTOR.maps if (each.resource, each.to) == (resource, entity))
    with Decoder(MODEL) as decoder:
        return decoder.decode("jobber", one, {record["id"]: record for record in found})


def moment(text: str) -> datetime:
    """A timestamp as the warehouse holds it: without an offset."""
    return datetime.fromisoformat(text)


@pytest.fixture
def jobber() -> Iterator[Jobber]:
    """A seeded twin; what the connector sent must fit the vendor's description, where that is present."""
    clock = Clock(NOW, ticker=lambda: 0.0)
    transport = RecordingTransport(httpx.HTTPTransport())
    credentials = {key: TWIN.credentials[key] for key in ("client_id", "client_secret", "refresh_token")}
    field = "client_custom_field_configuration_id"
    with (
        serving(seed=1, clock=clock, only=["jobber"]) as address,
        httpx.Client(base_url=address) as person,
        open_api(
            CONNECTOR,
            credentials=credentials,
            settings={field: TWIN.credentials[field]},
            base_url=f"{address}/jobber",
            context=CONTEXT,
            clock=clock.now,
            sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
            transport=transport,
        ) as api,
    ):
        yield Jobber(api=api, person=person, clock=clock, recording=transport.recording)
    if (VENDORS / "jobber").is_dir():
        assert [line for line in problems_of(transport.recording) if ": request" in line] == []


@dataclass(slots=True, kw_only=True)
class Told:
    """An answer that a test made up."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def json(self) -> Any:
        return self.body


@dataclass(slots=True, kw_only=True)
class FakeApi:
    """Answers in the order in which a test gives them, and keeps what was sent."""

    answers: list[Any]
    settings: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    context: Context = CONTEXT
    system: str = "jobber"
    base_url: str = CONNECTOR.base_url
    sent: list[dict[str, Any]] = field(default_factory=list)
    repeatable: list[bool | None] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
        repeatable: bool | None = None,
    ) -> Told:
        assert (method, path) == ("POST", ENDPOINT)
        assert [one for one in (params, data, content, headers, accept) if one] == []
        self.sent.append(json)
        self.repeatable.append(repeatable)
        return Told(body=self.answers.pop(0))


def connection(ids: Sequence[str], *, start: int = 0, more: bool = False, updated: str = "") -> dict[str, Any]:
    """A connection of records with these ids, whose cursors count positions from ``start``."""
    edges = [{"cursor": str(start + n), "node": {"id": id, "updatedAt": updated}} for n, id in enumerate(ids, start=1)]
    return {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": str(start + len(ids))}}

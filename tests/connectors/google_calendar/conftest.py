"""Google Calendar's twin on loopback, its clock moved only by the test and by waiting, and the connector before it."""

from __future__ import annotations

import contextlib
import json
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import httpx
import pytest

from connectors.gateway import Gateway, open_api
from connectors.google_calendar import ASSIGNMENT, CONNECTOR
from connectors.google_calendar.reading import record_id
from connectors.spec import Outgoing, Page, Record, Written
from models.change import Action, Change
from models.compile import staged
from models.entities import ENTITIES
from models.fields import encode_record
from models.schema import Binding, Context, Map, Model
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import found
from sandbox.faults import Fault
from sandbox.google_calendar import TWIN
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Exchange, Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
ZONE = "America/Chicago"
TECH = "tech2@bluebonnet.example.com"
OTHER = "tech3@bluebonnet.example.com"
CORE = "asg_0123456789abcdef01234567"
CONTEXT = Context(time_zone=ZONE)
MODEL = Model(
    entities=ENTITIES,
    bindings=(Binding(name="google_calendar", roles=("calendar",), maps=CONNECTOR.maps),),
    context=CONTEXT,
)
(WRITE,) = CONNECTOR.writes
KEY = {name: TWIN.credentials[name] for name in ("type", "client_email", "private_key", "private_key_id")}
CREDENTIALS = {"service_account": json.dumps(KEY), "subject": TWIN.credentials["subject"]}


def at(text: str) -> datetime:
    """A canonical instant: UTC, without an offset."""
    return datetime.fromisoformat(text)


# What a plan hands over for a visit: an hour and a half on the Monday after the change to summer time.
VISIT: Mapping[str, Any] = {
    "title": "Furnace tune-up",
    "instructions": "Gate code 4711",
    "starts_at": at("2026-03-16T14:00"),
    "ends_at": at("2026-03-16T15:30"),
    "time_zone": ZONE,
    "all_day": False,
    "place": "12 Main St, Austin, 78701",
    "technician_email": TECH,
}


def rows(records: Sequence[Record], one: Map) -> list[dict[str, Any]]:
    """The records as a map reads them: canonical rows with their technical columns."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("CREATE SCHEMA meta; CREATE TABLE meta.zones (name TEXT)")
        con.execute("INSERT INTO meta.zones SELECT unnest(?)", [sorted(zoneinfo.available_timezones())])
        con.execute(
            "CREATE TABLE batch (id TEXT, record JSON, deleted BOOL, read_at TIMESTAMP, load_id TEXT, seq BIGINT)"
        )
        for seq, record in enumerate(records):
            values = [record_id(record), json.dumps(record), seq]
            con.execute("INSERT INTO batch VALUES (?, ?, false, now()::TIMESTAMP, '1', ?)", values)
        answer = con.execute(staged.rows(MODEL, "google_calendar", one).sql("duckdb"))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def canonical(written: Written | None, one: Map = ASSIGNMENT) -> dict[str, Any]:
    """What a write left, as the map reads it back; the technical columns must agree with the answer."""
    assert written is not None
    assert written.record is not None
    (row,) = rows([written.record], one)
    assert row["broken"] is None
    assert (row["source_id"], row["version"]) == (written.id, written.version)
    return {name: row[name] for name in one.fields} | {"core_ref": row["core_ref"]}


def outgoing(
    action: Action,
    values: Mapping[str, Any] = VISIT,
    *,
    to: Written | None = None,
    core_id: str = CORE,
    **after: Any,
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it; ``after`` are an update's changed fields."""
    moved = dict(values) if action == "create" else after
    change = Change(
        system="google_calendar",
        entity="assignment",
        core_id=core_id,
        action=action,
        target_id=to.id if to else None,
        version=to.version if to else None,
        after=moved,
        desired={} if action == "delete" else {**values, **after},
    )
    return Outgoing(change=change, record=encode_record(ASSIGNMENT.fields, moved), key="0" * 32)


@dataclass(slots=True, kw_only=True)
class Calendars:
    """The twin's store and the connector's way in; ``recording`` holds every exchange between them."""

    store: Store
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    def read(self, cursor: Mapping[str, Any] | None = None, **settings: Any) -> list[Page]:
        self.api.settings.update(settings)  # type: ignore[attr-defined]
        return list(CONNECTOR.resources[0].read(self.api, cursor or {}))

    def create(self, **values: Any) -> Written:
        assert WRITE.create is not None
        return WRITE.create(self.api, outgoing("create", {**VISIT, **values}))

    def update(self, to: Written, **after: Any) -> Written:
        assert WRITE.update is not None
        return WRITE.update(self.api, outgoing("update", to=to, **after))

    def delete(self, to: Written) -> Written:
        assert WRITE.delete is not None
        return WRITE.delete(self.api, outgoing("delete", to=to))

    def find(self, **values: Any) -> Written | None:
        assert WRITE.find is not None
        return WRITE.find(self.api, outgoing("create", {**VISIT, **values}))

    def edit(self, id: str, **members: Any) -> None:
        """A person changes an event in Google Calendar, a minute after the last thing that happened."""
        self.store.clock.advance(timedelta(minutes=1))
        event = self.store.get("events", id)
        assert event is not None
        self.store.put("events", id, TWIN.touch(self.store, "events", {**event, **members}))

    def remove(self, id: str, collection: str = "events") -> None:
        self.store.clock.advance(timedelta(minutes=1))
        TWIN.remove(self.store, collection, id)

    def alive(self) -> set[str]:
        """Ids of all events that a calendar shows."""
        return {key for key, event in self.store.items("events") if event["status"] != "cancelled"}

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="google_calendar", kind=kind, **more))

    def sent(self, method: str) -> list[Exchange]:
        return [one for one in self.recording if one.method == method and one.path != "/token"]


@pytest.fixture
def calendars() -> Iterator[Calendars]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    clock, recording = Clock(NOW, ticker=lambda: 0.0), Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        estate = found({"google_calendar": TWIN}, seed=1, clock=clock, base_url=url(bound))
        transport = RecordingTransport(httpx.HTTPTransport(), recording=recording)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                CONNECTOR,
                credentials=CREDENTIALS,
                base_url=f"{address}/google_calendar",
                context=CONTEXT,
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=transport,
            ) as api,
        ):
            yield Calendars(store=estate.served["google_calendar"].store, api=api, recording=recording)
    if (VENDORS / "google_calendar").exists():
        assert problems_of(recording) == []


Script = Callable[[httpx.Request], httpx.Response]


@contextlib.contextmanager
def scripted(script: Script, **settings: Any) -> Iterator[Gateway]:
    """The connector's way into a Google that answers as the test says; signing in works, waiting takes no time."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"})
        return script(request)

    with open_api(
        CONNECTOR,
        credentials=CREDENTIALS,
        settings=settings,
        context=CONTEXT,
        transport=httpx.MockTransport(answer),
        clock=lambda: NOW,
        sleep=lambda _seconds: None,
    ) as api:
        yield api


def refusal(status: int, reason: str, message: str = "No", domain: str = "global") -> httpx.Response:
    """The vendor's error envelope (Limits and errors)."""
    error = {"errors": [{"domain": domain, "reason": reason, "message": message}], "code": status, "message": message}
    return httpx.Response(status, json={"error": error})

"""HubSpot's twin on loopback, its clock moved only by the test and by waiting, and the connector that talks to it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import phonenumbers
import pytest

from connectors.gateway import Gateway, open_api
from connectors.hubspot import CONNECTOR
from connectors.spec import Outgoing, Page, Record
from models.change import Action, Change
from models.compile import staged
from models.entities import ENTITIES
from models.fields import encode_record
from models.schema import Binding, Model
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import found
from sandbox.faults import Fault
from sandbox.hubspot import TWIN
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
MODEL = Model(entities=ENTITIES, bindings=(Binding(name="hubspot", roles=("crm",), maps=CONNECTOR.maps),))
MAP = CONNECTOR.maps[0]
WRITE = CONNECTOR.writes[0]


def phone_e164(text: str | None, region: str) -> str | None:
    if text is None:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The records as the map reads them: canonical rows with their technical columns."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.create_function("phone_e164", phone_e164, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special")
        con.execute("CREATE SCHEMA meta; CREATE TABLE meta.zones AS SELECT 'UTC' AS name")
        con.execute(
            "CREATE TABLE batch (id TEXT, record JSON, deleted BOOL, read_at TIMESTAMP, load_id TEXT, seq BIGINT)"
        )
        for seq, record in enumerate(records):
            con.execute(
                "INSERT INTO batch VALUES (?, ?, false, now()::TIMESTAMP, '1', ?)",
                [record["id"], json.dumps(record), seq],
            )
        answer = con.execute(staged.rows(MODEL, "hubspot", MAP).sql("duckdb"))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def canonical(record: Record) -> dict[str, Any]:
    """One record's canonical values."""
    (row,) = rows([record])
    assert row["broken"] is None
    return {name: row[name] for name in MAP.fields}


def outgoing(
    action: Action, values: Mapping[str, Any], *, core_id: str = "cus_1", target_id: str | None = None
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it."""
    change = Change(
        system="hubspot", entity="customer", core_id=core_id, action=action, target_id=target_id, after=values
    )
    return Outgoing(change=change, record=encode_record(MAP.fields, values), key=f"{core_id}-{action}")


@dataclass(slots=True, kw_only=True)
class Portal:
    """The twin's store and the connector's way in; ``recording`` holds every exchange between them."""

    store: Store
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    def read(self, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(CONNECTOR.resources[0].read(self.api, cursor or {}))

    def live(self) -> list[dict[str, Any]]:
        return [one for one in self.store.all("contacts") if not one.get("archived")]

    def add(self, count: int) -> None:
        """Other people's contacts, so that a list has several pages."""
        names = [{"properties": {"firstname": f"Guest {n}"}} for n in range(count)]
        for start in range(0, count, 100):
            body = {"inputs": names[start : start + 100]}
            self.api.request("POST", "/crm/v3/objects/contacts/batch/create", json=body)

    def edit(self, id: str, **properties: str | None) -> None:
        """A person changes a contact in HubSpot, a minute after the last thing that happened."""
        self.store.clock.advance(timedelta(minutes=1))
        record = self.store.get("contacts", id)
        assert record is not None
        changed = {**record, "properties": {**record["properties"], **properties}}
        self.store.put("contacts", id, TWIN.touch(self.store, "contacts", changed))

    def remove(self, id: str) -> None:
        self.store.clock.advance(timedelta(minutes=1))
        TWIN.remove(self.store, "contacts", id)

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="hubspot", kind=kind, **more))


@pytest.fixture
def portal() -> Iterator[Portal]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    clock = Clock(NOW, ticker=lambda: 0.0)
    recording = Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        estate = found({"hubspot": TWIN}, seed=1, clock=clock, base_url=url(bound))
        transport = RecordingTransport(httpx.HTTPTransport(), recording=recording)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                CONNECTOR,
                credentials={"token": TWIN.credentials["access_token"]},
                base_url=f"{address}/hubspot",
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=transport,
            ) as api,
        ):
            yield Portal(store=estate.served["hubspot"].store, api=api, recording=recording)
    if (VENDORS / "hubspot").exists():
        assert problems_of(recording) == []


Script = Callable[[httpx.Request], httpx.Response]


@contextlib.contextmanager
def scripted(script: Script) -> Iterator[Gateway]:
    """The connector's way into a HubSpot that answers as the test says; waiting takes no time."""
    with open_api(
        CONNECTOR,
        credentials={"token": "pat-na1-0000"},
        transport=httpx.MockTransport(script),
        clock=lambda: NOW,
        sleep=lambda _seconds: None,
    ) as api:
        yield api


def pages_of(name: str) -> list[dict[str, Any]]:
    """The example records beside the connector."""
    folder = Path(__file__).parents[3] / "connectors" / "hubspot" / "pages"
    found_pages: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found_pages

"""The twin of QuickBooks Online on loopback with a small company's books, and the connector that keeps them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import duckdb
import httpx
import phonenumbers
import pytest
import simplejson

from connectors.gateway import Gateway, Patience, open_api
from connectors.quickbooks_online import CONNECTOR
from connectors.quickbooks_online.maps import MAPS
from connectors.spec import Outgoing, Page, Record, Written
from models.change import Action, Change
from models.compile import staged
from models.entities import ENTITIES
from models.fields import encode_record
from models.schema import Binding, Map, Model
from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import Estate, Served
from sandbox.faults import Fault, Faults
from sandbox.quickbooks_online import TWIN
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from tests.sandbox.quickbooks_online.desk import COMPANY, NOW
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import Recording, RecordingTransport

MODEL = Model(entities=ENTITIES, bindings=(Binding(name="quickbooks_online", roles=("accounting",), maps=MAPS),))
READERS = {resource.name: resource.read for resource in CONNECTOR.resources}
WRITES = {write.entity: write for write in CONNECTOR.writes}
MAP_OF = {one.to: one for one in MAPS}


def phone_e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def rows(one: Map, records: Sequence[Record]) -> list[dict[str, Any]]:
    """The records as their map reads them: canonical rows with their technical columns."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.create_function("phone_e164", phone_e164, ["VARCHAR", "VARCHAR"], "VARCHAR")
        con.execute("CREATE SCHEMA meta; CREATE TABLE meta.zones AS SELECT 'UTC' AS name")
        con.execute(
            "CREATE TABLE batch (id TEXT, record JSON, deleted BOOL, read_at TIMESTAMP, load_id TEXT, seq BIGINT)"
        )
        for seq, record in enumerate(records):
            body = simplejson.dumps(record, use_decimal=True)
            con.execute("INSERT INTO batch VALUES (?, ?, false, now()::TIMESTAMP, '1', ?)", [record["Id"], body, seq])
        answer = con.execute(staged.rows(MODEL, "quickbooks_online", one).sql("duckdb"))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def row(entity: str, record: Record | None) -> dict[str, Any]:
    """One record as its map reads it; it must not be broken."""
    assert record is not None
    (found,) = rows(MAP_OF[entity], [record])
    assert found["broken"] is None
    return found


def canonical(entity: str, record: Record | None) -> dict[str, Any]:
    """One record's canonical values."""
    found = row(entity, record)
    return {name: found[name] for name in MAP_OF[entity].fields}


def outgoing(
    entity: str,
    action: Action,
    values: Mapping[str, Any] | None = None,
    *,
    on: Written | None = None,
    refs: Mapping[str, str] | None = None,
    core_id: str = "cus_0123456789abcdef",
    key: str = "k" * 32,
) -> Outgoing:
    """A change on its way, encoded by the map as a push does it; ``on`` is the record as it was last seen."""
    values, refs = dict(values or {}), dict(refs or {})
    change = Change(
        system="quickbooks_online", entity=entity, core_id=core_id, action=action, target_id=on.id if on else None,
        version=on.version if on else None, after=values, desired=values, refs=refs,
    )  # fmt: skip
    return Outgoing(change=change, record=encode_record(MAP_OF[entity].fields, values | refs), key=key)


@dataclass(slots=True, kw_only=True)
class Books:
    """The twin's store and the connector's way in; ``recording`` holds every exchange between them."""

    store: Store
    api: Gateway
    recording: Recording = field(default_factory=Recording)

    def read(self, resource: str, cursor: Mapping[str, Any] | None = None) -> list[Page]:
        return list(READERS[resource](self.api, cursor or {}))

    def cursor(self, resource: str) -> Mapping[str, Any]:
        """Where the next read starts after reading everything now."""
        last = self.read(resource)[-1].cursor
        assert last is not None
        return last

    def pass_time(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def edit(self, collection: str, id: str, **members: Any) -> None:
        """A person changes a record, some minutes after the last thing that happened."""
        self.pass_time(minutes=10)
        record = self.store.get(collection, id)
        assert record is not None
        self.store.put(collection, id, TWIN.touch(self.store, collection, {**record, **members}))

    def remove(self, collection: str, id: str) -> None:
        self.pass_time(minutes=10)
        TWIN.remove(self.store, collection, id)

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="quickbooks_online", kind=kind, **more))

    def sent(self, method: str, tail: str) -> int:
        return sum(one.method == method and one.path.endswith(tail) for one in self.recording)

    def held(self, entity: str, id: str) -> Written:
        found = WRITES[entity].fetch(self.api, id)
        assert found is not None
        return found

    def create(self, entity: str, values: Mapping[str, Any], **more: Any) -> Written:
        create = WRITES[entity].create
        assert create is not None
        return create(self.api, outgoing(entity, "create", values, **more))


@pytest.fixture
def books() -> Iterator[Books]:
    """Every exchange of a test is held against the vendor's description at its end, where that is at hand."""
    clock, recording = Clock(NOW, ticker=lambda: 0.0), Recording()
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        store = Store(clock=clock, faults=Faults(), base_url=f"{url(bound)}/quickbooks_online")
        TWIN.seed(COMPANY, store)
        estate = Estate(clock=clock, served={"quickbooks_online": Served(twin=TWIN, store=store)}, seed=1)
        with (
            serving_app(assemble(estate), bound) as address,
            open_api(
                CONNECTOR,
                credentials={name: TWIN.credentials[name] for name in ("client_id", "client_secret", "refresh_token")},
                settings={"realm_id": TWIN.credentials["realm_id"]},
                base_url=f"{address}/quickbooks_online",
                clock=clock.now,
                sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
                transport=RecordingTransport(httpx.HTTPTransport(), recording=recording),
                patience=Patience(tries=2, draw=lambda most: most),
            ) as api,
        ):
            yield Books(store=store, api=api, recording=recording)
    if (VENDORS / "quickbooks_online").exists():
        assert problems_of(recording) == []


@pytest.fixture
def impatient(books: Books) -> Books:
    """The same books, asked by somebody who never asks twice."""
    return replace(books, api=replace(books.api, patience=Patience(tries=1)))

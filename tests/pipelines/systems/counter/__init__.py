"""A small system behind HTTP with a bearer token, for tests of what goes over the wire."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.spec import Api, Bearer, Connector, Cursor, Outgoing, Page, Resource, Write, Written
from models.fields import email, phone, text
from models.schema import Map


def read(api: Api, _: Cursor) -> Iterator[Page]:
    yield Page(records=api.request("GET", "people").json()["people"], full=True)


def create(api: Api, out: Outgoing) -> Written:
    made = api.request("POST", "people", json={**out.record, "key": out.key}, repeatable=True).json()
    return Written(id=made["id"], version="1", record=made)


def fetch(api: Api, id: str) -> Written | None:
    found = [p for p in api.request("GET", "people").json()["people"] if p["id"] == id]
    return Written(id=id, version="1", record=found[0]) if found else None


CONNECTOR = Connector(
    name="counter",
    title="Counter",
    roles=("scheduling",),
    docs="https://counter.example",
    base_url="https://counter.example",
    auth=Bearer(),
    resources=(Resource(name="people", read=read, id="id", deletes="compare", description="People."),),
    maps=(
        Map(
            "people",
            to="customer",
            id="id",
            fields={"given_name": text("first"), "email": email("email"), "phone": phone("phone")},
        ),
    ),
    writes=(Write(entity="customer", resource="people", create=create, fetch=fetch, identity="key"),),
)

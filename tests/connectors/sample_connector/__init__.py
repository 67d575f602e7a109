"""FieldPad, a vendor that does not exist: a whole connector in one folder, which the tests also break on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from connectors import signatures
from connectors.hooks import Delivery, Hooks, Touched
from connectors.paging import token_pages
from connectors.spec import (
    Api,
    Bearer,
    Connector,
    Cursor,
    Limit,
    Outgoing,
    Page,
    Quota,
    Resource,
    Setting,
    Write,
    Written,
)
from models.errors import Rejected
from models.fields import choice, email, money, phone, read_only, text
from models.schema import Map

CLIENTS = "/v1/clients"
SIGNATURE = "x-fieldpad-signature"
TOLERANCE = timedelta(minutes=5)


def read_clients(api: Api, _: Cursor) -> Iterator[Page]:
    """All clients, by page token; whoever is missing is gone."""

    def fetch(token: str | None) -> tuple[list[dict[str, object]], str | None]:
        body = api.request("GET", CLIENTS, params={"page": token}, accept=()).json()
        return body["clients"], body.get("next")

    for records in token_pages(fetch, system=api.system):
        yield Page(records=records, full=True)


def create(api: Api, outgoing: Outgoing) -> Written:
    """A new client that carries our id in its notes."""
    record = {**outgoing.record, "notes": outgoing.change.core_id}
    made = api.request("POST", CLIENTS, json=record).json()
    return Written(id=made["ref"], record=made)


def fetch(api: Api, id: str) -> Written | None:
    """One client as it is now."""
    answer = api.request("GET", f"{CLIENTS}/{id.strip('/')}", accept=(404, 410))
    if answer.status != 200:
        return None
    return Written(id=answer.json()["ref"], record=answer.json())


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The client that carries our id."""
    found = api.request("GET", CLIENTS, params={"notes": outgoing.change.core_id}).json()["clients"]
    return Written(id=found[0]["ref"], record=found[0]) if found else None


def touched(_: Mapping[str, str], body: bytes) -> Touched:
    """The client that an event names."""
    try:
        return [("clients", str(json.loads(body)["client"]))]
    except (ValueError, KeyError, TypeError) as problem:
        raise Rejected("fieldpad", "a webhook delivery names no client; look at its body") from problem


def verify(secret: str, delivery: Delivery) -> None:
    """The header has the epoch seconds, a dot, and the code of the seconds, a dot and the body."""
    at, _, given = signatures.shown("fieldpad", delivery, SIGNATURE).partition(".")
    signatures.match("fieldpad", [given], signatures.code(secret, f"{at}.".encode() + delivery.body))
    signatures.fresh("fieldpad", delivery, signatures.seconds("fieldpad", at), TOLERANCE)


CONNECTOR = Connector(
    name="fieldpad",
    title="FieldPad",
    roles=("crm",),
    docs="https://fieldpad.test/docs",
    base_url="https://api.fieldpad.test",
    auth=Bearer(),
    quota=Quota(limits=(Limit(calls=10, seconds=1),), concurrency=2),
    credentials=(Setting(name="token", description="The key of the office account.", required=True),),
    resources=(
        Resource(name="clients", read=read_clients, id="ref", deletes="compare", description="People and companies."),
    ),
    maps=(
        Map(
            "clients",
            to="customer",
            id="ref",
            core_ref=text("notes"),
            fields={
                "given_name": text("first", max=40),
                "company_name": text("company"),
                "email": email("contact.mail"),
                "phone": phone("contact.phone"),
                "status": choice("kind", {"prospect": "lead", "customer": "active", "former": "inactive"}),
                "balance": read_only(money("owes")),
            },
        ),
    ),
    writes=(Write(entity="customer", resource="clients", create=create, fetch=fetch, find=find, identity="marker"),),
    hooks=Hooks(events=("client.changed",), touched=touched, verify=verify, signature=SIGNATURE, tolerance=TOLERANCE),
)

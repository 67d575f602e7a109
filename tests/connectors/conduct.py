"""How a connector behaves when its system does not: the checks of the contract that need a wire."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.gateway import Gateway, open_api
from connectors.spec import (
    Basic,
    Bearer,
    ClientCredentials,
    Connector,
    Outgoing,
    Page,
    RefreshToken,
    Resource,
    ServiceAccount,
    Write,
)
from models.change import Change
from models.errors import PlumblineError
from models.fields import Codec, encode_record
from models.schema import Field
from tests.connectors import canonical
from tests.connectors.kit import SECRET, FakeClock

Answer = httpx.Response | Exception
Act = Callable[[Gateway], Any]

ANOTHER = "another API"
ABSENT = ("404", "410")
ANSWERS: Mapping[str, httpx.Response | Exception] = {
    "401": httpx.Response(401, json={"message": "who are you"}),
    "403": httpx.Response(403, json={"message": "not yours"}),
    "404": httpx.Response(404, json={"message": "nothing here"}),
    "410": httpx.Response(410, json={"message": "was here"}),
    "429": httpx.Response(429, json={"message": "slower"}),
    "500": httpx.Response(500, json={"message": "broken"}),
    "503": httpx.Response(503, text="maintenance"),
    "a login page": httpx.Response(200, html="<!DOCTYPE html><title>Sign in</title>"),
    "a cut body": httpx.Response(200, content=b'{"results": [{"id": "1"', headers={"content-type": "application/json"}),
    "an empty body": httpx.Response(200, content=b"", headers={"content-type": "application/json"}),
    ANOTHER: httpx.Response(200, json={"hello": "world"}),
    "a lost answer": httpx.ReadTimeout("slow"),
    "no connection": httpx.ConnectError("refused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an attempt: what it returned, or the error that it ended in."""

    value: Any = None
    problem: Exception | None = None

    def is_failure(self, told: str) -> bool:
        """An error of the tree; an API that is another one altogether may surprise a connector in any way."""
        return isinstance(self.problem, PlumblineError if told != ANOTHER else Exception)


def failures_are_never_empty_reads(connector: Connector) -> list[str]:
    """Law 10: whatever the system answers instead of data, a read fails; it never ends as an empty one."""
    complaints = []
    for told, answer in ANSWERS.items():
        for resource in connector.resources:
            pages, outcome = _read(connector, resource, answer)
            if pages or not outcome.is_failure(told):
                complaints.append(f"{resource.name} on {told}: {len(pages)} pages, {outcome}")
    return complaints


def failures_are_never_absences(connector: Connector) -> list[str]:
    """A record counts as gone only when the system says that it is."""
    complaints = []
    for told, answer in ANSWERS.items():
        for write in connector.writes:
            outcome = _attempt(connector, answer, _fetch(write))
            gone = outcome.problem is None and outcome.value is None
            if (gone and told not in ABSENT) or (outcome.problem is not None and not outcome.is_failure(told)):
                complaints.append(f"fetch of {write.entity} on {told}: {outcome}")
    return complaints


def failed_writes_raise(connector: Connector) -> list[str]:
    """A create that was not confirmed never looks like one that was."""
    complaints = []
    for told, answer in ANSWERS.items():
        for write in connector.writes:
            if write.create is not None:
                outcome = _attempt(connector, answer, _create(connector, write))
                if not outcome.is_failure(told):
                    complaints.append(f"create of {write.entity} on {told}: {outcome}")
    return complaints


def secrets_stay_out(connector: Connector) -> list[str]:
    """Law 13: credentials appear in no log record and in no error, even when the vendor repeats them."""
    secrets = [value for value in credentials_of(connector).values() if len(value) > 6]
    with _listening() as said:
        for secret in secrets:
            answer = httpx.Response(400, json={"message": f"cannot use {secret} here"})
            said.extend(str(_read(connector, resource, answer)[1].problem) for resource in connector.resources)
    return [f"a secret was said: {line[:60]}" for line in said if any(secret in line for secret in secrets)]


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, at every level."""
    said: list[str] = []
    root, handler = logging.getLogger(), logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@cache
def _pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def credentials_of(connector: Connector) -> dict[str, str]:
    """Credentials of the right form for the connector's way of signing in."""
    match connector.auth:
        case Bearer(credential=name):
            return {name: SECRET}
        case Basic(user=user, password=password):
            return {user: "office", password: SECRET}
        case RefreshToken():
            return {"client_id": "plumbline", "client_secret": SECRET, "refresh_token": f"{SECRET}-refresh"}
        case ClientCredentials(shown=shown):
            keys = {name: f"{SECRET}-{name}" for name in shown.values()}
            return {"client_id": "plumbline", "client_secret": SECRET} | keys
        case ServiceAccount():
            account = {"client_email": "sync@acme.test", "private_key": _pem(), "token_uri": "https://acme.test/token"}
            return {"service_account": json.dumps(account)}
        case _:
            return {}


def api_of(connector: Connector, answer: Answer) -> Gateway:
    """The connector's system, which signs us in and then gives this answer to everything."""

    def handler(request: httpx.Request) -> httpx.Response:
        if b"grant_type=" in request.content:
            return httpx.Response(200, json={"access_token": f"{SECRET}-access", "expires_in": 3600})
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    clock = FakeClock()
    required = {one.name: "1" for one in connector.settings if one.required}
    return open_api(
        connector,
        credentials=credentials_of(connector),
        settings=required,
        base_url="https://acme.test/base",
        context=canonical.CONTEXT,
        clock=clock,
        sleep=clock.sleep,
        transport=httpx.MockTransport(handler),
    )


def _read(connector: Connector, resource: Resource, answer: Answer) -> tuple[list[Page], Outcome]:
    pages: list[Page] = []
    return pages, _attempt(connector, answer, lambda api: pages.extend(resource.read(api, {})))


def _fetch(write: Write) -> Act:
    return lambda api: write.fetch(api, "/calendars/1")


def _create(connector: Connector, write: Write) -> Act:
    outgoing = _outgoing(connector, write)
    return lambda api: write.create(api, outgoing) if write.create else None


def _attempt(connector: Connector, answer: Answer, act: Act) -> Outcome:
    with api_of(connector, answer) as api:
        try:
            return Outcome(value=act(api))
        except Exception as problem:  # noqa: BLE001 - which error it is, is what the checks are about
            return Outcome(problem=problem)


def _outgoing(connector: Connector, write: Write) -> Outgoing:
    """A create with a plausible value in every field that the map can write."""
    one = next(m for m in connector.maps if (m.resource, m.to) == (write.resource, write.entity))
    entity = canonical.entity_of(one)
    desired = {name: _example(one.fields.get(name), field) for name, field in ((f.name, f) for f in entity.fields)}
    refs = {field.name: "1" for field in entity.refs}
    change = Change(
        system=connector.name,
        entity=entity.name,
        core_id=f"{entity.prefix}_0123456789abcdef",
        action="create",
        after=desired,
        desired=desired,
        refs=refs,
    )
    record = encode_record(one.fields, {name: value for name, value in desired.items() if name in one.fields})
    return Outgoing(change=change, record=record, key="0" * 32)


def _example(codec: Codec | None, field: Field) -> Any:
    """One fixed canonical value of the field's type that its codec can write."""
    if codec is not None and codec.kind == "choice":
        return min(codec.options["values"].values())
    if field.one_of:
        return field.one_of[0]
    return canonical.EXAMPLES.get(codec.kind if codec else "", canonical.EXAMPLES[field.type])

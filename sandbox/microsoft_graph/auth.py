"""Tokens: of the app itself, or of a person by a refresh token; and whose mailboxes each may see (facts: Base)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from sandbox.microsoft_graph.dialect import DISPATCHER, TENANT, Answer, Asked, Caller, denied, guid, unauthorized
from sandbox.store import Store

APP = "11111111-0d2e-4f57-8a3c-2f5f5d3c9a10"
CREDENTIALS = {
    "tenant": TENANT,
    "client_id": APP,
    "client_secret": "Xy8Q~sandbox-of-the-sync-app",
    "person_refresh_token": "0.AXoA-sandbox-of-the-dispatcher",
}
LIFE = timedelta(seconds=3599)
WRITERS = frozenset(("write", "delegateWithoutPrivateEventAccess", "delegateWithPrivateEventAccess"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token that was given out; ``ends`` by the sandbox's clock."""

    caller: Caller
    ends: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Refused(Exception):
    """A refusal of the token endpoint."""

    status: int
    error: str
    number: int
    said: str


def token(store: Store, asked: Asked) -> Answer:
    """``POST /{tenant}/oauth2/v2.0/token``: form-encoded, two grants."""
    form = dict(parse_qsl(asked.body.decode(errors="replace"), keep_blank_values=True))
    try:
        person = _granted(store, asked.path, form)
    except Refused as refused:
        said = {"error": refused.error, "error_description": f"AADSTS{refused.number}: {refused.said}"}
        now = store.clock.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        ids = {"timestamp": now, "trace_id": guid("trace", now), "correlation_id": guid("correlation", now)}
        return Answer(status=refused.status, body={**said, "error_codes": [refused.number], **ids})
    number = f"{store.next_id('grants')} {store.clock.now().isoformat()}"
    access = f"eyJ0eXAiOiJKV1Qi.{guid('access', number)}"
    grant = Grant(caller=Caller(app=APP, person=person), ends=store.clock.now() + LIFE)
    store.bag.setdefault("grants", {})[access] = grant
    body = {"token_type": "Bearer", "expires_in": int(LIFE.total_seconds()), "access_token": access}
    if person is not None:
        newest = f"0.AXoA-{guid('refresh', number)}"
        store.bag.setdefault("refresh_tokens", set()).add(newest)
        body |= {"scope": "Calendars.ReadWrite User.ReadBasic.All", "refresh_token": newest}
    return Answer(body=body)


def _granted(store: Store, path: str, form: Mapping[str, str]) -> str | None:
    """Whom the token is for: a person's id, or None for the app itself."""
    tenant = path.strip("/").partition("/")[0]
    if form.get("client_id") != APP:
        raise Refused(status=400, error="unauthorized_client", number=700016, said="Application was not found.")
    if form.get("client_secret") != CREDENTIALS["client_secret"]:
        raise Refused(status=401, error="invalid_client", number=7000215, said="Invalid client secret provided.")
    if form.get("grant_type") == "client_credentials":
        if tenant in ("common", "organizations") or not form.get("scope", "").endswith("/.default"):
            raise Refused(status=400, error="invalid_scope", number=1002012, said="The provided scope is not valid.")
        return None
    if form.get("grant_type") != "refresh_token":
        raise Refused(status=400, error="unsupported_grant_type", number=70003, said="The grant is not supported.")
    revoked = store.faults.take("revoked_grant", "POST", path) is not None
    known = {CREDENTIALS["person_refresh_token"], *store.bag.get("refresh_tokens", ())}
    if revoked or form.get("refresh_token") not in known:  # older ones go on working for a while
        raise Refused(status=400, error="invalid_grant", number=70008, said="The refresh token has expired.")
    return DISPATCHER


def caller_of(store: Store, headers: Mapping[str, str]) -> Caller:
    """Who stands behind the Authorization header. Raises Failure 401."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    grant: Grant | None = store.bag.get("grants", {}).get(shown) if scheme.lower() == "bearer" else None
    if grant is None or grant.ends <= store.clock.now():
        raise unauthorized()
    return grant.caller


def check_mailbox(store: Store, caller: Caller, mailbox: str) -> None:
    """An app sees every mailbox, a person their own and those that were shared for writing. Raises Failure 403."""
    if caller.person in (None, mailbox):
        return
    person = store.get("users", str(caller.person)) or {}
    for key, one in store.items("permissions"):
        shared = one["emailAddress"]["address"] == person.get("mail") and one["role"] in WRITERS
        if shared and key.startswith(f"{mailbox}/"):
            return
    raise denied()

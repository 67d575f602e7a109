"""Who may call: sessions that end after two hours without a call, and the token endpoint (Base URL, auth)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import parse_qsl

from sandbox.salesforce.catalog import KINDS
from sandbox.salesforce.dialect import Failure, numbered_id
from sandbox.store import Store
from sandbox.twin import Record

ORGANIZATION = numbered_id(KINDS["Organization"], 1)
INTEGRATION = numbered_id(KINDS["User"], 1)  # the user that the integration signs in as
CLIENT_ID, CLIENT_SECRET = "3MVG9salesforce.sandbox.app", "8C4F1E2B7A90D356"
REFRESH = "5Aep861salesforce.sandbox.refresh"
FIRST_ACCESS = f"{ORGANIZATION[:15]}!AQ.sandbox.0"
LIFE = timedelta(hours=2)
BAG = "sessions"


def sessions(store: Store) -> dict[str, datetime]:
    """Access tokens in force, by when they were last used; at first the one that the credentials name."""
    return cast("dict[str, datetime]", store.bag.setdefault(BAG, {FIRST_ACCESS: store.clock.now()}))


def check(store: Store, headers: Mapping[str, str]) -> None:
    """Failure INVALID_SESSION_ID unless the call shows a session in force; using it keeps it alive."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    now, used = store.clock.now(), sessions(store).get(token)
    if scheme.lower() != "bearer" or used is None or now - used >= LIFE:
        raise Failure(status=401, code="INVALID_SESSION_ID", message="Session expired or invalid")
    sessions(store)[token] = now


def token(store: Store, form: bytes) -> tuple[int, Record]:
    """The token endpoint: a new session for the refresh token, which stays, or for the app itself."""
    fields = dict(parse_qsl(form.decode("utf-8", "replace")))
    if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return 400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
    grant = fields.get("grant_type")
    if grant not in ("refresh_token", "client_credentials"):
        return 400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
    if grant == "refresh_token" and fields.get("refresh_token") != REFRESH:
        return 400, {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    now = store.clock.now()
    access = f"{ORGANIZATION[:15]}!AQ.sandbox.{len(sessions(store))}"
    sessions(store)[access] = now
    return 200, {
        "access_token": access, "instance_url": store.base_url, "token_type": "Bearer", "signature": "c2FuZGJveA==",
        "id": f"https://login.salesforce.com/id/{ORGANIZATION}/{INTEGRATION}", "scope": "api refresh_token",
        "issued_at": str(int(now.timestamp() * 1000)),
    }  # fmt: skip

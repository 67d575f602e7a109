"""Tokens that rotate with every refresh, and the organisation that a call is for (Base URL, auth)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero.dialect import Blocked, named_id

CLIENT_ID, CLIENT_SECRET = "XEROSANDBOXCLIENT", "xero-sandbox-secret"
FIRST_ACCESS, FIRST_REFRESH = "xero-access-0", "xero-refresh-0"
TENANT, CONNECTION = named_id("tenant"), named_id("connection")
ACCESS_LIFE, REFRESH_LIFE = timedelta(seconds=1800), timedelta(days=60)
GRACE = timedelta(minutes=30)  # in which an old refresh token may be tried again
BAG = "tokens"


class GrantRefused(Exception):
    """The token endpoint says no."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error}


@dataclass(slots=True)
class Tokens:
    """Every token in force, by when it ends, and whether the organisation is still connected."""

    access: dict[str, datetime] = field(default_factory=dict)
    refresh: dict[str, datetime] = field(default_factory=dict)
    connected: bool = True


def tokens_of(store: Store) -> Tokens:
    """The tokens of this store; at first those that the twin's credentials name."""
    if BAG not in store.bag:
        now = store.clock.now()
        store.bag[BAG] = Tokens(access={FIRST_ACCESS: now + ACCESS_LIFE}, refresh={FIRST_REFRESH: now + REFRESH_LIFE})
    found: Tokens = store.bag[BAG]
    return found


def check(store: Store, headers: Mapping[str, str], *, tenant: bool = True) -> None:
    """Blocked unless the call shows a token in force, and names an organisation that it may see."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    ends = tokens_of(store).access.get(token) if scheme.lower() == "bearer" else None
    if ends is None:
        raise Blocked(status=401, detail="AuthenticationUnsuccessful")
    if store.clock.now() >= ends:
        raise Blocked(status=401, detail=f"TokenExpired: token expired at {ends:%m/%d/%Y %H:%M:%S}")
    if tenant and not (headers.get("xero-tenant-id") == TENANT and tokens_of(store).connected):
        raise Blocked(status=403, detail="AuthenticationUnsuccessful")


def renewed(store: Store, authorization: str, form: bytes) -> Record:
    """The token endpoint: a refresh token for a new pair; the old one dies. Raises GrantRefused."""
    _check_client(authorization)
    fields, now = dict(parse_qsl(form.decode("utf-8", "replace"))), store.clock.now()
    if fields.get("grant_type") != "refresh_token":
        raise GrantRefused("unsupported_grant_type")
    tokens, shown = tokens_of(store), fields.get("refresh_token", "")
    if shown not in tokens.refresh or now >= tokens.refresh[shown]:
        raise GrantRefused("invalid_grant")
    rotated = store.faults.take("rotated_refresh_token", "POST", "/connect/token") is not None
    tokens.refresh[shown] = now if rotated else min(tokens.refresh[shown], now + GRACE)
    number = len(tokens.refresh)
    access, refresh = f"xero-access-{number}", f"xero-refresh-{number}"
    tokens.access[access], tokens.refresh[refresh] = now + ACCESS_LIFE, now + REFRESH_LIFE
    return {
        "access_token": access, "refresh_token": refresh, "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()), "scope": "offline_access accounting.transactions",
    }  # fmt: skip


def connections(store: Store, name: str) -> list[Record]:
    """The organisations that the token may see."""
    at = "2025-12-07T18:46:19.5165400"
    one = {"id": CONNECTION, "authEventId": named_id("consent"), "tenantId": TENANT, "tenantType": "ORGANISATION",
           "tenantName": name, "createdDateUtc": at, "updatedDateUtc": at}  # fmt: skip
    return [one] if tokens_of(store).connected else []


def disconnect(store: Store, id: str) -> None:
    """End a connection. Blocked when there is no such one."""
    if id != CONNECTION or not tokens_of(store).connected:
        raise Blocked(status=404)
    tokens_of(store).connected = False


def _check_client(authorization: str) -> None:
    scheme, _, secret = authorization.partition(" ")
    try:
        known = base64.b64decode(secret, validate=True).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
    except (binascii.Error, UnicodeDecodeError):
        known = False
    if scheme.lower() != "basic" or not known:
        raise GrantRefused("invalid_client")

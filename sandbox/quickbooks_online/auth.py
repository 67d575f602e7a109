"""Tokens: the discovery document, the authorization code flow, refreshing, revoking, and who may pass.

An access token lives 3600 s. A refresh token lives 100 days from its last use; its value changes when it is
a day old, and the value before it dies. Source: facts sheet "Base URL, auth".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import URL

from sandbox.quickbooks_online.lapses import lapse
from sandbox.quickbooks_online.refusals import Unauthenticated
from sandbox.store import Store
from sandbox.twin import Record

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
REALM_ID = "9341454816381446"
FIRST_ACCESS_TOKEN = "qbo-access-0"
FIRST_REFRESH_TOKEN = "qbo-refresh-0"
TOKEN_PATH = "/oauth2/v1/tokens/bearer"
SCOPE = "com.intuit.quickbooks.accounting"
ACCESS_LIFE = timedelta(seconds=3600)
REFRESH_LIFE = timedelta(seconds=8726400)
REFRESH_HARD_LIFE = timedelta(days=5 * 365)
ROTATION = timedelta(hours=24)
_CODE_LIFE = timedelta(minutes=10)
BAG = "tokens"


class GrantRefused(Exception):
    """The token endpoint says no: an OAuth ``error`` and its description."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A refresh token that still works: when its value was made, and until when it can be used."""

    made: datetime
    expires: datetime


@dataclass(slots=True)
class Tokens:
    """Every token in force; access tokens by when they end."""

    access: dict[str, datetime] = field(default_factory=dict)
    refresh: dict[str, Refresh] = field(default_factory=dict)
    codes: dict[str, datetime] = field(default_factory=dict)


def grant_first_tokens(store: Store) -> None:
    """The tokens that the twin's credentials name, issued now."""
    now = store.clock.now()
    store.bag[BAG] = Tokens(
        access={FIRST_ACCESS_TOKEN: now + ACCESS_LIFE},
        refresh={FIRST_REFRESH_TOKEN: Refresh(made=now, expires=now + REFRESH_LIFE)},
    )


def check_access(store: Store, authorization: str) -> None:
    """Raises ``Unauthenticated`` unless the header carries a bearer token in force."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Missing access token: AuthenticationFailed")
    ends = _tokens(store).access.get(token.strip())
    if ends is None:
        raise Unauthenticated("Invalid access token: AuthenticationFailed")
    if store.clock.now() >= ends:
        raise Unauthenticated(f"Token expired: {token.strip()}")


def discovery(base: str) -> Record:
    """The OpenID configuration with every endpoint under ``base``."""
    base = base.rstrip("/")
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}{TOKEN_PATH}",
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", SCOPE],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


def consent(store: Store, query: Mapping[str, str]) -> str:
    """Where the browser goes after somebody said yes: the redirect URI with code, state and realmId."""
    if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code" or not query.get("redirect_uri"):
        raise GrantRefused("invalid_request", "The client_id, response_type or redirect_uri query parameter is invalid")
    code = f"qbo-code-{store.next_id('codes')}"
    _tokens(store).codes[code] = store.clock.now() + _CODE_LIFE
    answer = urlencode({"code": code, "state": query.get("state", ""), "realmId": REALM_ID})
    return str(URL(query["redirect_uri"]).replace(query=answer))


def exchange(store: Store, authorization: str, form: bytes, *, hard_limit: bool) -> Record:
    """The token endpoint: a code or a refresh token for new tokens; raises ``GrantRefused``."""
    _check_client(authorization)
    fields = dict(parse_qsl(form.decode("utf-8", "replace")))
    grant = fields.get("grant_type")
    if grant == "authorization_code":
        return _reply(store, _redeem(store, fields.get("code", "")), hard_limit)
    if grant == "refresh_token":
        return _reply(store, _renew(store, fields.get("refresh_token", "")), hard_limit)
    raise GrantRefused("unsupported_grant_type", "Unsupported grant type")


def revoke(store: Store, authorization: str, token: str) -> None:
    """End a token; with a refresh token the access tokens of the connection end too."""
    _check_client(authorization)
    tokens = _tokens(store)
    if tokens.refresh.pop(token, None) is not None:
        tokens.access.clear()
    elif tokens.access.pop(token, None) is None:
        raise GrantRefused("invalid_grant", "Token is invalid or was revoked")


def _tokens(store: Store) -> Tokens:
    if BAG not in store.bag:
        grant_first_tokens(store)
    tokens: Tokens = store.bag[BAG]
    return tokens


def _check_client(authorization: str) -> None:
    scheme, _, secret = authorization.partition(" ")
    try:
        known = base64.b64decode(secret, validate=True).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
    except (binascii.Error, UnicodeDecodeError):
        known = False
    if scheme.lower() != "basic" or not known:
        raise GrantRefused("invalid_client", "Client authentication failed", 401)


def _redeem(store: Store, code: str) -> str:
    ends = _tokens(store).codes.pop(code, None)
    if ends is None or store.clock.now() >= ends:
        raise GrantRefused("invalid_grant", "Authorization code is invalid or expired")
    return _new_refresh(store)


def _renew(store: Store, token: str) -> str:
    """The refresh token to go on with: the same one, or a new value when this one is a day old."""
    tokens, now = _tokens(store), store.clock.now()
    known = tokens.refresh.get(token)
    if known is None or now >= known.expires:
        raise GrantRefused("invalid_grant", "Incorrect or invalid refresh token")
    if now - known.made >= ROTATION or lapse(store, "rotated_refresh_token", "POST", TOKEN_PATH):
        del tokens.refresh[token]
        return _new_refresh(store)
    tokens.refresh[token] = Refresh(made=known.made, expires=now + REFRESH_LIFE)
    return token


def _new_refresh(store: Store) -> str:
    now = store.clock.now()
    token = f"qbo-refresh-{store.next_id('refresh_tokens')}"
    _tokens(store).refresh[token] = Refresh(made=now, expires=now + REFRESH_LIFE)
    return token


def _reply(store: Store, refresh: str, hard_limit: bool) -> Record:
    access = f"qbo-access-{store.next_id('access_tokens')}"
    _tokens(store).access[access] = store.clock.now() + ACCESS_LIFE
    reply: Record = {
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "x_refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
    }
    return reply | ({"x_refresh_token_hard_expires_in": int(REFRESH_HARD_LIFE.total_seconds())} if hard_limit else {})

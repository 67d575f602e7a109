"""OAuth of the API: codes, access tokens of 60 minutes, refresh tokens that rotate (facts, "Endpoint, auth").

The body of a refused grant is the vendor's sentence in its usual ``{"message": ..}`` (the shape is not documented).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.store import Store

CLIENT_ID = "plumbline-sandbox-app"
CLIENT_SECRET = "sandbox-jobber-client-secret"
FIRST_REFRESH_TOKEN = "5dd9be00d1bd99b837cd3acaf2f59fb8"
LIFETIME = timedelta(minutes=60)

_KEY = "jobber.tokens"


@dataclass(slots=True, kw_only=True)
class Tokens:
    """What was handed out: access tokens with the moment each expires, refresh tokens and codes not used yet."""

    access: dict[str, datetime] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=lambda: {FIRST_REFRESH_TOKEN})
    codes: dict[str, str] = field(default_factory=dict)
    given: int = 0


def signed(claims: Mapping[str, Any]) -> str:
    """A JSON web token over the claims, signed as the vendor signs: only it can verify."""
    parts = [_segment(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256"}, claims)]
    body = ".".join(parts)
    return f"{body}.{_segment(hmac.new(CLIENT_SECRET.encode(), body.encode(), hashlib.sha256).digest())}"


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# The first connection's token is made before the sandbox clock is known; it too lives 60 minutes from seeding on.
FIRST_ACCESS_TOKEN = signed({"sub": 2740101, "iss": "https://api.getjobber.com", "client_id": CLIENT_ID, "jti": 0})


def first_connection(store: Store) -> None:
    """The tokens that the sandbox lists: as if somebody had connected the app when the company was seeded."""
    store.bag[_KEY] = Tokens(access={FIRST_ACCESS_TOKEN: store.clock.now() + LIFETIME})


def refusal_of(store: Store, authorization: str | None) -> str | None:
    """Why a call may not pass, or None when its bearer token is good."""
    scheme, _, token = (authorization or "").partition(" ")
    tokens = _tokens(store)
    if scheme.casefold() != "bearer" or token not in tokens.access:
        return "Invalid token"
    return None if store.clock.now() < tokens.access[token] else "Access token expired"


def authorized(store: Store, query: Mapping[str, str]) -> str | None:
    """Where to send the person who allowed access, or None for a request that names no known app."""
    if query.get("response_type") != "code" or query.get("client_id") != CLIENT_ID or not query.get("redirect_uri"):
        return None
    with store.lock:
        tokens = _tokens(store)
        code = _next(tokens, "code")
        tokens.codes[code] = query["redirect_uri"]
    answer = {"code": code} | ({"state": query["state"]} if "state" in query else {})
    return f"{query['redirect_uri']}?{urlencode(answer)}"


def granted(store: Store, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """(status, body) of a token request; what is redeemed is void from then on."""
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return 401, {"message": "Client authentication failed"}
    with store.lock:
        tokens = _tokens(store)
        if form.get("grant_type") == "refresh_token":
            return _refreshed(store, tokens, form.get("refresh_token") or "")
        if form.get("grant_type") == "authorization_code":
            return _redeemed(store, tokens, form.get("code") or "", form.get("redirect_uri"))
    return 400, {"message": "Unsupported grant type"}


def _refreshed(store: Store, tokens: Tokens, given: str) -> tuple[int, dict[str, Any]]:
    if store.faults.take("rotated_refresh_token", "POST", "/api/oauth/token") is not None:
        # As if another worker had redeemed the token first and kept the new one for itself.
        tokens.refresh.discard(given)
    if given not in tokens.refresh:
        return 401, {"message": "The provided refresh token is not valid."}
    tokens.refresh.discard(given)
    return 200, _issued(store, tokens)


def _redeemed(store: Store, tokens: Tokens, code: str, redirect: str | None) -> tuple[int, dict[str, Any]]:
    if redirect is None or tokens.codes.get(code) != redirect:
        return 401, {"message": "The provided authorization code is not valid."}
    del tokens.codes[code]
    return 200, _issued(store, tokens)


def _issued(store: Store, tokens: Tokens) -> dict[str, Any]:
    expires = store.clock.now() + LIFETIME
    claims = {
        "sub": 2740101,
        "iss": "https://api.getjobber.com",
        "client_id": CLIENT_ID,
        "exp": int(expires.timestamp()),
    }
    refresh = _next(tokens, "refresh")
    access = signed({**claims, "jti": tokens.given})
    tokens.access[access] = expires
    tokens.refresh.add(refresh)
    spoken = expires.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {"access_token": access, "refresh_token": refresh, "expires_at": spoken}


def _next(tokens: Tokens, kind: str) -> str:
    tokens.given += 1
    return hashlib.md5(f"{kind}-{tokens.given}".encode(), usedforsecurity=False).hexdigest()


def _tokens(store: Store) -> Tokens:
    tokens: Tokens = store.bag.setdefault(_KEY, Tokens())
    return tokens

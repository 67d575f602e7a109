"""Who may call: the account's API key, or a token of the app (facts, "Base URL, auth")."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.responses import Response

from sandbox.housecall_pro.dialect import Call, Failure, answer, wrong
from sandbox.store import Store

API_KEY = "sandbox-housecall-pro-api-key"
CLIENT_ID, CLIENT_SECRET = "sandbox-housecall-pro-app", "sandbox-housecall-pro-app-secret"
FIRST_REFRESH_TOKEN = "sandbox-housecall-pro-refresh-token"
CREDENTIALS = {
    "token": API_KEY,
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": FIRST_REFRESH_TOKEN,
}
TOKENS = "housecall_pro.tokens"
LIFETIME = timedelta(seconds=2_592_000)


@dataclass(slots=True)
class Tokens:
    """What was handed out: access tokens with their ends, and the one refresh token that is good."""

    access: dict[str, datetime] = field(default_factory=dict)
    refresh: str = FIRST_REFRESH_TOKEN
    given: int = 0


def admit(call: Call) -> None:
    """401 unless the call shows the account's key or a token that lives."""
    scheme, _, shown = (call.request.headers.get("authorization") or "").partition(" ")
    if scheme == "Token" and shown == API_KEY:
        return
    ends = _tokens(call.store).access.get(shown)
    if scheme != "Bearer" or ends is None or ends <= call.store.clock.now():
        raise Failure(401, {"error": {"message": "Unauthorized"}})


def token(call: Call) -> Response:
    """POST /oauth/token with a JSON body. The answer's refresh token takes the place of the one before."""
    sent, known = call.sent(), _tokens(call.store)
    if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise _refused("invalid_client", "Client authentication failed", 401)
    if sent.get("grant_type") != "refresh_token":
        raise _refused("unsupported_grant_type", "The grant type is not supported", 400)
    if sent.get("refresh_token") != known.refresh:
        raise _refused("invalid_grant", "The refresh token is invalid, expired or revoked", 400)
    known.given += 1
    now, access = call.store.clock.now(), _made("access", known.given)
    known.refresh = _made("refresh", known.given)
    known.access[access] = now + LIFETIME
    return answer(
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "refresh_token": known.refresh,
            "scope": "public",
            "created_at": int(now.timestamp()),
        }
    )


def nothing_here(call: Call) -> Response:
    """A path that the vendor does not have."""
    raise wrong(f"no route matches {call.request.method} {call.path}", 404)


def _refused(error: str, why: str, status: int) -> Failure:
    return Failure(status, {"error": error, "error_description": why})


def _made(kind: str, number: int) -> str:
    return hashlib.sha256(f"housecall-pro-{kind}-{number}".encode()).hexdigest()


def _tokens(store: Store) -> Tokens:
    tokens: Tokens = store.bag.setdefault(TOKENS, Tokens())
    return tokens

"""Tokens: the token endpoint's two grants, and who stands behind a bearer token.

Vendor facts: facts section "Base and authentication".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from sandbox.google_calendar import shelf
from sandbox.google_calendar.credentials import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    DISPATCHER,
    REFRESH_TOKEN,
    SCOPES,
    SERVICE_ACCOUNT,
)
from sandbox.google_calendar.dialect import CalendarError, Caller, json_response, unauthorized
from sandbox.google_calendar.stamps import make_id
from sandbox.store import Store

LIFETIME = timedelta(seconds=3599)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_DELEGATED_PREFIXES = (
    "https://www.googleapis.com/auth/calendar",
    "https://www.googleapis.com/auth/admin.directory.user",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token that was given out; ``expires_at`` by the sandbox's clock, None for never."""

    caller: Caller
    expires_at: datetime | None


class GrantRefused(Exception):
    """A refusal of the token endpoint: ``{"error", "error_description"}``."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


def caller_of(store: Store, headers: Headers) -> Caller:
    """The caller behind the Authorization header; 401 without one, or with an unknown or expired token."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if not scheme:
        raise CalendarError(401, "required", "Login Required", at=("header", "Authorization"))
    if scheme.lower() == "bearer" and token == ACCESS_TOKEN:
        return Caller(email=DISPATCHER, scopes=frozenset(SCOPES))
    grant: Grant | None = store.bag.get("grants", {}).get(token) if scheme.lower() == "bearer" else None
    if grant is None or (grant.expires_at is not None and grant.expires_at <= store.clock.now()):
        raise unauthorized()
    return grant.caller


def token_endpoint(store: Store) -> Callable[[Request], Awaitable[Response]]:
    """``POST /token``: form-encoded, grants jwt-bearer and refresh_token."""

    async def endpoint(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        try:
            caller = _granted(store, form)
        except GrantRefused as refused:
            return json_response(refused.body, status=refused.status)
        return json_response(_issue(store, caller))

    return endpoint


def _granted(store: Store, form: Mapping[str, str]) -> Caller:
    if form.get("grant_type") == "refresh_token":
        return _refreshed(store, form)
    if form.get("grant_type") == _JWT_GRANT:
        return _asserted(store, form.get("assertion", ""))
    raise GrantRefused(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")


def _refreshed(store: Store, form: Mapping[str, str]) -> Caller:
    if form.get("client_id") != CLIENT_ID:
        raise GrantRefused(401, "invalid_client", "The OAuth client was not found.")
    if form.get("client_secret") != CLIENT_SECRET:
        raise GrantRefused(401, "invalid_client", "Unauthorized")
    revoked = store.faults.take("revoked_grant", "POST", "/token") is not None
    if revoked or form.get("refresh_token") != REFRESH_TOKEN:
        raise GrantRefused(400, "invalid_grant", "Token has been expired or revoked.")
    return Caller(email=DISPATCHER, scopes=frozenset(SCOPES))


def _asserted(store: Store, assertion: str) -> Caller:
    claims = _claims(assertion)
    if claims.get("iss") != SERVICE_ACCOUNT:
        raise GrantRefused(400, "invalid_grant", "Invalid grant: account not found")
    _check_life(claims)
    scopes = frozenset(str(claims.get("scope", "")).split())
    if not scopes:
        raise GrantRefused(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    subject = claims.get("sub")
    if subject in (None, SERVICE_ACCOUNT):
        return Caller(email=SERVICE_ACCOUNT, scopes=scopes, robot=True)
    return Caller(email=_impersonated(store, str(subject), scopes), scopes=scopes)


def _impersonated(store: Store, subject: str, scopes: frozenset[str]) -> str:
    if store.faults.take("revoked_grant", "POST", "/token") or not all(
        scope.startswith(_DELEGATED_PREFIXES) for scope in scopes
    ):
        raise GrantRefused(
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, "
            "or client not authorized for any of the scopes requested.",
        )
    user = shelf.user(store, subject)
    if user is None or user.get("suspended"):
        raise GrantRefused(400, "invalid_grant", "Invalid email or User ID")
    return str(user["primaryEmail"])


def _claims(assertion: str) -> dict[str, Any]:
    """The claims of a well-formed RS256 JWT; the signature itself is not verified."""
    parts = assertion.split(".")
    try:
        header, claims = (json.loads(_unpadded(part)) for part in parts[:2])
        signature = _unpadded(parts[2])
    except (ValueError, IndexError):
        raise GrantRefused(400, "invalid_grant", "Invalid JWT: Failed to decode assertion.") from None
    well_formed = len(parts) == 3 and isinstance(header, dict) and isinstance(claims, dict)
    if not well_formed or header.get("alg") != "RS256" or len(signature) < 128:
        raise GrantRefused(400, "invalid_grant", "Invalid JWT Signature.")
    return dict(claims)


def _check_life(claims: Mapping[str, Any]) -> None:
    # A client stamps its assertion by the machine's clock, which the sandbox's clock may have left behind:
    # only the span can be judged here.
    issued, expires = claims.get("iat"), claims.get("exp")
    sound = isinstance(issued, int) and isinstance(expires, int) and 0 < expires - issued <= 3660
    if not sound:
        message = (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim."
        )
        raise GrantRefused(400, "invalid_grant", message)
    if not str(claims.get("aud", "")).rstrip("/").endswith("/token"):
        raise GrantRefused(400, "invalid_grant", "Invalid JWT: Failed audience check.")


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _issue(store: Store, caller: Caller) -> dict[str, Any]:
    with store.lock:
        token = f"ya29.{make_id('grant', caller.email, str(store.next_id('grants')), length=48)}"
        grant = Grant(caller=caller, expires_at=store.clock.now() + LIFETIME)
        store.bag.setdefault("grants", {})[token] = grant
    issued = {"access_token": token, "expires_in": int(LIFETIME.total_seconds()), "token_type": "Bearer"}
    return issued if caller.robot else {**issued, "scope": " ".join(sorted(caller.scopes))}

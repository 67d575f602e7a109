"""Who may call: a personal access token, and OAuth access tokens of an hour (facts: Base, auth, envelope).

An access token carries its own expiry and signature, so that it outlives a reset of the sandbox.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

from sandbox.asana.dialect import USER, Call, Failure
from sandbox.store import Store

CREDENTIALS = {
    "access_token": "2/1211440844472300/1213399104450021:0d3f5b1e7c524a569a1c7f20c1d4e9aa",
    "client_id": "1213399104450020",
    "client_secret": "c2a9d3b177e44f0a8d6519be03f2a6c8",
    "refresh_token": "2/1211440844472300/1213399104450020:6b7e45d38c1f90a2e6b5d7144d02ab31",
    "authorization_code": "2/1211440844472300/1213399104450020:code71f4",
}
LIFETIME = timedelta(hours=1)
_PREFIX = f"1/{USER}:"


def signed_in(call: Call) -> bool:
    """Whether the caller is an OAuth app; False for a personal access token. Raises Failure 401 for anybody else."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token == CREDENTIALS["access_token"]:
        return False
    if scheme.lower() != "bearer" or not _valid(call.store, token):
        raise Failure(status=401, message="Not Authorized")
    return True


def token(call: Call) -> Response:
    """POST /-/oauth_token: an access token for a code or for the refresh token, which stays the same."""
    form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    wanted = {"authorization_code": ("code", "authorization_code"), "refresh_token": ("refresh_token",) * 2}
    if any(form.get(name) != CREDENTIALS[name] for name in ("client_id", "client_secret")):
        return _refused("invalid_client", "The client_id provided does not match an app with this secret")
    if form.get("grant_type") not in wanted:
        return _refused("unsupported_grant_type", "The grant_type is not one of authorization_code, refresh_token")
    field, credential = wanted[form["grant_type"]]
    if form.get(field) != CREDENTIALS[credential]:
        return _refused("invalid_grant", f"The {field} provided was not found or is expired")
    body = {"access_token": _minted(call.store), "token_type": "bearer", "expires_in": int(LIFETIME.total_seconds())}
    body["data"] = {"id": int(USER), "gid": USER, "name": "Office", "email": "office@example.com"}
    if form["grant_type"] == "authorization_code":
        body["refresh_token"] = CREDENTIALS["refresh_token"]
    return JSONResponse(body)


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)


def _minted(store: Store) -> str:
    expiry = store.clock.now() + LIFETIME
    payload = f"{int(expiry.timestamp()):x}"
    return f"{_PREFIX}{payload}-{_signature(payload)}"


def _valid(store: Store, token: str) -> bool:
    payload, _, signature = token.removeprefix(_PREFIX).partition("-")
    if not token.startswith(_PREFIX) or not hmac.compare_digest(signature.encode(), _signature(payload).encode()):
        return False
    return datetime.fromtimestamp(int(payload, 16), UTC) > store.clock.now()


def _signature(payload: str) -> str:
    return hmac.new(CREDENTIALS["client_secret"].encode(), payload.encode(), hashlib.sha256).hexdigest()[:24]

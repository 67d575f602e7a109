"""Who may call: the private app's static token and OAuth tokens of 30 minutes (facts: Base URL, auth).

An access token carries its own expiry and signature, so it outlives a reset of the sandbox, as it would
outlive anything that happens to the portal's records.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from starlette.responses import Response

from sandbox.hubspot.dialect import NO_CREDENTIALS, PORTAL, Call, Failure, answer, correlation, not_found
from sandbox.store import Store
from sandbox.twin import Record

CREDENTIALS = {
    "access_token": "pat-na1-5b1e7c52-0d3f-4a56-9a1c-7f20c1d4e9aa",
    "client_id": "8f1d7c9e-3a52-4c1b-b6d0-2e94a75f1c03",
    "client_secret": "c2a9d3b1-77e4-4f0a-8d65-19be03f2a6c8",
    "refresh_token": "na1-4d02-6b7e-45d3-8c1f-90a2e6b5d714",
    "authorization_code": "na1-71f4-code-of-the-first-install",
}
SECONDS_VALID = 1800
_APP, _USER = 98765, 32900489
_SCOPES = ["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read"]


def caller(call: Call) -> str:
    """The credential of the call. Raises Failure 401: none or unknown, or an OAuth token that expired."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token == CREDENTIALS["access_token"]:
        return token
    expiry = _expiry(token) if scheme.lower() == "bearer" else None
    if expiry is None:
        raise Failure(status=401, category="INVALID_AUTHENTICATION", message=NO_CREDENTIALS)
    late = call.store.clock.now() - expiry
    if late >= timedelta():
        minutes = int(late.total_seconds()) // 60
        message = f"The OAuth token used to make this call expired {minutes} minute(s) ago."
        raise Failure(status=401, category="EXPIRED_AUTHENTICATION", message=message)
    return token


def token(call: Call) -> Response:
    """POST /oauth/v1/token: a new access token for a code or for the refresh token, which does not rotate."""
    form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    if form.get("client_id") != CREDENTIALS["client_id"]:
        raise _bad("BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("client_secret") != CREDENTIALS["client_secret"]:
        raise _bad("BAD_CLIENT_SECRET", "missing or invalid client secret")
    grants = {
        "authorization_code": ("code", "authorization_code", "BAD_AUTH_CODE", "missing or unknown auth code"),
        "refresh_token": ("refresh_token", "refresh_token", "BAD_REFRESH_TOKEN", "missing or invalid refresh token"),
    }
    if form.get("grant_type") not in grants:
        raise _bad("BAD_GRANT_TYPE", "missing or unknown grant type")
    field, credential, code, message = grants[form["grant_type"]]
    if form.get(field) != CREDENTIALS[credential] or _revoked(call.store):
        raise _bad(code, message)
    body = {
        "token_type": "bearer",
        "refresh_token": CREDENTIALS["refresh_token"],
        "access_token": _minted(call.store),
        "expires_in": SECONDS_VALID,
    }
    return answer(body)


def access_token_info(call: Call) -> Response:
    """GET /oauth/v1/access-tokens/{token}: 404 for a token that this app never got or that expired."""
    token = call.request.path_params["token"]
    expiry = _expiry(token)
    left = timedelta() if expiry is None else expiry - call.store.clock.now()
    if left <= timedelta():
        raise not_found()
    more = {"token_type": "access", "app_id": _APP, "expires_in": int(left.total_seconds())}
    return answer({**_identity(token), **more})


def refresh_token_info(call: Call) -> Response:
    token = call.request.path_params["token"]
    if token != CREDENTIALS["refresh_token"] or _revoked(call.store):
        raise not_found()
    return answer({**_identity(token), "token_type": "refresh", "client_id": CREDENTIALS["client_id"]})


def refresh_token_revoked(call: Call) -> Response:
    """DELETE /oauth/v1/refresh-tokens/{token}: as uninstalling the app; a reset installs it again."""
    if call.request.path_params["token"] == CREDENTIALS["refresh_token"]:
        call.store.bag["refresh token revoked"] = True
    return Response(status_code=204)


def _identity(token: str) -> Record:
    return {
        "token": token,
        "user": "owner@sandbox.example",
        "hub_domain": "sandbox.example",
        "scopes": _SCOPES,
        "hub_id": PORTAL,
        "user_id": _USER,
    }


def _bad(code: str, message: str) -> Failure:
    return Failure(status=400, category="VALIDATION_ERROR", message=message, status_text=code)


def _revoked(store: Store) -> bool:
    return bool(store.bag.get("refresh token revoked"))


def _minted(store: Store) -> str:
    expiry = store.clock.now() + timedelta(seconds=SECONDS_VALID)
    payload = f"{int(expiry.timestamp() * 1000):x}-{correlation(store, 'token')[:8]}"
    return f"CN{payload}-{_signature(payload)}"


def _expiry(token: str) -> datetime | None:
    payload, _, signature = token.removeprefix("CN").rpartition("-")
    if not token.startswith("CN") or not hmac.compare_digest(signature.encode(), _signature(payload).encode()):
        return None
    return datetime.fromtimestamp(int(payload.partition("-")[0], 16) / 1000, UTC)


def _signature(payload: str) -> str:
    return hmac.new(CREDENTIALS["client_secret"].encode(), payload.encode(), hashlib.sha256).hexdigest()[:24]

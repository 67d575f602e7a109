"""Who may call: a token of an app for one tenant, and the app's key beside it; and how often (Base URLs, auth)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from starlette.responses import Response

from sandbox.servicetitan.dialect import Call, Failure, answer, problem
from sandbox.store import Store

TENANT, APP_KEY = "987654321", "ak1.sandbox-servicetitan-app-key"
APPLICATION = "6e0b1f0c-5d0a-4c0e-9a57-3f1f7c9b2d10"  # by which a client tells its own external data (Idempotency)
CLIENT_ID, CLIENT_SECRET = "cid.sandbox-servicetitan", "cs1.sandbox-servicetitan-secret"
CREDENTIALS = {
    "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "app_key": APP_KEY, "tenant_id": TENANT,
    "application_guid": APPLICATION,
}  # fmt: skip
TOKENS, CALLS = "servicetitan.tokens", "servicetitan.calls"
LIFE = timedelta(seconds=900)
MOST, SPAN = 60, timedelta(seconds=1)  # calls of an app to a tenant (Errors, limits)


@dataclass(slots=True)
class Tokens:
    """What was handed out: access tokens with their ends."""

    access: dict[str, datetime] = field(default_factory=dict)


def admit(call: Call) -> None:
    """Failure unless the call shows a token that lives, the app's key, and the tenant that both are for."""
    headers = call.request.headers
    shown = headers.get("authorization", "").removeprefix("Bearer ")  # one client sends it bare
    ends = _tokens(call.store).access.get(shown)
    if ends is None or ends <= call.store.clock.now() or headers.get("st-app-key") != APP_KEY:
        raise problem(401)
    if call.request.path_params.get("tenant") != TENANT:
        raise problem(403, "The app has no access to this tenant")
    _count(call)


def token(call: Call) -> Response:
    """POST /connect/token: client credentials for a token of fifteen minutes; there is no refresh token."""
    sent = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    if sent.get("grant_type") != "client_credentials":
        raise Failure(400, {"error": "unsupported_grant_type"})
    if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise Failure(400, {"error": "invalid_client"})
    known, now = _tokens(call.store), call.store.clock.now()
    made = f"servicetitan-access-{len(known.access) + 1}"
    known.access[made] = now + LIFE
    seconds = int(LIFE.total_seconds())
    return answer({"access_token": made, "expires_in": seconds, "token_type": "Bearer", "scope": "tn.crm.customers:r"})


def _count(call: Call) -> None:
    if call.store.faults.take("unlimited", call.request.method, call.path) is not None:
        return
    now = call.store.clock.now()
    calls: deque[datetime] = call.store.bag.setdefault(CALLS, deque())
    while calls and now - calls[0] >= SPAN:
        calls.popleft()
    if len(calls) >= MOST * call.store.headroom:
        raise Failure(429, problem(429).body, {"Retry-After": "1"})
    calls.append(now)


def _tokens(store: Store) -> Tokens:
    tokens: Tokens = store.bag.setdefault(TOKENS, Tokens())
    return tokens

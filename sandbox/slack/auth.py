"""Who may call: a bot token with its scopes, given for an app's code (facts: Base and authentication)."""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response

from sandbox.slack.dialect import APP, BOT, BOT_USER, TEAM, Call, Failure, answer

CREDENTIALS = {
    "token": "xoxb-sandbox-of-the-dispatch-app",
    "reader_token": "xoxb-sandbox-that-may-only-read",
    "client_id": "4336598211.8123450917",
    "client_secret": "5b0b9d7c1f4e4d0d8ce5a7d0e2b1c6f3",
    "code": "4336598211.1402213.code-of-the-dispatch-app",
    "signing_secret": "8f742231b10e8888abcd99eeefff85a5",
}
READING = frozenset({"channels:read", "groups:read", "channels:history", "groups:history", "users:read",
                     "users:read.email"})  # fmt: skip
SCOPES = {
    CREDENTIALS["token"]: READING | {"chat:write", "chat:write.public", "channels:join", "im:write", "files:write"},
    CREDENTIALS["reader_token"]: READING,
}


def admitted(call: Call, scopes: frozenset[str]) -> Call:
    """The call, when its token has one of the scopes, or none is asked. Raises Failure otherwise."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    token = token if scheme.lower() == "bearer" else call.text("token")
    if not token:
        raise Failure(error="not_authed")
    if (had := SCOPES.get(token)) is None:
        raise Failure(error="invalid_auth")
    if scopes and not scopes & had:
        beside = {"needed": ",".join(sorted(scopes)), "provided": ",".join(sorted(had))}
        raise Failure(error="missing_scope", beside=beside)
    return call


def test(call: Call) -> Response:
    """auth.test: who the token is."""
    team = call.store.get("team", TEAM) or {}
    return answer(
        url=f"https://{team['domain']}.slack.com/",
        team=team["name"],
        user="plumbline",
        team_id=TEAM,
        user_id=BOT_USER,
        bot_id=BOT,
        is_enterprise_install=False,
    )


def access(call: Call) -> Response:
    """oauth.v2.access: the bot token for a code; it does not expire, since token rotation is off."""
    client, secret = _client(call)
    if client != CREDENTIALS["client_id"]:
        raise Failure(error="invalid_client_id")
    if secret != CREDENTIALS["client_secret"]:
        raise Failure(error="bad_client_secret")
    if call.text("code") != CREDENTIALS["code"]:
        raise Failure(error="invalid_code")
    team = call.store.get("team", TEAM) or {}
    return answer(
        access_token=CREDENTIALS["token"],
        token_type="bot",
        scope=",".join(sorted(SCOPES[CREDENTIALS["token"]])),
        bot_user_id=BOT_USER,
        app_id=APP,
        team={"id": TEAM, "name": team["name"]},
        enterprise=None,
        authed_user={"id": team["owner"]},
        is_enterprise_install=False,
    )


def _client(call: Call) -> tuple[str, str]:
    """Id and secret of the app, in the body or by HTTP Basic."""
    scheme, _, given = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return call.text("client_id"), call.text("client_secret")
    try:
        client, _, secret = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise Failure(error="invalid_client_id") from problem
    return client, secret

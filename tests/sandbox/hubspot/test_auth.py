"""Credentials, tokens and their refusals."""

from __future__ import annotations

import pytest

from sandbox.hubspot import TWIN
from tests.sandbox.hubspot.conftest import Portal


def form(**changes: str) -> dict[str, str]:
    names = ("client_id", "client_secret", "refresh_token")
    return {"grant_type": "refresh_token", **{name: TWIN.credentials[name] for name in names}, **changes}


def grant(portal: Portal) -> str:
    return str(portal.call("POST", "/oauth/v1/token", data=form()).json()["access_token"])


@pytest.mark.parametrize("token", [None, "wrong", "CN-nonsense", "CN18f-1-00"])
def test_without_a_known_token_nobody_gets_in(portal: Portal, token: str | None) -> None:
    portal.token = token
    response = portal.call("GET", portal.contacts)
    assert response.status_code == 401
    assert response.json()["category"] == "INVALID_AUTHENTICATION"


def test_a_refresh_gives_a_token_for_half_an_hour(portal: Portal) -> None:
    body = portal.call("POST", "/oauth/v1/token", data=form()).json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 1800)
    assert body["refresh_token"] == TWIN.credentials["refresh_token"]
    portal.token = body["access_token"]
    portal.later(seconds=1799)
    assert portal.call("GET", portal.contacts).status_code == 200
    portal.later(seconds=301)
    refused = portal.call("GET", portal.contacts)
    assert (refused.status_code, refused.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert refused.json()["message"] == "The OAuth token used to make this call expired 5 minute(s) ago."


def test_every_grant_gives_another_token(portal: Portal) -> None:
    assert grant(portal) != grant(portal)


def test_a_code_is_exchanged_too(portal: Portal) -> None:
    code = TWIN.credentials["authorization_code"]
    data = form(grant_type="authorization_code", code=code, redirect_uri="http://localhost/back")
    assert portal.call("POST", "/oauth/v1/token", data=data).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"grant_type": "authorization_code", "code": "x"}, "BAD_AUTH_CODE"),
    ],
)
def test_a_bad_grant_says_what_is_bad(portal: Portal, changes: dict[str, str], status: str) -> None:
    response = portal.call("POST", "/oauth/v1/token", data=form(**changes))
    assert response.status_code == 400
    assert response.json()["status"] == status


def test_tokens_can_be_inspected_and_the_refresh_token_revoked(portal: Portal) -> None:
    token = grant(portal)
    portal.later(seconds=800)
    assert portal.call("GET", f"/oauth/v1/access-tokens/{token}").json()["expires_in"] == 1000
    assert portal.call("GET", "/oauth/v1/access-tokens/other").status_code == 404
    path = f"/oauth/v1/refresh-tokens/{TWIN.credentials['refresh_token']}"
    assert portal.call("GET", path).json()["hub_id"] == 147893286
    assert portal.call("DELETE", path).status_code == 204
    assert portal.call("POST", "/oauth/v1/token", data=form()).json()["status"] == "BAD_REFRESH_TOKEN"

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.quickbooks_online import auth
from tests.sandbox.quickbooks_online.desk import PREFIX, Desk

ROOT = "/quickbooks_online"
CLIENT = (auth.CLIENT_ID, auth.CLIENT_SECRET)


def granted(desk: Desk, client: tuple[str, str] = CLIENT, **form: str) -> httpx.Response:
    return desk.http.post(ROOT + auth.TOKEN_PATH, data=form, auth=client)


def renewed(desk: Desk, token: str = auth.FIRST_REFRESH_TOKEN) -> httpx.Response:
    return granted(desk, grant_type="refresh_token", refresh_token=token)


def read_with(desk: Desk, **headers: str) -> httpx.Response:
    return desk.http.get(f"{PREFIX}/customer/1", headers=headers)


def test_a_refresh_gives_a_token_for_an_hour_and_the_same_refresh_token_within_a_day(desk: Desk) -> None:
    reply = renewed(desk).json()
    access = reply.pop("access_token")
    assert reply == {
        "token_type": "bearer",
        "refresh_token": auth.FIRST_REFRESH_TOKEN,
        "expires_in": 3600,
        "x_refresh_token_expires_in": 8726400,
    }
    assert read_with(desk, Authorization=f"Bearer {access}").status_code == 200
    desk.store.clock.advance(timedelta(seconds=3600))
    assert read_with(desk, Authorization=f"Bearer {access}").status_code == 401


def test_after_a_day_the_refresh_token_changes_and_the_old_one_dies(desk: Desk) -> None:
    desk.store.clock.advance(timedelta(hours=25))
    newer = renewed(desk).json()["refresh_token"]
    assert newer != auth.FIRST_REFRESH_TOKEN
    dead = renewed(desk)
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert renewed(desk, newer).json()["refresh_token"] == newer


def test_a_refresh_token_unused_for_a_hundred_days_is_dead(desk: Desk) -> None:
    desk.store.clock.advance(auth.REFRESH_LIFE + timedelta(seconds=1))
    assert renewed(desk).json()["error"] == "invalid_grant"


def test_rotation_at_once_when_switched_on(desk: Desk) -> None:
    desk.fault("rotated_refresh_token", times=1)
    newer = renewed(desk).json()["refresh_token"]
    assert renewed(desk).status_code == 400
    assert renewed(desk, newer).status_code == 200


@pytest.mark.parametrize(
    ("client", "form", "status", "error"),
    [
        (("nobody", "x"), {"grant_type": "refresh_token"}, 401, "invalid_client"),
        (CLIENT, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (CLIENT, {"grant_type": "authorization_code", "code": "made-up"}, 400, "invalid_grant"),
        (CLIENT, {"grant_type": "refresh_token", "refresh_token": "made-up"}, 400, "invalid_grant"),
    ],
)
def test_what_the_token_endpoint_refuses(
    desk: Desk, client: tuple[str, str], form: dict[str, str], status: int, error: str
) -> None:
    response = granted(desk, client, **form)
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_consent_leads_back_with_a_code_that_works_once(desk: Desk) -> None:
    asked = {"client_id": auth.CLIENT_ID, "response_type": "code", "scope": auth.SCOPE, "state": "s 1"}
    answer = desk.http.get(f"{ROOT}/connect/oauth2", params=asked | {"redirect_uri": "http://127.0.0.1/back"})
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, back["state"], back["realmId"]) == (302, ["s 1"], [auth.REALM_ID])
    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": "http://127.0.0.1/back"}
    assert granted(desk, **form).status_code == 200
    assert granted(desk, **form).status_code == 400
    assert desk.http.get(f"{ROOT}/connect/oauth2", params=asked).status_code == 400


def test_revoking_the_refresh_token_ends_the_connection(desk: Desk) -> None:
    revoked = desk.http.post(f"{ROOT}/v2/oauth2/tokens/revoke", json={"token": auth.FIRST_REFRESH_TOKEN}, auth=CLIENT)
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert desk.get("/customer/1").status_code == 401
    assert renewed(desk).status_code == 400


def test_the_hard_limit_is_told_to_those_who_ask(desk: Desk) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": auth.FIRST_REFRESH_TOKEN}
    headers = {"x-include-refresh-token-hard-expires-in": "true"}
    reply = desk.http.post(ROOT + auth.TOKEN_PATH, data=form, auth=CLIENT, headers=headers).json()
    assert reply["x_refresh_token_hard_expires_in"] == 157680000


def test_discovery_points_at_this_twin(desk: Desk) -> None:
    found = desk.http.get(f"{ROOT}/.well-known/openid_configuration").json()
    assert found["token_endpoint"] == "http://127.0.0.1/quickbooks_online/oauth2/v1/tokens/bearer"


@pytest.mark.parametrize(
    ("authorization", "said"),
    [("", "Missing"), ("Basic x", "Missing"), ("Bearer made-up", "Invalid")],
)
def test_a_refused_token_answers_in_the_other_casing(desk: Desk, authorization: str, said: str) -> None:
    response = read_with(desk, Authorization=authorization)
    body: dict[str, Any] = response.json()
    assert response.status_code == 401
    assert (body["fault"]["type"], body["fault"]["error"][0]["code"]) == ("AUTHENTICATION", "3200")
    assert said in body["fault"]["error"][0]["detail"]
    assert abs(body["time"] / 1000 - desk.store.clock.now().timestamp()) < 60


def test_another_company_is_forbidden(desk: Desk) -> None:
    response = desk.http.get(f"{ROOT}/v3/company/1/customer/1")
    assert response.status_code == 403
    assert response.json()["Fault"]["Error"][0]["code"] == "3100"

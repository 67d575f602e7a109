from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.jobber import TWIN
from tests.sandbox.jobber.conftest import NOW, Api

KEYS = {key: TWIN.credentials[key] for key in ("client_id", "client_secret")}
ACCOUNT = "{ account { name } }"


def token(api: Api, **form: str) -> tuple[int, dict[str, Any]]:
    answer = api.client.request("POST", "/jobber/api/oauth/token", data={**KEYS, **form})
    return answer.status_code, answer.json()


def refresh(api: Api, with_: str) -> tuple[int, dict[str, Any]]:
    return token(api, grant_type="refresh_token", refresh_token=with_)


def test_the_first_access_token_works_for_an_hour(api: Api) -> None:
    assert api.ask(ACCOUNT) == {"account": {"name": "Acme Heating"}}
    api.clock.advance(timedelta(minutes=59))
    assert api.post(ACCOUNT).status_code == 200
    api.clock.advance(timedelta(minutes=1))
    late = api.post(ACCOUNT)
    assert (late.status_code, late.json()) == (401, {"message": "Access token expired"})


def test_no_token_and_a_wrong_one_are_refused(api: Api) -> None:
    for header in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic x"}):
        api.headers = {"X-JOBBER-GRAPHQL-VERSION": "2025-04-16", **header}
        refused = api.post(ACCOUNT)
        assert (refused.status_code, refused.json()) == (401, {"message": "Invalid token"})


def test_a_refresh_gives_a_web_token_with_its_expiry_and_a_new_refresh_token(api: Api) -> None:
    api.clock.advance(timedelta(hours=2))
    status, got = refresh(api, TWIN.credentials["refresh_token"])
    assert status == 200
    assert got["expires_at"] == "2026-07-06 18:00:00 UTC"
    claims = got["access_token"].split(".")[1]
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert decoded["exp"] == int(NOW.timestamp()) + 3 * 3600
    assert got["refresh_token"] != TWIN.credentials["refresh_token"]
    api.headers["Authorization"] = f"Bearer {got['access_token']}"
    assert api.post(ACCOUNT).status_code == 200


def test_a_refresh_token_is_good_once(api: Api) -> None:
    _, first = refresh(api, TWIN.credentials["refresh_token"])
    again = refresh(api, TWIN.credentials["refresh_token"])
    assert again == (401, {"message": "The provided refresh token is not valid."})
    status, second = refresh(api, first["refresh_token"])
    assert status == 200
    assert second["access_token"] != first["access_token"]


def test_a_token_that_another_worker_rotated_is_refused(api: Api) -> None:
    api.fault("rotated_refresh_token", times=1)
    assert refresh(api, TWIN.credentials["refresh_token"])[0] == 401


def test_wrong_client_keys_and_other_grants_are_refused(api: Api) -> None:
    assert token(api, client_secret="guess", grant_type="refresh_token", refresh_token="x")[0] == 401
    assert token(api, grant_type="password")[0] == 400


def test_a_person_connects_the_app_anew(api: Api) -> None:
    asked = {
        "response_type": "code",
        "client_id": KEYS["client_id"],
        "redirect_uri": "http://127.0.0.1/back",
        "state": "s",
    }
    sent = api.client.request("GET", "/jobber/api/oauth/authorize", params=asked)
    assert sent.status_code == 302
    back = parse_qs(urlsplit(sent.headers["location"]).query)
    assert back["state"] == ["s"]
    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": "http://127.0.0.1/back"}
    assert token(api, **form)[0] == 200
    assert token(api, **form)[0] == 401


def test_an_unknown_app_is_not_authorized(api: Api) -> None:
    asked = {"response_type": "code", "client_id": "other", "redirect_uri": "http://127.0.0.1/back"}
    assert api.client.request("GET", "/jobber/api/oauth/authorize", params=asked).status_code == 400

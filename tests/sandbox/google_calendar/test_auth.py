from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.google_calendar.credentials import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, SERVICE_ACCOUNT
from tests.sandbox.google_calendar.conftest import TECH, Api
from tests.sandbox.google_calendar.jwt import assertion

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REFRESH = {
    "grant_type": "refresh_token",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": REFRESH_TOKEN,
}


def ask(api: Api, **form: str) -> tuple[int, dict[str, Any]]:
    answer = api.send("POST", "/google_calendar/token", data=form)
    return answer.status_code, answer.json()


def test_a_delegated_token_acts_as_its_subject_and_expires_by_the_sandboxs_clock(api: Api) -> None:
    status, issued = ask(api, grant_type=JWT, assertion=assertion(sub=TECH))
    assert (status, issued["expires_in"], issued["token_type"]) == (200, 3599, "Bearer")
    api.token = issued["access_token"]
    assert api.get("/calendars/primary")["id"] == TECH
    api.clock.advance(timedelta(seconds=3600))
    assert api.refused("GET", "/calendars/primary") == (401, "authError")


def test_a_refresh_token_stays_the_same_and_is_not_given_again(api: Api) -> None:
    status, issued = ask(api, **REFRESH)
    assert status == 200
    assert "refresh_token" not in issued
    api.token = issued["access_token"]
    assert api.get("/calendars/primary")["id"].startswith("dispatch@")


@pytest.mark.parametrize(
    ("token", "reason"), [(None, "required"), ("ya29.nobody", "authError")], ids=["missing", "unknown"]
)
def test_a_call_without_a_good_token_is_401(api: Api, token: str | None, reason: str) -> None:
    api.token = token
    assert api.refused("GET", "/users/me/calendarList") == (401, reason)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({**REFRESH, "refresh_token": "x"}, 400, "invalid_grant"),
        ({**REFRESH, "client_secret": "x"}, 401, "invalid_client"),
        ({**REFRESH, "client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": JWT, "assertion": "no.jwt"}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(header={"alg": "none"})}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(signature=b"short")}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(iss="x@y.example")}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(exp=1_800_009_999)}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(aud="https://elsewhere.example")}, 400, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(scope=None)}, 400, "invalid_scope"),
        ({"grant_type": JWT, "assertion": assertion(sub="stranger@else.example")}, 400, "invalid_grant"),
        (
            {"grant_type": JWT, "assertion": assertion(sub=TECH, scope="https://www.googleapis.com/auth/drive")},
            401,
            "unauthorized_client",
        ),
    ],
)
def test_the_token_endpoint_refuses_in_oauths_own_form(api: Api, form: dict[str, str], status: int, error: str) -> None:
    answered, body = ask(api, **form)
    assert (answered, body["error"]) == (status, error)
    assert body["error_description"]


def test_a_person_takes_the_consent_back(api: Api) -> None:
    api.fault("revoked_grant")
    assert ask(api, **REFRESH)[1] == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }
    assert ask(api, **REFRESH)[0] == 200


def test_a_token_of_too_few_scopes_is_403(api: Api) -> None:
    scope = "https://www.googleapis.com/auth/calendar.readonly"
    api.token = ask(api, grant_type=JWT, assertion=assertion(sub=TECH, scope=scope))[1]["access_token"]
    assert api.get(f"/calendars/{TECH}/events")["accessRole"] == "owner"
    assert api.refused("DELETE", f"/calendars/{TECH}/events/abcde") == (403, "insufficientPermissions")


def test_a_service_account_as_itself_sees_what_is_shared_and_lists_nothing(api: Api) -> None:
    api.token = api.token_of(SERVICE_ACCOUNT)
    assert api.get("/users/me/calendarList")["items"] == []
    assert api.get(f"/calendars/{TECH}/events")["accessRole"] == "writer"
    body = {"attendees": [{"email": "guest@else.example"}]}
    event = api.create()
    refused = api.refused("PATCH", f"/calendars/{TECH}/events/{event['id']}", body)
    assert refused == (403, "forbiddenForServiceAccounts")

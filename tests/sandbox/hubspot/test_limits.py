"""Rate limits, their headers and their refusals."""

from __future__ import annotations

import httpx

from sandbox.hubspot import TWIN
from tests.sandbox.hubspot.conftest import Portal

CHEAP = "/account-info/v3/details"


def header(response: httpx.Response, name: str) -> str | None:
    value: str | None = response.headers.get(f"x-hubspot-ratelimit-{name}")
    return value


def test_headers_count_down_and_recover(portal: Portal) -> None:
    first, second = portal.call("GET", CHEAP), portal.call("GET", CHEAP)
    assert (header(first, "max"), header(first, "remaining"), header(second, "remaining")) == ("190", "189", "188")
    assert header(second, "interval-milliseconds") == "10000"
    assert header(second, "daily-remaining") == "649998"
    assert first.headers["x-hubspot-correlation-id"] != second.headers["x-hubspot-correlation-id"]
    portal.later(seconds=10)
    assert header(portal.call("GET", CHEAP), "remaining") == "189"


def test_the_191st_call_in_ten_seconds_is_refused_without_retry_after(portal: Portal) -> None:
    assert all(portal.call("GET", CHEAP).is_success for _ in range(190))
    refused = portal.call("GET", CHEAP)
    assert refused.status_code == 429
    body = refused.json()
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert "retry-after" not in refused.headers
    portal.later(seconds=10)
    assert portal.call("GET", CHEAP).is_success


def test_an_oauth_app_has_110_and_no_daily_limit(portal: Portal) -> None:
    names = ("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token", **{name: TWIN.credentials[name] for name in names}}
    portal.token = portal.call("POST", "/oauth/v1/token", data=form).json()["access_token"]
    response = portal.call("GET", CHEAP)
    assert (header(response, "max"), header(response, "secondly"), header(response, "daily")) == ("110", "11", None)


def test_five_searches_a_second_and_no_rate_headers_on_them(portal: Portal) -> None:
    path = f"{portal.contacts}/search"
    answers = [portal.call("POST", path, {}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[5].json()["policyName"] == "SECONDLY"
    assert header(answers[0], "max") is None
    portal.later(seconds=1)
    assert portal.call("POST", path, {}).status_code == 200


def test_the_limits_can_be_lifted(portal: Portal) -> None:
    portal.fault("unlimited")
    assert all(portal.call("POST", f"{portal.contacts}/search", {}).is_success for _ in range(20))


def test_the_day_begins_at_midnight_of_the_portal(portal: Portal) -> None:
    portal.call("GET", CHEAP)
    portal.later(hours=13)  # 23:00 in Chicago
    assert header(portal.call("GET", CHEAP), "daily-remaining") == "649998"
    portal.later(hours=1)
    assert header(portal.call("GET", CHEAP), "daily-remaining") == "649999"

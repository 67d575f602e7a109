from __future__ import annotations

from datetime import timedelta

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api


def test_a_user_has_600_calls_in_a_sliding_minute(api: Api) -> None:
    api.served.store.bag["per_user"] = 5
    for _ in range(5):
        api.get(f"/calendars/{TECH}")
    assert api.refused("GET", f"/calendars/{TECH}") == (403, "userRateLimitExceeded")
    assert api.get(f"/calendars/{TECH}", quotaUser="somebody-else")["id"] == TECH
    api.clock.advance(timedelta(seconds=61))
    assert api.get(f"/calendars/{TECH}")["id"] == TECH


def test_the_project_has_a_share_of_its_own(api: Api) -> None:
    tech = api.token_of(OTHER)
    api.served.store.bag["per_project"] = 1
    api.get(f"/calendars/{TECH}")
    api.token = tech
    assert api.refused("GET", "/calendars/primary") == (403, "rateLimitExceeded")


def test_general_faults_come_in_the_vendors_words(api: Api) -> None:
    api.fault("rate_limit", status=429, retry_after=3.0)
    answer = api.send("GET", "/google_calendar/calendar/v3/users/me/calendarList")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    for kind, reason in (("server_error", "backendError"), ("unauthorized", "authError"), ("forbidden", "forbidden")):
        api.fault(kind)
        assert api.refused("GET", "/users/me/calendarList")[1] == reason

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from connectors.gateway import Patience, checked_settings
from connectors.spec import Setting
from connectors.wire import located
from models.errors import (
    Ambiguous,
    Gone,
    Rejected,
    StackError,
    Stale,
    Throttled,
    Transient,
    Unauthorized,
    Unreachable,
)
from tests.connectors.kit import SECRET, FakeClock, connector, gateway

Handler = Callable[[httpx.Request], httpx.Response]


def answers(*responses: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A server that gives these answers in turn, and the last one for ever; and what it was asked."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = responses[min(len(seen), len(responses)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handler, seen


OK = httpx.Response(200, json={"id": 1})


def test_money_keeps_every_digit_in_both_directions() -> None:
    wire = b'{"total": 8853839.23, "rate": 0.1}'
    handler, seen = answers(httpx.Response(200, content=wire, headers={"content-type": "application/json"}))
    with gateway(handler) as api:
        body = api.request("POST", "/invoices", json={"amount": Decimal("8853839.23"), "cents": Decimal("0.10")}).json()
    assert body == {"total": Decimal("8853839.23"), "rate": Decimal("0.1")}
    assert seen[0].content == b'{"amount":8853839.23,"cents":0.10}'


def test_the_request_introduces_itself_and_shows_its_token() -> None:
    handler, seen = answers(OK)
    with gateway(handler, connector=connector(headers={"X-Version": "7"})) as api:
        api.request("GET", "/contacts", params={"limit": 100, "after": None, "tag": ["a", "b"]})
    assert str(seen[0].url) == "https://api.acme.test/contacts?limit=100&tag=a&tag=b"
    assert seen[0].headers["authorization"] == f"Bearer {SECRET}"
    assert seen[0].headers["user-agent"].startswith("plumbline")
    assert seen[0].headers["x-version"] == "7"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Gone),
        (410, Gone),
        (409, Stale),
        (412, Stale),
        (400, Rejected),
        (422, Rejected),
        (429, Throttled),
        (500, Transient),
        (503, Transient),
        (302, Unreachable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[Exception]) -> None:
    handler, _ = answers(httpx.Response(status, json={"message": "no such thing"}))
    with gateway(handler) as api, pytest.raises(kind, match=r"acme: GET /contacts .*no such thing") as raised:
        api.request("GET", "/contacts", params={"email": "kim@acme.test"})
    assert "kim@acme.test" not in str(raised.value)


def test_an_expected_status_is_an_answer() -> None:
    handler, _ = answers(httpx.Response(404, json={"message": "gone"}))
    with gateway(handler) as api:
        assert api.request("GET", "/contacts/1", accept=(404,)).status == 404


def test_the_vendors_own_reading_comes_first() -> None:
    def judge(system: str, _status: int, _headers: object, body: object) -> Exception | None:
        assert isinstance(body, dict)
        return Rejected(system, "closed period") if body.get("code") == 6210 else None

    handler, _ = answers(httpx.Response(200, json={"code": 6210}))
    with gateway(handler, connector=connector(judge=judge)) as api, pytest.raises(Rejected, match="closed period"):
        api.request("POST", "/invoices", json={})


def test_a_throttled_request_waits_as_long_as_it_is_told() -> None:
    clock = FakeClock()
    handler, seen = answers(httpx.Response(429, headers={"Retry-After": "7"}), OK)
    with gateway(handler, clock=clock) as api:
        assert api.request("POST", "/contacts", json={}).json() == {"id": 1}
    assert len(seen) == 2
    assert clock.slept == [7.0]


def test_a_date_in_retry_after_counts_from_our_clock() -> None:
    clock = FakeClock()
    handler, _ = answers(httpx.Response(429, headers={"Retry-After": "Mon, 02 Mar 2026 12:00:05 GMT"}), OK)
    with gateway(handler, clock=clock) as api:
        api.request("GET", "/contacts")
    assert clock.slept == [5.0]


def test_a_wait_beyond_patience_is_passed_on() -> None:
    clock = FakeClock()
    handler, seen = answers(httpx.Response(429, headers={"Retry-After": "3600"}))
    with gateway(handler, clock=clock) as api, pytest.raises(Throttled) as raised:
        api.request("GET", "/contacts")
    assert (raised.value.wait, len(seen), clock.slept) == (3600.0, 1, [])


def test_passing_failures_are_tried_five_times_with_growing_pauses() -> None:
    clock = FakeClock()
    handler, seen = answers(httpx.Response(503))
    with gateway(handler, clock=clock) as api, pytest.raises(Transient):
        api.request("GET", "/contacts")
    assert len(seen) == 5
    assert clock.slept == [1.0, 2.0, 4.0, 8.0]


def test_pauses_are_drawn_between_nothing_and_the_limit() -> None:
    drawn = [Patience().pause(attempt, None) for attempt in (1, 4, 30) for _ in range(50)]
    assert all(0 <= one <= 20 for one in drawn)
    assert len({round(one, 6) for one in drawn}) > 100


@pytest.mark.parametrize(
    "accident",
    [
        httpx.ReadError("cut"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.WriteError("cut"),
        httpx.Response(500),
        httpx.Response(200, content=b'{"id": 1, "na', headers={"content-type": "application/json"}),
        httpx.Response(200, html="<html>Sign in</html>"),
    ],
)
def test_what_may_not_be_sent_twice_is_sent_once(accident: httpx.Response | Exception) -> None:
    handler, seen = answers(accident, OK)
    with gateway(handler) as api, pytest.raises(Ambiguous):
        api.request("POST", "/payments", json={"amount": 1})
    assert len(seen) == 1


@pytest.mark.parametrize("accident", [httpx.ReadError("cut"), httpx.ReadTimeout("slow"), httpx.Response(502)])
def test_what_may_be_sent_twice_is_sent_again(accident: httpx.Response | Exception) -> None:
    handler, seen = answers(accident, OK)
    with gateway(handler) as api:
        assert api.request("POST", "/payments", json={"amount": 1}, repeatable=True).status == 200
    assert len(seen) == 2


def test_a_write_that_is_never_answered_stays_in_doubt() -> None:
    handler, seen = answers(httpx.ReadTimeout("slow"))
    with gateway(handler) as api, pytest.raises(Ambiguous, match="may have taken effect"):
        api.request("PUT", "/contacts/1", json={})
    assert len(seen) == 5


def test_a_read_that_is_never_answered_is_no_doubt() -> None:
    handler, _ = answers(httpx.ReadTimeout("slow"))
    with gateway(handler) as api, pytest.raises(Transient) as raised:
        api.request("GET", "/contacts/1")
    assert not isinstance(raised.value, Ambiguous)


def test_an_unsent_request_is_tried_again_and_then_unreachable() -> None:
    handler, seen = answers(httpx.ConnectError("refused"))
    with gateway(handler) as api, pytest.raises(Unreachable, match=r"api\.acme\.test cannot be reached"):
        api.request("POST", "/payments", json={})
    assert len(seen) == 5


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_for_people_is_never_data(status: int) -> None:
    handler, _ = answers(httpx.Response(status, html="<!DOCTYPE html><title>Maintenance</title>"))
    with gateway(handler) as api, pytest.raises(Unreachable, match="text/html"):
        api.request("GET", "/contacts")


def test_a_webdav_write_may_be_confirmed_by_a_page() -> None:
    handler, _ = answers(httpx.Response(201, html="<html>Created</html>"))
    with gateway(handler) as api:
        assert api.request("PUT", "/cal/1.ics", content=b"BEGIN:VCALENDAR").status == 201


def test_text_is_an_answer_until_it_is_read_as_json() -> None:
    handler, _ = answers(httpx.Response(200, text="pong"))
    with gateway(handler) as api:
        answer = api.request("GET", "/ping")
        assert answer.text == "pong"
        with pytest.raises(Unreachable, match="text/plain"):
            answer.json()


def test_an_empty_body_is_never_an_empty_list() -> None:
    handler, _ = answers(httpx.Response(200, content=b"", headers={"content-type": "application/json"}))
    with gateway(handler) as api, pytest.raises(Unreachable):
        api.request("GET", "/contacts").json()


def test_a_truncated_list_is_read_again() -> None:
    cut = httpx.Response(200, content=b'[{"id": 1}, {"id"', headers={"content-type": "application/json"})
    handler, seen = answers(cut, httpx.Response(200, json=[{"id": 1}, {"id": 2}]))
    with gateway(handler) as api:
        assert len(api.request("GET", "/contacts").json()) == 2
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/v3/contacts", "http://127.0.0.1:8700/acme/crm/v3/contacts"),
        ("crm/v3", "http://127.0.0.1:8700/acme/crm/v3"),
        ("https://api.acme.test/crm?after=1", "http://127.0.0.1:8700/acme/crm?after=1"),
        ("https://api.acme.test", "http://127.0.0.1:8700/acme"),
        ("http://127.0.0.1:8700/acme/crm", "http://127.0.0.1:8700/acme/crm"),
        ("http://127.0.0.1:8700/.well-known/caldav", "http://127.0.0.1:8700/.well-known/caldav"),
        ("/acme/calendars/kim/", "http://127.0.0.1:8700/acme/calendars/kim/"),
    ],
)
def test_addresses_move_with_the_base(path: str, expected: str) -> None:
    base = "http://127.0.0.1:8700/acme"
    assert located(path, system="acme", base_url=base, production="https://api.acme.test") == expected


@pytest.mark.parametrize(
    "path", ["https://evil.test/x", "https://api.acme.test.evil.test/x", "http://127.0.0.1:9/acme"]
)
def test_credentials_never_leave_for_another_host(path: str) -> None:
    handler, seen = answers(OK)
    with gateway(handler, base_url="http://127.0.0.1:8700/acme") as api, pytest.raises(Unreachable, match="acme"):
        api.request("GET", path)
    assert seen == []


def test_nothing_secret_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    handler, _ = answers(httpx.Response(400, json={"message": f"token {SECRET} may not do this"}))
    with gateway(handler) as api, pytest.raises(Rejected) as raised:
        api.request("POST", "/contacts", json={"note": "private"}, params={"hapikey": SECRET})
    said = " ".join([str(raised.value), *(record.getMessage() for record in caplog.records), repr(api)])
    assert SECRET not in said
    assert "private" not in said
    assert "POST /contacts" in said


def test_long_explanations_are_shortened() -> None:
    handler, _ = answers(httpx.Response(400, json={"message": "x" * 5000}))
    with gateway(handler) as api, pytest.raises(Rejected) as raised:
        api.request("GET", "/contacts")
    assert len(str(raised.value)) < 420


def test_recorders_see_every_exchange() -> None:
    seen: list[tuple[str, int]] = []
    handler, _ = answers(httpx.Response(429, headers={"Retry-After": "1"}), OK)
    recorder = lambda request, response: seen.append((request.method, response.status_code))  # noqa: E731
    with gateway(handler, on_exchange=recorder) as api:
        api.request("GET", "/contacts")
    assert seen == [("GET", 429), ("GET", 200)]


def test_settings_are_checked_and_completed() -> None:
    one = connector(
        settings=(
            Setting(name="realm_id", description="Company id.", required=True),
            Setting(name="window", description="Days.", default=90),
        )
    )
    assert checked_settings(one, {"realm_id": "1"}, "acme") == {"realm_id": "1", "window": 90}
    with pytest.raises(StackError, match="'realm_id' is missing"):
        checked_settings(one, {}, "acme")
    with pytest.raises(StackError, match="did you mean 'realm_id'"):
        checked_settings(one, {"realmid": "1"}, "acme")


def test_the_body_of_a_retried_request_is_the_same() -> None:
    handler, seen = answers(httpx.Response(503), OK)
    with gateway(handler) as api:
        api.request("PUT", "/contacts/1", json={"name": "Kim"})
    assert [json.loads(one.content) for one in seen] == [{"name": "Kim"}, {"name": "Kim"}]

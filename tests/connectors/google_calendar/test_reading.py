"""Reading events: whole, by sync token, and when Google no longer knows a token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import pytest

from connectors.google_calendar import CONNECTOR
from connectors.google_calendar.reading import record_id
from connectors.spec import Page
from models.errors import Gone, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.google_calendar.conftest import OTHER, TECH, Calendars, Script, refusal, scripted

LATER = "2026-06-16T00:00:00+00:00"  # 97 days after the test's clock
EVENTS = {"kind": "calendar#events"}


def always(answer: httpx.Response) -> Script:
    return lambda _request: answer


def ids(pages: Iterable[Page]) -> set[str]:
    return {record_id(record) for page in pages for record in page.records}


def deleted(pages: Iterable[Page]) -> set[str]:
    return {id for page in pages for id in page.deleted}


def cursor(pages: list[Page]) -> Mapping[str, Any]:
    assert pages[-1].cursor is not None
    return pages[-1].cursor


def some_event(calendars: Calendars, calendar: str) -> str:
    """An event of a calendar that is no series and no day of one."""
    plain = (
        id
        for id in sorted(calendars.alive())
        if id.startswith(calendar) and "_" not in id and "recurrence" not in (calendars.store.get("events", id) or {})
    )
    return next(plain)


def test_the_first_read_covers_every_calendar_of_the_list(calendars: Calendars) -> None:
    pages = calendars.read()
    assert all(page.full for page in pages)
    assert ids(pages) == calendars.alive()
    assert len(cursor(pages)["calendars"]) > 2


def test_settings_may_name_the_calendars(calendars: Calendars) -> None:
    pages = calendars.read(calendars=[TECH])
    assert ids(pages) == {id for id in calendars.alive() if id.startswith(TECH)}
    assert list(cursor(pages)["calendars"]) == [TECH]


def test_nothing_changed_reads_nothing(calendars: Calendars) -> None:
    pages = calendars.read(cursor(calendars.read()))
    assert (ids(pages), deleted(pages), any(page.full for page in pages)) == (set(), set(), False)


def test_a_persons_edit_and_deletion_come_by_the_next_read(calendars: Calendars) -> None:
    before = cursor(calendars.read())
    edited, removed = some_event(calendars, TECH), some_event(calendars, OTHER)
    calendars.edit(edited, summary="Dentist at ten")
    calendars.remove(removed)
    pages = calendars.read(before)
    assert (ids(pages), deleted(pages)) == ({edited}, {removed})
    assert [record["summary"] for page in pages for record in page.records] == ["Dentist at ten"]
    again = calendars.read(cursor(pages))
    assert (ids(again), deleted(again)) == (set(), set())


def test_a_lost_token_costs_one_calendar_a_whole_read_and_still_tells_what_went(calendars: Calendars) -> None:
    before = cursor(calendars.read())
    removed = some_event(calendars, TECH)
    calendars.remove(removed)
    calendars.fault("expired_sync_token", path=TECH.replace("@", ".*"), times=1)
    pages = calendars.read(before)
    assert deleted(pages) == {removed}
    assert ids(pages) == {id for id in calendars.alive() if id.startswith(TECH)}
    assert not any(page.full for page in pages)


def test_a_calendar_that_joins_later_is_read_whole_and_one_taken_out_is_reported(calendars: Calendars) -> None:
    before = cursor(calendars.read(calendars=[TECH]))
    pages = calendars.read(before, calendars=[OTHER])
    assert ids(pages) == {id for id in calendars.alive() if id.startswith(OTHER)}
    left = {id for id in deleted(pages) if id.startswith(TECH)}
    assert left == {f"{TECH}/{id}" for id in before["calendars"][TECH]["ids"]}
    assert not any(page.full for page in pages)


def test_what_we_wrote_and_moved_comes_back_as_one_event(calendars: Calendars) -> None:
    before = cursor(calendars.read())
    made = calendars.create()
    pages = calendars.read(before)
    assert ids(pages) == {made.id}
    moved = calendars.update(made, technician_email=OTHER)
    pages = calendars.read(cursor(pages))
    assert (ids(pages), deleted(pages)) == ({moved.id}, {made.id})
    calendars.delete(moved)
    assert deleted(calendars.read(cursor(pages))) == {moved.id}


def test_pages_cut_short_lose_nothing(calendars: Calendars) -> None:
    calendars.fault("short_page", path="events", times=1)
    assert ids(calendars.read()) == calendars.alive()


def test_a_calendar_that_was_unshared_is_an_error_and_no_deletion(calendars: Calendars) -> None:
    before = cursor(calendars.read())
    calendars.remove(TECH, "calendars")
    with pytest.raises(Unauthorized, match=TECH):
        calendars.read(before)


def test_a_deleted_series_is_gone_and_asked_for_no_more() -> None:
    place = {"token": "t0", "ids": ["s", "s_R20260401", "x"], "series": ["s", "s_R20260401"]}
    known = {"until": LATER, "calendars": {"a@b.c": place}}
    gone = {**EVENTS, "items": [{"id": "s", "status": "cancelled"}], "nextSyncToken": "t1"}
    with scripted(lambda _: httpx.Response(200, json=gone), calendars=["a@b.c"]) as api:
        pages = list(CONNECTOR.resources[0].read(api, known))
    assert deleted(pages) == {"a@b.c/s"}
    left = {"token": "t1", "ids": ["s_R20260401", "x"], "series": ["s_R20260401"]}
    assert cursor(pages) == {"until": LATER, "calendars": {"a@b.c": left}}


def test_every_call_of_a_round_is_the_same_but_for_the_tokens() -> None:
    asked: list[dict[str, str]] = []

    def script(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        more = {"nextPageToken": "p2"} if len(asked) == 1 else {"nextSyncToken": "t2"}
        return httpx.Response(200, json={**EVENTS, "items": [], **more})

    known = {"until": LATER, "calendars": {"a#b@c": {"token": "t1", "ids": []}}}
    with scripted(script, calendars=["a#b@c"]) as api:
        list(CONNECTOR.resources[0].read(api, known))
    same = {"maxResults": "2500", "singleEvents": "false", "syncToken": "t1"}
    assert asked == [same, {**same, "pageToken": "p2"}]


def test_a_list_without_its_closing_token_is_not_whole() -> None:
    with (
        scripted(lambda _: httpx.Response(200, json={**EVENTS, "items": []}), calendars=["a@b.c"]) as api,
        pytest.raises(Unreachable, match="sync token"),
    ):
        list(CONNECTOR.resources[0].read(api, {}))


def test_a_calendar_that_suddenly_shows_little_is_not_believed() -> None:
    def script(request: httpx.Request) -> httpx.Response:
        if "syncToken" in request.url.params:
            return refusal(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        return httpx.Response(200, json={**EVENTS, "items": [], "nextSyncToken": "t1"})

    known = {"until": LATER, "calendars": {"a@b.c": {"token": "t0", "ids": list("abcdefgh")}}}
    with scripted(script, calendars=["a@b.c"]) as api, pytest.raises(Gone, match="0 events where it had 8"):
        list(CONNECTOR.resources[0].read(api, known))


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_too_many_calls_are_throttled_whatever_the_status(reason: str) -> None:
    for status in (403, 429):
        answer = refusal(status, reason, "Rate Limit Exceeded", "usageLimits")
        with scripted(always(answer)) as api, pytest.raises(Throttled, match="Rate Limit Exceeded"):
            list(CONNECTOR.resources[0].read(api, {}))


def test_a_passing_failure_is_waited_out_and_a_lasting_one_is_raised(calendars: Calendars) -> None:
    calendars.fault("rate_limit", path="calendar/v3", times=1)
    calendars.fault("server_error", path="calendar/v3", times=1)
    assert ids(calendars.read()) == calendars.alive()
    calendars.fault("server_error", path="calendar/v3")
    with pytest.raises(Transient):
        calendars.read()


def test_refused_credentials_are_said_to_be_that() -> None:
    with scripted(lambda _: refusal(403, "forbidden")) as api, pytest.raises(Unauthorized):
        list(CONNECTOR.resources[0].read(api, {}))


def test_another_apis_answer_is_not_an_empty_calendar() -> None:
    for answer in (httpx.Response(200, json={"items": [], "nextSyncToken": "t"}), httpx.Response(200, json=[])):
        with scripted(always(answer), calendars=["a@b.c"]) as api, pytest.raises(Unreachable, match="base address"):
            list(CONNECTOR.resources[0].read(api, {}))

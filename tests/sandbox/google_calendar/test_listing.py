"""Pages and sync tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api, visit

EVENTS = f"/calendars/{TECH}/events"


def rounds(api: Api, **query: Any) -> tuple[list[dict[str, Any]], str]:
    """All items of all pages, and the sync token of the last page."""
    items: list[dict[str, Any]] = []
    page = api.get(EVENTS, **query)
    while "nextPageToken" in page:
        assert "nextSyncToken" not in page
        items += page["items"]
        page = api.get(EVENTS, **query, pageToken=page["nextPageToken"])
    return [*items, *page["items"]], page["nextSyncToken"]


def test_pages_hold_everything_once_and_only_the_last_has_a_sync_token(api: Api) -> None:
    whole, _ = rounds(api)
    paged, _ = rounds(api, maxResults=2)
    assert [one["id"] for one in paged] == [one["id"] for one in whole]
    assert len(whole) > 2


def test_a_sync_round_brings_changes_and_deletions_since_the_last(api: Api) -> None:
    kept, dropped = api.create(), api.create()
    _, token = rounds(api)
    assert rounds(api, syncToken=token)[0] == []
    api.write("PATCH", f"{EVENTS}/{kept['id']}", {"summary": "changed"})
    api.write("DELETE", f"{EVENTS}/{dropped['id']}", status=204)
    api.create(calendar=OTHER)
    items, token = rounds(api, syncToken=token)
    assert [(one["id"], one["status"]) for one in items] == [(kept["id"], "confirmed"), (dropped["id"], "cancelled")]
    assert set(items[1]) == {"kind", "etag", "id", "status"}
    assert rounds(api, syncToken=token)[0] == []


def test_what_changes_between_two_pages_comes_in_the_next_round(api: Api) -> None:
    first, second = api.create(), api.create()
    page = api.get(EVENTS, maxResults=1)
    api.write("PATCH", f"{EVENTS}/{first['id']}", {"summary": "late"})
    while "nextPageToken" in page:
        page = api.get(EVENTS, maxResults=1, pageToken=page["nextPageToken"])
    items, _ = rounds(api, syncToken=page["nextSyncToken"])
    assert [one["id"] for one in items] == [first["id"]]
    assert second["id"] not in {one["id"] for one in items}


def test_a_sync_round_has_pages_too(api: Api) -> None:
    _, token = rounds(api)
    made = [api.create()["id"] for _ in range(5)]
    items, newer = rounds(api, syncToken=token, maxResults=2)
    assert [one["id"] for one in items] == made
    assert rounds(api, syncToken=newer)[0] == []


@pytest.mark.parametrize(
    "more",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-03-01T00:00:00Z"},
        {"timeMax": "2026-03-01T00:00:00Z"},
        {"updatedMin": "2026-03-01T00:00:00Z"},
        {"showDeleted": "false"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_sync_token_stands_beside_no_other_restriction(api: Api, more: dict[str, str]) -> None:
    _, token = rounds(api)
    assert api.refused("GET", EVENTS, params={"syncToken": token, **more}) == (400, "invalid")


def test_a_first_read_from_a_time_on_still_gives_a_sync_token(api: Api) -> None:
    items, token = rounds(api, timeMin="2026-03-25T00:00:00Z", singleEvents="true")
    assert items
    assert rounds(api, syncToken=token, singleEvents="true")[0] == []


@pytest.mark.parametrize("why", ["fault", "age", "access"])
def test_a_spent_sync_token_is_410_and_asks_for_a_full_read(api: Api, why: str) -> None:
    _, token = rounds(api)
    if why == "fault":
        api.fault("expired_sync_token")
    elif why == "age":
        api.clock.advance(timedelta(days=29))
    else:
        dispatcher, api.token = api.token, api.token_of(TECH)
        api.write("PATCH", f"/calendars/{TECH}/acl/user:dispatch@bluebonnet.example.com", {"role": "reader"})
        api.token = dispatcher
    assert api.refused("GET", EVENTS, params={"syncToken": token}) == (410, "fullSyncRequired")
    rounds(api)


@pytest.mark.parametrize("parameter", ["pageToken", "syncToken"])
def test_a_token_of_another_list_or_of_nobody_is_400(api: Api, parameter: str) -> None:
    page = api.get(f"/calendars/{OTHER}/events", maxResults=1)
    foreign = page["nextPageToken"] if parameter == "pageToken" else rounds_of_other(api)
    assert api.refused("GET", EVENTS, params={parameter: foreign, "maxResults": 1}) == (400, "invalid")
    assert api.refused("GET", EVENTS, params={parameter: "no token"}) == (400, "invalid")


def rounds_of_other(api: Api) -> str:
    return str(api.get(f"/calendars/{OTHER}/events")["nextSyncToken"])


def test_a_page_token_wants_the_same_question(api: Api) -> None:
    token = api.get(EVENTS, maxResults=1)["nextPageToken"]
    refused = api.refused("GET", EVENTS, params={"pageToken": token, "showDeleted": "true"})
    assert refused == (400, "invalid")


def test_pages_may_be_short_without_losing_anything(api: Api) -> None:
    whole, _ = rounds(api)
    api.fault("short_page", times=3)
    short = api.get(EVENTS)
    assert len(short["items"]) < len(whole)
    assert "nextPageToken" in short
    assert rounds(api)[0] == whole


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_page_size_must_be_a_positive_number(api: Api, value: str) -> None:
    assert api.refused("GET", EVENTS, params={"maxResults": value}) == (400, "invalidParameter")


def test_lists_of_calendars_and_rules_have_sync_tokens_of_their_own(api: Api) -> None:
    token = api.get("/users/me/calendarList")["nextSyncToken"]
    made = api.write("POST", "/calendars", {"summary": "Vans"})["id"]
    listed = api.get("/users/me/calendarList", syncToken=token)
    assert [one["id"] for one in listed["items"]] == [made]
    api.write("DELETE", f"/calendars/{made}", status=204)
    gone = api.get("/users/me/calendarList", syncToken=listed["nextSyncToken"])
    assert [(one["id"], one["deleted"]) for one in gone["items"]] == [(made, True)]
    rules = api.get(f"/calendars/{TECH}/acl")["nextSyncToken"]
    api.write("POST", f"/calendars/{TECH}/acl", {"role": "reader", "scope": {"type": "domain", "value": "x.example"}})
    api.write("DELETE", f"/calendars/{TECH}/acl/domain:x.example", status=204)
    (rule,) = api.get(f"/calendars/{TECH}/acl", syncToken=rules)["items"]
    assert (rule["id"], rule["role"]) == ("domain:x.example", "none")


def test_a_deleted_event_is_listed_only_when_asked_for(api: Api) -> None:
    event = api.create(summary="Gone")
    api.write("DELETE", f"{EVENTS}/{event['id']}", status=204)
    assert event["id"] not in {one["id"] for one in api.get(EVENTS)["items"]}
    shown = {one["id"]: one for one in api.get(EVENTS, showDeleted="true")["items"]}
    assert shown[event["id"]]["summary"] == "Gone"
    since = api.get(EVENTS, updatedMin="2026-03-11T15:00:00Z")
    assert event["id"] in {one["id"] for one in since["items"]}


def test_the_same_body_written_twice_gives_two_events(api: Api) -> None:
    """There is no idempotency key: only an own id protects from a second copy."""
    first, second = (api.write("POST", EVENTS, visit()) for _ in range(2))
    assert first["id"] != second["id"]

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, V3, Api

EVENTS = f"/calendars/{OTHER}/events"
NINE = {"dateTime": "2026-02-23T09:00:00-06:00", "timeZone": "America/Chicago"}
TEN = {"dateTime": "2026-02-23T10:00:00-06:00", "timeZone": "America/Chicago"}


def weekly(api: Api, *rules: str, **more: Any) -> dict[str, Any]:
    body = {"summary": "Rounds", "start": NINE, "end": TEN, "recurrence": list(rules), **more}
    event: dict[str, Any] = api.write("POST", EVENTS, body)
    return event


def starts(api: Api, series: str, **query: Any) -> list[str]:
    page = api.get(f"{EVENTS}/{series}/instances", **query)
    return [one["start"].get("dateTime") or one["start"]["date"] for one in page["items"]]


def test_wall_time_stays_when_the_clocks_change(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=4")
    assert starts(api, series["id"]) == [
        "2026-02-23T09:00:00-06:00",
        "2026-03-02T09:00:00-06:00",
        "2026-03-09T09:00:00-05:00",
        "2026-03-16T09:00:00-05:00",
    ]


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        (["RRULE:FREQ=WEEKLY;UNTIL=20260309T140000Z"], ["23", "02", "09"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20260308"], ["23", "02"]),
        (["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=America/Chicago:20260302T090000"], ["23", "09"]),
        (["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260302T150000Z"], ["23", "09"]),
        (["RRULE:FREQ=WEEKLY;COUNT=2", "RDATE;TZID=America/Chicago:20260305T090000"], ["23", "02", "05"]),
        (["RDATE;TZID=America/Chicago:20260305T090000"], ["23", "05"]),
    ],
)
def test_rules_of_every_kind(api: Api, rules: list[str], days: list[str]) -> None:
    assert [start[8:10] for start in starts(api, weekly(api, *rules)["id"])] == days


def test_an_all_day_series_has_dates(api: Api) -> None:
    body = {"start": {"date": "2026-03-06"}, "end": {"date": "2026-03-08"}, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    series = api.write("POST", EVENTS, body)
    assert starts(api, series["id"]) == ["2026-03-06", "2026-03-13"]
    instance = api.get(f"{EVENTS}/{series['id']}_20260313")
    assert (instance["end"], instance["recurringEventId"]) == ({"date": "2026-03-15"}, series["id"])


def test_an_unending_series_is_expanded_as_far_as_asked(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY")
    assert len(starts(api, series["id"], timeMax="2026-04-01T00:00:00Z")) == 6
    assert 100 < len(starts(api, series["id"], maxResults=2500)) < 120


def test_a_list_has_the_series_or_its_instances(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    masters = [one for one in api.get(EVENTS)["items"] if one["id"].startswith(series["id"])]
    assert [one["id"] for one in masters] == [series["id"]]
    singles = [one for one in api.get(EVENTS, singleEvents="true")["items"] if one["id"].startswith(series["id"])]
    assert next(one["id"] for one in singles) == f"{series['id']}_20260223T150000Z"
    assert len(singles) == 3
    assert all("recurrence" not in one for one in singles)
    touched = api.get(EVENTS, timeMin="2026-03-09T14:30:00Z", timeMax="2026-03-09T14:45:00Z")["items"]
    assert series["id"] in {one["id"] for one in touched}


def test_a_moved_instance_keeps_its_place_in_the_series(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    path = f"{EVENTS}/{series['id']}_20260302T150000Z"
    later = {
        "start": {"dateTime": "2026-03-03T09:00:00-06:00"},
        "end": {"dateTime": "2026-03-03T10:00:00-06:00"},
    }
    moved = api.write("PATCH", path, later)
    assert moved["originalStartTime"]["dateTime"] == "2026-03-02T09:00:00-06:00"
    assert moved["iCalUID"] == series["iCalUID"]
    assert sorted(starts(api, series["id"])) == [
        "2026-02-23T09:00:00-06:00",
        "2026-03-03T09:00:00-06:00",
        "2026-03-09T09:00:00-05:00",
    ]


def test_a_deleted_instance_is_a_cancelled_exception_that_readers_of_series_always_see(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    token = api.get(EVENTS)["nextSyncToken"]
    id = f"{series['id']}_20260302T150000Z"
    api.write("DELETE", f"{EVENTS}/{id}", status=204)
    assert api.refused("DELETE", f"{EVENTS}/{id}") == (410, "deleted")
    assert len(starts(api, series["id"])) == 2
    for query in ({}, {"syncToken": token}):
        (cancelled,) = [one for one in api.get(EVENTS, **query)["items"] if one["id"] == id]
        assert cancelled["status"] == "cancelled"
        assert cancelled["recurringEventId"] == series["id"]
        assert cancelled["originalStartTime"]["dateTime"] == "2026-03-02T09:00:00-06:00"
    assert id not in {one["id"] for one in api.get(EVENTS, singleEvents="true")["items"]}


def test_a_deleted_series_takes_its_instances_along(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    token = api.get(EVENTS, singleEvents="true")["nextSyncToken"]
    api.write("DELETE", f"{EVENTS}/{series['id']}", status=204)
    gone = api.get(EVENTS, singleEvents="true", syncToken=token)["items"]
    assert [one["status"] for one in gone] == ["cancelled"] * 3
    assert api.get(f"{EVENTS}/{series['id']}_20260302T150000Z")["status"] == "cancelled"


def test_a_moved_series_takes_its_exceptions_along_and_a_revived_one_shows_them_again(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    gone, later = (f"{series['id']}_{day}150000Z" for day in ("20260223T", "20260302T"))
    api.write("DELETE", f"{EVENTS}/{gone}", status=204)
    api.write("PATCH", f"{EVENTS}/{later}", {"summary": "Longer rounds"})
    api.write("POST", f"{EVENTS}/{series['id']}/move?destination={TECH}")
    there = {one["id"]: one for one in api.get(f"/calendars/{TECH}/events")["items"]}
    assert (there[gone]["status"], there[later]["summary"]) == ("cancelled", "Longer rounds")
    assert gone not in {one["id"] for one in api.get(EVENTS)["items"]}
    token = api.get(EVENTS)["nextSyncToken"]
    api.write("POST", f"/calendars/{TECH}/events/{series['id']}/move?destination={OTHER}")
    assert {one["id"] for one in api.get(EVENTS, syncToken=token)["items"]} == {series["id"], gone, later}


def test_an_id_that_no_rule_gives_is_404(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    for suffix in ("20260303T150000Z", "20260302"):
        answer = api.send("GET", f"{V3}{EVENTS}/{series['id']}_{suffix}")
        assert answer.status_code == 404


def test_one_instance_is_found_by_its_original_start(api: Api) -> None:
    series = weekly(api, "RRULE:FREQ=WEEKLY;COUNT=3")
    assert starts(api, series["id"], originalStart="2026-03-02T15:00:00Z") == ["2026-03-02T09:00:00-06:00"]

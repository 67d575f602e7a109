from __future__ import annotations

import pytest

from tests.sandbox.google_calendar.conftest import TECH, Api

EVENTS = f"/calendars/{TECH}/events"
MARCH = {"timeMin": "2026-03-16T14:00:00Z", "timeMax": "2026-03-16T15:00:00Z"}


def ids(api: Api, **query: str | list[str]) -> list[str]:
    return [one["id"] for one in api.get(EVENTS, **query)["items"]]


def test_the_envelope_tells_about_the_calendar(api: Api) -> None:
    event = api.create()
    page = api.get(EVENTS)
    assert (page["kind"], page["timeZone"], page["accessRole"]) == ("calendar#events", "America/Chicago", "owner")
    assert page["updated"] == event["updated"]
    assert page["defaultReminders"] == [{"method": "popup", "minutes": 30}]


def test_bounds_are_exclusive_low_on_the_end_and_high_on_the_start(api: Api) -> None:
    event = api.create()
    assert event["id"] in ids(api, **MARCH)
    assert event["id"] not in ids(api, timeMin="2026-03-16T15:00:00Z")
    assert event["id"] in ids(api, timeMin="2026-03-16T14:59:59Z")
    assert event["id"] not in ids(api, timeMax="2026-03-16T14:00:00Z")
    assert api.refused("GET", EVENTS, params={"timeMin": MARCH["timeMax"], "timeMax": MARCH["timeMin"]}) == (
        400,
        "timeRangeEmpty",
    )
    assert api.refused("GET", EVENTS, params={"timeMin": "2026-03-16"}) == (400, "badRequest")


def test_a_marker_is_found_by_all_its_parts(api: Api) -> None:
    marked = {"extendedProperties": {"private": {"fsId": "v=1", "fsSource": "jobber"}, "shared": {"team": "a"}}}
    event = api.create(**marked)
    api.create(extendedProperties={"private": {"fsId": "v=1"}})
    assert ids(api, privateExtendedProperty=["fsId=v=1", "fsSource=jobber"]) == [event["id"]]
    assert ids(api, sharedExtendedProperty="team=a") == [event["id"]]
    assert ids(api, privateExtendedProperty="fsId=other") == []
    assert api.refused("GET", EVENTS, params={"privateExtendedProperty": "nothing"}) == (400, "invalid")


def test_text_uid_and_type_narrow_the_list(api: Api) -> None:
    event = api.create(summary="Replace Blower", location="Elm St", attendees=[{"email": "pat@else.example"}])
    assert ids(api, q="blower elm") == [event["id"]]
    assert ids(api, q="pat@else.example") == [event["id"]]
    assert ids(api, iCalUID=event["iCalUID"]) == [event["id"]]
    assert ids(api, eventTypes="focusTime") == []
    assert event["id"] in ids(api, eventTypes=["focusTime", "default"])


def test_orders(api: Api) -> None:
    late = api.create(start={"dateTime": "2026-03-30T09:00:00-05:00"}, end={"dateTime": "2026-03-30T10:00:00-05:00"})
    soon = api.create()
    by_start = ids(api, orderBy="startTime", singleEvents="true")
    assert by_start.index(soon["id"]) < by_start.index(late["id"])
    assert ids(api, orderBy="updated")[-2:] == [late["id"], soon["id"]]
    assert api.refused("GET", EVENTS, params={"orderBy": "startTime"}) == (400, "invalid")
    assert api.refused("GET", EVENTS, params={"orderBy": "size"}) == (400, "invalidParameter")


def test_a_minimum_of_modification_time_too_far_back_is_410(api: Api) -> None:
    event = api.create()
    assert ids(api, updatedMin=event["updated"]) == [event["id"]]
    assert api.refused("GET", EVENTS, params={"updatedMin": "2025-01-01T00:00:00Z"}) == (410, "updatedMinTooLongAgo")


def test_few_attendees_leave_only_oneself(api: Api) -> None:
    guests = [{"email": "a@else.example"}, {"email": "b@else.example"}, {"email": TECH}]
    event = api.create(attendees=guests)
    shown = api.get(f"{EVENTS}/{event['id']}", maxAttendees=1)
    assert shown["attendeesOmitted"] is True
    assert [one["email"] for one in shown["attendees"]] == [TECH]


@pytest.mark.parametrize(("role", "seen"), [("freeBusyReader", False), ("reader", False), ("writer", True)])
def test_private_events_keep_their_details_from_readers(api: Api, role: str, seen: bool) -> None:
    event = api.create(visibility="private", summary="Doctor")
    other = "tech3@bluebonnet.example.com"
    scope = {"type": "user", "value": other}
    api.write("POST", f"/calendars/{TECH}/acl?sendNotifications=false", {"role": role, "scope": scope})
    api.token = api.token_of(other)
    shown = api.get(f"{EVENTS}/{event['id']}")
    assert ("summary" in shown) is seen
    assert shown["start"] == event["start"]


def test_a_flag_is_true_or_false(api: Api) -> None:
    assert api.refused("GET", EVENTS, params={"singleEvents": "yes"}) == (400, "invalidParameter")

from __future__ import annotations

import pytest

from tests.sandbox.google_calendar.conftest import TECH, Api, visit

EVENTS = f"/calendars/{TECH}/events"


@pytest.mark.parametrize(
    "members",
    [
        {"id": 7},
        {"iCalUID": 7},
        {"summary": 5},
        {"start": "tomorrow"},
        {"attendees": "pat@else.example"},
        {"attendees": ["pat@else.example"]},
        {"attendees": [None]},
        {"extendedProperties": [1]},
        {"extendedProperties": {"private": "x"}},
        {"extendedProperties": {"private": {"x": 1}}},
        {"reminders": {"overrides": ["x"]}},
        {"sequence": "1"},
        {"guestsCanModify": "true"},
        {"recurrence": "RRULE:FREQ=DAILY"},
        {"conferenceData": 1},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_wherever_it_comes_in(api: Api, members: dict[str, object]) -> None:
    event = api.create()
    for method, path in (("POST", EVENTS), ("PUT", f"{EVENTS}/{event['id']}"), ("PATCH", f"{EVENTS}/{event['id']}")):
        assert api.refused(method, path, visit(**members)) == (400, "invalid")
    assert api.get(f"{EVENTS}/{event['id']}") == event


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/freeBusy", {"items": ["x"]}),
        ("POST", "/calendars", {"summary": 5}),
        ("POST", f"/calendars/{TECH}/acl", {"role": ["owner"]}),
        ("POST", "/users/me/calendarList", {"id": TECH, "defaultReminders": 5}),
    ],
)
def test_the_other_calls_have_types_too(api: Api, method: str, path: str, body: object) -> None:
    assert api.refused(method, path, body) == (400, "invalid")


def test_null_and_unknown_members_are_no_offence(api: Api) -> None:
    event = api.create(location=None, attendees=None, weather="fine", extendedProperties={"private": {"x": None}})
    assert not {"location", "attendees", "weather", "extendedProperties"} & set(event)

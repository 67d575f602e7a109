from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api

COPY = f"/calendars/{OTHER}/events"
EVENTS = f"/calendars/{TECH}/events"


@pytest.fixture
def invited(api: Api) -> dict[str, Any]:
    guests = [{"email": OTHER}, {"email": "x@else.example"}]
    properties = {"private": {"mine": "1"}, "shared": {"ours": "2"}}
    return api.create(attendees=guests, extendedProperties=properties)


def test_a_guest_has_a_copy_under_the_same_id_without_what_is_private(api: Api, invited: dict[str, Any]) -> None:
    copy = api.get(f"{COPY}/{invited['id']}")
    assert copy["organizer"] == {"email": TECH}
    assert copy["extendedProperties"] == {"shared": {"ours": "2"}}
    assert [one["email"] for one in copy["attendees"] if one.get("self")] == [OTHER]


def test_the_organizers_change_reaches_the_copy_and_a_guest_left_out_loses_it(
    api: Api, invited: dict[str, Any]
) -> None:
    api.write("PATCH", f"{EVENTS}/{invited['id']}", {"summary": "Later"})
    assert api.get(f"{COPY}/{invited['id']}")["summary"] == "Later"
    api.write("PATCH", f"{EVENTS}/{invited['id']}", {"attendees": [{"email": "x@else.example"}]})
    assert api.get(f"{COPY}/{invited['id']}")["status"] == "cancelled"


def test_a_guest_answers_but_does_not_change_what_is_shared(api: Api, invited: dict[str, Any]) -> None:
    path = f"{COPY}/{invited['id']}"
    assert api.refused("PATCH", path, {"summary": "Mine"}) == (403, "forbiddenForNonOrganizer")
    times = {"start": invited["start"], "end": invited["end"]}
    assert api.refused("PUT", path, times) == (403, "forbiddenForNonOrganizer")
    attendees = api.get(path)["attendees"]
    answered = [{**one, "responseStatus": "accepted"} if one.get("self") else one for one in attendees]
    api.write("PATCH", path, {"attendees": answered, "colorId": "5"})
    said = {one["email"]: one["responseStatus"] for one in api.get(f"{EVENTS}/{invited['id']}")["attendees"]}
    assert said == {OTHER: "accepted", "x@else.example": "needsAction"}


def test_a_guest_who_deletes_the_copy_has_declined(api: Api, invited: dict[str, Any]) -> None:
    api.write("DELETE", f"{COPY}/{invited['id']}", status=204)
    event = api.get(f"{EVENTS}/{invited['id']}")
    assert event["status"] == "confirmed"
    assert {one["email"]: one["responseStatus"] for one in event["attendees"]}[OTHER] == "declined"


def test_a_cancelled_event_is_cancelled_for_everybody(api: Api, invited: dict[str, Any]) -> None:
    api.write("DELETE", f"{EVENTS}/{invited['id']}", status=204)
    assert api.get(f"{COPY}/{invited['id']}")["status"] == "cancelled"

from __future__ import annotations

from tests.sandbox.google_calendar.conftest import TECH, Api, visit


def test_a_secondary_calendar_lives_and_dies(api: Api) -> None:
    made = api.write("POST", "/calendars", {"summary": "Vans", "timeZone": "America/Denver"})
    path = f"/calendars/{made['id']}"
    assert made["id"].endswith("@group.calendar.google.com")
    assert made["dataOwner"] == "dispatch@bluebonnet.example.com"
    event = api.write("POST", f"{path}/events", visit())
    assert event["start"] == {"dateTime": "2026-03-16T08:00:00-06:00", "timeZone": "America/Chicago"}
    renamed = api.write("PATCH", path, {"summary": "Trucks"})
    assert (renamed["summary"], renamed["timeZone"]) == ("Trucks", "America/Denver")
    stale = {"If-Match": made["etag"]}
    assert api.refused("PUT", path, {"summary": "x"}, headers=stale) == (412, "conditionNotMet")
    assert api.refused("PUT", path, {"description": "x"}) == (400, "required")
    assert api.refused("PATCH", path, {"timeZone": "Mars/Base"}) == (400, "invalid")
    api.write("DELETE", path, status=204)
    assert api.refused("GET", f"{path}/events") == (404, "notFound")


def test_a_primary_calendar_is_cleared_but_never_deleted(api: Api) -> None:
    path = f"/calendars/{TECH}"
    assert api.refused("DELETE", path) == (400, "invalid")
    assert api.get(f"{path}/events")["items"]
    assert api.write("POST", f"{path}/clear", status=204) is None
    assert api.get(f"{path}/events")["items"] == []
    secondary = api.write("POST", "/calendars", {"summary": "Vans"})["id"]
    assert api.refused("POST", f"/calendars/{secondary}/clear") == (400, "invalid")


def test_settings_are_those_of_the_caller(api: Api) -> None:
    assert api.get("/users/me/settings/timezone")["value"] == "America/Chicago"
    assert "weekStart" in {one["id"] for one in api.get("/users/me/settings")["items"]}
    assert api.refused("GET", "/users/me/settings/mood") == (404, "notFound")

"""What a person does in the web interface, through the sandbox's admin surface."""

from __future__ import annotations

from typing import Any

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api

STATE = "/_sandbox/state/google_calendar"
EVENTS = f"/calendars/{TECH}/events"


def edit(api: Api, method: str, path: str, body: object = None, status: int = 200) -> Any:
    answer = api.send(method, f"{STATE}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_edit_moves_what_an_edit_moves(api: Api) -> None:
    event = api.create()
    token = api.get(EVENTS)["nextSyncToken"]
    edit(api, "PATCH", f"events/{TECH}/{event['id']}", {"start": {"dateTime": "2026-03-16T08:30:00-05:00"}})
    (changed,) = api.get(EVENTS, syncToken=token)["items"]
    assert changed["etag"] != event["etag"]
    assert changed["updated"] > event["updated"]
    assert changed["sequence"] == 1
    stale = {"If-Match": event["etag"]}
    refused = api.refused("PATCH", f"{EVENTS}/{event['id']}", {"summary": "x"}, headers=stale)
    assert refused == (412, "conditionNotMet")


def test_an_edit_reaches_the_guests(api: Api) -> None:
    event = api.create(attendees=[{"email": OTHER}])
    edit(api, "PATCH", f"events/{TECH}/{event['id']}", {"summary": "Moved by hand"})
    assert api.get(f"/calendars/{OTHER}/events/{event['id']}")["summary"] == "Moved by hand"


def test_a_person_adds_an_event(api: Api) -> None:
    record = {
        "id": "byhand1",
        "summary": "Lunch",
        "organizer": {"email": TECH, "self": True},
        "start": {"dateTime": "2026-03-16T12:00:00-05:00"},
        "end": {"dateTime": "2026-03-16T13:00:00-05:00"},
    }
    edit(api, "POST", "events", {"id": f"{TECH}/byhand1", "record": record}, 201)
    assert api.get(f"{EVENTS}/byhand1")["iCalUID"] == "byhand1@google.com"


def test_an_edit_that_the_vendor_would_not_take_is_400(api: Api) -> None:
    event = api.create()
    assert (
        "empty"
        in edit(api, "PATCH", f"events/{TECH}/{event['id']}", {"end": {"dateTime": "2026-03-16T01:00:00-05:00"}}, 400)[
            "error"
        ]
    )
    assert "organizer" in edit(api, "POST", "events", {"id": "x", "record": {"id": "x"}}, 400)["error"]


def test_a_person_deletes_events_calendars_rules_entries_and_users(api: Api) -> None:
    event = api.create()
    token = api.get(EVENTS)["nextSyncToken"]
    edit(api, "DELETE", f"events/{TECH}/{event['id']}")
    assert [one["status"] for one in api.get(EVENTS, syncToken=token)["items"]] == ["cancelled"]
    edit(api, "DELETE", f"calendar_list/dispatch@bluebonnet.example.com/{OTHER}")
    assert OTHER not in {one["id"] for one in api.get("/users/me/calendarList")["items"]}
    edit(api, "DELETE", f"acl/{OTHER}/user:dispatch@bluebonnet.example.com")
    assert api.refused("GET", f"/calendars/{OTHER}/events") == (404, "notFound")
    user = api.send("GET", f"/google_calendar/admin/directory/v1/users/{TECH}").json()
    edit(api, "DELETE", f"users/{user['id']}")
    assert api.refused("GET", EVENTS) == (404, "notFound")
    edit(api, "DELETE", "calendars/tech4@bluebonnet.example.com")
    assert len(edit(api, "GET", "calendars")["records"]) == 6


def test_edited_users_and_calendars_get_a_new_etag(api: Api) -> None:
    before = api.get(f"/calendars/{TECH}")
    edit(api, "PATCH", f"calendars/{TECH}", {"timeZone": "America/Denver"})
    after = api.get(f"/calendars/{TECH}")
    assert (after["timeZone"], after["etag"] != before["etag"]) == ("America/Denver", True)

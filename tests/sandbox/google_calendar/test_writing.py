from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, V3, Api, visit

EVENTS = f"/calendars/{TECH}/events"
WALL = {"dateTime": "2026-07-06T09:00:00", "timeZone": "America/New_York"}


def test_a_created_event_has_the_vendors_derived_fields(api: Api) -> None:
    event = api.create(summary="Tune-up", extendedProperties={"private": {"fsId": "visit-1"}})
    assert event["iCalUID"] == f"{event['id']}@google.com"
    assert event["organizer"] == {"email": TECH, "self": True}
    assert event["creator"] == {"email": "dispatch@bluebonnet.example.com"}
    assert event["etag"].startswith('"')
    assert event["etag"].endswith('"')
    assert (event["status"], event["sequence"], event["reminders"]) == ("confirmed", 0, {"useDefault": True})
    assert event["created"] == "2026-03-11T15:00:00.000Z"
    assert api.get(f"{EVENTS}/{event['id']}") == event


def test_answers_show_times_in_the_calendars_zone_or_the_one_asked_for(api: Api) -> None:
    event = api.create(start=WALL, end={**WALL, "dateTime": "2026-07-06T10:30:00"})
    assert event["start"] == {"dateTime": "2026-07-06T08:00:00-05:00", "timeZone": "America/New_York"}
    shown = api.get(f"{EVENTS}/{event['id']}", timeZone="UTC")
    assert shown["end"] == {"dateTime": "2026-07-06T14:30:00Z", "timeZone": "America/New_York"}


def test_an_own_id_is_taken_for_ever_and_a_deleted_event_comes_back_by_put(api: Api) -> None:
    api.create(id="fs0abc")
    assert api.refused("POST", EVENTS, visit(id="fs0abc")) == (409, "duplicate")
    assert api.write("DELETE", f"{EVENTS}/fs0abc", status=204) is None
    assert api.refused("DELETE", f"{EVENTS}/fs0abc") == (410, "deleted")
    assert api.refused("POST", EVENTS, visit(id="fs0abc")) == (409, "duplicate")
    assert api.get(f"{EVENTS}/fs0abc")["status"] == "cancelled"
    assert api.write("PUT", f"{EVENTS}/fs0abc", visit(status="confirmed"))["status"] == "confirmed"
    api.write("DELETE", f"{EVENTS}/fs0abc", status=204)
    assert api.write("PATCH", f"{EVENTS}/fs0abc", {"status": "confirmed"})["status"] == "confirmed"
    assert [one["id"] for one in api.get(EVENTS)["items"]].count("fs0abc") == 1


@pytest.mark.parametrize("id", ["abcd", "with-dash", "UPPER", "wxyz1", "a" * 1025])
def test_an_own_id_outside_of_the_vendors_alphabet_is_refused(api: Api, id: str) -> None:
    assert api.refused("POST", EVENTS, visit(id=id)) == (400, "invalid")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"start": None}, "required"),
        ({"end": None}, "required"),
        ({"start": {"dateTime": "2026-03-16T09:00:00"}}, "required"),
        ({"start": {"dateTime": "2026-03-16T09:00:00", "timeZone": "Mars/Base"}}, "invalid"),
        ({"start": {"dateTime": "yesterday"}}, "invalid"),
        ({"start": {"date": "2026-03-16"}}, "invalid"),
        ({"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-01"}}, "invalid"),
        ({"start": {"date": "2026-03-16"}, "end": {"date": "2026-03-16"}}, "timeRangeEmpty"),
        ({"end": {"dateTime": "2026-03-16T08:00:00-05:00"}}, "timeRangeEmpty"),
        ({"recurrence": ["RRULE:FREQ=SOMETIMES"]}, "invalid"),
        ({"recurrence": ["DTSTART:20260316T090000Z"]}, "invalid"),
        ({"attendees": [{"displayName": "nobody"}]}, "invalid"),
        ({"transparency": "glass"}, "invalid"),
        ({"extendedProperties": {"private": {"k" * 45: "v"}}}, "invalid"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}}, "invalid"),
        ({"recurrence": ["RRULE:FREQ=SECONDLY"]}, "invalid"),
        ({"start": {"dateTime": "0001-01-01T00:00:00+14:00"}}, "invalid"),
        ({"eventType": "fromGmail"}, "eventTypeRestriction"),
        ({"sequence": -1}, "invalid"),
        ({"id": "abcde", "iCalUID": "x@y"}, "invalid"),
    ],
)
def test_a_senseless_body_is_400(api: Api, members: dict[str, Any], reason: str) -> None:
    assert api.refused("POST", EVENTS, visit(**members)) == (400, reason)


def test_patch_merges_replaces_arrays_and_clears_with_null_while_put_clears_what_is_left_out(api: Api) -> None:
    event = api.create(
        description="bring ladder",
        location="12 Main St",
        extendedProperties={"private": {"a": "1", "b": "2"}},
        attendees=[{"email": "x@else.example"}, {"email": "y@else.example"}],
    )
    path = f"{EVENTS}/{event['id']}"
    patch = {
        "description": None,
        "extendedProperties": {"private": {"a": None, "c": "3"}},
        "attendees": [{"email": "z@else.example"}],
    }
    patched = api.write("PATCH", path, patch)
    assert "description" not in patched
    assert patched["location"] == "12 Main St"
    assert patched["extendedProperties"] == {"private": {"b": "2", "c": "3"}}
    assert [one["email"] for one in patched["attendees"]] == ["z@else.example"]
    replaced = api.write("PUT", path, visit())
    assert not {"location", "attendees", "extendedProperties"} & set(replaced)
    assert (replaced["iCalUID"], replaced["created"]) == (event["iCalUID"], event["created"])


def test_every_change_moves_updated_and_etag_and_a_new_time_the_sequence(api: Api) -> None:
    event = api.create()
    path = f"{EVENTS}/{event['id']}"
    renamed = api.write("PATCH", path, {"summary": "Other"})
    assert renamed["etag"] != event["etag"]
    assert renamed["updated"] > event["updated"]
    assert renamed["sequence"] == 0
    moved = api.write("PATCH", path, {"end": {"dateTime": "2026-03-16T11:00:00-05:00"}})
    assert moved["sequence"] == 1
    assert api.refused("PATCH", path, {"sequence": 0}) == (400, "invalid")
    reminded = api.write("PATCH", path, {"reminders": {"useDefault": False}})
    assert reminded["updated"] == moved["updated"]
    assert reminded["etag"] != moved["etag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_stale_if_match_is_412_and_changes_nothing(api: Api, method: str) -> None:
    event = api.create()
    path = f"{EVENTS}/{event['id']}"
    newer = api.write("PATCH", path, {"summary": "newer"})
    stale = {"If-Match": event["etag"]}
    assert api.refused(method, path, visit(), headers=stale) == (412, "conditionNotMet")
    assert api.get(path) == newer
    fresh = api.send(method, V3 + path, json=visit(), headers={"If-Match": newer["etag"]})
    assert fresh.status_code in (200, 204)


def test_if_none_match_of_the_same_version_is_304(api: Api) -> None:
    event = api.create()
    path = f"{V3}{EVENTS}/{event['id']}"
    assert api.send("GET", path).headers["etag"] == event["etag"]
    same = api.send("GET", path, headers={"If-None-Match": event["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert api.send("GET", path, headers={"If-None-Match": '"1"'}).status_code == 200


def test_a_move_changes_the_organizer_and_leaves_a_cancelled_entry_and_can_be_taken_back(api: Api) -> None:
    event = api.create(id="moved1")
    moved = api.write("POST", f"{EVENTS}/moved1/move?destination={OTHER}")
    assert moved["organizer"] == {"email": OTHER, "self": True}
    assert moved["iCalUID"] == event["iCalUID"]
    assert api.get(f"{EVENTS}/moved1")["status"] == "cancelled"
    assert api.get(f"/calendars/{OTHER}/events/moved1")["status"] == "confirmed"
    back = api.write("POST", f"/calendars/{OTHER}/events/moved1/move?destination={TECH}")
    assert back["organizer"]["email"] == TECH
    assert api.get(f"{EVENTS}/moved1")["status"] == "confirmed"


def test_a_move_is_refused_without_a_destination_and_for_one_instance(api: Api) -> None:
    series = api.create(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    assert api.refused("POST", f"{EVENTS}/{series['id']}/move") == (400, "required")
    instance = api.get(f"{EVENTS}/{series['id']}/instances")["items"][1]["id"]
    refused = api.refused("POST", f"{EVENTS}/{instance}/move?destination={OTHER}")
    assert refused == (400, "cannotChangeOrganizerOfInstance")


def test_an_import_is_known_by_its_uid_and_refuses_an_older_sequence(api: Api) -> None:
    first = api.write("POST", f"{EVENTS}/import", visit(iCalUID="visit-9@else.example", sequence=2))
    again = api.write("POST", f"{EVENTS}/import", visit(iCalUID="visit-9@else.example", sequence=3, summary="B"))
    assert (again["id"], again["summary"], again["sequence"]) == (first["id"], "B", 3)
    older = visit(iCalUID="visit-9@else.example", sequence=1)
    assert api.refused("POST", f"{EVENTS}/import", older) == (400, "invalid")
    assert api.refused("POST", f"{EVENTS}/import", visit()) == (400, "required")
    assert api.refused("POST", EVENTS, visit(iCalUID="visit-9@else.example")) == (409, "duplicate")


def test_mails_go_out_only_when_asked_for(api: Api) -> None:
    guests = {"attendees": [{"email": "in@bluebonnet.example.com"}, {"email": "out@else.example"}]}
    path = EVENTS + "?sendUpdates="
    quiet = api.create(**guests)
    api.write("POST", f"{path}none", visit(**guests))
    assert api.served.store.all("mails") == []
    api.write("POST", f"{path}externalOnly", visit(**guests))
    assert [mail["to"] for mail in api.served.store.all("mails")] == ["out@else.example"]
    api.write("DELETE", f"{EVENTS}/{quiet['id']}?sendUpdates=all", status=204)
    assert [mail["kind"] for mail in api.served.store.all("mails")] == ["invitation", "cancellation", "cancellation"]


def test_texts_can_come_back_rewritten(api: Api) -> None:
    api.fault("rewritten_values")
    event = api.create(summary=" Tune-up ", description="a\nb")
    assert (event["summary"], event["description"]) == ("Tune-up", "a<br>b")


def test_a_patch_rewrites_what_it_says_and_nothing_else(api: Api) -> None:
    event = api.create(summary=" Tune-up ", description="a\nb")
    api.fault("rewritten_values")
    now = api.write("PATCH", f"{EVENTS}/{event['id']}", {"summary": " Repair "})
    assert (now["summary"], now["description"]) == ("Repair", "a\nb")


def test_what_is_no_json_object_is_a_parse_error(api: Api) -> None:
    answer = api.send("POST", V3 + EVENTS, content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "parseError")


def test_an_unknown_event_calendar_or_path_is_404(api: Api) -> None:
    for path in (f"{EVENTS}/nobody", "/calendars/nobody@else.example/events", "/nowhere"):
        assert api.refused("GET", path) == (404, "notFound")

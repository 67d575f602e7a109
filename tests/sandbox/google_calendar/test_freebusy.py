from __future__ import annotations

from typing import Any

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api

TUESDAY = {"timeMin": "2026-03-24T00:00:00Z", "timeMax": "2026-03-25T00:00:00Z"}


def at(hour: str, **more: Any) -> dict[str, Any]:
    return {"dateTime": f"2026-03-24T{hour}:00-05:00", **more}


def busy(api: Api, *ids: str, **more: Any) -> dict[str, Any]:
    body = {**TUESDAY, "items": [{"id": id} for id in ids], **more}
    found: dict[str, Any] = api.write("POST", "/freeBusy", body)["calendars"]
    return found


def test_busy_spans_are_merged_and_free_or_declined_or_deleted_events_are_left_out(api: Api) -> None:
    api.create(start=at("09:00"), end=at("10:00"))
    api.create(start=at("09:30"), end=at("11:00"))
    api.create(start=at("12:00"), end=at("13:00"), transparency="transparent")
    declined = [{"email": TECH, "responseStatus": "declined"}]
    api.create(start=at("14:00"), end=at("15:00"), attendees=declined)
    gone = api.create(start=at("16:00"), end=at("17:00"))
    api.write("DELETE", f"/calendars/{TECH}/events/{gone['id']}", status=204)
    assert busy(api, TECH) == {TECH: {"busy": [{"start": "2026-03-24T14:00:00Z", "end": "2026-03-24T16:00:00Z"}]}}


def test_series_and_whole_days_count_in_the_zone_asked_for(api: Api) -> None:
    api.create(start={"date": "2026-03-24"}, end={"date": "2026-03-25"}, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    answer = busy(api, TECH, timeMax="2026-03-27T00:00:00Z", timeZone="America/Chicago")
    assert answer[TECH]["busy"] == [{"start": "2026-03-24T00:00:00-05:00", "end": "2026-03-26T00:00:00-05:00"}]


def test_each_unknown_calendar_has_an_error_of_its_own(api: Api) -> None:
    answer = busy(api, OTHER, "nobody@else.example")
    assert answer["nobody@else.example"]["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert "errors" not in answer[OTHER]


def test_questions_have_bounds(api: Api) -> None:
    items = [{"id": f"c{n}@else.example"} for n in range(51)]
    assert api.refused("POST", "/freeBusy", {**TUESDAY, "items": items}) == (400, "tooManyCalendarsRequested")
    assert api.refused("POST", "/freeBusy", {"items": []}) == (400, "required")
    backwards = {"timeMin": TUESDAY["timeMax"], "timeMax": TUESDAY["timeMin"], "items": []}
    assert api.refused("POST", "/freeBusy", backwards) == (400, "timeRangeEmpty")

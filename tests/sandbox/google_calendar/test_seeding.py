from __future__ import annotations

from sandbox.founding import build
from sandbox.google_calendar.credentials import DISPATCHER
from tests.sandbox.google_calendar.conftest import Api


def test_each_active_technician_has_a_calendar_and_the_dispatcher_sees_them_all(api: Api) -> None:
    active = {person.email for person in build(1).technicians if person.active}
    listed = {one["id"]: one for one in api.get("/users/me/calendarList")["items"]}
    assert set(listed) == active | {DISPATCHER}
    assert {one["accessRole"] for one in listed.values()} == {"owner"}
    assert [id for id, one in listed.items() if one.get("primary")] == [DISPATCHER]
    assert {one["timeZone"] for one in listed.values()} == {"America/Chicago"}


def test_every_busy_time_of_an_active_technician_is_there_and_no_work(api: Api) -> None:
    company = build(1)
    emails = {person.key: person.email for person in company.technicians if person.active}
    stored = api.served.store.items("events")
    titles = sorted(event["summary"] for _, event in stored if "recurringEventId" not in event)
    wanted = sorted(busy.title for busy in company.busy if busy.technician in emails)
    assert titles == sorted([*wanted, "Heat pump product training", "Bring van to car wash"])
    assert not {job.title for job in company.jobs} & set(titles)


def test_the_seeded_events_are_of_every_kind(api: Api) -> None:
    events = [event for _, event in api.served.store.items("events")]
    assert any("recurrence" in event for event in events)
    assert any("date" in event["start"] for event in events)
    assert any(event["status"] == "cancelled" for event in events)
    assert any(event.get("transparency") == "transparent" for event in events)
    answers = {one["responseStatus"] for event in events for one in event.get("attendees", []) if one.get("self")}
    assert answers == {"declined"}


def test_two_starts_give_the_same_state_and_a_reset_gives_it_back(api: Api) -> None:
    before = {name: api.served.store.items(name) for name in ("calendars", "events", "users", "acl")}
    api.create()
    assert api.send("POST", "/_sandbox/reset", json={}).status_code == 200
    assert {name: api.served.store.items(name) for name in before} == before

"""Reading: everybody's calendars by delta links, what "removed" means, days that move on, and no failure as a page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.gateway import open_api
from connectors.microsoft_graph import CONNECTOR
from connectors.microsoft_graph.maps import AVAILABILITY, TECHNICIAN
from models.errors import Gone, Rejected, Throttled, Transient, Unauthorized
from sandbox import records
from tests.connectors.desk import Desk, gone, march
from tests.connectors.microsoft_graph.conftest import (
    CORE,
    GIVEN,
    busy,
    canonical,
    events,
    ids,
    rows,
    technician,
    visit,
    with_settings,
)


def mine(desk: Desk, **members: Any) -> dict[str, Any]:
    """A kept event of the first technician."""
    address = technician(desk)["mail"]
    own = [one for one in desk.store.all("events") if one["organizer"]["emailAddress"]["address"] == address]
    return next(one for one in own if members.items() <= one.items())


def placed(desk: Desk, event: dict[str, Any], place: int = 0) -> str:
    return f"{technician(desk, place)['id']}/{event['id']}"


def test_people_are_technicians(desk: Desk) -> None:
    found = rows(TECHNICIAN, desk.all("users"))
    assert len(found) == len(desk.store.all("users"))
    who = technician(desk)
    row = next(one for one in found if one["source_id"] == who["id"])
    told = {name: row[name] for name in ("name", "email", "active")}
    assert told == {"name": who["displayName"], "email": who["mail"], "active": True}
    assert {one["active"] for one in found} == {True, False}


def test_a_whole_read_has_what_every_calendar_shows(desk: Desk) -> None:
    pages = desk.read("events")
    assert all(page.full for page in pages)
    found = busy(pages)
    assert {row["broken"] for row in found.values()} == {None}
    days = [row for row in found.values() if row["series"]]
    assert max(Counter(row["series"] for row in days).values()) == 3  # of four, one was called off
    assert {row["title"] for row in days} == {None}  # a private series says nothing
    blocking = {row["title"]: (row["blocks"], row["kind"], row["all_day"]) for row in found.values() if row["title"]}
    assert blocking["Heat pump product training"] == (False, "event", False)
    assert blocking["Bring van to car wash"] == (False, "event", True)
    assert blocking["Time off"] == (True, "out_of_office", True)
    assert {row["time_zone"] for row in found.values()} == {"America/Chicago"}


def test_story_45_a_whole_day_stays_the_day_that_it_is(desk: Desk) -> None:
    event = mine(desk, isAllDay=True)
    row = busy(desk.read("events"))[placed(desk, event)]
    assert row["starts_at"] is None
    assert row["starts_on"].isoformat() == event["start"]["dateTime"][:10]
    last = datetime.fromisoformat(event["end"]["dateTime"]).date() - timedelta(days=1)
    assert row["ends_on"] == last


def test_story_44_zones_are_known_by_their_windows_names_and_never_guessed(desk: Desk) -> None:
    event = mine(desk, isAllDay=False, type="singleInstance")
    cursor = desk.since("events")
    moved = {"dateTime": "2026-03-12T09:00:00", "timeZone": "W. Europe Standard Time"}
    desk.edit("events", event["id"], start=moved, end=moved | {"dateTime": "2026-03-12T10:00:00"})
    row = busy(desk.read("events", cursor))[placed(desk, event)]
    assert (row["starts_at"], row["time_zone"]) == (march(12, 8), "Europe/Berlin")
    kept = desk.store.get("events", event["id"])
    assert kept is not None
    desk.store.put("events", event["id"], {**kept, "originalStartTimeZone": "tzone://Microsoft/Custom"})
    assert busy(desk.read("events"))[placed(desk, event)]["time_zone"] is None


def test_an_edit_is_all_that_the_next_read_tells(desk: Desk) -> None:
    event = mine(desk, type="singleInstance", isAllDay=False)
    cursor = desk.since("events")
    assert events(desk.read("events", cursor)) == []
    desk.edit("events", event["id"], subject="Truck still in the shop")
    pages = desk.read("events", cursor)
    assert [(one["subject"], page.full) for page in pages for one in page.records] == [
        ("Truck still in the shop", False)
    ]
    assert ids(pages) == [placed(desk, event)]
    assert events(desk.read("events", pages[-1].cursor)) == []


def test_story_46_a_moved_day_keeps_its_series_and_leaves_no_other_behind(desk: Desk) -> None:
    pages = desk.read("events")
    before = {id: row for id, row in busy(pages).items() if row["series"]}
    id = min(before)
    mailbox, _, event = id.partition("/")
    start = {"dateTime": "2026-03-18T09:00:00", "timeZone": "UTC"}
    token = desk.api.request("PATCH", f"v1.0/users/{mailbox}/events/{event}",
                             json={"start": start, "end": start | {"dateTime": "2026-03-18T10:00:00"}})  # fmt: skip
    assert token.status == 200
    after = busy(desk.read("events", pages[-1].cursor))
    assert {one: (row["series"], row["starts_at"]) for one, row in after.items()} == {
        id: (before[id]["series"], march(18, 9))
    }


def test_what_is_deleted_is_told(desk: Desk) -> None:
    event, cursor = mine(desk, type="singleInstance"), desk.since("events")
    desk.remove("events", event["id"])
    pages = desk.read("events", cursor)
    assert (gone(pages), events(pages)) == ([placed(desk, event)], [])
    assert gone(desk.read("events", pages[-1].cursor)) == []


def test_what_moved_out_of_the_days_is_not_deleted(desk: Desk) -> None:
    """Graph says "removed" of both."""
    event, cursor = mine(desk, type="singleInstance", isAllDay=False), desk.since("events")
    far = {"dateTime": "2027-03-18T09:00:00", "timeZone": "UTC"}
    desk.edit("events", event["id"], start=far, end=far | {"dateTime": "2027-03-18T10:00:00"})
    pages = desk.read("events", cursor)
    assert gone(pages) == []
    assert busy(pages)[placed(desk, event)]["starts_at"] == march(18, 9).replace(year=2027)
    desk.remove("events", event["id"])  # still known: found out when the days move on
    desk.later(days=8)
    assert gone(desk.read("events", pages[-1].cursor)) == [placed(desk, event)]


def test_story_17_a_link_that_expired_leads_to_a_whole_read_that_finds_the_deletions(desk: Desk) -> None:
    event, cursor = mine(desk, type="singleInstance"), desk.since("events")
    desk.remove("events", event["id"])
    desk.later(minutes=1)
    desk.fault("expired_sync_token", times=100)
    pages = desk.read("events", cursor)
    assert gone(pages) == [placed(desk, event)]
    assert not any(page.full for page in pages)
    assert len(ids(pages)) == len(ids(desk.read("events")))


def test_a_first_read_that_is_answered_with_410_is_no_read(desk: Desk) -> None:
    desk.fault("gone", path="delta")
    with pytest.raises(Gone):
        desk.read("events")
    desk.recording.exchanges.clear()  # no answer of the vendor's to a first call


def test_days_move_on_and_what_lies_behind_them_is_not_deleted(desk: Desk) -> None:
    """A week and a day later the links are begun anew; nothing that ended meanwhile is told as gone."""
    whole = desk.read("events")
    cursor = whole[-1].cursor
    assert cursor is not None
    desk.later(days=8)
    pages = desk.read("events", cursor)
    assert pages[-1].cursor is not None
    assert pages[-1].cursor["until"] > cursor["until"]
    assert gone(pages) == []
    behind = set(ids(whole)) - set(ids(pages))
    again = desk.read("events", pages[-1].cursor)
    assert (gone(again), events(again)) == ([], [])
    assert all(id.partition("/")[2] not in str(pages[-1].cursor) for id in behind)


def test_who_leaves_takes_their_events_along(desk: Desk) -> None:
    who, cursor = technician(desk), desk.since("events")
    known = {id for id in ids(desk.read("events")) if id.startswith(who["id"])}
    desk.remove("users", who["id"])
    assert set(gone(desk.read("events", cursor))) == known != set()


def test_a_shared_list_that_leaves_somebody_out_deletes_nothing(desk: Desk) -> None:
    """They are asked for by their id, and are there."""
    who, cursor = technician(desk), desk.since("events")
    kept = desk.store.get("users", who["id"])
    assert kept is not None
    desk.store.put("users", who["id"], {**kept, "mail": None})
    assert gone(desk.read("events", cursor)) == []


def test_named_mailboxes_are_all_that_is_read(desk: Desk) -> None:
    who = technician(desk)
    chosen = with_settings(desk, mailboxes=[who["mail"]])
    assert [one["id"] for one in chosen.all("users")] == [who["id"]]
    assert {id.partition("/")[0] for id in ids(chosen.read("events"))} == {who["id"]}
    with pytest.raises(Rejected, match="there is no mailbox nobody"):
        with_settings(desk, mailboxes=["nobody@bluebonnet.example.com"]).read("users")
    left = next(one for one in desk.store.all("users") if not one["accountEnabled"])
    with pytest.raises(Rejected, match="no such mailbox"):
        with_settings(desk, mailboxes=[left["mail"]]).read("events")


def test_our_own_events_are_assignments_and_copies_of_other_things_are_not(desk: Desk) -> None:
    cursor = desk.since("events")
    made = desk.create("assignment", visit(desk), core_id=CORE)
    (record,) = events(desk.read("events", cursor))
    assert (f"{record['mailbox']['id']}/{record['id']}", record["@odata.etag"]) == (made.id, made.version)
    assert canonical(record) == canonical(made.record)
    assert busy(desk.read("events", cursor)) == {}


def test_free_busy_of_others_is_taken_time_and_nothing_more(desk: Desk) -> None:
    assert events(desk.read("availability")) == []
    who = technician(desk)
    asking = with_settings(desk, availability=[who["mail"]])
    found = rows(AVAILABILITY, asking.all("availability"))
    assert len(found) > 2
    assert {row["calendar"] for row in found} == {who["mail"]}
    assert {row["broken"] for row in found} == {None}
    with pytest.raises(Rejected, match=r"no free/busy of x@y\.example"):
        with_settings(desk, availability=["x@y.example"]).read("availability")


@pytest.mark.parametrize(("kind", "error"), [("server_error", Transient), ("forbidden", Unauthorized)])
@pytest.mark.parametrize("resource", ["users", "events"])
def test_story_15_a_failure_is_an_error(desk: Desk, resource: str, kind: str, error: type[Exception]) -> None:
    desk.fault(kind, path="delta|/users$", times=5)
    with pytest.raises(error):
        desk.read(resource)


def test_a_mailbox_that_is_asked_too_often_says_when_to_come_again(desk: Desk) -> None:
    desk.store.bag["per_mailbox"] = 2
    with pytest.raises(Throttled) as raised:
        desk.read("events")
    assert raised.value.wait is not None
    assert 0 < raised.value.wait <= 600


def test_a_person_reads_what_was_shared_with_them(desk: Desk) -> None:
    """By a refresh token, which each renewal replaces."""
    credentials = {**{name: GIVEN[name] for name in ("client_id", "client_secret")}}
    credentials["refresh_token"] = GIVEN["person_refresh_token"]
    settings = {"tenant": "common", "mailboxes": [technician(desk)["mail"]]}
    with open_api(
        CONNECTOR, credentials=credentials, settings=settings, base_url=desk.api.base_url, clock=desk.estate.clock.now
    ) as api:
        (events_,) = (one for one in CONNECTOR.resources if one.name == "events")
        assert ids(list(events_.read(api, {})))
        assert CONNECTOR.account is not None
        assert CONNECTOR.account(api).name.startswith("dispatch@")
        for key, _ in desk.store.items("permissions"):
            desk.store.delete("permissions", key)
        with pytest.raises(Unauthorized):
            list(events_.read(api, {}))


def test_an_app_is_known_by_its_tenant(desk: Desk) -> None:
    assert CONNECTOR.account is not None
    assert CONNECTOR.account(desk.api).id == GIVEN["tenant"]


def test_a_new_calendar_is_read_and_a_deleted_one_takes_its_events_along(desk: Desk) -> None:
    who, cursor = technician(desk), desk.since("events")
    other = next(key for key, one in desk.store.items("calendars")
                 if key.startswith(who["id"]) and not one["isDefaultCalendar"])  # fmt: skip
    link = f"{desk.store.base_url}/v1.0/users('{who['id']}')/calendars('{other.partition('/')[2]}')"
    side = {"dateTime": "2026-03-19T09:00:00", "timeZone": "UTC"}
    new = {"id": "AAkALgOnCall", "subject": "On call", "start": side, "end": side, "organizer": {"emailAddress": {
        "name": who["displayName"], "address": who["mail"]}}, "calendar@odata.navigationLink": link}  # fmt: skip
    records.keep(desk.served, "events", "AAkALgOnCall", new)
    pages = desk.read("events", cursor)
    assert ids(pages) == [f"{who['id']}/AAkALgOnCall"]
    desk.remove("calendars", other)
    assert gone(desk.read("events", pages[-1].cursor)) == [f"{who['id']}/AAkALgOnCall"]

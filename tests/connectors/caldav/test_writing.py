"""Writing assignments to Radicale: made once, changed with care, removed, and all that can be refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from connectors.caldav import CONNECTOR
from connectors.caldav.places import slug
from connectors.caldav.writing import address as address_of
from connectors.gateway import open_api
from connectors.spec import Written
from models.errors import Ambiguous, Gone, Rejected, StackError, Stale, Throttled, Transient
from tests.connectors.caldav.conftest import CREDENTIALS, DESIRED, Desk, outgoing
from tests.connectors.caldav.test_reading import event
from tests.vendors.description import problems_of

HREF = "/dispatch/jose-nunez/plumbline-asg_1.ics"
PLAIN = "dispatch/jose-nunez/plumbline-asg_1.ics"


def create(desk: Desk, **told: Any) -> Written:
    assert desk.write.create is not None
    return desk.write.create(desk.api, outgoing("create", **told))


def update(desk: Desk, written: Written, after: dict[str, Any], desired: dict[str, Any]) -> Written:
    assert desk.write.update is not None
    told = outgoing("update", target_id=written.id, version=written.version, after=after, desired=desired)
    return desk.write.update(desk.api, told)


def remove(desk: Desk, written: Written) -> Written:
    assert desk.write.delete is not None
    return desk.write.delete(desk.api, outgoing("delete", target_id=written.id, version=written.version))


def sent(desk: Desk) -> list[tuple[str, int]]:
    return [(exchange.method, exchange.status) for exchange in desk.recording]


def test_what_is_created_reads_back_as_it_was_meant(desk: Desk) -> None:
    written = create(desk)
    assert written.id == HREF
    assert sent(desk) == [("PUT", 409), ("MKCALENDAR", 201), ("PUT", 201)]
    fetched = desk.write.fetch(desk.api, HREF)
    assert fetched is not None
    assert fetched.version == written.version
    for one in (written, fetched):
        row = desk.assignment(one.record)
        assert {name: row[name] for name in DESIRED} == DESIRED
        assert (row["core_ref"], row["version"]) == ("asg_1", one.version)
    assert problems_of(desk.recording) == []


def test_the_next_event_of_a_technician_is_one_request(desk: Desk) -> None:
    create(desk)
    before = len(desk.recording)
    create(desk, core_id="asg_2")
    assert sent(desk)[before:] == [("PUT", 201)]


def test_an_all_day_event_keeps_its_last_day(desk: Desk) -> None:
    days = {"title": "On call", "all_day": True, "starts_on": date(2026, 3, 14), "ends_on": date(2026, 3, 15)}
    row = desk.assignment(create(desk, desired=days).record)
    assert {name: row[name] for name in days} == days
    assert "DTEND;VALUE=DATE:20260316" in desk.text(PLAIN)


def test_creating_again_meets_the_same_event(desk: Desk) -> None:
    first = create(desk)
    again = create(desk, desired={**DESIRED, "title": "Repair"})
    assert again.id == first.id
    assert desk.assignment(again.record)["title"] == "Repair"
    assert len([page for page in desk.read() for record in page.records if record["ours"]]) <= 1
    assert problems_of(desk.recording) == []


def test_a_create_whose_answer_was_lost_is_found(desk: Desk) -> None:
    create(desk, core_id="asg_0")
    desk.fault(kind="dropped_answer", method="PUT", times=1)
    with pytest.raises(Ambiguous):
        create(desk)
    assert desk.write.find is not None
    found = desk.write.find(desk.api, outgoing("create"))
    assert found is not None
    assert desk.assignment(found.record)["core_ref"] == "asg_1"
    assert desk.write.find(desk.api, outgoing("create", core_id="asg_9")) is None


def test_an_event_that_was_renamed_is_found_by_its_uid(desk: Desk) -> None:
    create(desk)
    desk.put("dispatch/jose-nunez/renamed.ics", desk.text(PLAIN).replace("plumbline-asg_1", "plumbline-asg_2"))
    adopted = create(desk, core_id="asg_2")
    assert adopted.id == "/dispatch/jose-nunez/renamed.ics"
    assert problems_of(desk.recording) == []


def test_a_strangers_event_in_our_place_is_not_touched(desk: Desk) -> None:
    create(desk, core_id="asg_0")
    desk.put(PLAIN, event("stranger"))
    with pytest.raises(Rejected, match="another event stands"):
        create(desk)
    assert "UID:stranger" in desk.text(PLAIN)


def test_a_missing_calendar_is_made_only_when_allowed(desk: Desk, address: str) -> None:
    assert desk.write.create is not None
    settings, base = {"calendar": "/dispatch/{technician}/"}, f"{address}/caldav"
    with (
        open_api(CONNECTOR, credentials=CREDENTIALS, settings=settings, base_url=base) as api,
        pytest.raises(Rejected, match="there is no calendar /dispatch/jose-nunez/"),
    ):
        desk.write.create(api, outgoing("create"))
    with (
        open_api(CONNECTOR, credentials=CREDENTIALS, base_url=base) as api,
        pytest.raises(StackError, match="setting 'calendar' is missing"),
    ):
        desk.write.create(api, outgoing("create"))


def test_an_update_changes_our_fields_and_nothing_else(desk: Desk) -> None:
    create(desk)
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT"
    desk.put(PLAIN, desk.text(PLAIN).replace("END:VEVENT", f"X-MINE:kept\r\n{alarm}"))
    seen = desk.write.fetch(desk.api, HREF)
    assert seen is not None
    later = {"starts_at": datetime(2026, 3, 13, 9), "ends_at": datetime(2026, 3, 13, 10)}  # noqa: DTZ001
    row = desk.assignment(update(desk, seen, later, {**DESIRED, **later}).record)
    assert {name: row[name] for name in DESIRED} == {**DESIRED, **later}
    text = desk.text(PLAIN)
    assert "TRIGGER:-PT15M" in text
    assert "X-MINE:kept" in text
    assert "SEQUENCE:1" in text
    assert text.count("BEGIN:VTIMEZONE") == 1


def test_a_moved_zone_keeps_the_instant(desk: Desk) -> None:
    written = create(desk)
    zone = {"time_zone": "America/New_York"}
    # A calendar knows no "started"; what it cannot say stands among the desired values and is not sent.
    row = desk.assignment(update(desk, written, zone, {**DESIRED, **zone, "status": "started"}).record)
    assert (row["time_zone"], row["starts_at"]) == ("America/New_York", DESIRED["starts_at"])
    assert "DTSTART;TZID=America/New_York:20260312T110000" in desk.text(PLAIN)


def test_a_timed_event_becomes_a_day_and_back(desk: Desk) -> None:
    written = create(desk)
    days = {"title": "Day", "all_day": True, "starts_on": date(2026, 3, 14), "ends_on": date(2026, 3, 14)}
    day = update(desk, written, {k: v for k, v in days.items() if k != "title"}, days)
    assert (desk.assignment(day.record)["all_day"], desk.assignment(day.record)["starts_at"]) == (True, None)
    timed = {name: DESIRED[name] for name in ("all_day", "starts_at", "ends_at", "time_zone")}
    back = update(desk, day, timed, DESIRED)
    assert desk.assignment(back.record)["starts_at"] == DESIRED["starts_at"]


def test_the_hour_that_comes_twice_keeps_its_instant_and_zone(desk: Desk) -> None:
    twice = {**DESIRED, "starts_at": datetime(2026, 11, 1, 7, 30), "ends_at": datetime(2026, 11, 1, 9)}  # noqa: DTZ001
    row = desk.assignment(create(desk, desired=twice).record)
    assert {name: row[name] for name in twice} == twice


OTHER = {"technician": "tec_2", "technician_name": "Bo Lee", "technician_email": "bo.lee@acme.test"}
THERE = "/dispatch/bo-lee/plumbline-asg_1.ics"


def reassign(desk: Desk, written: Written, **after: Any) -> Written:
    """The visit goes to somebody else, and what is said of it may change with that."""
    assert desk.write.update is not None
    whole = {"technician_email": "bo-lee", **after}
    told = outgoing("update", target_id=written.id, version=written.version, after=whole, desired=DESIRED | after,
                    who=OTHER)  # fmt: skip
    return desk.write.update(desk.api, told)


@pytest.mark.parametrize("after", [{}, {"title": "Repair"}])
def test_a_visit_that_goes_to_somebody_else_moves_to_their_calendar(desk: Desk, after: dict[str, Any]) -> None:
    """Their calendar is made, the event keeps what people added, and nothing stays behind."""
    first = create(desk)
    desk.put(PLAIN, desk.text(PLAIN).replace("END:VEVENT", "CATEGORIES:Ours\r\nEND:VEVENT"))
    moved = reassign(desk, desk.write.fetch(desk.api, first.id) or first, **after)
    assert (moved.id, desk.write.fetch(desk.api, HREF)) == (THERE, None)
    row = desk.assignment(moved.record)
    assert {name: row[name] for name in DESIRED} == DESIRED | after
    assert (row["technician_email"], row["core_ref"]) == ("bo-lee", "asg_1")
    assert "CATEGORIES:Ours" in desk.text("dispatch/bo-lee/plumbline-asg_1.ics")
    assert problems_of(desk.recording) == []


def test_a_double_where_a_visit_moves_to_gives_way(desk: Desk) -> None:
    first, _ = create(desk), create(desk, who=OTHER)
    moved = reassign(desk, first, title="Repair")
    assert desk.assignment(moved.record)["title"] == "Repair"
    assert desk.write.fetch(desk.api, HREF) is None


def test_a_strangers_event_where_a_visit_moves_to_stays(desk: Desk) -> None:
    first = create(desk)
    create(desk, core_id="asg_2", who=OTHER)
    desk.put(THERE[1:], event("theirs"))
    with pytest.raises(Rejected, match="another event stands"):
        reassign(desk, first)
    assert desk.write.fetch(desk.api, HREF) is not None


def test_who_is_called_otherwise_and_has_the_same_calendar_is_not_written(desk: Desk) -> None:
    written, before = create(desk), len(desk.recording)
    assert update(desk, written, {"technician_name": "Pepe"}, DESIRED).version == written.version
    assert sent(desk)[before:] == [("GET", 200)]


def test_a_stale_version_is_refused(desk: Desk) -> None:
    written = create(desk)
    desk.put(PLAIN, desk.text(PLAIN).replace("SUMMARY:Furnace", "SUMMARY:Boiler"))
    with pytest.raises(Stale):
        update(desk, written, {"title": "Ours"}, DESIRED)
    with pytest.raises(Stale):
        remove(desk, written)
    assert "SUMMARY:Boiler" in desk.text(PLAIN)


def test_a_change_between_our_look_and_our_put_is_refused_too(desk: Desk) -> None:
    """Radicale itself refuses the ETag; nothing depends on our own comparison."""
    written = create(desk)
    headers = {"If-Match": '"old"', "Content-Type": "text/calendar"}
    with pytest.raises(Stale):
        desk.api.request("PUT", HREF, content=desk.text(PLAIN), headers=headers)
    assert desk.write.fetch(desk.api, HREF) == desk.write.fetch(desk.api, written.id)


def test_a_delete_is_done_once(desk: Desk) -> None:
    written = create(desk)
    assert remove(desk, written).record is None
    assert remove(desk, written).id == HREF
    assert desk.write.fetch(desk.api, HREF) is None
    with pytest.raises(Gone):
        update(desk, written, {"title": "Ours"}, DESIRED)
    assert problems_of(desk.recording) == []


def test_many_are_fetched_at_once(desk: Desk) -> None:
    written = [create(desk, core_id=f"asg_{n}") for n in range(3)]
    assert desk.write.fetch_many is not None
    found = desk.write.fetch_many(desk.api, [one.id for one in written] + ["/dispatch/tech1/none.ics"])
    assert {href: one.version for href, one in found.items()} == {one.id: one.version for one in written}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limit", "retry_after": 3}, Throttled),
        ({"kind": "server_error", "status": 503}, Transient),
    ],
)
def test_failures_of_writes_are_errors(desk: Desk, fault: dict[str, Any], error: type[Exception]) -> None:
    written = create(desk)
    for method, write in (
        ("PUT", lambda: create(desk, core_id="asg_2")),
        ("PUT", lambda: update(desk, written, {"title": "New"}, DESIRED)),
        ("DELETE", lambda: remove(desk, written)),
        ("GET", lambda: desk.write.fetch(desk.api, HREF)),
    ):
        desk.fault(method=method, times=1, **fault)
        with pytest.raises(error):
            write()


def test_an_unreadable_event_is_left_to_a_person(desk: Desk) -> None:
    written = create(desk)
    with pytest.raises(Rejected, match="cannot be an event"):
        create(desk, core_id="asg_3", desired={"title": "Sometime"})
    assert desk.write.fetch(desk.api, written.id) is not None


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        ({"technician_email": "Jose.Nunez@acme.test"}, "jose-nunez"),
        ({"technician_email": "a" * 80 + "@acme.test"}, "a" * 60),
        ({"technician_name": "José Núñez", "technician": "tec_1"}, "jose-nunez-a1a7a5"),
        ({"technician": "tec_1"}, "technician-a1a7a5"),
    ],
)
def test_a_technicians_calendar_has_a_plain_name(desired: dict[str, str], expected: str) -> None:
    found = slug(desired)
    assert len(found) <= 60
    assert found.rpartition("-")[0] == expected.rpartition("-")[0]
    assert found == slug(dict(desired))


def test_the_address_follows_the_pattern(desk: Desk) -> None:
    assert address_of(desk.api, outgoing("create").change) == HREF
    settings = {"calendar": "dispatch/everybody"}
    with open_api(CONNECTOR, credentials=CREDENTIALS, settings=settings) as api:
        assert address_of(api, outgoing("create").change) == "/dispatch/everybody/plumbline-asg_1.ics"

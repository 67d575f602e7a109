"""Double bookings: seen in the table, held before a push, told after an edit outside, and gone when they are mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines import short_read
from tests.pipelines.desk import Desk, planned


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A scheduling system with two technicians, and a calendar system that shows their visits."""
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    desk = Desk(
        folder=tmp_path,
        roles={"field": "scheduling", "calendar": "calendar"},
        rest={
            "time_zone": "America/Chicago",
            "handoffs": {"calendar.assignment": {"mode": "live", "deletes": "mirror"}},
        },
    )
    for system, prefix in (("field", "w"), ("calendar", "c")):
        for name in ("wil", "zed"):
            desk.edit(system, f"{prefix}-{name}", collection="workers", name=name.title(), email=f"{name}@example.com")
    return desk


def visit(desk: Desk, id: str, start: str, end: str, *crew: str, title: str | None = None) -> None:
    times = {"start": f"2026-03-12T{start}:00Z", "end": f"2026-03-12T{end}:00Z"}
    people = [{"id": f"w-{name}"} for name in crew or ("wil",)]
    desk.edit("field", id, collection="visits", title=title or id.title(), crew=people, **times)


def found(desk: Desk) -> list[tuple[str, int, str, str]]:
    rows = desk.rows("SELECT * FROM core.double_bookings ORDER BY first_starts, first_title, second_title")
    return [(row["kind"], row["minutes"], row["first_title"], row["second_title"]) for row in rows]


def entries(desk: Desk) -> list[str]:
    return sorted(entry["title"] for entry in desk.data("calendar").get("entries", {}).values())


def held(desk: Desk) -> list[str]:
    assert desk.session is not None
    return [h.reason for d in desk.session.deliveries.values() for h in d.held]


def test_the_second_of_two_at_one_time_waits_and_says_what_meets(office: Desk) -> None:
    visit(office, "heater", "15:00", "16:30")
    office.sync()
    visit(office, "boiler", "16:00", "17:00")
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["held"], entries(office)) == (1, 1, ["Heater"])
    (why,) = held(office)
    assert "Heater" in why
    assert "2026-03-12 10:00–11:30" in why
    assert "take the same 30 minutes of Wil" in why
    assert found(office) == [("assignment", 30, "Heater", "Boiler")]
    assert [c["check"] for c in said["checks"]] == ["assignment_time_is_free"]


def test_what_is_moved_apart_goes_through_and_the_alert_is_gone(office: Desk) -> None:
    visit(office, "heater", "15:00", "16:30")
    visit(office, "boiler", "16:00", "17:00")
    assert office.sync()["pushed"]["held"] == 1
    visit(office, "boiler", "16:30", "17:30")
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["held"], entries(office)) == (0, 0, ["Boiler", "Heater"])
    assert planned(office.sync()) == (0, 0, 0)


def test_a_double_booking_is_an_alert_of_its_own_until_somebody_agrees(office: Desk) -> None:
    office.extra["plumbline"] = {"roles": ["monitoring"]}
    visit(office, "heater", "15:00", "16:30")
    office.sync()
    visit(office, "boiler", "16:00", "17:00")
    office.sync()
    told = "SELECT kind, title, details, remedy FROM core.alert WHERE state = 'open' ORDER BY kind"
    (double, waits) = office.rows(told)
    assert (double["kind"], double["title"]) == ("double_booking", "Wil is booked twice on Thu 2026-03-12")
    assert "take the same 30 minutes of Wil" in double["details"]
    assert double["remedy"].startswith("move one, or agree with `plumbline override assignment ")
    assert (waits["kind"], waits["title"]) == ("held", "1 change of calendar.assignment wait")
    visit(office, "boiler", "16:30", "17:30")
    office.sync()
    assert office.rows(told) == []


def test_an_edit_outside_is_told_and_a_visit_moved_into_another_waits(office: Desk) -> None:
    visit(office, "heater", "15:00", "16:30")
    visit(office, "boiler", "16:30", "17:30")
    assert office.sync()["double_bookings"] == 0
    office.sync()
    visit(office, "boiler", "15:00", "16:00")
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["held"]) == (1, 1)
    visit(office, "boiler", "15:00", "16:00", "zed")
    assert (office.sync()["double_bookings"], entries(office)) == (0, ["Boiler", "Heater"])


def test_deletes_never_wait(office: Desk) -> None:
    visit(office, "heater", "15:00", "16:30")
    visit(office, "boiler", "17:00", "18:00")
    office.sync()
    office.sync()
    visit(office, "boiler", "15:00", "16:30")
    office.tear_out("field", "heater", collection="visits")
    said = office.sync()
    assert (said["pushed"]["held"], entries(office)) == (0, ["Boiler"])


def test_a_person_may_agree(office: Desk) -> None:
    from pipelines.overruling import pin

    visit(office, "heater", "15:00", "16:30")
    visit(office, "boiler", "16:00", "17:00")
    office.sync()
    (row,) = office.rows("SELECT * FROM core.double_bookings")
    pin(office.company(), "assignment", row["second"], "overlap_allowed", "true", by="Lee", why="next door", until=None)
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["held"], entries(office)) == (0, 0, ["Boiler", "Heater"])
    assert office.rows("SELECT allowed FROM core.double_bookings") == [{"allowed": True}]


def test_a_company_that_only_wants_to_know_is_told(office: Desk) -> None:
    office.rest["bookings"] = {"overlaps": "warn"}
    visit(office, "heater", "15:00", "16:30")
    visit(office, "boiler", "16:00", "17:00")
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["held"], entries(office)) == (1, 0, ["Boiler", "Heater"])


def test_story_49_of_fifty_for_one_time_exactly_one_is_accepted(office: Desk) -> None:
    for n in range(50):
        visit(office, f"v{n:02}", "15:00", "16:00")
    said = office.sync()
    assert (len(entries(office)), said["pushed"]["held"]) == (1, 49)
    assert len(found(office)) == 50 * 49 // 2
    kept = entries(office)
    office.sync()
    assert entries(office) == kept

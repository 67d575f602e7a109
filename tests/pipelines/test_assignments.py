"""Technicians' calendars follow the schedule: who is taken off a visit loses it, who is put on it gets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines import short_read
from tests.pipelines.desk import Desk, planned


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A scheduling system with two technicians and a visit, and a calendar system that shows it."""
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    desk = Desk(
        folder=tmp_path,
        roles={"field": "scheduling", "calendar": "calendar"},
        rest={"handoffs": {"calendar.assignment": {"mode": "live", "deletes": "mirror"}}},
    )
    for system, prefix in (("field", "w"), ("calendar", "c")):
        for name in ("wil", "zed"):
            desk.edit(system, f"{prefix}-{name}", collection="workers", name=name.title(), email=f"{name}@example.com")
    desk.edit("field", "v1", collection="visits", title="Heater", start="2026-03-12T15:00:00Z", crew=[{"id": "w-wil"}])
    return desk


@pytest.fixture
def shown(office: Desk) -> Desk:
    """The calendar shows the visit, and a read has seen that."""
    return office.after(_shown)


def _shown(desk: Desk) -> None:
    assert planned(desk.sync()) == (1, 0, 0)
    desk.sync()


def entries(desk: Desk) -> list[tuple[str, str]]:
    return sorted((e["who"], e["title"]) for e in desk.data("calendar").get("entries", {}).values())


def test_a_visit_moves_from_one_calendar_to_another(office: Desk) -> None:
    assert planned(office.sync()) == (1, 0, 0)
    assert entries(office) == [("c-wil", "Heater")]

    office.edit("field", "v1", collection="visits", crew=[{"id": "w-zed"}])
    said = office.sync()

    assert planned(said) == (1, 0, 1)
    assert entries(office) == [("c-zed", "Heater")]
    assert planned(office.sync()) == (0, 0, 0)


def test_one_more_on_the_crew_is_one_more_entry_and_back_again(office: Desk) -> None:
    office.sync()
    office.edit("field", "v1", collection="visits", crew=[{"id": "w-wil"}, {"id": "w-zed"}], title="Boiler")
    assert planned(office.sync()) == (1, 1, 0)
    assert entries(office) == [("c-wil", "Boiler"), ("c-zed", "Boiler")]

    office.edit("field", "v1", collection="visits", crew=[])
    assert planned(office.sync()) == (0, 0, 2)
    assert entries(office) == []

    office.edit("field", "v1", collection="visits", crew=[{"id": "w-wil"}])
    assert planned(office.sync()) == (1, 0, 0)
    assert entries(office) == [("c-wil", "Boiler")]


def test_a_visit_of_somebody_without_a_calendar_waits_for_it(office: Desk) -> None:
    office.edit("field", "w-new", collection="workers", name="Nia", email="nia@example.com")
    office.edit("field", "v1", collection="visits", crew=[{"id": "w-new"}])
    said = office.sync()
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    office.edit("calendar", "c-nia", collection="workers", name="Nia", email="nia@example.com")
    assert office.sync()["pushed"]["delivered"] == 1
    assert entries(office) == [("c-nia", "Heater")]


def test_an_edit_of_what_a_calendar_only_shows_is_put_back_and_told(shown: Desk) -> None:
    [entry] = shown.data("calendar")["entries"]
    shown.edit("calendar", entry, collection="entries", title="Heater, bring the long ladder")

    assert planned(shown.sync()) == (0, 1, 0)

    assert entries(shown) == [("c-wil", "Heater")]
    [told] = shown.rows("SELECT * FROM core.conflicts")
    assert (told["entity"], told["field"], told["state"]) == ("assignment", "title", "open")
    assert (told["loser"], told["loser_value"]) == ("calendar", "Heater, bring the long ladder")
    assert (told["winner"], told["winner_value"]) == ("field", "Heater")
    assert told["rule"].startswith("appointment.title: prefer(field")
    for _ in range(2):
        assert planned(shown.sync()) == (0, 0, 0)
    [told] = shown.rows("SELECT * FROM core.conflicts")
    assert (told["state"], told["settled_at"] is not None) == ("reverted", True)


def test_what_a_calendar_shows_while_its_visit_moves_is_no_edit(shown: Desk) -> None:
    shown.edit("field", "v1", collection="visits", title="Boiler")
    shown.sync()
    assert entries(shown) == [("c-wil", "Boiler")]
    assert shown.rows("SELECT * FROM core.conflicts") == []


def test_an_entry_that_a_person_deletes_is_not_made_again_behind_their_back(shown: Desk) -> None:
    [made] = shown.data("calendar")["entries"]
    shown.edit("calendar", "own", collection="entries", title="Dentist", start="2026-03-12T09:00:00Z", who="c-wil")
    shown.sync()
    shown.tear_out("calendar", made, collection="entries")
    said = shown.sync()
    assert said["pushed"]["delivered"] == 0
    assert said["pushed"]["held"] == 1
    assert entries(shown) == [("c-wil", "Dentist")]


def test_an_entry_that_a_person_moves_is_put_back_where_the_schedule_has_it(shown: Desk) -> None:
    [made] = shown.data("calendar")["entries"]
    shown.edit("calendar", made, collection="entries", title="Not today")
    assert planned(shown.sync()) == (0, 1, 0)
    assert entries(shown) == [("c-wil", "Heater")]
    assert planned(shown.sync()) == (0, 0, 0)

"""What ruined others' calendars and books, and what happens here instead: incidents told at whole syncs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.errors import Held
from pipelines import ledger as books
from pipelines.applying import apply_plan
from tests.pipelines import short_read
from tests.pipelines.desk import ADA, Desk, planned

VISIT = {"title": "Heater", "start": "2026-03-12T15:00:00Z", "crew": [{"id": "w-wil"}]}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A schedule with one technician and a visit, and a calendar system that shows it."""
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    desk = Desk(
        folder=tmp_path,
        roles={"field": "scheduling", "calendar": "calendar"},
        rest={"handoffs": {"calendar.assignment": {"mode": "live", "deletes": "mirror"}}},
    )
    desk.edit("field", "w-wil", collection="workers", name="Wil", email="wil@example.com")
    desk.edit("calendar", "c-wil", collection="workers", name="Wil", email="wil@example.com")
    desk.edit("field", "v1", collection="visits", **VISIT)
    return desk


def entries(desk: Desk) -> dict[str, dict[str, Any]]:
    return dict(desk.data("calendar").get("entries", {}))


def visits(desk: Desk, count: int) -> None:
    for n in range(2, count + 1):
        hour = f"2026-03-{12 + n // 20:02}T{n % 20:02}:30:00Z"
        desk.edit("field", f"v{n}", collection="visits", **{**VISIT, "start": hour})


# --- duplicates ----------------------------------------------------------------------------------------------


def test_story_4_connecting_the_same_pair_again_makes_nothing(desk: Desk) -> None:
    for n in range(5):
        desk.edit("crm", str(n), first=f"N{n}", email=f"n{n}@example.com")
    assert planned(desk.sync()) == (5, 0, 0)
    # Another installation, which knows nothing of the first: no ledger, no warehouse, no lake.
    desk.rest["data"] = "another"
    said = desk.sync()
    assert (planned(said), said["pushed"]["delivered"], len(desk.people("field"))) == ((0, 0, 0), 0, 5)


def test_story_10_one_edit_in_a_ring_of_three_is_one_write_for_each_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    systems = {"crm": "crm", "field": "scheduling", "ring": "crm"}
    ring = Desk(
        folder=tmp_path,
        roles=systems,
        rest={
            "handoffs": {f"{name}.customer": {"mode": "live"} for name in systems},
            "ownership": {"customer.city": {"latest": ["crm", "field", "ring"]}},
        },
    )
    ring.faults("field", form="upper")
    ring.faults("ring", form="upper")
    ring.edit("crm", "1", **ADA, city="Austin")
    ring.sync()
    ring.sync()

    def versions() -> dict[str, int]:
        return {id: int(one["version"]) for name in systems for id, one in ring.people(name).items()}

    before = versions()
    ring.edit("crm", "1", city="Waco")
    after = []
    for _ in range(4):
        ring.sync()
        after.append(versions())

    assert len(before) == 3
    assert after == [{id: version + 1 for id, version in before.items()}] * 4  # the person's one is their own edit
    assert ring.person("crm", "1")["city"] == "Waco"


def test_story_11_each_visit_has_one_event_and_a_copy_that_is_deleted_cancels_nothing(office: Desk) -> None:
    office.sync()
    [(mine, event)] = entries(office).items()
    copy = {name: event[name] for name in ("title", "start", "who")}
    for n in range(3):
        office.edit("calendar", f"copy{n}", collection="entries", **copy)
    assert planned(office.sync()) == (0, 0, 0)

    office.tear_out("calendar", "copy1", collection="entries")
    assert planned(office.sync()) == (0, 0, 0)
    assert office.rows("SELECT status FROM core.appointment WHERE deleted_at IS NULL") == [{"status": None}]

    office.edit("field", "v1", collection="visits", start="2026-03-12T18:00:00Z")
    assert planned(office.sync()) == (0, 1, 0)
    starts = {id: one["start"][:13] for id, one in entries(office).items()}
    assert starts == {mine: "2026-03-12T18", "copy0": "2026-03-12T15", "copy2": "2026-03-12T15"}


def test_story_12_an_unchanged_schedule_writes_nothing(office: Desk) -> None:
    visits(office, 6)
    office.sync()
    before = office.data("calendar")
    for _ in range(4):
        said = office.sync()
        assert (planned(said), said["pushed"]["delivered"]) == ((0, 0, 0), 0)
    assert office.data("calendar") == before


# --- deletes -------------------------------------------------------------------------------------------------


def test_story_15_a_schedule_that_could_not_be_read_deletes_no_event(office: Desk) -> None:
    visits(office, 6)
    office.sync()
    before = entries(office)
    for fault in ({"down": True}, {"html": True}, {"cut": 0}, {"cut": 3}):
        office.faults("field", **fault)
        said = office.sync()
        assert (said["plan"]["deletes"], said["pushed"]["delivered"]) == (0, 0), fault
    office.faults("field")
    assert (planned(office.sync()), entries(office)) == ((0, 0, 0), before)


def test_story_16_a_schedule_that_lost_most_of_its_visits_empties_no_calendar(office: Desk) -> None:
    visits(office, 30)
    office.sync()
    for n in range(1, 31):
        office.tear_out("field", f"v{n}", collection="visits")

    said = office.sync()  # the read is too small to be believed
    assert (said["plan"]["deletes"], len(entries(office))) == (0, 30)

    said = office.sync(believe=["field.visits"])  # and if a person believes it, the plan waits all the same
    [told] = [one for one in said["handoffs"] if one["handoff"] == "calendar.assignment"]
    assert "30 deletes are more than the 5" in told["hold"]
    assert len(entries(office)) == 30
    with pytest.raises(Held, match="30 deletes"):
        apply_plan(office.company(), told["plan"])

    office.with_books(
        lambda ledger: books.approve(ledger, told["plan"], by="Mia, dispatch", at=office.now.replace(tzinfo=None))
    )
    assert len(apply_plan(office.company(), told["plan"]).delivered) == 30
    assert entries(office) == {}
    audit = office.with_books(lambda ledger: str(list(books.trail(ledger))))
    assert "Mia, dispatch" in audit


def test_story_23_a_mirror_touches_only_what_we_made(office: Desk) -> None:
    office.sync()
    own = {"title": "Dentist", "start": "2026-03-12T09:00:00Z", "who": "c-wil"}
    office.edit("calendar", "own", collection="entries", **own)
    office.edit("calendar", "twin", collection="entries", **{**own, "title": "Heater", "start": VISIT["start"]})
    office.tear_out("field", "v1", collection="visits")
    assert planned(office.sync(believe=["field.visits"])) == (0, 0, 1)
    assert sorted(entries(office)) == ["own", "twin"]
    assert planned(office.sync()) == (0, 0, 0)

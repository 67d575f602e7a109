"""What meets in a technician's time, row by row: ways, whole days, calendars, shifts, and who is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import bookings
from pipelines.bookings import Watch
from pipelines.company import Company, assemble
from pipelines.settings import load
from pipelines.warehouse import Warehouse, open_warehouse

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
STACK = """
company: T
time_zone: America/Chicago
systems:
  jobber: {roles: [scheduling], credentials: {client_id: "env:A", client_secret: "env:A", refresh_token: "env:A"}}
  google_calendar: {roles: [calendar], credentials: {service_account: "env:A"}}
  caldav: {roles: [calendar], credentials: {username: "env:A", password: "env:A"}, settings: {calendar: "/d/"}}
bookings: {travel: 20m}
"""


class Board:
    """A company whose core is filled by hand."""

    def __init__(self, company: Company, warehouse: Warehouse) -> None:
        self.company, self.warehouse = company, warehouse

    def clear(self) -> None:
        for table in ("core.assignment", "core.busy", "core.technician", "core.double_bookings", "meta.links"):
            self.warehouse.run(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.add("technician", "wil", name="Wil", email="Wil.Ray@x.example")
        self.add("technician", "zed", name="Zed", email="zed@x.example", time_zone="America/Denver")

    def add(self, entity: str, core_id: str, **values: Any) -> None:
        row = {"core_id": core_id, **values}
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
        self.warehouse.run(f"INSERT INTO core.{entity} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608

    def visit(self, id: str, start: str, end: str, who: str = "wil", **more: Any) -> None:
        times = {"starts_at": f"2026-03-{start}", "ends_at": f"2026-03-{end}"}
        plain = {"technician": who, "appointment": f"apt-{id}", "title": id, "status": "scheduled", "place": "here"}
        self.add("assignment", id, **{**plain, **times, **more})

    def busy(
        self, id: str, calendar: str | None = "wil.ray@x.example", system: str = "google_calendar", **more: Any
    ) -> None:
        plain = {"calendar": calendar, "calendar__from": system, "starts_at__from": system, "blocks": True, "title": id}
        self.add("busy", id, **{**plain, **more})

    def look(self) -> Watch:
        return bookings.watch(self.warehouse, self.company, NOW)

    def found(self) -> list[tuple[str, int, str, str | None]]:
        self.look()
        rows = self.warehouse.rows("FROM core.double_bookings ORDER BY first_starts, first, second")
        return [(row["kind"], row["minutes"], row["first"], row["second"]) for row in rows]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    folder = tmp_path_factory.mktemp("board")
    (folder / "stack.yml").write_text(STACK)
    company = assemble(load(folder / "stack.yml"))
    with open_warehouse(folder / "w.duckdb", company.model) as warehouse:
        yield Board(company, warehouse)


@pytest.fixture
def board(opened: Board) -> Board:
    opened.clear()
    return opened


@pytest.mark.parametrize(
    ("start", "end", "place", "expected"),
    [
        ("12 10:30", "12 11:30", "here", ("assignment", 30)),
        ("12 10:30", "12 11:30", "there", ("assignment", 30)),
        ("12 11:00", "12 12:00", "here", None),
        ("12 11:00", "12 12:00", "there", ("travel", 20)),
        ("12 11:15", "12 12:00", "there", ("travel", 5)),
        ("12 11:20", "12 12:00", "there", None),
        ("12 11:00", "12 12:00", None, None),
        ("12 10:00", "12 11:00", "HERE", ("assignment", 60)),
    ],
)
def test_a_visit_after_another(board: Board, start: str, end: str, place: str | None, expected: Any) -> None:
    board.visit("a", "12 10:00", "12 11:00")
    board.visit("b", start, end, place=place)
    assert board.found() == ([(*expected, "a", "b")] if expected else [])


@pytest.mark.parametrize(
    "more",
    [
        {"who": "zed"},
        {"status": "canceled"},
        {"status": "completed"},
        {"deleted_at": "2026-03-01"},
        {"appointment": "apt-a"},
        {"who": "nobody"},
    ],
)
def test_what_does_not_meet(board: Board, more: dict[str, Any]) -> None:
    board.visit("a", "12 10:00", "12 11:00")
    board.visit("b", "12 10:00", "12 11:00", **more)
    assert board.found() == []


def test_what_is_over_is_no_alert_and_a_long_visit_is_remembered(board: Board) -> None:
    board.visit("old", "01 10:00", "01 11:00")
    board.visit("older", "01 10:00", "01 11:00")
    board.visit("long", "12 08:00", "12 18:00")
    board.visit("early", "12 08:30", "12 09:00")
    board.visit("late", "12 17:00", "12 17:30")
    assert board.found() == [("assignment", 30, "long", "early"), ("assignment", 30, "long", "late")]
    assert board.look() == Watch(coming=3, open=2, moved=False)


@pytest.mark.parametrize(
    ("calendar", "system", "known"),
    [
        ("wil.ray@x.example", "google_calendar", True),
        ("/d/wil-ray/", "caldav", True),
        ("https://p62.cloud.example/17/Wil-Ray/", "caldav", True),
        ("/d/written/", "caldav", True),
        ("/d/other/", "caldav", False),
        ("office@x.example", "google_calendar", False),
    ],
)
def test_a_calendar_is_that_of_the_address_or_of_those_whose_visits_stand_in_it(
    board: Board, calendar: str, system: str, known: bool
) -> None:
    board.visit("a", "12 10:00", "12 11:00")
    link = "INSERT INTO meta.links (system, entity, core_id, target_id, action, receipt) VALUES (?, ?, ?, ?, ?, ?)"
    board.warehouse.run(link, ["caldav", "assignment", "a", "/d/written/plumbline-a.ics", "create", 1])
    board.busy("own", calendar, system, starts_at="2026-03-12 10:45", ends_at="2026-03-12 12:00")
    assert board.found() == ([("event", 15, "a", "own")] if known else [])


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, True),
        ({"blocks": False}, False),
        ({"blocks": None}, True),
        ({"title": "A", "ends_at": "2026-03-12 11:00", "starts_at": "2026-03-12 10:00"}, False),
        ({"title": "A"}, True),
        ({"calendar": None, "technician": "wil"}, True),
    ],
)
def test_busy_time_counts_unless_it_is_free_or_a_copy_of_the_visit(
    board: Board, more: dict[str, Any], found: bool
) -> None:
    board.visit("a", "12 10:00", "12 11:00")
    times = {"starts_at": "2026-03-12 10:30", "ends_at": "2026-03-12 11:30"}
    board.busy("own", **{**times, **more})
    assert bool(board.found()) is found


@pytest.mark.parametrize(
    ("who", "start", "end", "minutes"),
    [
        ("wil", "12 05:00", "12 06:00", 60),  # midnight in Chicago, daylight time: 05:00 UTC
        ("wil", "12 04:00", "12 05:00", None),
        ("zed", "12 05:00", "12 06:00", None),
        ("zed", "12 05:30", "12 06:30", 30),  # midnight in Denver
        ("wil", "14 04:00", "14 06:00", 60),  # the last day is one of them
        ("wil", "14 05:00", "14 06:00", None),
    ],
)
def test_whole_days_run_from_midnight_to_midnight_where_the_technician_works(
    board: Board, who: str, start: str, end: str, minutes: int | None
) -> None:
    address = {"wil": "wil.ray@x.example", "zed": "zed@x.example"}[who]
    board.busy("leave", address, all_day=True, starts_on="2026-03-12", ends_on="2026-03-13", kind="out_of_office")
    board.visit("a", start, end, who)
    assert [(kind, spent) for kind, spent, *_ in board.found()] == ([("out_of_office", minutes)] if minutes else [])


def test_a_whole_day_has_as_many_hours_as_the_clocks_give_it(board: Board) -> None:
    day = {"starts_at": None, "ends_at": None, "all_day": True, "starts_on": "2026-03-08", "ends_on": "2026-03-08"}
    board.visit("install", "08 00:00", "08 00:00", **day)
    board.busy("leave", all_day=True, starts_on="2026-03-07", ends_on="2026-03-09")
    assert board.found() == [("event", 23 * 60, "leave", "install")]


def test_a_zone_that_nobody_knows_is_that_of_the_company(board: Board) -> None:
    board.add("technician", "odd", name="Odd", email="odd@x.example", time_zone="Nowhere/Land")
    board.busy("leave", "odd@x.example", all_day=True, starts_on="2026-03-12", ends_on="2026-03-12")
    board.visit("a", "12 05:00", "12 06:00", "odd")
    assert board.found() == [("event", 60, "a", "leave")]


def test_where_shifts_are_known_a_visit_lies_inside_them(board: Board) -> None:
    for day in ("12", "13"):
        times = {"starts_at": f"2026-03-{day} 14:00", "ends_at": f"2026-03-{day} 22:00"}
        board.busy(f"shift-{day}", None, kind="shift", technician="wil", **times)
    board.visit("inside", "12 15:00", "12 16:00")
    board.visit("late", "12 21:30", "12 23:00")
    board.visit("between", "13 01:00", "13 02:00")
    board.visit("unplanned", "20 01:00", "20 02:00")
    board.visit("other", "12 03:00", "12 04:00", "zed")
    assert board.found() == [("outside_shift", 60, "late", None), ("outside_shift", 60, "between", None)]


def test_what_was_seen_before_keeps_the_instant_of_its_first_time(board: Board) -> None:
    board.visit("a", "12 10:00", "12 11:00")
    board.visit("b", "12 10:30", "12 11:30")
    assert board.look().moved
    later = bookings.watch(board.warehouse, board.company, NOW + timedelta(hours=1))
    assert not later.moved
    assert board.warehouse.value("SELECT since FROM core.double_bookings") == NOW.replace(tzinfo=None)


Slot = tuple[str, int, int, bool]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["wil", "zed"]), st.integers(0, 100), st.integers(1, 30), st.booleans()), max_size=14
    )
)
def test_exactly_the_pairs_that_meet_are_found(board: Board, slots: Sequence[Slot]) -> None:
    board.clear()
    first = datetime(2026, 3, 12)  # noqa: DTZ001 - canonical instants
    for n, (who, start, length, own) in enumerate(slots):
        begin, end = (first + timedelta(minutes=10 * m) for m in (start, start + length))
        if own:
            board.busy(f"s{n:02}", None, technician=who, starts_at=begin, ends_at=end)
        else:
            times = {"starts_at": begin, "ends_at": end}
            board.visit(f"s{n:02}", "12 00:00", "12 00:00", who, place=f"p{n}", **times)
    expected = {
        (f"s{a:02}", f"s{b:02}")
        for (a, one), (b, two) in combinations(enumerate(slots), 2)
        if one[0] == two[0] and not (one[3] and two[3]) and _meet(one, two)
    }
    assert {tuple(sorted((one, str(two)))) for _, _, one, two in board.found()} == expected


def _meet(one: Slot, two: Slot) -> bool:
    """Whether two stretches overlap; two visits at different places also need 20 minutes between them."""
    way = 0 if one[3] or two[3] else 2
    return one[1] < two[1] + two[2] + way and two[1] < one[1] + one[2] + way

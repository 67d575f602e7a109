from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.checks.assignment import not_double_booked
from tests.quality.frames import ENTITIES, core_frame, violating


def visit(appointment, technician, start, end, status="scheduled"):
    day = "2025-03-08"
    return {
        "appointment": appointment,
        "technician": technician,
        "status": status,
        "starts_at": f"{day} {start}:00",
        "ends_at": f"{day} {end}:00",
    }


GOOD = visit("a1", "t1", "09:00", "10:00")


@pytest.mark.parametrize(
    ("check", "change"),
    [("technician_given", {"technician": None}), ("appointment_given", {"appointment": None})],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("assignment", check, [GOOD, GOOD | change]) == ["c1"]


def test_a_pair_stands_once():
    rows = [GOOD, GOOD | {"technician": "t2"}, GOOD, GOOD | {"technician": None}, GOOD | {"technician": None}]
    assert violating("assignment", "assigned_once", rows) == ["c0", "c2"]


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        (visit("a2", "t1", "09:30", "11:00"), True),
        (visit("a2", "t1", "09:15", "09:30"), True),
        (visit("a2", "t1", "10:00", "11:00"), False),
        (visit("a2", "t2", "09:30", "11:00"), False),
        (visit("a2", "t1", "09:30", "11:00", "canceled"), False),
        (visit("a2", "t1", "09:30", "11:00", None), True),
        ({"appointment": "a2", "technician": "t1", "starts_on": "2025-03-08"}, False),
        (visit("a2", None, "09:30", "11:00"), False),
    ],
    ids=["overlap", "within", "next", "other person", "canceled", "no status", "all day", "nobody"],
)
def test_nobody_is_at_two_visits_at_once(other, clash):
    assert violating("assignment", "not_double_booked", [GOOD, other]) == (["c1"] if clash else [])


def test_a_long_visit_is_remembered_behind_a_short_one():
    rows = [
        visit("a1", "t1", "08:00", "12:00"),
        visit("a2", "t1", "08:30", "09:00"),
        visit("a3", "t1", "11:00", "13:00"),
    ]
    assert violating("assignment", "not_double_booked", rows) == ["c1", "c2"]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["t1", "t2"]), st.integers(0, 20), st.integers(1, 5)), max_size=12))
def test_double_bookings_are_found_exactly_when_two_visits_overlap(visits):
    rows = [
        visit(f"a{n}", who, f"{h:02}:00", f"{h + d - 1:02}:59") for n, (who, h, d) in enumerate(visits) if h + d < 24
    ]
    pairs = combinations(rows, 2)
    overlap = any(
        a["technician"] == b["technician"] and a["starts_at"] < b["ends_at"] and b["starts_at"] < a["ends_at"]
        for a, b in pairs
    )
    assert not_double_booked(core_frame(ENTITIES["assignment"], rows)).all() == (not overlap)


def test_a_coming_visit_of_somebody_who_left_is_seen_and_a_past_one_is_not():
    left = GOOD | {"technician_active": False}
    rows = [GOOD, left, left | {"status": "completed"}, GOOD | {"technician_active": True}]
    assert violating("assignment", "technician_works_here", rows) == ["c1"]

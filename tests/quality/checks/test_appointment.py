from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "status": "scheduled",
    "starts_at": "2025-03-08 15:00:00",
    "ends_at": "2025-03-08 17:00:00",
    "starts_local": "2025-03-08 09:00:00",
    "ends_local": "2025-03-08 11:00:00",
    "time_zone": "America/Chicago",
    "all_day": False,
}
DAYS = {"all_day": True, "starts_on": "2025-03-08", "ends_on": "2025-03-09"}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("ends_after_start", {"ends_at": "2025-03-08 14:00:00"}),
        ("ends_after_start", {"ends_at": "2025-03-08 15:00:00"}),
        ("days_in_order", {"starts_on": "2025-03-10", "ends_on": "2025-03-09"}),
        ("timed_or_all_day", {"starts_on": "2025-03-08"}),
        ("timed_or_all_day", {"all_day": True}),
        ("end_has_start", {"starts_at": None}),
        ("length_sensible", {"ends_at": "2025-03-11 15:00:01"}),
        ("time_zone_known", {"time_zone": "Central Standard Time"}),
        ("wall_time_has_zone", {"time_zone": None}),
        ("start_agrees_with_zone", {"starts_local": "2025-03-08 10:00:00"}),
        ("end_agrees_with_zone", {"time_zone": "America/New_York"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("appointment", check, [GOOD, GOOD | change, DAYS, {}]) == ["c1"]


def test_wall_times_follow_the_change_of_the_clocks():
    after = {"starts_at": "2025-03-09 14:00:00", "starts_local": "2025-03-09 09:00:00"}
    assert violating("appointment", "start_agrees_with_zone", [GOOD, GOOD | after]) == []


def test_an_all_day_visit_of_one_day_ends_on_the_day_it_starts():
    assert violating("appointment", "days_in_order", [DAYS | {"ends_on": DAYS["starts_on"]}]) == []

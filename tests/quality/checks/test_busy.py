from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "calendar": "grace@example.com",
    "starts_at": "2025-03-08 15:00:00",
    "ends_at": "2025-03-08 17:00:00",
    "time_zone": "America/Chicago",
    "all_day": False,
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("calendar_given", {"calendar": None}),
        ("ends_after_start", {"ends_at": "2025-03-08 14:00:00"}),
        ("days_in_order", {"starts_on": "2025-03-10", "ends_on": "2025-03-09"}),
        ("timed_or_all_day", {"all_day": True}),
        ("time_zone_known", {"time_zone": "Custom"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("busy", check, [GOOD, GOOD | change]) == ["c1"]

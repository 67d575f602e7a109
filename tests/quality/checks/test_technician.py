from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "name": "Grace Hopper",
    "email": "grace@example.com",
    "phone": "+15125550101",
    "active": True,
    "time_zone": "America/Chicago",
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("can_be_reached", {"email": None, "phone": None}),
        ("email_form", {"email": "grace"}),
        ("phone_form", {"phone": "5125550101"}),
        ("time_zone_known", {"time_zone": "CST6CDT+1"}),
        ("name_not_null", {"name": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("technician", check, [GOOD, GOOD | change]) == ["c1"]


def test_somebody_who_left_need_not_be_reached():
    gone = GOOD | {"email": None, "phone": None, "active": False}
    assert violating("technician", "can_be_reached", [gone, gone | {"active": None}]) == []

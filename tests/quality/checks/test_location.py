from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {"street": "1 Main St", "latitude": "30.27", "longitude": "-97.74"}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("can_be_found", {"street": None, "latitude": None}),
        ("position_complete", {"longitude": None}),
        ("position_real", {"latitude": "0", "longitude": "0"}),
        ("latitude_range", {"latitude": "97.74"}),
        ("longitude_range", {"longitude": "-180.5"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("location", check, [GOOD, GOOD | change]) == ["c1"]


def test_the_equator_and_the_prime_meridian_are_places():
    assert violating("location", "position_real", [GOOD | {"latitude": "0"}, GOOD | {"longitude": "0"}]) == []

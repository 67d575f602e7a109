from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "title": "xero could not be read",
    "remedy": "plumbline doctor",
    "state": "over",
    "since": "2026-03-11 10:00:00",
    "over_at": "2026-03-11 12:00:00",
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("remedy_given", {"remedy": None}),
        ("over_after_since", {"over_at": "2026-03-11 09:00:00"}),
        ("state_one_of", {"state": "gone"}),
        ("title_not_null", {"title": None}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("alert", check, [GOOD, GOOD | change]) == ["c1"]


def test_what_still_waits_is_well():
    assert violating("alert", "over_after_since", [GOOD | {"state": "open", "over_at": None}]) == []

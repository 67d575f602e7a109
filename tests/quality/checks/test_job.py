from __future__ import annotations

import pytest

from tests.quality.frames import violating

GOOD = {
    "status": "completed",
    "total": "100.00",
    "created_at": "2025-03-01 09:00:00",
    "completed_at": "2025-03-02 12:00:00",
}


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("total_not_negative", {"total": "-0.01"}),
        ("completed_after_created", {"completed_at": "2025-02-28 12:00:00"}),
        ("completion_fits_status", {"status": "scheduled"}),
        ("created_at_range", {"created_at": "1970-01-01 00:00:00"}),
        ("status_one_of", {"status": "done"}),
    ],
)
def test_each_check_finds_what_it_is_for(check, change):
    assert violating("job", check, [GOOD, GOOD | change]) == ["c1"]


def test_a_job_that_is_not_finished_may_have_any_status():
    assert violating("job", "completion_fits_status", [{"status": "new"}, {}]) == []

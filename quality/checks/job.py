"""What holds for every job, however far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import at_least, not_before, rule

if TYPE_CHECKING:
    import pandas as pd


def finished_after_it_began(frame: pd.DataFrame) -> pd.Series[bool]:
    """A job with a day of completion is past ``new`` and ``scheduled``."""
    return frame["completed_at"].isna() | ~frame["status"].isin(["new", "scheduled"])


CHECKS = (
    rule("job", "total", "total_not_negative", at_least("total", 0), "A customer is never paid for having work done."),
    rule(
        "job",
        "completed_at",
        "completed_after_created",
        not_before("completed_at", "created_at"),
        "Work cannot be finished before it was ordered; one of the clocks is wrong.",
        shows=("created_at",),
    ),
    rule(
        "job",
        "completed_at",
        "completion_fits_status",
        finished_after_it_began,
        "A finished job that still counts as open is never invoiced.",
        shows=("status",),
    ),
)

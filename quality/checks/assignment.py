"""What holds between technicians and visits: each pair once, nobody at two places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import any_of, moment, rule, true

if TYPE_CHECKING:
    import pandas as pd


def assigned_once(frame: pd.DataFrame) -> pd.Series[bool]:
    """One technician stands on one visit once; rows that lack either are another check's matter."""
    pair = ["appointment", "technician"]
    return frame[pair].isna().any(axis="columns") | ~frame.duplicated(subset=pair, keep=False)


def not_double_booked(frame: pd.DataFrame) -> pd.Series[bool]:
    """False for a timed visit that begins before an earlier one of the same technician has ended.

    Looks at the rows that changed together; canceled visits take no time.
    """
    import pandas as pd

    times = pd.DataFrame(
        {"who": frame["technician"], "start": moment(frame, "starts_at"), "end": moment(frame, "ends_at")}
    )
    busy = times[frame["status"].ne("canceled").fillna(value=True)].dropna().sort_values(["who", "start", "end"])
    reach = busy.groupby("who")["end"].cummax().groupby(busy["who"]).shift()
    return ~(busy["start"] < reach).reindex(frame.index, fill_value=False)


def technician_works_here(frame: pd.DataFrame) -> pd.Series[bool]:
    """Nobody who left stands on a visit that is still to be done."""
    left = ~true(frame, "technician_active") & frame["technician_active"].notna()
    return ~left | frame["status"].isin(["completed", "canceled"])


CHECKS = (
    rule(
        "assignment",
        "technician",
        "technician_given",
        any_of("technician"),
        "An assignment without a technician stands in nobody's calendar.",
        shows=("appointment",),
    ),
    rule(
        "assignment",
        "appointment",
        "appointment_given",
        any_of("appointment"),
        "An assignment without a visit has nothing to show.",
        shows=("technician",),
    ),
    rule(
        "assignment",
        "technician",
        "assigned_once",
        assigned_once,
        "The same visit twice in one calendar looks like two visits.",
        shows=("appointment",),
    ),
    rule(
        "assignment",
        "technician",
        "technician_works_here",
        technician_works_here,
        "A visit of somebody who left is done by nobody.",
        shows=("technician_active", "status", "starts_at"),
    ),
    rule(
        "assignment",
        "technician",
        "not_double_booked",
        not_double_booked,
        "A technician cannot be at two visits at once.",
        shows=("appointment", "starts_at", "ends_at"),
    ),
)

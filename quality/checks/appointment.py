"""What makes a visit one that can stand in a calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import after, given_with, known_zone, moment, not_before, rule, timed_or_all_day, wall_agrees

if TYPE_CHECKING:
    import pandas as pd

LONGEST_HOURS = 72


def of_sensible_length(frame: pd.DataFrame) -> pd.Series[bool]:
    """A visit with times lasts three days at most; longer work is entered as whole days or several visits."""
    return ~((moment(frame, "ends_at") - moment(frame, "starts_at")).dt.total_seconds() > LONGEST_HOURS * 3600)


CHECKS = (
    rule(
        "appointment",
        "ends_at",
        "ends_after_start",
        after("ends_at", "starts_at"),
        "Calendars refuse a visit that ends before it starts, or takes no time.",
        shows=("starts_at",),
    ),
    rule(
        "appointment",
        "ends_on",
        "days_in_order",
        not_before("ends_on", "starts_on"),
        "The last day of a visit cannot lie before its first.",
        shows=("starts_on",),
    ),
    rule(
        "appointment",
        "starts_at",
        "timed_or_all_day",
        timed_or_all_day,
        "A visit has times or whole days; with both, systems show it at different times.",
        shows=("starts_on", "all_day"),
    ),
    rule(
        "appointment",
        "ends_at",
        "end_has_start",
        given_with("ends_at", "starts_at"),
        "An end without a start cannot be scheduled.",
        shows=("starts_at",),
    ),
    rule(
        "appointment",
        "ends_at",
        "length_sensible",
        of_sensible_length,
        f"A visit of more than {LONGEST_HOURS} hours is a slip in its date; it would block the technician all along.",
        shows=("starts_at",),
    ),
    rule(
        "appointment",
        "time_zone",
        "time_zone_known",
        known_zone("time_zone"),
        "An unknown zone would have to be guessed, and the visit would shift.",
    ),
    rule(
        "appointment",
        "starts_local",
        "wall_time_has_zone",
        given_with("starts_local", "time_zone"),
        "A wall time without its zone is another instant for everybody who reads it.",
        shows=("starts_at",),
    ),
    rule(
        "appointment",
        "starts_local",
        "start_agrees_with_zone",
        wall_agrees("starts_at", "starts_local", "time_zone"),
        "Wall time, zone and instant must say the same, or two systems show two times.",
        shows=("starts_at", "time_zone"),
    ),
    rule(
        "appointment",
        "ends_local",
        "end_agrees_with_zone",
        wall_agrees("ends_at", "ends_local", "time_zone"),
        "Wall time, zone and instant must say the same, or two systems show two times.",
        shows=("ends_at", "time_zone"),
    ),
)

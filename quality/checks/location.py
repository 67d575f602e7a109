"""What makes a service address one that a technician finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import amount, any_of, rule, together

if TYPE_CHECKING:
    import pandas as pd


def off_the_null_point(frame: pd.DataFrame) -> pd.Series[bool]:
    """0, 0 lies in the Gulf of Guinea: a failed look-up, written as if it were an answer."""
    return ~((amount(frame, "latitude") == 0) & (amount(frame, "longitude") == 0))


CHECKS = (
    rule(
        "location",
        "street",
        "can_be_found",
        any_of("street", "latitude"),
        "Without a street or a position nobody can drive there.",
        shows=("latitude", "longitude"),
    ),
    rule(
        "location",
        "latitude",
        "position_complete",
        together("latitude", "longitude"),
        "One coordinate alone is no position.",
        shows=("longitude",),
    ),
    rule(
        "location",
        "latitude",
        "position_real",
        off_the_null_point,
        "A position of 0, 0 is a failed look-up, not a place.",
        shows=("longitude",),
    ),
)

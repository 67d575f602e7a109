"""What a technician needs so that work and calendar reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import E164, EMAIL, known_zone, matches, rule, true

if TYPE_CHECKING:
    import pandas as pd


def reachable_when_active(frame: pd.DataFrame) -> pd.Series[bool]:
    """Whoever still gets work has an e-mail address or a phone number."""
    return ~true(frame, "active") | frame["email"].notna() | frame["phone"].notna()


CHECKS = (
    rule(
        "technician",
        "email",
        "can_be_reached",
        reachable_when_active,
        "Work is announced by e-mail or phone, and the calendar is found by the address.",
        shows=("phone", "active"),
    ),
    rule("technician", "email", "email_form", matches("email", EMAIL), "A calendar is found by a real address."),
    rule("technician", "phone", "phone_form", matches("phone", E164), "Systems match and dial numbers in E.164 alone."),
    rule(
        "technician",
        "time_zone",
        "time_zone_known",
        known_zone("time_zone"),
        "An unknown zone would have to be guessed, and visits would shift.",
    ),
)

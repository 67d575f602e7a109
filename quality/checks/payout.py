"""What finance takes for granted about money that a processor sent to the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import CENT, CURRENCY, added, amount, matches, rule

if TYPE_CHECKING:
    import pandas as pd


def lines_add_up(frame: pd.DataFrame) -> pd.Series[bool]:
    """Payments, fees, refunds and adjustments together are what reached the bank, to the cent."""
    return ~((amount(frame, "amount") - added(frame, "lines", "amount")).abs() > CENT)


CHECKS = (
    rule(
        "payout",
        "lines",
        "lines_add_up",
        lines_add_up,
        "A payout that is not the sum of its lines hides a fee, a refund or a payment.",
        shows=("amount", "lines"),
    ),
    rule("payout", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."),
)

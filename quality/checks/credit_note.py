"""What finance takes for granted about a credit note: it adds up, and no more of it is used than there was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import CENT, CURRENCY, added, amount, at_least, matches, rule

if TYPE_CHECKING:
    import pandas as pd


def total_adds_up(frame: pd.DataFrame) -> pd.Series[bool]:
    """The total is the subtotal plus tax, to the cent; no tax given is none."""
    whole = amount(frame, "subtotal") + amount(frame, "tax").fillna(0)
    return ~((amount(frame, "total") - whole).abs() > CENT)


def used_within_total(frame: pd.DataFrame) -> pd.Series[bool]:
    """What was taken off invoices and what is left are no more than the whole; the rest was given back as money."""
    used = added(frame, "allocations", "amount").fillna(0) + amount(frame, "remaining").fillna(0)
    return ~(used - amount(frame, "total") > CENT)


CHECKS = (
    rule(
        "credit_note",
        "total",
        "total_adds_up",
        total_adds_up,
        "Subtotal and tax must give what the customer is credited.",
        shows=("subtotal", "tax"),
    ),
    rule(
        "credit_note",
        "remaining",
        "used_within_total",
        used_within_total,
        "A credit that is used twice makes an invoice look settled that is not.",
        shows=("total", "allocations"),
    ),
    rule(
        "credit_note",
        "total",
        "total_not_negative",
        at_least("total", 0),
        "A credit below 0 is a bill, not a credit note.",
    ),
    rule(
        "credit_note", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."
    ),
)

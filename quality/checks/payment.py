"""What finance takes for granted about money received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import CENT, CURRENCY, added, amount, at_least, matches, rule

if TYPE_CHECKING:
    import pandas as pd


def unapplied_within_amount(frame: pd.DataFrame) -> pd.Series[bool]:
    """What is left over lies between 0 and what was received."""
    left = amount(frame, "unapplied")
    return ~((left < 0) | (left - amount(frame, "amount") > CENT))


def allocations_add_up(frame: pd.DataFrame) -> pd.Series[bool]:
    """Applied and unapplied together are what was received, to the cent; without ``unapplied``, no more than that."""
    rest = amount(frame, "amount") - added(frame, "allocations", "amount")
    left = amount(frame, "unapplied")
    return ~((rest - left).abs().fillna(-rest) > CENT)


def received_once(frame: pd.DataFrame) -> pd.Series[bool]:
    """The same customer does not pay the same bills with the same amount twice on one day.

    Looks at the rows that changed together; a payment that is applied to nothing may well have a twin.
    """
    same = ["customer", "received_on", "amount", "allocations"]
    told = added(frame, "allocations", "amount").notna() & frame[same].notna().all(axis="columns")
    return ~(told & frame.duplicated(subset=same, keep=False))


CHECKS = (
    rule(
        "payment",
        "amount",
        "amount_not_negative",
        at_least("amount", 0),
        "Money that was given back is a refund, not a payment.",
    ),
    rule(
        "payment",
        "unapplied",
        "unapplied_within_amount",
        unapplied_within_amount,
        "No more can be left over than was received.",
        shows=("amount",),
    ),
    rule(
        "payment",
        "allocations",
        "allocations_add_up",
        allocations_add_up,
        "A payment applied to more than it brought makes an invoice look paid that is not.",
        shows=("amount", "unapplied"),
    ),
    rule(
        "payment",
        "amount",
        "received_once",
        received_once,
        "One payment that was entered twice makes the customer look as if they had paid double.",
        shows=("customer", "received_on", "allocations"),
    ),
    rule("payment", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."),
)

"""What finance takes for granted about a bill: it adds up, and its balance says how much of it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.rules import CENT, CURRENCY, added, amount, at_least, matches, not_before, rule

if TYPE_CHECKING:
    import pandas as pd


def subtotal_adds_up(frame: pd.DataFrame) -> pd.Series[bool]:
    """The subtotal is the sum of the lines, to the cent, where every line has an amount."""
    return ~((amount(frame, "subtotal") - added(frame, "lines", "amount")).abs() > CENT)


def total_adds_up(frame: pd.DataFrame) -> pd.Series[bool]:
    """The total is the lines (without lines, the subtotal) plus tax, to the cent; no tax given is none charged."""
    net = added(frame, "lines", "amount").fillna(amount(frame, "subtotal"))
    return ~((amount(frame, "total") - net - amount(frame, "tax").fillna(0)).abs() > CENT)


def balance_within_total(frame: pd.DataFrame) -> pd.Series[bool]:
    """Nobody owes less than nothing or more than was asked for."""
    balance = amount(frame, "balance")
    return ~((balance < 0) | (balance - amount(frame, "total").clip(lower=0) > CENT))


def status_fits_balance(frame: pd.DataFrame) -> pd.Series[bool]:
    """Paid and void bills are settled; an open one is not."""
    balance, status = amount(frame, "balance"), frame["status"]
    settled = status.isin(["paid", "void"]) & (balance != 0) & balance.notna()
    opened = status.eq("open").fillna(value=False) & (balance == 0) & (amount(frame, "total") > 0)
    return ~(settled | opened)


def job_of_the_same_customer(frame: pd.DataFrame) -> pd.Series[bool]:
    """The job that is billed was ordered by whoever gets the bill; where either is unknown nothing is said."""
    customer, ordered_by = frame["customer"], frame["job_customer"]
    return customer.isna() | ordered_by.isna() | (customer == ordered_by)


CHECKS = (
    rule(
        "invoice",
        "subtotal",
        "subtotal_adds_up",
        subtotal_adds_up,
        "A subtotal that is not the sum of its lines hides a discount or a lost line.",
        shows=("lines",),
    ),
    rule(
        "invoice",
        "total",
        "total_adds_up",
        total_adds_up,
        "Lines and tax must give what the customer is asked for; a discount that no line shows ends up here too.",
        shows=("subtotal", "tax", "lines"),
    ),
    rule("invoice", "total", "total_not_negative", at_least("total", 0), "A bill below 0 is a credit, not an invoice."),
    rule("invoice", "tax", "tax_not_negative", at_least("tax", 0), "Tax is collected, not paid out, on a bill."),
    rule(
        "invoice",
        "balance",
        "balance_within_total",
        balance_within_total,
        "What is open lies between 0 and the total; anything else is a payment applied wrongly.",
        shows=("total",),
    ),
    rule(
        "invoice",
        "status",
        "status_fits_balance",
        status_fits_balance,
        "A paid bill with a balance, or an open one without, is reported wrongly to finance.",
        shows=("balance", "total"),
    ),
    rule(
        "invoice",
        "due_on",
        "due_after_issue",
        not_before("due_on", "issued_on"),
        "A bill cannot be due before it was issued.",
        shows=("issued_on",),
    ),
    rule(
        "invoice",
        "job",
        "job_of_the_same_customer",
        job_of_the_same_customer,
        "A bill for a job that somebody else ordered goes to the wrong person.",
        shows=("customer", "job_customer"),
    ),
    rule("invoice", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."),
)

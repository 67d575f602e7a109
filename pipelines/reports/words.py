"""The words of the money reports, for people who keep books: columns, findings, and why something is not counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from pipelines.reports.shape import Column, Kind


def _columns(kind: Kind, names: dict[str, str], *, total: bool = False) -> dict[str, Column]:
    return {name: Column(name=name, title=title, kind=kind, total=total) for name, title in names.items()}


COLUMNS: dict[str, Column] = {
    **_columns(
        "text",
        {
            name: name
            for name in ("customer", "job", "month", "technician", "technicians", "status", "reference", "method")
        }
        | {name: name for name in ("finding", "record", "kind", "field", "rule", "reason", "system", "proposal")}
        | {"number": "invoice", "business_unit": "business unit", "age": "overdue by", "applied_by": "applied as"}
        | {"winner": "believed", "winner_value": "says", "loser": "not believed", "loser_value": "says instead"}
        | {"meaning": "what it means", "remedy": "what to do", "cause": "cause"},
    ),
    **_columns("date", {"issued_on": "dated", "due_on": "due", "received_on": "received", "completed_on": "finished"}),
    **_columns("date", {"happened_on": "date", "last_paid_on": "settled", "arrived_on": "arrived", "since": "since"}),
    **_columns("days", {"days_overdue": "days overdue", "days_old": "age in days", "days": "days"}),
    **_columns("count", {"invoices": "invoices", "payments_made": "payments", "rows": "how many"}, total=True),
    **_columns(
        "money",
        {"billed": "billed", "paid": "paid", "credited": "credited", "open": "still open", "total": "total"},
        total=True,
    ),
    **_columns("money", {"subtotal": "before tax", "net": "before tax", "tax": "tax", "amount": "amount"}, total=True),
    **_columns("money", {"applied": "to invoices", "elsewhere": "to invoices not counted"}, total=True),
    **_columns("money", {"unapplied": "not applied", "payments": "payments", "fees": "fees"}, total=True),
    **_columns("money", {"refunds": "refunds", "adjustments": "adjustments", "deposited": "deposited"}, total=True),
    **_columns("money", {"difference": "difference"}, total=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A kind of thing that does not match: its name, what it means, what a person does about it.

    urgent  money is missing, counted twice or not in the books, as against work that is merely under way
    """

    title: str
    meaning: str
    remedy: str
    urgent: bool = False


FINDINGS = {
    "completed_not_invoiced": Finding(
        title="Finished, not invoiced",
        meaning="The job is done and no invoice names it.",
        remedy="Bill it, or note why it is free (warranty, call-back).",
        urgent=True,
    ),
    "invoiced_without_job": Finding(
        title="Invoiced, no job",
        meaning="The invoice names no job. Right for parts and plans sold over the counter.",
        remedy="Where it was work, name the job.",
    ),
    "paid_without_invoice": Finding(
        title="Paid, no invoice",
        meaning="The payment names an invoice that is void, unknown, or not counted here.",
        remedy="Apply it to the right invoice, or give it back.",
        urgent=True,
    ),
    "partly_paid": Finding(
        title="Partly paid",
        meaning="Something was paid, something is still open.",
        remedy="Ask for the rest.",
    ),
    "overpaid": Finding(
        title="Overpaid invoice",
        meaning="More was applied to the invoice than it asks for.",
        remedy="Look for a payment that was entered twice.",
        urgent=True,
    ),
    "paid_more_than_asked": Finding(
        title="Paid more than asked",
        meaning="The payment settled its invoice and something is left over.",
        remedy="Apply the rest to the next invoice, or give it back.",
    ),
    "unapplied": Finding(
        title="Not applied",
        meaning="Money received that settles no invoice: a deposit, or a payment nobody matched.",
        remedy="Apply it.",
    ),
    "payment_does_not_add_up": Finding(
        title="Payment does not add up",
        meaning="What it was applied to and what is left are not what was received.",
        remedy="Look at the payment in the books; it may settle a credit or a bill that is not read here.",
        urgent=True,
    ),
    "balance_differs": Finding(
        title="Balance differs",
        meaning="The books say another open amount than the payments leave: a credit, a write-off, a payment not read.",
        remedy="Find the entry in the books that explains it.",
        urgent=True,
    ),
    "credit_left": Finding(
        title="Credit not used",
        meaning="A credit note of which something is left: the customer has it to their good.",
        remedy="Take it off the next invoice, or give the money back.",
    ),
    "another_payer": Finding(
        title="Another payer",
        meaning="One customer paid another one's invoice, as landlords and insurers do.",
        remedy="Right if agreed; else move the payment.",
    ),
    "newer_amount_held_back": Finding(
        title="Newer amount held back",
        meaning="The source says a newer amount, which a check keeps out.",
        remedy="See the check's reason, mend the record and sync again.",
        urgent=True,
    ),
    "record_not_in_report": Finding(
        title="Not in the report",
        meaning="The source has the record and this report does not: it was not matched yet, or a check keeps it out.",
        remedy="Sync again; if it stays, see the checks.",
        urgent=True,
    ),
    "payout_differs": Finding(
        title="Payout does not add up",
        meaning="What reached the bank is not payments less fees and refunds, with adjustments.",
        remedy="Ask the processor for the missing line.",
        urgent=True,
    ),
    "payout_without_lines": Finding(
        title="Payout without lines",
        meaning="Nothing says what the payout is made of.",
        remedy="Read the processor's report of it.",
    ),
    "payout_not_booked": Finding(
        title="Payout not in the books",
        meaning="The processor sent it and no deposit in the books matches it.",
        remedy="Book the deposit against the payments, not as income.",
        urgent=True,
    ),
    "deposit_without_payout": Finding(
        title="Deposit without payout",
        meaning="The books have a deposit that no processor sent.",
        remedy="See that it is not counted as income a second time.",
        urgent=True,
    ),
}  # fmt: skip
MISMATCHES = "Each case that does not match"
NOT_COUNTED = {
    "draft": "in draft, not sent yet",
    "void": "void",
    "no_amount": "without an amount",
    "other_currency": "in another currency",
    "not_in_books": "not in the books",
    "decided_elsewhere": "whose amount another system decides",
    "not_in_report": "not matched yet or held back by a check",
}
PLURALS = {"invoice": "invoices", "payment": "payments", "payout": "payouts", "credit_note": "credit notes"}


def finding(name: str) -> Finding:
    """The words for a finding; one of ``<entity>_<why it is not counted>`` is put together from both."""
    if name in FINDINGS:
        return FINDINGS[name]
    entity, _, why = name.partition("_")
    return Finding(
        title=f"{PLURALS[entity].capitalize()} {NOT_COUNTED[why]}",
        meaning=f"These {PLURALS[entity]} are left out of every sum.",
        remedy="Enter it in the books, or take it for what it is: known to another system alone."
        if why == "not_in_books"
        else "Nothing, if it is meant so.",
        urgent=why == "not_in_books",
    )


def money(amount: Decimal) -> str:
    """An amount as people read it: thousands apart, two decimals, more only where there are more."""
    text = f"{amount:,.4f}"
    return text.removesuffix("00").replace("-", "−")


def many(number: int, noun: str) -> str:
    """``1 invoice``, ``2 invoices``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def within(days: Sequence[int], share: Decimal) -> int:
    """The number of days within which this share of the cases was done (nearest rank); ``days`` is not empty."""
    return sorted(days)[ceil(share * len(days)) - 1]

"""Numbers of documents: one space for all kinds, although the books compare each kind with itself alone.

A number that a credit memo or a receipt has is one that people already gave out; an invoice of that number would be
taken for it. It is not made under another number unasked: it waits, with a number that is free.
"""

from __future__ import annotations

from connectors.quickbooks_online.dialect import one_of, query
from connectors.spec import Api, Outgoing
from models.errors import NumberTaken

KINDS = ("Invoice", "Estimate", "SalesReceipt", "CreditMemo", "RefundReceipt")
LENGTH = 21  # of a DocNumber (facts, Entities)
PROPOSALS = 9


def check_number(api: Api, out: Outgoing) -> None:
    """NumberTaken when another document of any kind has the invoice's number; a free one is proposed.

    An invoice without a number gets the books' own next one.
    """
    number = out.record.get("DocNumber")
    if not number:
        return
    wanted = [number, *_others(number)]
    holders = {
        record["DocNumber"]: f"{kind} {record['Id']}"
        for kind in KINDS
        for record in query(api, kind, f"DocNumber IN {one_of(wanted)}")
        if (kind, record["Id"]) != ("Invoice", out.change.target_id)
    }
    if number in holders:
        free = next((other for other in wanted if other not in holders), None)
        said = f"number {number!r} of invoice {out.change.core_id} is that of {holders[number]}"
        proposal = f"; {free!r} is free" if free else ""
        raise NumberTaken(api.system, f"{said}; give one of the two another number{proposal}")


def _others(number: str) -> list[str]:
    """Numbers to propose instead: the same with a counter, as long as a number may be."""
    return [f"{number[: LENGTH - 2]}-{n}" for n in range(2, 2 + PROPOSALS)]

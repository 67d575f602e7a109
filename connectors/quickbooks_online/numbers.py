"""Numbers of documents: one space for all kinds, although the books compare each kind with itself alone.

A number that a credit memo or a receipt has is one that people already gave out; an invoice of that number would be
taken for it. It is not made under another number unasked: it waits, with a number that is free.
"""

from __future__ import annotations

from connectors.documents import number_taken, other_numbers
from connectors.quickbooks_online.dialect import one_of, query
from connectors.spec import Api, Outgoing
from models.errors import NumberTaken

KINDS = ("Invoice", "Estimate", "SalesReceipt", "CreditMemo", "RefundReceipt")
LENGTH = 21  # of a DocNumber (facts, Entities)


def check_number(api: Api, out: Outgoing) -> None:
    """NumberTaken when another document of any kind has the invoice's number; a free one is proposed.

    An invoice without a number gets the books' own next one.
    """
    number = out.record.get("DocNumber")
    if not number:
        return
    wanted = [number, *other_numbers(number, LENGTH)]
    holders = {
        record["DocNumber"]: f"{kind} {record['Id']}"
        for kind in KINDS
        for record in query(api, kind, f"DocNumber IN {one_of(wanted)}")
        if (kind, record["Id"]) != ("Invoice", out.change.target_id)
    }
    if number in holders:
        raise NumberTaken(api.system, number_taken(out.change, number, holders[number], holders, LENGTH))

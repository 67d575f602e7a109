"""Payments of more than is open: the money may stand in the target already, under a payment that a person entered.

Nothing is made of it there unasked: not the whole, which its invoice does not take, and not a payment on account,
which would count the money twice. It waits, and says so, until the books or whoever entered it agree.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.change import Change
from models.compile import owing
from models.schema import Model

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse

APPLIED = "allocations"
HALF_A_CENT = Decimal("0.005")  # less is what systems round away


def overpaid(warehouse: Warehouse, model: Model, system: str, changes: Sequence[Change]) -> Mapping[str, str]:
    """core_id -> why a payment waits: with it, more would be put on an invoice than is open of it in the target.

    What frees something comes first, then the older payments. What is made in this very run has no balance yet, and
    takes what it is told.
    """
    put = {change.core_id: _put(change) for change in changes if APPLIED in change.after}
    invoices = sorted({invoice for amounts in put.values() for invoice in amounts})
    if not invoices or not owing.tells(model, system):
        return {}
    warehouse.set(invoices=invoices)
    left = {row["source_id"]: row["balance"] for row in warehouse.rows(owing.open_amounts(system))}
    waiting: dict[str, str] = {}
    for change in sorted(
        (one for one in changes if put.get(one.core_id)), key=lambda one: _turn(one, put[one.core_id])
    ):
        amounts = put[change.core_id]
        over = [one for one, amount in amounts.items() if one in left and amount - left[one] >= HALF_A_CENT]
        if over:
            waiting[change.core_id] = _reason(system, over[0], amounts[over[0]], left[over[0]])
            continue
        left |= {one: left[one] - amount for one, amount in amounts.items() if one in left}
    return waiting


def _put(change: Change) -> Mapping[str, Decimal]:
    """Invoice -> how much more than now is put on it by this change; less than nothing where it is taken off."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for sign, parts in ((1, change.after.get(APPLIED)), (-1, change.before.get(APPLIED))):
        for part in json.loads(parts, parse_float=Decimal) if parts else ():
            if part.get("invoice") and part.get("amount"):
                amounts[part["invoice"]] += sign * Decimal(part["amount"])
    return amounts


def _turn(change: Change, amounts: Mapping[str, Decimal]) -> tuple[Any, ...]:
    return min(amounts.values()) >= 0, str(change.desired.get("received_on") or ""), change.core_id


def _reason(system: str, invoice: str, amount: Decimal, left: Decimal) -> str:
    return (
        f"would put {amount:.2f} on invoice {invoice} of {system}, of which {left:.2f} is open; the money may stand "
        "there already: see what was entered there, and say what this payment was for"
    )

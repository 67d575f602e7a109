"""Money documents as vendors take them: lines that add up, amounts to the cent, numbers that are somebody's already."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.change import Change
from models.errors import Rejected

PLACES = 2
PROPOSALS = 9  # numbers that are tried when one is taken
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an invoice.

    quantity, price  both, where they make the amount; neither where the source rounded otherwise: the amount counts
    """

    item: str | None
    description: str | None
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal


def cents(amount: Any, places: int = PLACES) -> Decimal:
    """An amount to the cent, or to what is the smallest unit of its currency."""
    return Decimal(amount).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def plain(number: Decimal) -> Decimal:
    """A number without the noughts behind it."""
    return number.normalize() + Decimal(0)


def parts_of(value: Any) -> Sequence[Part]:
    """A canonical list (lines, allocations), which travels as JSON text."""
    parts: Sequence[Part] = json.loads(value, parse_float=Decimal) if isinstance(value, str) else value
    return parts or ()


def lines_of(change: Change, places: int = PLACES) -> list[Line]:
    """An invoice's lines; amounts have so many ``places``. Rejected when there are none."""
    parts = parts_of(change.desired.get("lines"))
    if not parts:
        raise Rejected(change.system, f"invoice {change.core_id} has no lines; give it some at its owner")
    return [_line(part, places) for part in parts]


def _line(part: Part, places: int) -> Line:
    quantity, price = (None if part.get(name) is None else Decimal(part[name]) for name in ("quantity", "unit_price"))
    made = None if quantity is None or price is None else cents(quantity * price, places)
    amount = cents(part["amount"], places) if part.get("amount") is not None else made or Decimal(0)
    fits = made == amount
    return Line(
        item=str(part["item"]) if part.get("item") else None,
        description=part.get("description") or None,
        quantity=quantity if fits else None,
        price=price if fits else None,
        amount=amount,
    )


def agrees(change: Change, *, customer: Any, day: Any, dated: str, asked: Any, amount: Any) -> bool:
    """Whether a record of the same number is the same document: customer, date and amount.

    day     the record's date, ISO; ``dated`` names ours. A date or an amount that we do not know cannot disagree
    amount  the record's, ``asked`` is ours
    """
    ours = change.desired.get(dated)
    return (
        customer == change.refs.get("customer")
        and (ours is None or str(day or "")[:10] == ours.isoformat())
        and (asked is None or cents(amount or 0) == cents(asked))
    )


def other_numbers(number: str, longest: int | None = None) -> list[str]:
    """Numbers to propose instead: the same with a counter, within what the vendor keeps."""
    head = number if longest is None else number[: longest - 2]
    return [f"{head}-{n}" for n in range(2, 2 + PROPOSALS)]


def number_taken(change: Change, number: str, holder: str, used: Collection[Any], longest: int | None = None) -> str:
    """The sentence for a number that ``holder`` has already, with one that is free where one of ours is.

    A document is never given another number unasked: people know it by the one that it has.
    """
    said = f"number {number!r} of invoice {change.core_id} is that of {holder}; give one of the two another number"
    free = next((other for other in other_numbers(number, longest) if other not in used), None)
    return f"{said}; {free!r} is free" if free else said

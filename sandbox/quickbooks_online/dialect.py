"""How this vendor writes values: numbers, times, envelopes, headers.

Source of the facts: facts sheet of quickbooks_online, sections "Entities and envelopes" and "Time".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.twin import Record

PACIFIC = ZoneInfo("America/Los_Angeles")
CENT = Decimal("0.01")
MINOR_VERSION = 75
LARGEST = Decimal(10) ** 13


def wire(amount: Decimal) -> int | float:
    """A decimal as the plain JSON number that the vendor sends: 275, 335.25.

    A double keeps every amount under 10**13 exact to the cent, and Python prints its shortest form, so
    ``decimal(wire(x)) == x``.
    """
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def decimal(value: Any) -> Decimal:
    """A JSON number, or a string holding one, as Decimal; raises ValueError for anything else.

    Numbers of 10**13 and more are refused: they would not stay exact to the cent on the wire.
    """
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value!r} is not a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite() or abs(number) >= LARGEST:
        raise ValueError(f"{value!r} is not a number")
    return number


def amount(value: Any) -> Decimal:
    """A member that may be absent, as Decimal; absent is zero."""
    return Decimal(0) if value is None else decimal(value)


def cents(value: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def stamp(at: datetime) -> str:
    """A MetaData time: Pacific offset, whole seconds."""
    return at.astimezone(PACIFIC).isoformat(timespec="seconds")


def envelope_time(at: datetime) -> str:
    """The ``time`` beside every answer: Pacific offset, milliseconds."""
    return at.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def instant(text: str) -> datetime:
    """A time from a request as UTC; without an offset it is read as the server's own, Pacific.

    Raises ValueError when it is no ISO time. A blank before the offset is a ``+`` that lost its escape.
    """
    text = text.strip()
    at = datetime.fromisoformat(text[:11] + text[11:].replace(" ", "+"))
    return (at if at.tzinfo else at.replace(tzinfo=PACIFIC)).astimezone(UTC)


def last_updated(record: Mapping[str, Any]) -> datetime:
    """When the vendor last changed a record; the beginning of time for one that was never stamped."""
    text = record.get("MetaData", {}).get("LastUpdatedTime")
    return instant(text) if text else datetime.min.replace(tzinfo=UTC)


def reference(value: str, name: str | None = None) -> Record:
    """A ReferenceType: the id, and the name where there is one."""
    return {"value": value, "name": name} if name else {"value": value}


def ref_id(record: Mapping[str, Any], member: str) -> str | None:
    """The id that a reference of a record holds, or None."""
    ref = record.get(member)
    return str(ref["value"]) if isinstance(ref, Mapping) and ref.get("value") else None


def loads(body: bytes) -> Any:
    """JSON with every fraction as Decimal; raises ValueError when it does not parse."""
    return json.loads(body, parse_float=Decimal)


def dumps(content: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

"""Money, instants and wall times as this API writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

_CENT = Decimal("0.01")


def stamp(at: datetime) -> str:
    """ISO8601DateTime as answers carry it: UTC, whole seconds, ``Z`` (facts, time)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """The instant that a stamp or a person's text names; without an offset it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def midnight(day: date, zone: str) -> str:
    """The start of a calendar day at the company, as a stamp."""
    return stamp(datetime.combine(day, time(), ZoneInfo(zone)))


def last_second(day: date, zone: str) -> str:
    """The last second of a calendar day at the company, where an all-day visit ends."""
    return stamp(datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(seconds=1))


def local_day(text: str, zone: str) -> date:
    """The calendar day of an instant at the company."""
    return instant(text).astimezone(ZoneInfo(zone)).date()


def money(value: Any) -> Decimal:
    """An amount in the account's currency, rounded half up to the cent; None counts as nothing."""
    return Decimal(str(value or 0)).quantize(_CENT, ROUND_HALF_UP)


def number(value: Decimal) -> float:
    """An amount as the wire carries it: this API's money is Float."""
    return float(value)

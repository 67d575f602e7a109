"""How canonical values and instants are kept in the ledger, so that they come back as they went in.

Plain JSON has no decimals and no times. A value that JSON cannot say is kept as an object with one
key: ``{"$decimal": "12.50"}``, ``{"$instant": "2026-05-04T09:00:00"}``, ``{"$date": "2026-05-04"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "$decimal": Decimal,
        "$instant": datetime.fromisoformat,
        "$date": date.fromisoformat,
        "$object": lambda value: {key: decode(item) for key, item in value.items()},
    }
)
# Names under which a request carries something that lets another act as us.
_SECRET_NAMES = frozenset(
    {
        "access_token", "api_key", "apikey", "assertion", "authorization", "client_secret", "cookie", "password",
        "private_key", "proxy-authorization", "refresh_token", "secret", "token", "x-api-key",
    }
)  # fmt: skip
HIDDEN = "(hidden)"
# Most values are these, and asking whether each is a mapping takes longer than all the rest.
_PLAIN = frozenset((str, int, bool, float, type(None)))


def encode(value: Any) -> Any:
    """What JSON can say of a canonical value; ``decode`` gives the value back."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping):
        plain = {str(key): item if type(item) in _PLAIN else encode(item) for key, item in value.items()}
        return {"$object": plain} if len(plain) == 1 and next(iter(plain)) in _READERS else plain
    return [encode(item) for item in value] if isinstance(value, list | tuple) else value


def decode(value: Any) -> Any:
    """The canonical value that ``encode`` was given (a tuple comes back as a list)."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(key, content)] = value.items()
        if key in _READERS:
            return _READERS[key](content)
    return {key: item if type(item) in _PLAIN else decode(item) for key, item in value.items()}


def redacted(value: Any) -> Any:
    """The same value without what a name gives away as a secret; secrets never reach the ledger."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if str(key).lower() in _SECRET_NAMES and item else redacted(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def columns(data: DataclassInstance) -> dict[str, Any]:
    """The fields a data class is made from, by name, as they are (``asdict`` copies everything inside them)."""
    return {field.name: getattr(data, field.name) for field in fields(data) if field.init}


class Typed(TypeDecorator[Any]):
    """A JSON column that holds canonical values."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  # SQLAlchemy's signature
        return encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  # SQLAlchemy's signature
        return decode(value)


class Instant(TypeDecorator[datetime]):
    """A UTC instant. A naive value is UTC by the house's convention; what comes back is always aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        # SQLite keeps no zone, so what is stored there is the naive UTC time.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

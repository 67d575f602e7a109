"""How Xero writes things: .NET dates, plain numbers, envelopes, ids, and the several shapes of a refusal.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.store import Store
from sandbox.twin import Record, Refusal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CENT = Decimal("0.01")
NOT_FOUND = "The resource you're looking for cannot be found"
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_SPACE = uuid.UUID("5e0c7f1a-9b3d-4a86-8f2e-6c1d0b9a7e45")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Exception):
    """A call that is refused as a whole: an exception with a number (Errors)."""

    number: int
    type: str
    message: str

    def body(self) -> Record:
        """The error envelope."""
        return {"ErrorNumber": self.number, "Type": self.type, "Message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid(Exception):
    """A record that breaks rules of the books, each named."""

    messages: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked(Exception):
    """A call that the gateway does not let in, or that leads nowhere."""

    status: int
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def invalid(*messages: str) -> Invalid:
    """Rules that a record breaks."""
    return Invalid(messages=messages)


def missing() -> Blocked:
    """There is no such record."""
    return Blocked(status=404)


def bad_query(said: str) -> Refused:
    """A filter or number in the address that cannot be read."""
    return Refused(number=16, type="QueryParseException", message=said)


def bad_body(said: str) -> Refused:
    """A body that is none."""
    return Refused(number=14, type="PostDataInvalidException", message=said)


def blocked(problem: Blocked) -> Response:
    """The gateway's own answers: JSON for who may not pass, text for the rest (Errors)."""
    if problem.status in (401, 403):
        title = "Unauthorized" if problem.status == 401 else "Forbidden"
        told: Record = {"Type": None, "Title": title, "Status": problem.status, "Detail": problem.detail,
                "Instance": str(_SPACE), "Extensions": {}}  # fmt: skip
        return JSONResponse(told, status_code=problem.status, headers=dict(problem.headers))
    text = {404: NOT_FOUND, 429: "API rate limit exceeded", 503: "The organisation is offline"}.get(
        problem.status, "An error occurred in Xero"
    )
    return PlainTextResponse(text, status_code=problem.status, headers=dict(problem.headers))


def refuse(refusal: Refusal) -> Response:
    """A refusal that a fault asks for."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    if refusal.kind == "rate_limit":
        headers["X-Rate-Limit-Problem"] = "minute"
    details = {"unauthorized": "TokenExpired: token expired", "forbidden": "AuthenticationUnsuccessful"}
    return blocked(Blocked(status=refusal.status, detail=details.get(refusal.kind, ""), headers=headers))


def new_id(store: Store, collection: str) -> str:
    """The next id of a collection, the same for the same order of events."""
    return str(uuid.uuid5(_SPACE, f"{collection}/{store.next_id(collection)}"))


def named_id(name: str) -> str:
    """The id of something that there is once."""
    return str(uuid.uuid5(_SPACE, name))


def net(at: datetime) -> str:
    """An instant as records carry it (Time)."""
    return f"/Date({(at - EPOCH) // timedelta(milliseconds=1)}+0000)/"


def instant(text: Any) -> datetime | None:
    """The instant of a .NET date; None for anything else."""
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    return EPOCH + timedelta(milliseconds=int(found[1])) if found else None


def dated(member: str, day: date) -> Record:
    """A day in its two spellings."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {f"{member}String": f"{day.isoformat()}T00:00:00", member: net(midnight)}


def day_of(value: Any, member: str) -> date:
    """A day from a request, as ISO text or .NET date. Invalid when it is neither."""
    at = instant(value)
    try:
        return at.date() if at else date.fromisoformat(str(value)[:10])
    except ValueError as problem:
        raise invalid(f"{member} is not a valid date") from problem


def kept_day(record: Record, member: str) -> date | None:
    """The day that a record keeps; None when it has none."""
    at = instant(record.get(member))
    return at.date() if at else None


def stamped(record: Record, at: datetime) -> Record:
    """The record as changed now."""
    told = {"UpdatedDateUTC": net(at)}
    if "PaymentID" in record or "InvoiceID" in record or "CreditNoteID" in record:
        told["UpdatedDateUTCString"] = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return record | told


def decimal(value: Any, member: str) -> Decimal:
    """A number from a request. Invalid when it is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as problem:
        raise invalid(f"{member} is not a valid number") from problem
    if not number.is_finite():
        raise invalid(f"{member} is not a valid number")
    return number


def cents(amount: Decimal, places: int = 2) -> Decimal:
    """Rounded half up, to the cent unless told otherwise."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def wire(amount: Decimal) -> int | float:
    """A decimal as a plain JSON number."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def money(value: Any) -> Decimal:
    """A number that a record keeps; absent is nothing."""
    return Decimal(str(value or 0))


def envelope(store: Store, name: str, rows: Sequence[Record], **more: Any) -> Record:
    """What every answer comes in (Streams)."""
    now = store.clock.now()
    head = {"Id": named_id(f"answer {now.isoformat()}"), "Status": "OK", "ProviderName": "Plumbline"}
    stamp = f"/Date({(now - EPOCH) // timedelta(milliseconds=1)})/"
    return head | {"DateTimeUTC": stamp, **more, name: list(rows)}

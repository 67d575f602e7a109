"""How Salesforce writes things: ids of 18 characters, times with a bare offset, and lists of errors.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from starlette.responses import Response

from sandbox.salesforce.catalog import Kind
from sandbox.store import Store
from sandbox.twin import Record, Refusal

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
VERSIONS = tuple(range(55, 67))  # newest seen in a recording: 66 (Base URL, auth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(ValueError):
    """A refusal: its status, the code and the sentence, and the fields that it is about (Limits and errors)."""

    status: int
    code: str
    message: str
    fields: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def entry(self) -> Record:
        """The only member of the list that answers a single call."""
        told: Record = {"message": self.message, "errorCode": self.code}
        return told | ({"fields": list(self.fields)} if self.fields else {})

    def row(self) -> Record:
        """How a row of a collection tells it, by another name."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}
        return {"success": False, "errors": [error]}


def bad(code: str, message: str, *fields: str) -> Failure:
    """What is wrong with a request or a record."""
    return Failure(status=400, code=code, message=message, fields=fields)


def missing(message: str = "The requested resource does not exist") -> Failure:
    """There is no such object, record or address."""
    return Failure(status=404, code="NOT_FOUND", message=message)


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; nothing at all for 204."""
    if status == 204 or body is None:
        return Response(status_code=status, headers=dict(headers or {}))
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), media_type="application/json")


def refused(problem: Failure) -> Response:
    """A failure as the list of one that Salesforce answers."""
    return answer([problem.entry()], problem.status, problem.headers)


def refuse(refusal: Refusal) -> Response:
    """A refusal that a fault asks for. The daily quota is told as 403 (Limits and errors)."""
    said = {
        "rate_limit": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        "unauthorized": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
        "forbidden": (403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"),
        "not_found": (404, "NOT_FOUND", "The requested resource does not exist"),
        "gone": (404, "ENTITY_IS_DELETED", "entity is deleted"),
        "server_error": (refusal.status, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    }
    status, code, message = said[refusal.kind]
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return refused(Failure(status=status, code=code, message=message, headers=headers))


def full_id(short: str) -> str:
    """The id of 18 characters for one of 15: the last three say which of the others are capitals."""
    if len(short) != 15:
        return short
    parts = (short[n : n + 5] for n in (0, 5, 10))
    return short + "".join(_CHECKS[sum(c.isupper() << n for n, c in enumerate(part))] for part in parts)


def new_id(store: Store, kind: Kind) -> str:
    """The next id of an object; the same for the same order of events."""
    return numbered_id(kind, store.next_id(kind.name))


def numbered_id(kind: Kind, number: int) -> str:
    """The id that the record of this number has."""
    tail = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        tail = _DIGITS[rest] + tail
    return full_id(f"{kind.prefix}dM{tail.rjust(10, '0')}")


def stamp(at: datetime) -> str:
    """An instant as records carry it (Deletion, time, enums, events)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def instant(text: Any, name: str) -> datetime:
    """A date-time from a request, in any offset. Failure when it is none."""
    try:
        found = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", str(text)))
    except ValueError as problem:
        raise _unparsable(name, text) from problem
    if found.tzinfo is None:
        raise _unparsable(name, text)
    return found.astimezone(UTC)


def day(text: Any, name: str) -> date:
    """A date from a request. Failure when it is none."""
    try:
        return date.fromisoformat(str(text))
    except ValueError as problem:
        raise _unparsable(name, text) from problem


def _unparsable(name: str, text: Any) -> Failure:
    return bad("JSON_PARSER_ERROR", f"Cannot deserialize instance of {name} from VALUE_STRING value {text}", name)


def attributes(kind: str, id: str, version: str = "v59.0") -> Record:
    """What every record that is shown begins with."""
    return {"type": kind, "url": f"/services/data/{version}/sobjects/{kind}/{id}"}

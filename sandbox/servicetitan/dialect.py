"""How the vendor writes things: stamps in UTC, two envelopes, and refusals in the style of RFC 7807.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.respelling import Members, respelled
from sandbox.store import Record, Store
from sandbox.twin import Refusal

_TITLES = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 410: "Gone",
    429: "Too Many Requests",
}  # fmt: skip
_MEMBERS = Members(
    texts=frozenset({"name", "street", "unit", "city", "state"}),
    notes=frozenset({"specialInstructions", "memo"}),
    phones=frozenset({"value"}),
)


class Failure(Exception):
    """A request that the vendor refuses; ``headers`` go with the answer."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers or {}


def problem(status: int, title: str = "", **errors: str) -> Failure:
    """A refusal that names members: member -> what is wrong with it (Errors, limits)."""
    return Failure(
        status,
        {
            "type": f"https://httpstatuses.io/{status}",
            "title": title or _TITLES.get(status, "Internal Server Error"),
            "status": status,
            "traceId": f"00-{status:032x}-00",
            "errors": {name: [said] for name, said in errors.items()},
            "data": {},
        },
    )


def missing() -> Failure:
    """There is no such record."""
    return problem(404, "The entity was not found")


def conflict(said: str) -> Failure:
    """What a record's state forbids (Idempotency, concurrency)."""
    return problem(409, said)


def refuse(refusal: Refusal) -> Response:
    """A refusal that a fault asks for."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return JSONResponse(problem(refusal.status).body, refusal.status, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the twin; ``path`` is the vendor's own."""

    store: Store
    request: Request
    body: bytes
    path: str

    def id(self, name: str = "id") -> str:
        """A number of the path; 400 when it is none."""
        given = str(self.request.path_params[name])
        if not given.isdigit():
            raise problem(400, **{name: f"The value '{given}' is not valid."})
        return given

    def one(self, name: str) -> str | None:
        """A parameter of the query; None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def sent(self, kind: type = dict) -> Any:
        """The JSON that was sent, an object unless said otherwise, as the tenant keeps it; 400 when it is none."""
        try:
            found = json.loads(self.body or b"null")
        except ValueError:
            raise problem(400, "The request body is not valid JSON") from None
        if not isinstance(found, kind):
            raise problem(400, "A non-empty request body is required")
        fault = self.store.faults.take("rewritten_values", self.request.method, self.path)
        return found if fault is None else respelled(found, fault.form or "trim", _MEMBERS)

    def found(self, collection: str, id: Any) -> Record:
        """A record; 404 when there is none."""
        record = self.store.get(collection, str(id))
        if record is None:
            raise missing()
        return record


def answer(body: Any = None) -> Response:
    """An answer; some have no body."""
    return Response(status_code=200) if body is None else JSONResponse(body)


def need(sent: Record, *names: str) -> None:
    """400 that names each of these members that is missing or empty."""
    empty = [name for name in names if sent.get(name) in (None, "", [])]
    if empty:
        raise problem(400, "Validation failed", **{name: f"The {name} field is required." for name in empty})


def stamp(at: datetime) -> str:
    """An instant as records carry it: UTC, as many digits of a second as there are, up to seven (Time)."""
    digits = f"{at.microsecond:06d}0".rstrip("0")
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" + (f".{digits}" if digits else "") + "Z"


def instant(value: Any, name: str) -> datetime:
    """An instant or a day of a request, UTC where it has no offset; 400 when it is none."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise problem(400, **{name: f"The value '{value}' is not valid for {name}."}) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def changed_at(record: Record) -> datetime:
    """When a record was last changed."""
    return datetime.fromisoformat(record["modifiedOn"])


def without(record: Record, names: Sequence[str]) -> Record:
    """The record without these members."""
    return {name: value for name, value in record.items() if name not in names}

"""How HubSpot phrases things: stamps, error bodies, correlation ids, JSON in and out (facts: Errors)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.hubspot.shapes import Shape, misfit
from sandbox.store import Store
from sandbox.twin import Record, Refusal

PORTAL = 147893286
UI_DOMAIN = "app-eu1.hubspot.com"

NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details"
    " at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
NO_SCOPES = (
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here:"
    " https://developers.hubspot.com/scopes."
)


@dataclass(slots=True, kw_only=True, eq=False)
class Failure(Exception):
    """A refusal on its way to the wire; batches turn it into one entry of ``errors``.

    ``category`` is empty where the vendor gives none (a throttled call, facts: Rate limits).
    ``details`` are ErrorDetail objects, ``context`` maps a name to strings, ``extra`` goes on top of
    the body as it is, ``status_text`` is the body's ``status`` (the OAuth endpoints put their code there).
    """

    status: int
    category: str
    message: str
    details: Sequence[Record] = ()
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    status_text: str = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: the store it goes to, the request itself, its body, and the vendor's own path."""

    store: Store
    request: Request
    body: bytes
    path: str

    def take(self, kind: str) -> float | None:
        """Use up a fault of this kind that hits the call; its seconds, or None when there is none."""
        fault = self.store.faults.take(kind, self.request.method, self.path)
        return None if fault is None else fault.seconds

    def one(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def many(self, name: str) -> list[str]:
        """An array parameter; clients repeat it or join its values by commas, both are taken."""
        values = self.request.query_params.getlist(name)
        return [part for value in values for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        return (self.one(name) or "false").lower() == "true"

    def json(self, shape: Shape) -> Any:
        """The JSON of the body. Raises Failure 400 when it is none, or of another shape."""
        try:
            value = json.loads(self.body)
        except ValueError as problem:
            raise invalid(f"Invalid input JSON on line 1, column 1: {problem}") from problem
        wrong = "a body is expected" if value is None else misfit(value, shape)
        if wrong is not None:
            raise invalid(f"Invalid input JSON on line 1, column 1: {wrong}")
        return value


def stamp(moment: datetime) -> str:
    """An instant as HubSpot writes it: UTC, milliseconds, Z (facts: Deletion, time, enums)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime | None:
    """An ISO-8601 instant or milliseconds since 1970 as UTC; None when it is neither."""
    if re.fullmatch(r"-?\d{1,14}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def milliseconds(value: datetime) -> int:
    return round(value.timestamp() * 1000)


def number(call: Call, name: str, *, default: int, most: int) -> int:
    """A count from the query, 1 to ``most``. Raises Failure 400 outside of it."""
    return within(call.one(name), name, default=default, most=most)


def within(value: Any, name: str, *, default: int, most: int) -> int:
    if value is None:
        return default
    if not str(value).isdecimal() or not 1 <= int(value) <= most:
        raise invalid(f"Invalid {name} '{value}': it must be a number from 1 to {most}.", context={name: [str(value)]})
    return int(value)


def cursor(value: Any) -> int:
    """Where a page starts. Raises Failure 400 for what no answer gave as ``after``."""
    if value in (None, ""):
        return 0
    if not str(value).isdecimal() or len(str(value)) > 18:
        raise invalid(f"Invalid after '{value}': it is not a cursor", context={"after": [str(value)]})
    return int(value)


def invalid(message: str, **more: Any) -> Failure:
    return Failure(status=400, category="VALIDATION_ERROR", message=message, **more)


def not_found(message: str = "resource not found", **more: Any) -> Failure:
    return Failure(status=404, category="OBJECT_NOT_FOUND", message=message, **more)


def correlation(store: Store | None, hint: str = "") -> str:
    """A correlation id: the same run gives the same ids, so that recorded exchanges can be compared."""
    seed = hint if store is None else f"{hint}{store.next_id('correlation')}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"hubspot/{seed}"))


def body_of(failure: Failure, correlation_id: str) -> Record:
    body: Record = {
        "status": failure.status_text,
        "message": failure.message,
        "correlationId": correlation_id,
    }
    if failure.category:
        body["category"] = failure.category
    if failure.details:
        body["errors"] = list(failure.details)
    if failure.context:
        body["context"] = {name: list(values) for name, values in failure.context.items()}
    return {**body, **failure.extra}


def row_error(failure: Failure, trace: str | None, ids: Sequence[str]) -> Record:
    """A failure as one StandardError of a multi-status answer; the trace id tells which row it was."""
    context = {name: list(values) for name, values in failure.context.items()}
    if ids:
        context.setdefault("ids", list(ids))
    if trace is not None:
        context["objectWriteTraceId"] = [trace]
    return {
        "status": "error",
        "category": failure.category,
        "message": failure.message,
        "context": context,
        "errors": list(failure.details),
        "links": {},
    }


def answer(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status_code=status)


def envelope(store: Store, results: Sequence[Record], errors: Sequence[Record] = ()) -> Record:
    """The envelope of a batch; ``numErrors`` and ``errors`` only when a row failed (facts: Writes)."""
    now = stamp(store.clock.now())
    body: Record = {"status": "COMPLETE", "results": list(results), "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return body


def refusal_answer(failure: Failure, correlation_id: str, headers: Mapping[str, str] | None = None) -> Response:
    merged = {**(headers or {}), "x-hubspot-correlation-id": correlation_id}
    return JSONResponse(body_of(failure, correlation_id), status_code=failure.status, headers=merged)


def rate_limited(policy: str, correlation_id: str) -> Failure:
    """The 429 of one policy: TEN_SECONDLY_ROLLING, SECONDLY or DAILY (facts: Rate limits)."""
    extra = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": correlation_id.replace("-", "")}
    message = f"You have reached your {policy.lower()} limit."
    return Failure(status=429, category="", message=message, extra=extra)


def refuse(refusal: Refusal) -> Response:
    """Phrase a refusal of the sandbox in HubSpot's own words; no Retry-After unless it is given."""
    correlation_id = correlation(None, f"refused/{refusal.kind}/{refusal.status}")
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return refusal_answer(_refused(refusal, correlation_id), correlation_id, headers)


def _refused(refusal: Refusal, correlation_id: str) -> Failure:
    if refusal.kind == "rate_limit":
        return rate_limited("TEN_SECONDLY_ROLLING", correlation_id)
    words = {
        "unauthorized": ("INVALID_AUTHENTICATION", NO_CREDENTIALS),
        "forbidden": (
            "MISSING_SCOPES",
            NO_SCOPES,
        ),
        "not_found": ("OBJECT_NOT_FOUND", "resource not found"),
        "gone": ("OBJECT_NOT_FOUND", "resource is gone"),
    }
    category, message = words.get(refusal.kind, ("INTERNAL_ERROR", "internal error"))
    return Failure(status=refusal.status, category=category, message=message)

"""How this API speaks: one call, its parameters, its answers and its error envelope.

Vendor facts: facts sections "Limits and errors" and "Idempotency, markers, concurrency".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from sandbox.store import Store
from sandbox.twin import Refusal

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: the user's e-mail (or the service account's own), and the scopes of the token.

    ``robot`` is True for a service account that acts as itself, not for a delegated user.
    """

    email: str
    scopes: frozenset[str]
    robot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised request; ``ids`` are the decoded path parameters, ``body`` the JSON object sent."""

    store: Store
    caller: Caller
    method: str
    path: str
    query: QueryParams
    headers: Headers
    ids: Mapping[str, str]
    body: Record


class CalendarError(Exception):
    """A refusal in the vendor's words; becomes the error envelope."""

    def __init__(
        self, status: int, reason: str, message: str, *, domain: str = "global", at: tuple[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.detail: Record = {"domain": domain, "reason": reason, "message": message}
        if at is not None:
            self.detail |= {"locationType": at[0], "location": at[1]}

    def response(self) -> Response:
        """The envelope ``{"error": {"errors": [...], "code", "message"}}``."""
        body = {"error": {"errors": [self.detail], "code": self.status, "message": self.detail["message"]}}
        return json_response(body, status=self.status)


def not_found() -> CalendarError:
    """404: unknown, or not visible to the caller (facts: error table)."""
    return CalendarError(404, "notFound", "Not Found")


def invalid(message: str, parameter: str | None = None) -> CalendarError:
    """400 for a value that makes no sense; ``parameter`` names the query parameter at fault."""
    at = None if parameter is None else ("parameter", parameter)
    return CalendarError(400, "invalid", message, at=at)


def required(message: str) -> CalendarError:
    """400 for something left out of a request body."""
    return CalendarError(400, "required", message)


def conflict() -> CalendarError:
    """409: the id is taken, by a deleted record too."""
    return CalendarError(409, "duplicate", "The requested identifier already exists.")


def gone() -> CalendarError:
    """410 on the second deletion."""
    return CalendarError(410, "deleted", "Resource has been deleted")


def unauthorized() -> CalendarError:
    """401 for a token that is unknown, revoked or too old."""
    return CalendarError(401, "authError", "Invalid Credentials", at=("header", "Authorization"))


def needs_role(role: str) -> CalendarError:
    """403 for a caller who sees the calendar but may not do this to it."""
    return CalendarError(
        403, "requiredAccessLevel", f"You need to have {role} access to this calendar.", domain="calendar"
    )


def json_response(body: Record, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status_code=status, headers=headers, media_type="application/json; charset=UTF-8")


def reply(call: Call, record: Record) -> Response:
    """200 with the record and its ETag header; 304 for a GET whose If-None-Match names that ETag."""
    etag = record.get("etag")
    headers = {} if etag is None else {"ETag": etag}
    if call.method == "GET" and etag is not None and call.headers.get("if-none-match") in (etag, "*"):
        return Response(status_code=304, headers=headers)
    return json_response(record, headers=headers)


def nothing() -> Response:
    """204, the answer to a deletion."""
    return Response(status_code=204)


def check_match(call: Call, etag: str) -> None:
    """Refuse with 412 when If-Match names another version than ``etag``."""
    wanted = call.headers.get("if-match")
    if wanted is not None and wanted not in (etag, "*"):
        raise CalendarError(412, "conditionNotMet", "Precondition Failed", at=("header", "If-Match"))


def flag(call: Call, name: str) -> bool | None:
    """A boolean query parameter; None when it was not sent."""
    text = call.query.get(name)
    if text is None:
        return None
    if text.lower() not in ("true", "false"):
        raise CalendarError(400, "invalidParameter", f"Invalid boolean value: '{text}'.", at=("parameter", name))
    return text.lower() == "true"


def number(call: Call, name: str, *, default: int, top: int) -> int:
    """A positive integer query parameter, cut to the vendor's maximum."""
    text = call.query.get(name)
    if text is None:
        return default
    if not text.lstrip("-").isdigit():
        raise CalendarError(400, "invalidParameter", f"Invalid integer value: '{text}'.", at=("parameter", name))
    if int(text) < 1:
        message = f"Invalid value '{text}'. Values must be within the range: [1, {2**31 - 1}]"
        raise CalendarError(400, "invalidParameter", message, at=("parameter", name))
    return min(int(text), top)


def choice(call: Call, name: str, allowed: tuple[str, ...]) -> str | None:
    """An enumerated query parameter; None when it was not sent."""
    text = call.query.get(name)
    if text is not None and text not in allowed:
        message = f"Invalid string value: '{text}'. Allowed values: [{', '.join(sorted(allowed))}]"
        raise CalendarError(400, "invalidParameter", message, at=("parameter", name))
    return text


_REFUSALS = {
    "rate_limit": ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
    "server_error": ("global", "backendError", "Backend Error"),
    "unauthorized": ("global", "authError", "Invalid Credentials"),
    "forbidden": ("global", "forbidden", "Forbidden"),
    "not_found": ("global", "notFound", "Not Found"),
    "gone": ("global", "deleted", "Resource has been deleted"),
}


def refuse(refusal: Refusal) -> Response:
    """Phrase a refusal that the sandbox asks for (facts: error table)."""
    domain, reason, message = _REFUSALS[refusal.kind]
    at = ("header", "Authorization") if refusal.kind == "unauthorized" else None
    response = CalendarError(refusal.status, reason, message, domain=domain, at=at).response()
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = f"{refusal.retry_after:g}"
    return response

"""How Slack phrases things: arguments, ``ok`` instead of a status, stamps, cursors (facts: Base, Time)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.store import Store
from sandbox.twin import Record, Refusal

API = "/api"
TEAM, BOT_USER, BOT, APP = "T0KRQLJ9H", "U0KRQLJB0", "B0KRQLJB1", "A0KRD7HC3"
MOST, USUAL = 1000, 100  # records of one page: at most, and without a limit
_ERRORS = {
    "rate_limit": "ratelimited",
    "unauthorized": "invalid_auth",
    "forbidden": "no_permission",
    "not_found": "unknown_method",
    "gone": "method_deprecated",
    "server_error": "internal_error",
}


@dataclass(slots=True, kw_only=True, eq=False)
class Failure(Exception):
    """A refusal on its way to the wire; ``beside`` stands next to the error."""

    error: str
    status: int = 200
    beside: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: the store it goes to, the method that it names, and its arguments wherever they stood."""

    store: Store
    request: Request
    method: str
    given: Mapping[str, Any]

    def text(self, name: str) -> str:
        """An argument as text; empty when it is not given."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        """An argument that must be there. Raises Failure ``invalid_arguments``."""
        if not (value := self.text(name)):
            raise invalid(f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def whole(self, name: str, default: int) -> int:
        """A whole number. Raises Failure ``invalid_arguments``."""
        try:
            return int(self.text(name) or default)
        except ValueError as problem:
            raise invalid(f"must be an integer: {name}") from problem

    def nested(self, name: str) -> Any:
        """An argument that is JSON, as text or as it is; None when it is not given. Raises Failure."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as problem:
            raise invalid(f"must be valid JSON: {name}") from problem


def invalid(message: str) -> Failure:
    return Failure(error="invalid_arguments", beside={"response_metadata": {"messages": [f"[ERROR] {message}"]}})


async def arguments(request: Request) -> dict[str, Any]:
    """What a request says: query, and a body that is a form or JSON. Raises Failure for a body that is neither."""
    given: dict[str, Any] = dict(request.query_params)
    body, kind = await request.body(), request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "multipart/form-data":
        async with request.form() as form:
            return given | {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    if kind != "application/json" or not body:
        return given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        value = json.loads(body)
    except ValueError as problem:
        raise Failure(error="invalid_json") from problem
    if not isinstance(value, dict):
        raise Failure(error="json_not_object")
    return given | value


def answer(**members: Any) -> Response:
    return JSONResponse({"ok": True, **members})


def failed(failure: Failure) -> Response:
    body = {"ok": False, "error": failure.error, **failure.beside}
    return JSONResponse(body, status_code=failure.status, headers=dict(failure.headers))


def refuse(refusal: Refusal) -> Response:
    """A refusal of the sandbox: 429 and 5xx keep their status, everything else is 200 with ``ok`` false."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    status = refusal.status if refusal.status == 429 or refusal.status >= 500 else 200
    return failed(Failure(error=_ERRORS[refusal.kind], status=status, headers=headers))


def paged(call: Call, records: Sequence[Record]) -> tuple[list[Record], dict[str, str]]:
    """One page of a list and its ``response_metadata``. Raises Failure for a limit or a cursor that is none."""
    limit, start = limit_of(call), 0
    if cursor := call.text("cursor"):
        start = int(uncursored(cursor, "next"))
    following = cursored("next", str(start + limit)) if start + limit < len(records) else ""
    return list(records[start : start + limit]), {"next_cursor": following}


def limit_of(call: Call) -> int:
    limit = call.whole("limit", USUAL) or USUAL
    if not 0 < limit <= MOST:
        raise Failure(error="invalid_limit")
    return limit


def cursored(kind: str, place: str) -> str:
    return base64.b64encode(f"{kind}:{place}".encode()).decode()


def uncursored(cursor: str, kind: str) -> str:
    """The place that a cursor of this kind names. Raises Failure ``invalid_cursor``."""
    try:
        found, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
        if found == kind and Decimal(place) >= 0:
            return place
    except (binascii.Error, UnicodeDecodeError, InvalidOperation) as problem:
        raise Failure(error="invalid_cursor") from problem
    raise Failure(error="invalid_cursor")


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def new_ts(store: Store) -> str:
    """The next stamp of a message: seconds and microseconds, each given once."""
    micros = max(int(store.clock.now().timestamp() * 1_000_000), int(store.bag.get("ts", 0)) + 1)
    store.bag["ts"] = micros
    return stamp(micros)


def stamp(micros: int) -> str:
    return f"{micros // 1_000_000:010}.{micros % 1_000_000:06}"


def new_id(store: Store, letter: str) -> str:
    """An id of Slack's form: a letter and what looks like no number."""
    return f"{letter}0KS{store.next_id(letter):06}"

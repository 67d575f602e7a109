"""How Graph phrases things: calls, OData envelopes, refusals, preferences (facts: Streams, Limits and errors)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from sandbox.store import Store
from sandbox.twin import Record, Refusal

API = "/v1.0"
TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"
_PREFERENCE = re.compile(r'([\w.-]+)\s*=\s*(?:"([^"]*)"|([^,;\s]+))')
_REFUSALS = {
    "rate_limit": ("TooManyRequests", "Please retry again later."),
    "unauthorized": ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
    "forbidden": ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    "not_found": ("ErrorItemNotFound", "The specified object was not found in the store."),
    "gone": ("SyncStateNotFound", "The sync state generation is not found."),
    "server_error": ("ErrorInternalServerError", "An internal server error occurred. The operation failed."),
}


@dataclass(slots=True, kw_only=True, eq=False)
class Failure(Exception):
    """A refusal on its way to the wire; ``beside`` stands next to code and message."""

    status: int
    code: str
    message: str
    beside: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: the app itself, or a person (by id) through it."""

    app: str
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call as it came, alone or inside a batch; header names in lower case, path below the version."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said back; a body of None is empty, text is plain."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        content = b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()
        media = None if self.body is None else "application/json"
        return Response(content, status_code=self.status, headers=dict(self.headers), media_type=media)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An admitted call: its store, who calls, and the parts of its path."""

    store: Store
    asked: Asked
    caller: Caller
    ids: Mapping[str, str]

    @property
    def query(self) -> dict[str, str]:
        """Parameters by name in lower case: Graph does not tell cases apart (facts: Delta)."""
        return {name.lower(): value for name, value in parse_qsl(self.asked.query, keep_blank_values=True)}

    @property
    def prefers(self) -> dict[str, str]:
        """The ``Prefer`` header, by name in lower case."""
        found = _PREFERENCE.findall(self.asked.headers.get("prefer", ""))
        return {name.lower(): quoted or bare for name, quoted, bare in found}

    def json(self) -> Record:
        """The body. Raises Failure 400 when it is no JSON object."""
        try:
            value = json.loads(self.asked.body or b"{}")
        except ValueError as problem:
            raise bad("Unable to read JSON request payload.") from problem
        if not isinstance(value, dict):
            raise bad("Empty Payload. JSON content expected.")
        return value

    def whole(self, name: str, default: int, most: int) -> int:
        """A whole number of the query, at least 1 and ``most`` at most. Raises Failure 400."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise Failure(status=400, code="ErrorInvalidUrlQuery", message=f"The query parameter {name} is invalid.")
        return int(text)

    def link(self, **query: str) -> str:
        """The whole address of this call with another query."""
        return f"{self.store.base_url}{API}{self.asked.path}?{urlencode(query, safe='$')}"


def bad(message: str, code: str = "BadRequest") -> Failure:
    return Failure(status=400, code=code, message=message)


def missing() -> Failure:
    code, message = _REFUSALS["not_found"]
    return Failure(status=404, code=code, message=message)


def denied() -> Failure:
    code, message = _REFUSALS["forbidden"]
    return Failure(status=403, code=code, message=message)


def unauthorized() -> Failure:
    code, message = _REFUSALS["unauthorized"]
    shown = {"WWW-Authenticate": 'Bearer realm=""'}
    return Failure(status=401, code=code, message=message, headers=shown)


def failed(failure: Failure, now: datetime) -> Answer:
    """The error envelope."""
    inner = {"date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "request-id": guid("request", str(now))}
    error = {"code": failure.code, "message": failure.message, **failure.beside, "innerError": inner}
    return Answer(status=failure.status, body={"error": error}, headers=failure.headers)


def refuse(refusal: Refusal) -> Response:
    """A refusal of the sandbox."""
    code, message = _REFUSALS[refusal.kind]
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    failure = Failure(status=refusal.status, code=code, message=message, headers=headers)
    return failed(failure, datetime(2026, 1, 1, tzinfo=UTC)).response()


def listed(call: Call, context: str, records: Sequence[Record], *, default: int, most: int) -> Answer:
    """One page of a list, cut by ``$top`` and ``$skip``."""
    top, skip = call.whole("$top", default, most), int(call.query.get("$skip") or 0)
    body: Record = {"@odata.context": context_of(call, context), "value": list(records[skip : skip + top])}
    if skip + top < len(records):
        kept = {name: value for name, value in parse_qsl(call.asked.query) if name.lower() not in ("$skip", "$top")}
        body["@odata.nextLink"] = call.link(**kept, **{"$top": str(top), "$skip": str(skip + top)})
    return Answer(body=body)


def context_of(call: Call, about: str) -> str:
    return f"{call.store.base_url}{API}/$metadata#{about}"


def single(call: Call, context: str, record: Record, status: int = 200) -> Answer:
    """One record in its envelope."""
    return Answer(status=status, body={"@odata.context": context_of(call, f"{context}/$entity"), **record})


def chosen(call: Call, record: Record, always: Sequence[str] = ("@odata.etag", "id")) -> Record:
    """The members that ``$select`` names; all without it."""
    names = call.query.get("$select")
    if not names:
        return record
    wanted = {name.strip().lower() for name in names.split(",")} | {name.lower() for name in always}
    return {name: value for name, value in record.items() if name.lower() in wanted}


def guid(*parts: str) -> str:
    """A guid, the same for the same parts."""
    text = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


DISPATCHER = guid("user", "dispatcher")


def opaque(*parts: str, kind: Literal["id", "key"]) -> str:
    """An id of an item, or a change key, in Exchange's alphabet."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    if kind == "key":
        return base64.b64encode(digest[:19]).decode()
    return "AAkALg" + base64.urlsafe_b64encode(digest[:27]).decode()


def stamp(moment: datetime) -> str:
    """An instant as Graph writes it: UTC, seven decimals, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"

"""How Asana phrases things: envelopes, stamps, gids, refusals (facts: Base, auth, envelope; Limits, errors)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.store import Store
from sandbox.twin import Record, Refusal

API = "/api/1.0"
FIRST_GID = 1214302750114700
WORKSPACE, USER = "1202775892569436", "1211440844472300"  # the user is the office, whose tokens the twin gives out
_HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)
_WORDS = {
    "rate_limit": "You've made too many requests and hit a rate limit. Please retry after the given amount of time.",
    "unauthorized": "Not Authorized",
    "forbidden": "Forbidden",
    "not_found": "No matching route for request",
    "gone": "Gone",
    "server_error": "Server Error",
}


@dataclass(slots=True, kw_only=True, eq=False)
class Failure(Exception):
    """A refusal on its way to the wire; ``extra`` stands beside its errors."""

    status: int
    message: str
    headers: Mapping[str, str] | None = None
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: the store it goes to, the request itself, its body, and the vendor's own path.

    ``app`` is true for a token of an OAuth app, which alone may see external data.
    """

    store: Store
    request: Request
    body: bytes
    path: str
    app: bool = False

    def one(self, name: str) -> str | None:
        """A query parameter; an empty one counts as not given."""
        return self.request.query_params.get(name) or None

    def gid(self, name: str = "gid") -> str:
        """A gid of the path."""
        return str(self.request.path_params[name])

    def data(self) -> Record:
        """The ``data`` of the body. Raises Failure 400 when there is none."""
        try:
            value = json.loads(self.body)
        except ValueError as problem:
            raise bad("Could not parse request data, invalid JSON") from problem
        data = value.get("data") if isinstance(value, dict) else None
        if not isinstance(data, dict):
            raise bad("data: Missing input")
        return data


def bad(message: str) -> Failure:
    return Failure(status=400, message=message)


def unknown(kind: str, gid: str) -> Failure:
    return Failure(status=404, message=f"{kind}: Unknown object: {gid}")


def found(store: Store, collection: str, kind: str, gid: str) -> Record:
    """A record by its gid. Raises Failure 400 for what is no gid and 404 for one that nothing has."""
    if not gid.isdecimal():
        raise bad(f"{kind}: Not a Long: {gid}")
    record = store.get(collection, gid)
    if record is None:
        raise unknown(kind, gid)
    return record


def named(store: Store, collection: str, kind: str, gid: Any) -> Record:
    """A record that a body or a query names: what is unknown there is a mistake in the request. Raises Failure 400."""
    record = store.get(collection, str(gid))
    if record is None:
        raise bad(f"{kind}: Unknown object: {gid}" if str(gid).isdecimal() else f"{kind}: Not a Long: {gid}")
    return record


def new_gid(store: Store) -> str:
    return str(store.next_id("gid", FIRST_GID))


def stamp(moment: datetime) -> str:
    """An instant as Asana writes it: UTC, milliseconds, Z (facts: Deletion, time, enums)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(name: str, value: Any) -> datetime:
    """An instant with any offset. Raises Failure 400 for what is none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as problem:
        raise bad(f"{name}: Not a valid ISO 8601 datetime: {value}") from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def local_day(store: Store, moment: datetime) -> str:
    """The calendar day of an instant where the company is."""
    account = store.get("account", WORKSPACE) or {"zone": "UTC"}
    return moment.astimezone(ZoneInfo(account["zone"])).date().isoformat()


def answer(data: Any, status: int = 200, **beside: Any) -> Response:
    """``{"data": ...}`` with what stands beside it."""
    return JSONResponse({"data": data, **beside}, status_code=status)


def failed(failure: Failure) -> Response:
    error: Record = {"message": failure.message, "help": _HELP}
    if failure.status == 500:
        error["phrase"] = "6 sad squid snuggle softly"
    if failure.status in (412, 429):
        del error["help"]
    body = {"errors": [error], **(failure.extra or {})}
    return JSONResponse(body, status_code=failure.status, headers=dict(failure.headers or {}))


def refuse(refusal: Refusal) -> Response:
    """Phrase a refusal of the sandbox in Asana's words; no Retry-After unless it is given."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return failed(Failure(status=refusal.status, message=_WORDS[refusal.kind], headers=headers))

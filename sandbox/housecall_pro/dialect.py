"""How the vendor answers: plain JSON, numbered pages, and refusals with few words (facts, "Errors and limits").

Which body a refusal has is mostly undocumented: a missing record answers ``{}``, newer endpoints ``{"error":
{"message": ..}}``, and the twin uses that one for everything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.respelling import Members, respelled
from sandbox.store import Record, Store
from sandbox.twin import Refusal

PAGE_SIZE, MOST = 10, 200  # the default; the largest that was seen, the bound itself is not documented
_SAID = {
    "rate_limit": "Too many requests",
    "server_error": "Something went wrong",
    "unauthorized": "Unauthorized",
    "forbidden": "Forbidden",
}
_MEMBERS = Members(
    texts=frozenset({"first_name", "last_name", "company", "street", "street_line_2", "city", "description"}),
    notes=frozenset({"notes", "content"}),
    phones=frozenset({"mobile_number", "home_number", "work_number"}),
    lists=frozenset({"tags"}),
)


class Failure(Exception):
    """A request that the vendor refuses."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the twin; ``path`` is the vendor's own."""

    store: Store
    request: Request
    body: bytes
    path: str

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def one(self, name: str) -> str | None:
        """A query parameter; None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def many(self, name: str) -> list[str]:
        """A query parameter that may be repeated, with or without the brackets of the vendor's examples."""
        query = self.request.query_params
        return [*query.getlist(name), *query.getlist(f"{name}[]")]

    def number(self, name: str, usual: int) -> int:
        """A counting number of the query; 400 when it is none."""
        given = self.one(name)
        if given is None:
            return usual
        if not given.isdigit() or given == "0":
            raise wrong(f"{name} is invalid", 400)
        return int(given)

    def sent(self) -> Record:
        """The JSON object that was sent; 400 when it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            raise wrong("the request body is not valid JSON", 400) from None
        if not isinstance(found, dict):
            raise wrong("the request body must be an object", 400)
        return found

    def found(self, collection: str, id: str) -> Record:
        """A record; 404 when there is none."""
        record = self.store.get(collection, id)
        if record is None:
            raise missing()
        return record

    def spelled(self, sent: Record) -> Record:
        """What was sent, as the account keeps it."""
        fault = self.store.faults.take("rewritten_values", self.request.method, self.path)
        kept: Record = respelled(sent, fault.form or "trim", _MEMBERS) if fault is not None else sent
        return kept


def wrong(message: str, status: int = 422) -> Failure:
    """A refusal that says why."""
    return Failure(status, {"error": {"message": message}})


def missing() -> Failure:
    """Nothing there: the vendor says no more than that."""
    return Failure(404, {})


def answer(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status)


def paged(
    call: Call,
    name: str,
    rows: Sequence[Record],
    *,
    sorts: Sequence[str],
    shown: Callable[[Record], Record] = dict,
) -> Response:
    """One numbered page of records as they are shown, sorted as was asked; newest ones first when nothing was asked."""
    by, descending = call.one("sort_by") or "created_at", (call.one("sort_direction") or "desc") == "desc"
    if by not in sorts:
        raise wrong(f"sort_by must be one of {', '.join(sorts)}", 400)
    ordered = sorted(rows, key=lambda row: (row.get(by) is not None, str(row.get(by)), row["id"]), reverse=descending)
    page, size = call.number("page", 1), min(call.number("page_size", PAGE_SIZE), MOST)
    counts = {"page": page, "page_size": size, "total_pages": -(-len(rows) // size), "total_items": len(rows)}
    return answer({**counts, name: [shown(one) for one in ordered[(page - 1) * size : page * size]]})


def refuse(refusal: Refusal) -> Response:
    """A refusal that the sandbox asks for."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    body = {"error": {"message": _SAID[refusal.kind]}} if refusal.kind in _SAID else {}
    return JSONResponse(body, refusal.status, headers)

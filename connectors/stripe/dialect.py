"""How Stripe is spoken to: bracketed forms, lists by cursor, idempotency keys, and what an error means.

Facts of the vendor come from its fact sheet (facts.md), named by section; those on currencies from
docs.stripe.com/currencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.answers import in_doubt, one_at, part
from connectors.errors import sentence, throttled
from connectors.paging import token_pages
from connectors.spec import Api, Record
from models.errors import Rejected, SystemFailure, Transient

VERSION = "2026-10-28.endive"
PAGE = 100  # the most that a list gives at once (Paging)
MARKER = "plumbline_id"  # metadata of what we made, once it is whole
# Króna and shilling have no decimals and are counted with two; the ariary has two and is counted with none.
ODD: Mapping[str, int] = {"ISK": 2, "UGX": 2, "MGA": 0}


def judge(system: str, status: int, headers: Mapping[str, str], body: Any) -> SystemFailure | None:
    """What an error means where its status alone does not say (Errors); None: the status decides."""
    error = body.get("error") if isinstance(body, Mapping) else None
    code = str(error.get("code") or error.get("type") or "") if isinstance(error, Mapping) else ""
    if status == 429:  # also lock_timeout, somebody else writing to the same object (Concurrency)
        reason = headers.get("stripe-rate-limited-reason", code or "rate limit")
        # Retry-After is not promised (Rate limits); obeyed where it comes
        return throttled(system, f"{sentence(body)} ({reason})", headers)
    if status == 409:  # the same key is under way; there are no versions that could be stale (Idempotency)
        return Transient(system, f"{sentence(body)}; another call with the same key is under way, try again later")
    if code == "idempotency_error":
        return Rejected(system, f"{sentence(body)}; look whether the record is there before it is sent with a new key")
    return None


def ask(api: Api, path: str, *params: tuple[str, Any], **more: Any) -> Any:
    """The body of a GET; ``params`` repeat (``expand[]``)."""
    return api.request("GET", path, params=[*params, *more.items()]).json()


def one(api: Api, path: str, id: str, *params: tuple[str, Any]) -> Record | None:
    """A record by id; None when there is none, or when it says that it is deleted (Deletes)."""
    record: Record | None = one_at(api, f"{path}/{quote(id, safe='')}", params=list(params))
    deleted = record is not None and part(api, record, "id") and record.get("deleted") is True
    return None if deleted else record


def pages(api: Api, path: str, *params: tuple[str, Any]) -> Iterator[Sequence[Record]]:
    """A list, newest first, by the id of the last record of each page (Paging). Transient when a page is not whole."""

    def fetch(after: str | None) -> tuple[Sequence[Record], str | None]:
        start = [("starting_after", after)] if after else []
        body = ask(api, path, *params, *start, limit=PAGE)
        if not isinstance(body, Mapping) or not isinstance(body.get("data"), list) or "has_more" not in body:
            raise Transient(api.system, f"{path} was answered without its list; try again later")
        rows = body["data"]
        if body["has_more"] and not rows:
            raise Transient(api.system, f"{path} was answered with an empty page before its end; read it again")
        return rows, rows[-1]["id"] if body["has_more"] else None

    return token_pages(fetch, system=api.system)


def post(api: Api, path: str, record: Record, *, key: str) -> Record:
    """Create or change one record. The key makes repeating it harmless for 24 hours (Idempotency)."""
    headers = {"Idempotency-Key": key}
    answer = api.request("POST", path, data=form(record), headers=headers, repeatable=True)
    with in_doubt(api, f"POST {path}"):
        held: Record = answer.json()
        part(api, held, "id")
        return held


def form(record: Record) -> dict[str, str]:
    """A record as form fields with brackets; nothing is an empty text, which clears (Base URL, unset)."""
    return dict(_fields("", record))


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _fields(f"{name}[{key}]" if name else str(key), inner)
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from _fields(f"{name}[{n}]", inner)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def found(api: Api, path: str, core_id: str, *params: tuple[str, Any]) -> Record | None:
    """What we made for a core record, by our marker: the newest in the list, older ones in the search.

    The search shows a record after a minute or later, the list at once (Paging); lists cannot filter by metadata.
    """
    for rows in pages(api, path, *params, ("created[gte]", seconds(api.now()) - 2 * 86_400)):
        for record in rows:
            if (record.get("metadata") or {}).get(MARKER) == core_id:
                return record
    body = ask(api, f"{path}/search", query=f"metadata['{MARKER}']:'{core_id}'", limit=PAGE)
    if not isinstance(body, Mapping) or not isinstance(body.get("data"), list):
        raise Transient(api.system, f"{path}/search was answered without its list; try again later")
    living = [record for record in body["data"] if not record.get("deleted")]
    return living[0] if living else None


def seconds(at: datetime) -> int:
    """An instant as Stripe keeps it."""
    return int(at.astimezone(UTC).timestamp())

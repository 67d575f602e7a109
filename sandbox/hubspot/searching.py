"""POST /crm/v3/objects/{type}/search: filters, sorts, paging by offset, and its caps (facts: Incremental)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.catalog import ObjectType, object_type
from sandbox.hubspot.dialect import Call, answer, cursor, invalid, stamp, within
from sandbox.hubspot.filtering import comparable, matcher
from sandbox.hubspot.index import Shelf, definitions, shelf
from sandbox.hubspot.reading import Asked, shown
from sandbox.hubspot.shapes import SEARCH
from sandbox.twin import Record

_RESULTS_MOST = 10_000
_PAGE_MOST = 200
_BODY_MOST = 3_000


def searched(call: Call) -> Response:
    """Live records that match, one page of them. Raises 400 for what exceeds a cap or is not understood."""
    kind = object_type(call.request.path_params["type"])
    if len(call.body) > _BODY_MOST:
        raise invalid(f"The request body must not exceed {_BODY_MOST} characters")
    body = call.json(SEARCH)
    limit = within(body.get("limit"), "limit", default=10, most=_PAGE_MOST)
    start = _offset(body.get("after"))
    matches = matcher(kind, definitions(call.store, kind), body)
    held = shelf(call.store, kind)
    hits = [record for record in _visible(call, held) if not record["archived"] and matches(record)]
    hits = _sorted(kind, definitions(call.store, kind), hits, body.get("sorts") or [])
    want = Asked(properties=body.get("properties") or ())
    page, rest = hits[start : start + limit], hits[start + limit :]
    if rest and call.take("truncated_page") is not None:
        page, rest = page[: len(page) // 2], []
    found: Record = {"total": len(hits), "results": [shown(call.store, kind, record, want) for record in page]}
    if rest:
        found["paging"] = {"next": {"after": str(start + limit)}}
    return answer(found)


def _visible(call: Call, held: Shelf) -> Iterable[Record]:
    """The records that the search index knows: all, or those of some seconds ago while a lag is on."""
    lag = call.take("search_lag")
    if lag is None:
        return held.records.values()
    until = stamp(call.store.clock.now() - timedelta(seconds=lag))
    known = (_version_at(versions, until) for id, versions in held.versions.items() if id in held.records)
    return [record for record in known if record is not None]


def _version_at(versions: list[Record], until: str) -> Record | None:
    old = [record for record in versions if max(record["updatedAt"], record.get("archivedAt", "")) <= until]
    return old[-1] if old else None


def _offset(after: Any) -> int:
    start = cursor(after)
    if start >= _RESULTS_MOST:
        raise invalid(f"A search pages through {_RESULTS_MOST} results at most; after {after} is beyond them")
    return start


def _sorted(kind: ObjectType, known: dict[str, Record], hits: list[Record], sorts: list[Any]) -> list[Record]:
    """By the one sort that is allowed, ties by id; records without the value come last."""
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    name, down = _sort(sorts[0]) if sorts else (kind.created, False)
    if name not in known:
        raise invalid(f"There is no property '{name}' to sort by", context={"propertyName": [name]})
    hits = sorted(hits, key=lambda record: int(record["id"]))
    valued = [record for record in hits if record["properties"].get(name) is not None]
    blank = [record for record in hits if record["properties"].get(name) is None]
    return sorted(valued, key=lambda record: _rank(known[name], record["properties"][name]), reverse=down) + blank


def _rank(shape: Record, text: str) -> tuple[bool, Any]:
    value = comparable(shape, text)
    return isinstance(value, str), value


def _sort(given: Any) -> tuple[str, bool]:
    if isinstance(given, dict):
        return str(given.get("propertyName")), given.get("direction") == "DESCENDING"
    return str(given).removeprefix("-"), str(given).startswith("-")

"""Relay connections as this API pages them: offset cursors, at most 100 nodes a page (facts, "Pagination")."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

PAGE = 100
# Connections whose pages may be longer than the rest.
LONGER = {"UserConnection": 10_000}


def page(records: Sequence[Any], args: Mapping[str, Any], longest: int = PAGE) -> dict[str, Any]:
    """The part of ``records`` that first/after/last/before ask for, as a connection.

    A size above ``longest`` is cut to it without an error. Cursors count records, so a record that appears
    before a cursor between two pages shifts what follows it.

    Raises:
        GraphQLError: a cursor that this API never gave.
    """
    start, end = _bounds(len(records), args)
    first, last = args.get("first"), args.get("last")
    if first is not None or last is None:
        end = min(end, start + min(max(first if first is not None else longest, 0), longest))
    if last is not None:
        start = max(start, end - min(max(last, 0), longest))
    return _connection(records, start, max(start, end))


def _bounds(total: int, args: Mapping[str, Any]) -> tuple[int, int]:
    start = _offset(args["after"]) if args.get("after") else 0
    end = _offset(args["before"]) - 1 if args.get("before") else total
    return min(start, total), max(min(end, total), 0)


def _connection(records: Sequence[Any], start: int, end: int) -> dict[str, Any]:
    nodes = list(records[start:end])
    edges = [{"cursor": _cursor(start + place + 1), "node": node} for place, node in enumerate(nodes)]
    info = {
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
        "hasNextPage": end < len(records),
        "hasPreviousPage": start > 0,
    }
    return {"nodes": nodes, "edges": edges, "pageInfo": info, "totalCount": len(records)}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _offset(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise GraphQLError(f"Invalid cursor: {cursor!r}") from error

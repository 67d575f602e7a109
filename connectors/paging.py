"""Ways in which vendors cut a list into pages, as generators that a connector's ``read`` loops over.

None of them turns an error into an end: a page that fails raises, and the list counts as not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors.spec import Record
from models.errors import Unreachable


def token_pages(fetch: Callable[[str | None], tuple[Any, str | None]], *, system: str) -> Iterator[Any]:
    """Pages by token: ``fetch(token)`` gives a page and the next token, None or empty at the end.

    Raises Unreachable when a token comes back a second time: that list would never end.
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        page, token = fetch(token)
        yield page
        if not token:
            return
        if token in seen:
            raise Unreachable(system, "it gives the same next page again and again; read it later, or tell the vendor")
        seen.add(token)


def relay(fetch: Callable[[str | None], Mapping[str, Any]], *, system: str) -> Iterator[Sequence[Record]]:
    """Pages of a GraphQL connection (``nodes``, ``pageInfo``): ``fetch(after)`` gives the connection."""

    def page(after: str | None) -> tuple[Sequence[Record], str | None]:
        connection = fetch(after)
        info = connection["pageInfo"]
        return connection["nodes"], info["endCursor"] if info["hasNextPage"] else None

    return token_pages(page, system=system)


def known_ids(known: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Ids known at the last whole read that are missing in this one: deleted, in systems that do not say so."""
    return sorted(set(known) - set(seen))

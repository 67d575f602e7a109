"""What was exchanged with each twin: how much, over which of its endpoints, and what the descriptions say to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import simplejson
from graphql import FieldNode, OperationDefinitionNode, parse
from starlette.routing import BaseRoute, Match, Mount, Route

from sandbox.discovery import twins
from tests.vendors.description import load
from tests.vendors.exchange import Exchange, media_type
from tests.vendors.listening import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One system: exchanges whose request and whose answer was judged, endpoints met, and every complaint."""

    system: str
    requests: int
    answers: int
    endpoints: frozenset[str]
    problems: tuple[str, ...]


def counted(sandbox: Sandbox, *, pages: Sequence[str] = ()) -> list[Count]:
    """Every exchange of a sandbox held against its vendor's description, a line a system; ``pages`` are not judged."""
    return [_count(sandbox, system, pages) for system in sandbox.estate.served]


def _count(sandbox: Sandbox, system: str, pages: Sequence[str]) -> Count:
    said, description = sandbox.said(system), load(system)
    problems = [f"{one}: {line}" for one in said if one.path not in pages for line in description.problems(one)]
    return Count(
        system=system,
        requests=len(said),
        answers=sum(one.status > 0 for one in said),
        endpoints=frozenset(endpoints(sandbox, system, said)),
        problems=tuple(problems),
    )


def table(counts: Iterable[Count]) -> str:
    """The counts as text."""
    rows = [("system", "requests", "answers", "endpoints", "problems")]
    rows += [
        (one.system, str(one.requests), str(one.answers), str(len(one.endpoints)), str(len(one.problems)))
        for one in counts
    ]
    return "\n".join(f"{row[0]:<20}" + "".join(f"{cell:>11}" for cell in row[1:]) for row in rows)


def endpoints(sandbox: Sandbox, system: str, said: Iterable[Exchange]) -> set[str]:
    """The endpoints that these exchanges met, each by method and route; a query language by what was asked."""
    table = tuple(routes(sandbox, system))
    return {name for one in said for name in _named(one, table)}


def routes(sandbox: Sandbox, system: str) -> Sequence[BaseRoute]:
    """The twin's own route table."""
    return tuple(twins([system])[system].routes(sandbox.estate.served[system].store))


def declared(table: Iterable[BaseRoute]) -> set[str]:
    """Every endpoint of a route table that is a fixed one: what catches the rest is no endpoint."""
    found = (one for one in table if isinstance(one, Route) and not catches_all(one))
    return {f"{method} {one.path}" for one in found for method in (one.methods or ()) if method != "HEAD"}


def catches_all(route: Route) -> bool:
    """Whether a route answers for whatever no other one does."""
    return "{path:path}" in route.path or "{rest:path}" in route.path


def _named(one: Exchange, table: Sequence[BaseRoute]) -> Iterator[str]:
    scope = {"type": "http", "method": one.method, "path": unquote(one.path), "root_path": ""}
    route = next((each for each in table if each.matches(scope)[0] is Match.FULL), None)
    if isinstance(route, Mount):
        yield f"{one.method} {_root(one.request_body)}".strip()
    elif isinstance(route, Route):
        yield f"{one.method} {route.path}"
        yield from _asked(one)


def _root(body: bytes) -> str:
    """The element that says what a WebDAV method asks for."""
    if not body.lstrip().startswith(b"<"):
        return ""
    return ET.fromstring(body).tag.rpartition("}")[2]  # noqa: S314 - bodies of our own tests


def _asked(one: Exchange) -> Iterator[str]:
    """The root fields of a GraphQL document, as ``query clients``."""
    if media_type(one.request_header("content-type")) != "application/json" or b'"query"' not in one.request_body:
        return
    sent = simplejson.loads(one.request_body)
    if not isinstance(sent, dict) or not isinstance(sent.get("query"), str) or "{" not in sent["query"]:
        return
    for part in parse(sent["query"]).definitions:
        if isinstance(part, OperationDefinitionNode):
            for field in part.selection_set.selections:
                if isinstance(field, FieldNode):
                    yield f"{part.operation.value} {field.name.value}"

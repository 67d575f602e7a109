"""``load(system).problems(exchange)``: one exchange held against the vendor's own description.

The descriptions stand in ``../shared/vendors/<system>/`` beside the repository and are no part of it; where they are
absent ``load`` skips the test with that reason.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from graphql import build_schema

from tests.vendors import discovery, json_batch, openapi, sdl, swagger, webdav
from tests.vendors.differences import Differences, Patch
from tests.vendors.exchange import Exchange
from tests.vendors.known_differences import DIFFERENCES, GOOGLE_ERROR

SHARED = Path(__file__).parents[2].parent / "shared"
VENDORS = SHARED / "vendors"


class Engine(Protocol):
    """One way of describing an interface."""

    def knows(self, path: str) -> bool:
        """Whether this part of the description holds the path."""
        ...

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything wrong with an exchange on a path that it knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One system's description: its parts in the order in which they are asked; ``batch`` paths hold calls."""

    system: str
    engines: Sequence[Engine]
    batch: frozenset[str] = frozenset()

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything that the description refuses; empty when request and answer are valid.

        Each line starts with ``request`` or ``answer``, so that a test can tell whose fault it is.
        """
        if exchange.path in self.batch and exchange.method == "POST":
            return self._batch_problems(exchange)
        engine = next((one for one in self.engines if one.knows(exchange.path)), None)
        if engine is None:
            return [f"request: unknown path: {exchange.method} {exchange.path}"]
        return engine.problems(exchange)

    def _batch_problems(self, exchange: Exchange) -> list[str]:
        taken_apart = json_batch.parts if self.system == "microsoft_graph" else discovery.batch_parts
        parts, problems = taken_apart(exchange)
        inner = (f"{part.method} {part.path}: {line}" for part in parts for line in self.problems(part))
        return [*problems, *inner]


@cache
def load(system: str) -> Description:
    """The description of a system, read once per process; skips the test where the shared files are absent."""
    folder = VENDORS / system
    if not folder.is_dir():
        pytest.skip(f"no vendor description of {system}: ../shared/vendors/{system} is absent", allow_module_level=True)
    differences = DIFFERENCES.get(system, Differences())
    extras = _extra_engine(system, differences)
    build = {"openapi": _openapi, "discovery": _discovery, "graphql": _graphql, "webdav": _webdav}[differences.kind]
    return Description(
        system=system,
        engines=[*([extras] if extras else []), *build(system, folder, differences)],
        batch=frozenset({differences.batch} if differences.batch else ()),
    )


def problems_of(exchanges: Iterable[Exchange]) -> list[str]:
    """All problems of many exchanges of any systems, each line led by its exchange: what a test asserts empty."""
    return [f"{exchange}: {line}" for exchange in exchanges for line in load(exchange.system).problems(exchange)]


def read(system: str, name: str) -> Any:
    """A JSON file of the vendor's folder, decoded."""
    return json.loads((VENDORS / system / name).read_text(encoding="utf-8"))


def patched(document: Mapping[str, Any], patches: Iterable[Patch]) -> dict[str, Any]:
    """A copy of the description with the known differences written in; KeyError when a patch points nowhere."""
    result: dict[str, Any] = copy.deepcopy(dict(document))
    for patch in patches:
        node: Any = result
        for step in patch.at[:-1]:
            node = node[step]
        node[patch.at[-1]] = patch.value
    return result


def _extra_engine(system: str, differences: Differences) -> openapi.OpenApi | None:
    if not differences.extra_paths:
        return None
    document = {"paths": {extra.path: extra.item for extra in differences.extra_paths}}
    return openapi.build(document, Differences(), uri=f"urn:{system}:extra")


def _documents(system: str, differences: Differences) -> dict[str, dict[str, Any]]:
    """The described documents by file name, known differences written in."""
    first = differences.documents[0]
    return {
        name: patched(
            swagger.modernised(read(system, name)),
            [one for one in differences.patches if (one.document or first) == name],
        )
        for name in differences.documents
    }


def _openapi(system: str, _folder: Path, differences: Differences) -> list[Engine]:
    documents = _documents(system, differences)
    for document in documents.values():
        paths = document["paths"]
        paths.update({other: paths[one] for other, one in differences.aliases.items() if one in paths})
    return [openapi.build(document, differences, uri=f"urn:{system}:{name}") for name, document in documents.items()]


def _discovery(system: str, _folder: Path, differences: Differences) -> list[Engine]:
    return [
        openapi.build(discovery.as_openapi(document, GOOGLE_ERROR), differences, uri=f"urn:{system}:{name}")
        for name, document in _documents(system, differences).items()
    ]


def _graphql(system: str, folder: Path, differences: Differences) -> list[Engine]:
    schema = build_schema((folder / differences.documents[0]).read_text(encoding="utf-8"))
    return [sdl.GraphQL(schema=schema, endpoint=sdl.ENDPOINTS[system])]


def _webdav(system: str, _folder: Path, differences: Differences) -> list[Engine]:
    return [webdav.build(read(system, differences.documents[0]))]

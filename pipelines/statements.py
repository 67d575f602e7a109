"""Compiled SQL, kept: declarations compile to the same text until they or the code that compiles them change.

Compiling is most of the time of a sync that finds nothing new, so the texts stand in the warehouse beside the
tables that they fill, under the fingerprint of everything that they are made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import models
from connectors import registry
from models.change import digest
from models.schema import Model
from pipelines.settings import Stack

CODE = (".py", ".json", ".graphql")
_texts: dict[tuple[str, str], str] = {}


class Expression(Protocol):
    """What a compiler returns."""

    def sql(self, dialect: str) -> str: ...


class Statements:
    """Texts by name under one fingerprint; without a fingerprint nothing is kept."""

    def __init__(self, fingerprint: str | None = None, known: Mapping[str, str] | None = None) -> None:
        self.fingerprint = fingerprint
        self.stored = set(known or ())
        if fingerprint is not None:
            _texts.update({(fingerprint, name): text for name, text in (known or {}).items()})

    def text(self, name: str, build: Callable[[], Expression]) -> str:
        """The text of this name, compiled only when it was not before."""
        if self.fingerprint is None:
            return build().sql("duckdb")
        key = (self.fingerprint, name)
        if key not in _texts:
            _texts[key] = build().sql("duckdb")
        return _texts[key]

    def fresh(self) -> dict[str, str]:
        """What is not stored yet."""
        return {
            name: text for (mark, name), text in _texts.items() if mark == self.fingerprint and name not in self.stored
        }


def fingerprint(stack: Stack, model: Model) -> str:
    """A hash of all that SQL is compiled from: the code, the systems with their roles and maps, and the rules."""
    systems = {
        name: [entry.connector or name, list(entry.roles), entry.model_dump(mode="json", include={"resources", "maps"})]
        for name, entry in stack.systems.items()
    }
    rules = {name: [rule.kind, rule.label] for name, rule in stack.ownership.items()}
    context = model.context
    return digest(
        _code(tuple(sorted(registry.places().values()))),
        systems,
        rules,
        [context.time_zone, context.currency, context.region],
    )


@cache
def _code(folders: tuple[Path, ...]) -> str:
    """A hash of the declarations and compilers, and of the library that turns expressions into text."""
    hasher = hashlib.sha256(version("sqlglot").encode())
    for folder in (Path(str(models.__file__)).parent, Path(registry.__file__).parent, *folders):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in CODE):
            hasher.update(path.relative_to(folder).as_posix().encode())
            hasher.update(path.read_bytes())
    return hasher.hexdigest()

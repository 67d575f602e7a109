"""Pipelines without one of their defences, each of which the laws must catch in whatever company it lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from models.compile import clocks as dated
from models.compile import rules
from models.paths import literal
from pipelines import statements


@contextmanager
def echo() -> Iterator[None]:
    """What we wrote counts as edited: ``models.compile.clocks`` dates our own values back, in another spelling too."""
    whole = dated.clock

    def undefended(*given: Any, **options: Any) -> Any:
        clock = whole(*given, **options)
        clock.set("ifs", clock.args["ifs"][1:])
        return clock

    undated = patch.object(dated, "_said", lambda _: dated._row("stamp"))
    with undated, patch.object(dated, "clock", undefended), _compiled_anew("map/"):
        yield


@contextmanager
def clocks() -> Iterator[None]:
    """All edits are of the same age: ``models.compile.rules`` ranks by them what systems say under ``latest``."""
    with patch.object(rules, "_rank", lambda *_: literal(1)), _compiled_anew("core/"):
        yield


@contextmanager
def empty() -> Iterator[None]:
    """Whatever a read shows is all there is: ``connectors.reading`` refuses one that lost too much."""
    with patch("connectors.reading.too_small", lambda *_: None):
        yield


@contextmanager
def _compiled_anew(weakened: str) -> Iterator[None]:
    """SQL of these names is compiled again inside, and is nobody else's afterwards."""
    kept = {key: text for key, text in statements._texts.items() if not key[1].startswith(weakened)}
    with patch.object(statements, "_texts", kept):
        yield


BROKEN: Mapping[str, Callable[[], AbstractContextManager[None]]] = {"echo": echo, "clocks": clocks, "empty": empty}

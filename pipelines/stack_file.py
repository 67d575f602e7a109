"""Reading stack.yml: YAML with the line of every key, so that each complaint can say where."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from models.errors import StackError

Path_ = tuple[str | int, ...]
# The parser of libyaml takes a tenth of the time, where yaml was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VARIABLE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file and the 1-based line on which each key or list element stands."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[Path_, int]

    def line(self, where: Path_) -> int:
        """The line of a place, or of the nearest enclosing place that is known."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def error(self, where: Path_, message: str) -> StackError:
        """A StackError that names file, line and place."""
        place = ".".join(str(step) for step in where)
        text = f"{self.path.name}, line {self.line(where)}: {place + ': ' if place else ''}{message}"
        return StackError(text, place=where, said=message)


def read(path: Path) -> Document:
    """Parse a stack file; StackError when it is missing, no YAML, or no mapping."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise StackError(
            f"{path}: the stack file cannot be read ({problem.strerror}); name one with --stack"
        ) from problem
    try:
        node = yaml.compose(text, Loader=_LOADER)
        lines: dict[Path_, int] = {}
        data = _build(node, (), lines) if node is not None else {}
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise StackError(f"{path.name}{at}: this is not YAML: {problem.problem or problem.context}") from problem
    document = Document(path=path, data=data if isinstance(data, dict) else {}, lines=lines)
    if not isinstance(data, dict):
        raise document.error((), "a stack is a mapping that starts with `company:`")
    return document


def _build(node: yaml.Node, where: Path_, lines: dict[Path_, int]) -> Any:
    """Plain values from nodes, remembering lines and refusing keys that stand twice."""
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*where, key)
            if key in found:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
            lines[here] = key_node.start_mark.line + 1
            found[key] = _build(value_node, here, lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*where, index), lines) for index, child in enumerate(node.value)]
    value = SafeConstructor().construct_object(node)
    return expand(value) if isinstance(value, str) else value


def expand(text: str) -> str:
    """Replace ``${NAME:-default}`` by the environment's value; a name without value and default stays as it is."""
    return _VARIABLE.sub(lambda m: os.environ.get(m[1], m[2] if m[2] is not None else m[0]), text)

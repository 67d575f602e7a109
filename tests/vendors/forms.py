"""Query strings and form bodies as typed values, so that the same schemas can judge them.

Everything on these wires is a string; what it stands for is said by the schema: ``"25"`` is 25 where an integer is
described, ``"a,b"`` is a list where a list written with commas is described, and ``created[gte]`` is a member.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

Resolve = Callable[[Any], dict[str, Any]]
Fits = Callable[[Any, Any], bool]

_STEP = re.compile(r"\[([^\]]*)\]")


def parse(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form body, decoded, in order, blank ones kept."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Flat names; a repeated one becomes a list in order."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        _put(result, name, value)
    return result


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0][c]=x`` as objects in objects; a blank step (``a[]``) appends to a list."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        head, _, tail = name.partition("[")
        steps = [head, *_STEP.findall(f"[{tail}")] if tail else [head]
        _plant(result, steps, value)
    return result


def _plant(target: dict[str, Any], steps: list[str], value: str) -> None:
    if len(steps) == 1 or steps[1:] == [""]:
        present = target.get(steps[0], [])
        if len(steps) > 1:
            target[steps[0]] = [*present, value] if isinstance(present, list) else [present, value]
        else:
            _put(target, steps[0], value)
        return
    inner = target.setdefault(steps[0], {})
    if isinstance(inner, dict):
        _plant(inner, steps[1:], value)
    else:
        target[steps[0]] = {"": inner, ".".join(steps[1:]): value}  # a name used both ways: the schema refuses it


def _put(target: dict[str, Any], name: str, value: str) -> None:
    if name not in target:
        target[name] = value
    elif isinstance(target[name], list):
        target[name].append(value)
    else:
        target[name] = [target[name], value]


def typed(value: Any, schema: Any, resolve: Resolve, fits: Fits, *, commas: bool = True) -> Any:
    """The value that a string stands for under a vendor schema; one that stands for nothing stays a string.

    ``resolve`` follows references and inheritance, ``fits`` says whether a typed value is valid, and ``commas``
    allows a list to be written in one value with commas between.
    """
    plain = resolve(schema)
    branches = plain.get("anyOf") or plain.get("oneOf")
    if branches:
        tried = [typed(value, branch, resolve, fits, commas=commas) for branch in branches]
        return next((one for one, branch in zip(tried, branches, strict=True) if fits(branch, one)), tried[0])
    if plain.get("type") == "array":
        items = plain.get("items", {})
        return [typed(one, items, resolve, fits, commas=commas) for one in _listed(value, commas)]
    if isinstance(value, dict):
        return _members(value, plain, resolve, fits, commas)
    return _scalar(value, plain.get("type")) if isinstance(value, str) else value


def _members(value: dict[str, Any], plain: dict[str, Any], resolve: Resolve, fits: Fits, commas: bool) -> Any:
    known = plain.get("properties", {})
    others = plain.get("additionalProperties")
    others = others if isinstance(others, dict) else {}
    return {name: typed(one, known.get(name, others), resolve, fits, commas=commas) for name, one in value.items()}


def _listed(value: Any, commas: bool) -> list[Any]:
    if isinstance(value, dict):  # list[0][..]=, list[1][..]=
        return list(value.values())
    if isinstance(value, list):
        return value
    return value.split(",") if commas and isinstance(value, str) else [value]


def _scalar(value: str, kind: Any) -> Any:
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return value

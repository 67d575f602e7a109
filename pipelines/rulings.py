"""The ``ownership`` part of stack.yml: rules and policies as people write them, and their schema for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BeforeValidator, WithJsonSchema

from models.errors import StackError, did_you_mean
from models.ownership import EDITS, KINDS, NULLS, WHEN_DELETED, Kind, Ownership

POLICIES: Mapping[str, tuple[str, ...]] = {"edits": EDITS, "nulls": NULLS, "when_deleted": WHEN_DELETED}
_TEXTS = {
    "edits": "An edit by a system that does not own the field: write the owner's value back, or take the edit over.",
    "nulls": "An empty value of the owner: leave the field to others, leave it empty, or empty it everywhere.",
    "when_deleted": "Of an entity: a deletion against an edit waits for a person, stands, or is undone once.",
}


def read_rule(value: Any) -> Ownership:
    """``{prefer: [a, b]}``, ``{only: a}``, the same as text, or policies alone (``{edits: accept}``)."""
    if isinstance(value, str):
        value = _flow(value)
    if not isinstance(value, Mapping) or not value:
        raise ValueError("an ownership rule is one of " + ", ".join(f"{{{k}: [...]}}" for k in KINDS))
    policies = {name: _policy(name, value[name]) for name in POLICIES if name in value}
    rules = {name: order for name, order in value.items() if name not in POLICIES}
    for name in rules:
        if name not in KINDS:
            raise ValueError(f"there is no rule {name!r}; {did_you_mean(name, (*KINDS, *POLICIES))}")
    if len(rules) > 1:
        raise ValueError(f"a field has one rule, not {' and '.join(rules)}")
    kind, order = next(iter(rules.items()), ("declared", ()))
    names = (order,) if isinstance(order, str) else tuple(order or ())
    if kind == "only" and len(names) != 1:
        raise ValueError("`only` names exactly one system")
    return Ownership(kind=cast("Kind | Literal['declared']", kind), order=names, **cast("dict[str, Any]", policies))


def _flow(text: str) -> Any:
    try:
        return yaml.safe_load("{" + text.strip().removeprefix("{").removesuffix("}") + "}")
    except yaml.YAMLError as problem:
        raise ValueError(f"{text!r} is no rule; write prefer: [a, b]") from problem


def _policy(name: str, value: Any) -> str:
    if value not in POLICIES[name]:
        raise ValueError(f"{name} is one of {', '.join(POLICIES[name])}; {did_you_mean(str(value), POLICIES[name])}")
    return str(value)


def parse_rule(key: str, text: str) -> Ownership:
    """A rule as text, ``prefer: [a, b]`` or ``{only: a}``; ``key`` is what it is for. StackError when it is none."""
    try:
        return read_rule(text)
    except ValueError as problem:
        raise StackError(f"{key}: {problem}") from problem


def _schema() -> dict[str, Any]:
    """What an editor may offer for one entry."""
    names = {"type": "array", "items": {"type": "string"}}
    properties: dict[str, Any] = {kind: {"anyOf": [names, {"type": "string"}]} for kind in KINDS}
    properties |= {
        name: {"enum": list(values), "default": values[0], "description": _TEXTS[name]}
        for name, values in POLICIES.items()
    }
    return {"anyOf": [{"type": "object", "properties": properties, "additionalProperties": False}, {"type": "string"}]}


Rule = Annotated[Ownership, BeforeValidator(read_rule), WithJsonSchema(_schema())]

"""What is asked: form bodies and queries with brackets as nested values, and the types that parameters must have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.dialect import bad
from sandbox.twin import Record

_STEP = re.compile(r"\[([^\]]*)\]")
MOST_METADATA = 50  # keys; a key has at most 40 characters, a value 500 (Idempotency, finding our record again)


def nested(text: str) -> Record:
    """``a[b][0][c]=x`` as objects and lists."""
    result: Record = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, tail = name.partition("[")
        _plant(result, [head, *_STEP.findall(f"[{tail}")] if tail else [head], value)
    return {name: _lists(value) for name, value in result.items()}


def _plant(target: Record, steps: list[str], value: str) -> None:
    here, rest = steps[0] or str(len(target)), steps[1:]
    if not rest:
        target[here] = value
        return
    inner = target.setdefault(here, {})
    if not isinstance(inner, dict):
        raise bad(f"Invalid {steps[0]}: used both as a value and as an object", "parameter_invalid", steps[0])
    _plant(inner, rest, value)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    numbered = bool(inner) and all(name.isdecimal() for name in inner)
    return [inner[name] for name in sorted(inner, key=int)] if numbered else inner


def check_known(given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Unknown parameters are an error (Errors)."""
    for name in given:
        if name not in known:
            raise bad(f"Received unknown parameter: {name}", "parameter_unknown", name)


def needed(given: Mapping[str, Any], name: str) -> Any:
    """A parameter that must be there."""
    if given.get(name) in (None, ""):
        raise bad(f"Missing required param: {name}.", "parameter_missing", name)
    return given[name]


def whole(given: Mapping[str, Any], name: str, default: int | None = None) -> int | None:
    """A parameter that is an integer."""
    if name not in given:
        return default
    if not re.fullmatch(r"-?\d+", str(given[name])):
        raise bad(f"Invalid integer: {given[name]}", "parameter_invalid_integer", name)
    return int(given[name])


def truth(given: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """A parameter that is true or false."""
    if name in given and given[name] not in ("true", "false"):
        raise bad(f"Invalid boolean: {given[name]}", "parameter_invalid", name)
    return given[name] == "true" if name in given else default


def text(given: Mapping[str, Any], name: str, longest: int, current: str | None = None) -> str | None:
    """A text parameter; an empty one clears the member, an absent one leaves it (Base URL, unset)."""
    if name not in given:
        return current
    value = str(given[name])
    if len(value) > longest:
        raise bad(f"Invalid string: {name} must be at most {longest} characters", "parameter_invalid_string", name)
    return value or None


def metadata(given: Mapping[str, Any], current: Mapping[str, str]) -> dict[str, str]:
    """The metadata after a change: keys are merged, an empty value removes its key, an empty parameter all."""
    change = given.get("metadata", {})
    if change == "":
        return {}
    if not isinstance(change, Mapping):
        raise bad("Invalid object: metadata", "parameter_invalid", "metadata")
    merged = {**current, **change}
    kept = {name: str(value) for name, value in merged.items() if value != ""}
    if len(kept) > MOST_METADATA or any(len(k) > 40 or len(v) > 500 for k, v in kept.items()):
        raise bad("Metadata has too many keys, or a key or value is too long", "parameter_invalid", "metadata")
    return kept

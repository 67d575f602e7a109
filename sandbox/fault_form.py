"""Reads a fault from JSON; every complaint names what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sandbox.faults import Fault
from sandbox.guard import GENERAL, PAGE
from sandbox.respelling import FORMS
from sandbox.twin import Twin

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR",
           "MKCOL", "MOVE", "COPY")  # fmt: skip


def kinds(twin: Twin) -> list[str]:
    """The kinds of fault that this twin understands."""
    return [*GENERAL, *twin.lenient]


def read(body: object, twins: Mapping[str, Twin]) -> Fault:
    """The fault that a JSON object describes; ValueError naming the field and what it may be."""
    allowed = [field.name for field in fields(Fault)]
    if not isinstance(body, dict) or (unknown := sorted(set(body) - set(allowed))):
        named = f"unknown field {', '.join(unknown)}" if isinstance(body, dict) else "a fault is a JSON object"
        raise ValueError(f"{named}; a fault has {', '.join(allowed)}")
    if body.get("system") not in twins:
        raise ValueError(f"no system {body.get('system')!r}; there are {', '.join(twins)}")
    known = kinds(twins[body["system"]])
    if body.get("kind") not in known:
        raise ValueError(f"{body['system']} knows no fault {body.get('kind')!r}; it knows {', '.join(known)}")
    if body.get("status") == 200 and body["kind"] != PAGE:
        raise ValueError(f"only {PAGE} may have the status 200, not {body['kind']}")
    for name, (holds, says) in _RULES.items():
        if body.get(name) is not None and not holds(body[name]):
            raise ValueError(f"{name} is {says}, not {body[name]!r}")
    given = {name: value for name, value in body.items() if value is not None}
    return Fault(**{**given, "method": given["method"].upper()} if "method" in given else given)


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and value.upper() in METHODS


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return False
    return isinstance(value, str)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "method": (_is_method, f"one of {', '.join(METHODS)}"),
    "path": (_is_pattern, "a regular expression"),
    "times": (lambda value: _is_whole(value, 1, 10**9), "a whole number of at least 1"),
    "rate": (lambda value: _is_number(value, 1), "a share from 0 to 1"),
    "status": (
        lambda value: _is_whole(value, 400, 599) or _is_whole(value, 200, 200),
        f"an HTTP status from 400 to 599, or 200 for {PAGE}",
    ),
    "retry_after": (lambda value: _is_number(value, 10**9), "seconds of at least 0"),
    "form": (lambda value: value in FORMS, f"one of {', '.join(FORMS)}"),
    "seconds": (lambda value: _is_number(value, 600), "seconds from 0 to 600"),
}

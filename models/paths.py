"""Paths into a raw record's JSON, as SQL expressions."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from models.errors import DeclarationError

_STEP = re.compile(r'"([^"]+)"|([^".\[\]][^.\[\]]*)|\[(\d+)\]|\[([A-Za-z_]\w*)\]')


def literal(value: str | int | bool | None) -> exp.Expr:
    """A constant as an expression."""
    return exp.convert(value)


def call(name: str, *args: exp.Expr) -> exp.Expr:
    """A function call; arguments are copied, so that one expression may be used in several places."""
    return exp.Anonymous(this=name, expressions=[a.copy() for a in args])


def steps(path: str) -> list[str | int | tuple[str]]:
    """A path's steps: a key, a list index, or (flag,) for the element that carries a flag.

    A key in double quotes may hold dots and brackets: ``"Invoice No."``.
    """
    found: list[str | int | tuple[str]] = []
    position = 0
    while position < len(path):
        if path[position] == ".":
            position += 1
        match = _STEP.match(path, position)
        if match is None:
            raise DeclarationError(f"path {path!r} cannot be read at character {position + 1}")
        quoted, plain, index, flag = match.groups()
        key = quoted or plain
        if key == "*":
            raise DeclarationError(f"path {path!r}: a key '*' stands for every key in SQL and cannot be named")
        found.append(key if key is not None else int(index) if index is not None else (flag,))
        position = match.end()
    if not found:
        raise DeclarationError("a path needs at least one step")
    return found


def text_at(path: str) -> exp.Expr:
    """The value at a path as text; NULL when absent or null."""
    return _walk(path, scalar=True)


def trimmed_at(path: str) -> exp.Expr:
    """The text at a path without spaces around it; an empty one is no value."""
    return call("nullif", exp.Trim(this=text_at(path)), literal(""))


def json_at(path: str) -> exp.Expr:
    """The value at a path as JSON."""
    return _walk(path, scalar=False)


def array_at(path: str) -> exp.Expr:
    """The list at a path as a list of JSON values; NULL when there is none."""
    return exp.TryCast(this=json_at(path), to=exp.DataType.build("JSON[]", dialect="duckdb"))


def _walk(path: str, *, scalar: bool) -> exp.Expr:
    root = "element" if path.startswith("@.") else "record"
    current: exp.Expr = exp.column(root)
    pending: list[exp.Expr] = []
    for step in steps(path.removeprefix("@.")):
        if isinstance(step, tuple):
            current, pending = _flagged(_extract(current, pending, False), step[0]), []
        elif isinstance(step, int):
            pending.append(exp.JSONPathSubscript(this=step))
        else:
            pending.append(exp.JSONPathKey(this=step))
    return _extract(current, pending, scalar)


def _extract(root: exp.Expr, path: list[Any], scalar: bool) -> exp.Expr:
    if not path and not scalar:
        return root
    kind = exp.JSONExtractScalar if scalar else exp.JSONExtract
    return kind(
        this=root.copy(), expression=exp.JSONPath(expressions=[exp.JSONPathRoot(), *path]), only_json_types=False
    )


def _flagged(listed: exp.Expr, flag: str) -> exp.Expr:
    """The first element whose flag is true, else the first element."""
    rows = exp.TryCast(this=listed, to=exp.DataType.build("JSON[]", dialect="duckdb"))
    flagged = exp.JSONExtractScalar(
        this=exp.column("one"),
        expression=exp.JSONPath(expressions=[exp.JSONPathRoot(), exp.JSONPathKey(this=flag)]),
        only_json_types=False,
    )
    test = exp.EQ(this=exp.Paren(this=flagged), expression=literal("true"))
    kept = call("list_filter", rows, exp.Lambda(this=test, expressions=[exp.to_identifier("one")]))
    return exp.Paren(this=call("coalesce", _first(kept), _first(rows)))


def _first(listed: exp.Expr) -> exp.Expr:
    return call("list_extract", listed, literal(1))

"""The query language, as much of it as integrations use: SELECT with parents and children, WHERE, ORDER BY, LIMIT.

A statement becomes a ``Query``; conditions become trees that ``querying`` judges records by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.dialect import Failure, bad

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')"
    r"|(?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)|(?P<sign>!=|<>|<=|>=|[=<>(),]))"
)
_ESCAPED = re.compile(r"\\(.)")
_SIGNS = {"=", "!=", "<>", "<", "<=", ">", ">="}
LONGEST = 100_000  # characters of a statement (Reads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value in a statement; ``kind`` is text, when, day, number or word (true, false, null)."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One comparison; ``sign`` is one of =, !=, <, <=, >, >=, like, in, not in."""

    path: str
    sign: str
    values: tuple[Literal, ...] = ()
    inner: Query | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """Conditions together: ``and``, ``or``, ``not``."""

    word: str
    parts: tuple[Condition, ...]


Condition = Test | Junction


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement. ``children`` are the sub-queries of its SELECT; ``count`` when it asks for COUNT() alone."""

    paths: tuple[str, ...]
    source: str
    children: tuple[Query, ...] = ()
    count: bool = False
    where: Condition | None = None
    order: tuple[tuple[str, bool, bool], ...] = ()  # path, descending, nulls last
    limit: int | None = None
    offset: int = 0


def parse(statement: str) -> Query:
    """The statement. Failure MALFORMED_QUERY where it cannot be read."""
    if len(statement) > LONGEST:
        raise bad("QUERY_TOO_COMPLICATED", "The query is too long")
    reader = _Reader(tokens=_tokens(statement))
    query = reader.query()
    if reader.peek() is not None:
        raise _unexpected(reader.peek())
    return query


def _tokens(statement: str) -> Sequence[Literal]:
    found, at = [], 0
    while at < len(statement.rstrip()):
        match = _TOKEN.match(statement, at)
        if match is None:
            raise bad("MALFORMED_QUERY", f"line 1:{at} no viable alternative at character '{statement[at]}'")
        kind = str(match.lastgroup)
        text = match[kind]
        found.append(Literal(kind=kind, value=_ESCAPED.sub(r"\1", text[1:-1]) if kind == "text" else text))
        at = match.end()
    return found


def _unexpected(token: Literal | None) -> Failure:
    said = "unexpected end of query" if token is None else f"unexpected token: '{token.value}'"
    return bad("MALFORMED_QUERY", said)


@dataclass(slots=True)
class _Reader:
    tokens: Sequence[Literal]
    at: int = field(default=0)

    def peek(self) -> Literal | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> Literal:
        token = self.peek()
        if token is None:
            raise _unexpected(None)
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Take these words when they come next."""
        ahead = self.tokens[self.at : self.at + len(words)]
        if [str(t.value).lower() for t in ahead if t.kind in ("word", "sign")] != list(words):
            return False
        self.at += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise _unexpected(self.peek())

    def word(self) -> str:
        token = self.take()
        if token.kind != "word":
            raise _unexpected(token)
        return str(token.value)

    def query(self) -> Query:
        self.expect("select")
        paths, children, count = self._selected()
        self.expect("from")
        source = self.word()
        where = self.condition() if self.accept("where") else None
        order = self._order() if self.accept("order", "by") else ()
        limit = self._number() if self.accept("limit") else None
        offset = self._number() if self.accept("offset") else 0
        return Query(
            paths=paths, source=source, children=children, count=count, where=where, order=order, limit=limit,
            offset=offset,
        )  # fmt: skip

    def _selected(self) -> tuple[tuple[str, ...], tuple[Query, ...], bool]:
        if self.accept("count", "(", ")"):
            return (), (), True
        paths: list[str] = []
        children: list[Query] = []
        while True:
            if self.accept("("):
                children.append(self.query())
                self.expect(")")
            else:
                paths.append(self.word())
            if not self.accept(","):
                return tuple(paths), tuple(children), False

    def condition(self) -> Condition:
        parts = [self._single()]
        for word in ("and", "or"):
            while self.accept(word):
                parts.append(self._single())
            if len(parts) > 1:
                return Junction(word=word, parts=tuple(parts))
        return parts[0]

    def _single(self) -> Condition:
        if self.accept("not"):
            return Junction(word="not", parts=(self._single(),))
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self._test(self.word())

    def _test(self, path: str) -> Test:
        if self.accept("in"):
            return self._among(path, "in")
        if self.accept("not", "in"):
            return self._among(path, "not in")
        if self.accept("like"):
            return Test(path=path, sign="like", values=(self._literal(),))
        sign = str(self.take().value)
        if sign not in _SIGNS:
            raise bad("MALFORMED_QUERY", f"unexpected token: '{sign}'")
        return Test(path=path, sign="!=" if sign == "<>" else sign, values=(self._literal(),))

    def _among(self, path: str, sign: str) -> Test:
        self.expect("(")
        if self.accept("select"):
            self.at -= 1
            inner = self.query()
            self.expect(")")
            return Test(path=path, sign=sign, inner=inner)
        values = [self._literal()]
        while self.accept(","):
            values.append(self._literal())
        self.expect(")")
        return Test(path=path, sign=sign, values=tuple(values))

    def _literal(self) -> Literal:
        token = self.take()
        if token.kind == "sign" or (token.kind == "word" and str(token.value).lower() not in ("true", "false", "null")):
            raise _unexpected(token)
        return token

    def _order(self) -> tuple[tuple[str, bool, bool], ...]:
        keys = []
        while True:
            path = self.word()
            descending = not self.accept("asc") and self.accept("desc")
            last = not self.accept("nulls", "first") and self.accept("nulls", "last")
            keys.append((path, descending, last))
            if not self.accept(","):
                return tuple(keys)

    def _number(self) -> int:
        token = self.take()
        if token.kind != "number":
            raise _unexpected(token)
        return int(token.value)

"""The query language: text to a statement. Only the form is read here; ``search`` knows entities and values.

SELECT * | count(*) | members FROM Entity [WHERE c AND c] [ORDERBY m [ASC|DESC], ..] [STARTPOSITION n] [MAXRESULTS n]

Source: facts sheet "Query endpoint".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.quickbooks_online.refusals import Refused, bad_query

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:\\.|[^'\\])*')
      | (?P<operator><=|>=|!=|<>|=|<|>)
      | (?P<mark>[(),*])
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.:-]))
      | (?P<word>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE,
)
DEFAULT_PAGE = 100
LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """``operator`` is one of = < > <= >= IN LIKE; ``values`` has one element for all but IN."""

    member: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    member: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """``members`` is empty for ``*``; positions count from 1."""

    entity: str
    members: tuple[str, ...]
    counting: bool
    conditions: tuple[Condition, ...]
    order: tuple[Order, ...]
    start: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    kind: str
    text: str


@dataclass(slots=True)
class _Reader:
    """The tokens of one statement and how far they have been read."""

    tokens: list[Token]
    at: int = 0

    def peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token(kind="end", text="<EOF>")

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def met(self, *words: str) -> bool:
        """Take these words (or marks), whatever their case, when they come next."""
        coming = self.tokens[self.at : self.at + len(words)]
        fits = [token.text.upper() for token in coming] == list(words) and all(t.kind != "string" for t in coming)
        self.at += len(words) if fits else 0
        return fits

    def expect(self, word: str) -> None:
        if not self.met(word):
            raise unexpected(self.peek(), word)

    def name(self) -> str:
        token = self.take()
        if token.kind != "word":
            raise unexpected(token, "a property")
        return token.text


def unexpected(token: Token, wanted: str) -> Refused:
    return bad_query(f'Encountered "{token.text}". Was expecting {wanted}')


def parsed(text: str) -> Statement:
    """The statement that ``text`` is; raises ``Refused`` (4001) when it is none."""
    reader = _Reader(_tokens(text))
    reader.expect("SELECT")
    counting, members = _selection(reader)
    reader.expect("FROM")
    entity = reader.name()
    conditions = _conditions(reader) if reader.met("WHERE") else ()
    order = _orders(reader) if reader.met("ORDERBY") or reader.met("ORDER", "BY") else ()
    start = _position(reader, "STARTPOSITION", 1, None)
    most = _position(reader, "MAXRESULTS", DEFAULT_PAGE, LONGEST_PAGE)
    if reader.peek().kind != "end":
        raise unexpected(reader.peek(), "the end of the statement")
    return Statement(
        entity=entity, members=members, counting=counting, conditions=conditions, order=order, start=start, most=most
    )


def _tokens(text: str) -> list[Token]:
    tokens, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise bad_query(f'Encountered "{text[at : at + 10].strip()}" at column {at + 1}')
        tokens.append(Token(kind=str(match.lastgroup), text=match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _selection(reader: _Reader) -> tuple[bool, tuple[str, ...]]:
    if reader.met("COUNT", "(", "*", ")"):
        return True, ()
    members = [_selected(reader)]
    while reader.met(","):
        members.append(_selected(reader))
    return False, () if "*" in members else tuple(members)


def _selected(reader: _Reader) -> str:
    return "*" if reader.met("*") else reader.name()


def _conditions(reader: _Reader) -> tuple[Condition, ...]:
    conditions = [_condition(reader)]
    while reader.met("AND"):
        conditions.append(_condition(reader))
    return tuple(conditions)


def _condition(reader: _Reader) -> Condition:
    member, token = reader.name(), reader.take()
    operator = token.text.upper()
    if operator == "IN":
        reader.expect("(")
        values = [_literal(reader)]
        while reader.met(","):
            values.append(_literal(reader))
        reader.expect(")")
        return Condition(member=member, operator=operator, values=tuple(values))
    if operator not in ("=", "<", ">", "<=", ">=", "LIKE"):
        raise unexpected(token, "an operator")
    return Condition(member=member, operator=operator, values=(_literal(reader),))


def _literal(reader: _Reader) -> str:
    token = reader.take()
    if token.kind == "string":
        return re.sub(r"\\(.)", r"\1", token.text[1:-1])
    if token.kind == "number" or token.text.lower() in ("true", "false"):
        return token.text
    raise unexpected(token, "a value")


def _orders(reader: _Reader) -> tuple[Order, ...]:
    orders = [_order(reader)]
    while reader.met(","):
        orders.append(_order(reader))
    return tuple(orders)


def _order(reader: _Reader) -> Order:
    member = reader.name()
    descending = reader.met("DESC")
    if not descending:
        reader.met("ASC")
    return Order(member=member, descending=descending)


def _position(reader: _Reader, word: str, default: int, most: int | None) -> int:
    if not reader.met(word):
        return default
    token = reader.take()
    if token.kind != "number" or "." in token.text:
        raise unexpected(token, "a whole number")
    value = int(token.text)
    if value < 1:
        raise bad_query(f"value {value} is too small. Min allowed value is 1")
    if most is not None and value > most:
        raise bad_query(f"value {value} is too large. Max allowed value is {most}")
    return value

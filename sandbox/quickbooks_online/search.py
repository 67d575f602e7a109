"""Answering a statement from the records: which members may be asked for, how values compare, pages.

Names that are not active are left out unless a condition speaks of Active. Text compares without regard to
case. Source: facts sheet "Query endpoint".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.quickbooks_online.books import Books
from sandbox.quickbooks_online.dialect import decimal, instant
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.members import BY_NAME
from sandbox.quickbooks_online.query import Condition, Order, parsed
from sandbox.quickbooks_online.refusals import bad_query
from sandbox.twin import Record

# Where the value of a member that is an object is found.
_INNER = {"ref": "value", "phone": "FreeFormNumber", "email": "Address", "uri": "URI", "memo": "value"}
_ALWAYS_SENT = ("domain", "sparse", "Id")


def answered(books: Books, text: str) -> Record:
    """The QueryResponse to a statement; raises ``Refused`` (4001) for what cannot be asked."""
    statement = parsed(text)
    entity = BY_NAME.get(statement.entity.lower())
    if entity is None:
        raise bad_query(f"Invalid context declaration: {statement.entity}")
    found = _ordered(entity, _matching(books, entity, statement.conditions), statement.order)
    if statement.counting:
        return {"totalCount": len(found)}
    page = found[statement.start - 1 : statement.start - 1 + statement.most]
    if not page:
        return {}
    wanted = [_member(entity, name) for name in statement.members]
    rows = [_projected(record, wanted) for record in page] if wanted else page
    return {entity.name: rows, "startPosition": statement.start, "maxResults": len(rows)}


def _matching(books: Books, entity: Entity, conditions: tuple[Condition, ...]) -> list[Record]:
    tests = [(_filter(entity, c.member), c) for c in conditions]
    rows: Iterable[Record] = books.rows[entity.collection].values()
    if entity.family == "name" and not any(member == "Active" for member, _ in tests):
        rows = [row for row in rows if row.get("Active") is not False]
    for member, condition in tests:
        rows = _kept(rows, entity, member, condition)
    return list(rows)


def _kept(rows: Iterable[Record], entity: Entity, member: str, condition: Condition) -> list[Record]:
    type_ = entity.types[member]
    if member == "Id" and condition.operator not in ("=", "IN"):
        raise bad_query(f"Operator {condition.operator} is not supported for property Id")
    if condition.operator == "LIKE":
        pattern = _pattern(condition.values[0])
        return [row for row in rows if pattern.fullmatch(str(_plain(row, member, type_) or ""))]
    values = [_comparable(type_, member, value) for value in condition.values]
    return [row for row in rows if _holds(_stored(row, member, type_), condition.operator, values)]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.IGNORECASE | re.DOTALL)


def _holds(value: Any, operator: str, values: list[Any]) -> bool:
    """Whether a stored value stands in this relation; an absent one stands in none."""
    if value is None:
        return False
    first = values[0]
    return bool(
        value in values
        if operator in ("=", "IN")
        else value < first
        if operator == "<"
        else value > first
        if operator == ">"
        else value <= first
        if operator == "<="
        else value >= first
    )


def _ordered(entity: Entity, rows: list[Record], order: tuple[Order, ...]) -> list[Record]:
    """Sorted by the last term first, so that the first one decides; records without a value come last."""
    for term in reversed(order):
        member = _filter(entity, term.member)
        type_ = entity.types[member]
        pairs = [(_stored(row, member, type_), row) for row in rows]
        present = sorted((p for p in pairs if p[0] is not None), key=lambda p: p[0], reverse=term.descending)
        rows = [row for _, row in present] + [row for value, row in pairs if value is None]
    return rows


def _member(entity: Entity, name: str) -> str:
    """A member by its name in any case; a part of an object is asked for by the object's name."""
    names = {known.lower(): known for known in entity.types} | {"metadata": "MetaData", "line": "Line"}
    known = names.get(name.lower()) or names.get(name.lower().partition(".")[0])
    if known is None:
        raise bad_query(f"Property {name} not found for Entity {entity.name}")
    return known


def _filter(entity: Entity, name: str) -> str:
    member = _member(entity, name)
    if member not in entity.queryable:
        raise bad_query(f"property '{member}' is not queryable")
    return member


def _projected(record: Record, members: Iterable[str]) -> Record:
    """Only the members asked for, marked sparse, with the id."""
    tops = {*_ALWAYS_SENT, *(member.partition(".")[0] for member in members)}
    return {name: True if name == "sparse" else value for name, value in record.items() if name in tops}


def _plain(record: Mapping[str, Any], member: str, type_: str) -> Any:
    """The JSON value behind a member, inside its object where it has one."""
    value: Any = record
    for part in member.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    inner = _INNER.get(type_.partition(":")[0])
    return value.get(inner) if inner and isinstance(value, Mapping) else value


def _stored(record: Mapping[str, Any], member: str, type_: str) -> Any:
    value = _plain(record, member, type_)
    return None if value is None else _comparable(type_, member, str(value))


def _comparable(type_: str, member: str, text: str) -> Any:
    """A value of this type that compares as the vendor compares: numbers, days, instants, text without case."""
    kind = type_.partition(":")[0]
    try:
        return _COMPARABLE.get(kind, str.lower)(text)
    except ValueError as error:
        raise bad_query(f"value '{text}' is invalid for property {member}") from error


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _number(text: str) -> Decimal:
    return decimal(text)


_COMPARABLE: Mapping[str, Any] = {
    "number": _number,
    "money": _number,
    "count": _number,
    "date": _day,
    "instant": instant,
}

"""What a query finds: records judged by its conditions, shown with the fields that it selects (Reads)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sandbox.salesforce.catalog import CHILDREN, KINDS, Kind, Member, kind_of
from sandbox.salesforce.dialect import attributes, bad, day, full_id, instant
from sandbox.salesforce.soql import Condition, Junction, Literal, Query, Test
from sandbox.store import Store
from sandbox.twin import Record

MOST_SKIPPED = 2000  # by OFFSET
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


@dataclass(slots=True)
class Sight:
    """The records of one store as one statement sees them, each collection fetched once; ``bin`` with deleted ones."""

    store: Store
    bin: bool = False
    _held: dict[str, dict[str, Record]] = field(default_factory=dict)
    _below: dict[tuple[str, str], dict[str, list[Record]]] = field(default_factory=dict)

    def all(self, kind: str) -> Mapping[str, Record]:
        if kind not in self._held:
            self._held[kind] = dict(self.store.items(kind))
        return self._held[kind]

    def visible(self, kind: str) -> list[Record]:
        return [one for one in self.all(kind).values() if self.bin or not one.get("IsDeleted")]

    def below(self, kind: str, member: str, id: str) -> list[Record]:
        """Records that point to another one."""
        if (kind, member) not in self._below:
            grouped: dict[str, list[Record]] = {}
            for one in self.visible(kind):
                grouped.setdefault(str(one.get(member)), []).append(one)
            self._below[kind, member] = grouped
        return self._below[kind, member].get(id, [])


def found(sight: Sight, query: Query, among: list[Record] | None = None) -> list[Record]:
    """The records that a statement finds, whole and in its order; of ``among`` when given.

    Failure when it names what is not there.
    """
    kind = _kind(query.source)
    keep = judge(sight, kind, query.where)
    rows = [one for one in (sight.visible(kind.name) if among is None else among) if keep(one)]
    return _cut(query, _ordered(sight, kind, query, rows))


def shown(sight: Sight, query: Query, rows: Iterable[Record], version: str) -> list[Record]:
    """The selected fields of records, in the order of SELECT after ``attributes``."""
    kind = _kind(query.source)
    for path in query.paths:
        _member_at(kind, path)
    return [_row(sight, kind, query, one, version) for one in rows]


def wire(member: Member, value: Any) -> Any:
    """A value as records show it."""
    return False if value is None and member.kind == "boolean" else value


def _kind(name: str) -> Kind:
    kind = kind_of(name)
    if kind is None:
        raise bad("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return kind


def _member_at(kind: Kind, path: str) -> Member:
    """The field at the end of a path through parents. Failure INVALID_FIELD when there is none."""
    *parents, last = path.split(".")
    for name in parents:
        up = next((m for m in kind.members.values() if (m.relationship or "").lower() == name.lower()), None)
        if up is None:
            raise bad("INVALID_FIELD", f"Didn't understand relationship '{name}' in field path.")
        kind = KINDS[up.to[0]]
    member = kind.member(last)
    if member is None:
        raise bad("INVALID_FIELD", f"No such column '{last}' on entity '{kind.name}'.")
    return member


def value_at(sight: Sight, kind: Kind, record: Record | None, path: str) -> Any:
    """A record's own value, or that of a parent; None where a parent is missing."""
    name, _, rest = path.partition(".")
    if record is None or not rest:
        member = _member_at(kind, name)
        return None if record is None else wire(member, record.get(member.name))
    up = next(m for m in kind.members.values() if (m.relationship or "").lower() == name.lower())
    parent = _parent(sight, up, record)
    return None if parent is None else value_at(sight, parent[0], parent[1], rest)


def _parent(sight: Sight, up: Member, record: Record) -> tuple[Kind, Record] | None:
    id = record.get(up.name)
    for name in up.to:
        if id and (one := sight.all(name).get(str(id))) is not None:
            return KINDS[name], one
    return None


def _row(sight: Sight, kind: Kind, query: Query, record: Record, version: str) -> Record:
    told: Record = {"attributes": attributes(kind.name, record["Id"], version)}
    for path in query.paths:
        _put(sight, kind, record, told, path, version)
    for child in query.children:
        name, member = _child(kind, child.source)
        inner = replace(child, source=name)
        rows = shown(sight, inner, found(sight, inner, sight.below(name, member, record["Id"])), version)
        told[child.source] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None
    return told


def _put(sight: Sight, kind: Kind, record: Record, told: Record, path: str, version: str) -> None:
    """One selected field, nested where it is a parent's."""
    name, _, rest = path.partition(".")
    if not rest:
        member = _member_at(kind, name)
        told[member.name] = wire(member, record.get(member.name))
        return
    up = next(m for m in kind.members.values() if (m.relationship or "").lower() == name.lower())
    parent = _parent(sight, up, record)
    if parent is None:
        told[name] = None
        return
    inner = told.setdefault(name, {"attributes": attributes(parent[0].name, parent[1]["Id"], version)})
    _put(sight, parent[0], parent[1], inner, rest, version)


def _child(kind: Kind, name: str) -> tuple[str, str]:
    known = CHILDREN.get(kind.name, {})
    if name not in known:
        raise bad("INVALID_TYPE", f"Didn't understand relationship '{name}' in FROM part of query call.")
    return known[name]


def judge(sight: Sight, kind: Kind, condition: Condition | None) -> Any:
    """A condition as a function of a record."""
    if condition is None:
        return lambda _: True
    if isinstance(condition, Junction):
        parts = [judge(sight, kind, one) for one in condition.parts]
        if condition.word == "not":
            return lambda record: not parts[0](record)
        together = all if condition.word == "and" else any
        return lambda record: together(part(record) for part in parts)
    member = _member_at(kind, condition.path)
    holds = _holds(sight, condition, member)
    return lambda record: holds(_plain(member, value_at(sight, kind, record, condition.path)))


def _holds(sight: Sight, test: Test, member: Member) -> Any:
    """A comparison as a function of a value."""
    if test.sign in ("in", "not in"):
        wanted = _inner(sight, test.inner) if test.inner else {_meant(member, one) for one in test.values}
        return lambda value: (value in wanted) == (test.sign == "in")
    meant = _meant(member, test.values[0])
    if test.sign in ("=", "!="):
        return lambda value: (value == meant) == (test.sign == "=")
    if test.sign == "like":
        pattern = re.escape(str(meant)).replace("%", ".*").replace("_", ".")
        return lambda value: value is not None and re.fullmatch(pattern, str(value), re.DOTALL) is not None
    compared = _COMPARED[test.sign]
    return lambda value: value is not None and meant is not None and compared(value, meant)


def _inner(sight: Sight, query: Query) -> set[Any]:
    kind = _kind(query.source)
    return {_plain(_member_at(kind, query.paths[0]), one.get(query.paths[0])) for one in found(sight, query)}


def _meant(member: Member, literal: Literal) -> Any:
    """A literal as the field compares it. Failure INVALID_FIELD when it is of another type."""
    if literal.kind == "word":
        return {"true": True, "false": False, "null": None}[str(literal.value).lower()]
    wanted = {"datetime": ("when",), "date": ("day",), "int": ("number",), "double": ("number",)}
    wanted["currency"] = ("number",)
    if literal.kind not in wanted.get(member.kind, ("text",)):
        said = f"value of filter criterion for field '{member.name}' must be of type {member.kind}"
        raise bad("INVALID_FIELD", said)
    return _plain(member, float(literal.value) if literal.kind == "number" else literal.value)


def _plain(member: Member, value: Any) -> Any:
    """A value by which fields of this type are compared: text without case, ids in their long form."""
    if value is None or isinstance(value, bool | int | float | datetime | date):
        return value
    if member.kind == "datetime":
        return instant(value, member.name)
    if member.kind == "date":
        return day(value, member.name)
    if member.kind in ("id", "reference"):
        return full_id(str(value))
    return str(value).lower()


def _ordered(sight: Sight, kind: Kind, query: Query, rows: list[Record]) -> list[Record]:
    for path, descending, last in reversed(query.order):
        member = _member_at(kind, path)
        keyed = [(_plain(member, value_at(sight, kind, one, path)), one) for one in rows]
        full = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
        empty = [one for value, one in keyed if value is None]
        rows = [one for _, one in full]
        rows = rows + empty if last else empty + rows
    return rows


def _cut(query: Query, rows: list[Record]) -> list[Record]:
    if query.offset > MOST_SKIPPED:
        raise bad("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
    return rows[query.offset :][: query.limit]

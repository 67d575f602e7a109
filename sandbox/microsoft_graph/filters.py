"""``$filter`` and ``$orderby`` of lists, as far as calendars need them (facts: Streams, finding our own)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.microsoft_graph.dialect import Call, bad
from sandbox.microsoft_graph.times import bound, instant
from sandbox.twin import Record

_ANY = re.compile(
    r"singleValueExtendedProperties/any\((\w+):\s*\1/id eq '((?:[^']|'')*)' and \1/value eq '((?:[^']|'')*)'\)",
    re.IGNORECASE,
)
_TERM = re.compile(r"([\w/]+) (eq|ne|ge|gt|le|lt) ('(?:[^']|'')*'|[\w:.+-]+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "ge": lambda a, b: a >= b, "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b, "lt": lambda a, b: a < b,
}  # fmt: skip


def asked_for(call: Call, records: list[Record]) -> list[Record]:
    """The records that the filter lets through, in the asked order. Raises Failure 400 for what it cannot read."""
    text = call.query.get("$filter", "").strip()
    for part in _parts(text) if text else ():
        if found := _ANY.fullmatch(part):
            wanted = {"id": found[2].replace("''", "'"), "value": found[3].replace("''", "'")}
            records = [one for one in records if wanted in one.get("singleValueExtendedProperties", ())]
            continue
        term = _TERM.fullmatch(part)
        if term is None:
            raise bad(f"Invalid filter clause: {part}", "ErrorInvalidUrlQueryFilter")
        records = [one for one in records if _meets(one, *term.groups())]
    return _ordered(call, records)


def _parts(text: str) -> list[str]:
    """Terms joined by ``and``, of which one may hold another ``and`` in its own parentheses."""
    whole = _ANY.search(text)
    if whole is None:
        return re.split(r"\s+and\s+", text)
    rest = (text[: whole.start()] + text[whole.end() :]).strip()
    rest = re.sub(r"^and\s+|\s+and$", "", rest)
    return [whole[0], *(re.split(r"\s+and\s+", rest) if rest else ())]


def _meets(record: Record, name: str, operator: str, text: str) -> bool:
    value, wanted = _value(record, name), _literal(name, text)
    if value is None or wanted is None:
        return operator == "ne" if value != wanted else operator == "eq"
    return _COMPARE[operator](value, wanted)


def _value(record: Record, name: str) -> Any:
    if name in ("start/dateTime", "end/dateTime"):
        return instant(record[name[: name.index("/")]])
    if name not in record:
        raise bad(f"Could not find a property named '{name}'.")
    value = record[name]
    return datetime.fromisoformat(value) if name.endswith("DateTime") and value else value


def _literal(name: str, text: str) -> Any:
    if name.endswith("ateTime"):
        return bound(text.strip("'"), name)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return {"true": True, "false": False, "null": None}.get(text, text)


def _ordered(call: Call, records: list[Record]) -> list[Record]:
    name, _, way = call.query.get("$orderby", "").partition(" ")
    if not name:
        return records
    return sorted(records, key=lambda one: _value(one, name), reverse=way == "desc")

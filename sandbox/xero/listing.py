"""Lists: pages by number, filters, order, and what changed since (Paging, filters, increment)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero.dialect import bad_query, instant
from sandbox.xero.index import value_at

PAGE, MOST = 100, 1000
_CLAUSE = re.compile(
    r'(?P<member>[A-Za-z.]+)\s*(?P<sign>==|!=|>=|<=|>|<)\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"'
    r'|Guid\("(?P<guid>[^"]*)"\)|DateTime\((?P<day>[\d,\s]+)\)|(?P<word>true|false|null)|(?P<number>-?[\d.]+))'
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b), "!=": lambda a, b: bool(a != b), ">=": lambda a, b: bool(a >= b),
    "<=": lambda a, b: bool(a <= b), ">": lambda a, b: bool(a > b), "<": lambda a, b: bool(a < b),
}  # fmt: skip
# Filter of comma lists -> the member that it concerns.
LISTS = {"InvoiceNumbers": "InvoiceNumber", "ContactIDs": "Contact.ContactID", "Statuses": "Status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list's parameters: the query, and since when."""

    query: Mapping[str, str]
    since: datetime | None


def since_of(header: str | None) -> datetime | None:
    """The instant of If-Modified-Since: ISO, UTC where it has no offset, or an HTTP date."""
    if not header:
        return None
    try:
        at = datetime.fromisoformat(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError as problem:
            raise bad_query("If-Modified-Since is not a valid date") from problem
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def listed(records: Sequence[Record], id: str, asked: Asked) -> list[Record]:
    """The records that were asked for, in order."""
    query = asked.query
    rows = [one for one in records if asked.since is None or _changed(one) > asked.since]
    if query.get("IDs"):
        wanted = set(query["IDs"].split(","))
        rows = [one for one in rows if one[id] in wanted]
    for name, member in LISTS.items():
        if query.get(name):
            values = set(query[name].split(","))
            rows = [one for one in rows if value_at(one, member) in values]
    if query.get("searchTerm"):
        term = query["searchTerm"].lower()
        rows = [one for one in rows if any(term in str(v).lower() for v in one.values() if isinstance(v, str))]
    if query.get("where"):
        test = condition(query["where"])
        rows = [one for one in rows if test(one)]
    return _ordered(rows, query.get("order") or f"{id} ASC")


def paged(rows: Sequence[Record], query: Mapping[str, str]) -> tuple[list[Record], Record]:
    """The page that was asked for, and what the envelope says of it; without a number all of them."""
    if "page" not in query:
        return list(rows), {}
    page, size = _whole(query["page"], "page"), min(_whole(query.get("pageSize", str(PAGE)), "pageSize"), MOST)
    start = (page - 1) * size
    told = {"page": page, "pageSize": size, "pageCount": -(-len(rows) // size), "itemCount": len(rows)}
    return list(rows[start : start + size]), {"pagination": told}


def condition(text: str) -> Callable[[Record], bool]:
    """A ``where``: comparisons joined by AND or by OR. Refused when it cannot be read."""
    tests: list[Callable[[Record], bool]] = []
    words: set[str] = set()
    at = 0
    while True:
        clause = _CLAUSE.match(text, at)
        if clause is None:
            raise bad_query(f"The where clause cannot be read at position {at}")
        tests.append(_test(clause))
        joint = re.compile(r"\s+(AND|OR|&&|\|\|)\s+").match(text, clause.end())
        if joint is None:
            break
        words.add({"&&": "AND", "||": "OR"}.get(joint[1], joint[1]))
        at = joint.end()
    if text[clause.end() :].strip() or len(words) > 1:
        raise bad_query("The where clause cannot be read")
    together = any if words == {"OR"} else all
    return lambda record: together(test(record) for test in tests)


def _test(clause: re.Match[str]) -> Callable[[Record], bool]:
    wanted = _wanted(clause)
    compare = _SIGNS[clause["sign"]]

    def test(record: Record) -> bool:
        value = value_at(record, clause["member"])
        if isinstance(wanted, datetime):
            value = instant(value)
        if value is None or wanted is None:
            return compare(value, wanted) if clause["sign"] in ("==", "!=") else False
        return compare(float(str(value)) if isinstance(wanted, float) else value, wanted)

    return test


def _wanted(clause: re.Match[str]) -> Any:
    if clause["day"]:
        year, month, day = (int(part) for part in clause["day"].split(",")[:3])
        return datetime(year, month, day, tzinfo=UTC)
    if clause["word"]:
        return {"true": True, "false": False, "null": None}[clause["word"]]
    if clause["number"]:
        return float(clause["number"])
    return clause["guid"] if clause["guid"] is not None else re.sub(r"\\(.)", r"\1", clause["text"])


def _changed(record: Record) -> datetime:
    return instant(record.get("UpdatedDateUTC")) or datetime.min.replace(tzinfo=UTC)


def _ordered(rows: list[Record], order: str) -> list[Record]:
    member, _, direction = order.strip().partition(" ")
    if direction.strip().upper() not in ("", "ASC", "DESC") or not re.fullmatch(r"[A-Za-z.]+", member):
        raise bad_query("The order cannot be read")

    def place(record: Record) -> tuple[bool, Any]:
        value = value_at(record, member)
        at = instant(value)
        return value is not None, at.isoformat() if at else value if value is not None else ""

    return sorted(rows, key=place, reverse=direction.strip().upper() == "DESC")


def _whole(text: str, name: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise bad_query(f"{name} is not a valid number")
    return int(text)


def of(store: Store, collection: str, query: Mapping[str, str]) -> list[Record]:
    """A collection's records; archived contacts only when asked for (Deletion)."""
    rows = store.all(collection)
    hidden = collection == "contacts" and query.get("includeArchived", "").lower() != "true" and not query.get("IDs")
    return [one for one in rows if one["ContactStatus"] != "ARCHIVED"] if hidden else rows

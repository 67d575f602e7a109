"""Lists by page and feeds by continuation token (Pagination, Incremental)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from sandbox.servicetitan import external
from sandbox.servicetitan.dialect import Call, answer, changed_at, instant, problem, without
from sandbox.store import Record

PAGE, MOST, MOST_IDS = 50, 5000, 50
FEED = 500  # rows in one answer of a feed; the vendor does not say how many
# What changed so lately is held back by a feed, or comes again with the next question (Incremental).
RECENT = timedelta(minutes=5)
_DATES: Mapping[str, tuple[str, bool]] = {
    "modifiedOnOrAfter": ("modifiedOn", True), "modifiedBefore": ("modifiedOn", False),
    "createdOnOrAfter": ("createdOn", True), "createdBefore": ("createdOn", False),
    "startsOnOrAfter": ("start", True), "startsBefore": ("start", False),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One kind of record as lists show it.

    equal   parameter -> member that must be the same; dotted for a member of a member
    among   parameter of many numbers -> member that must be one of them
    hidden  members that only the feed shows
    """

    collection: str
    equal: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    accounting: bool = False


def listed(shelf: Shelf) -> Callable[[Call], Response]:
    """GET of a list: filtered, sorted, one numbered page of it."""

    def handle(call: Call) -> Response:
        rows = _sorted([one for one in call.store.all(shelf.collection) if _asked(call, shelf, one)], call.one("sort"))
        return paged(call, [without(one, shelf.hidden) for one in rows])

    return handle


def paged(call: Call, rows: Sequence[Record]) -> Response:
    """The numbered page that was asked for, in its envelope."""
    page, size = _number(call, "page", 1), _number(call, "pageSize", PAGE)
    if size > MOST:
        raise problem(400, pageSize=f"The pageSize must be between 1 and {MOST}.")
    part = rows[(page - 1) * size : page * size]
    total = len(rows) if (call.one("includeTotal") or "").lower() == "true" else None
    return answer(
        {"page": page, "pageSize": size, "hasMore": page * size < len(rows), "totalCount": total, "data": part}
    )


def exported(collection: str) -> Callable[[Call], Response]:
    """GET of a feed: everything, gone or not, in the order of its changes, from where the last answer ended."""

    def handle(call: Call) -> Response:
        lost = call.store.faults.take("expired_continuation", "GET", call.path) if call.one("from") else None
        after, recent = _position(call.one("from"), lost is not None), (call.one("includeRecentChanges") or "").lower()
        horizon = call.store.clock.now() - RECENT
        rows = sorted(((changed_at(one), one["id"]), one) for one in _rows(call, collection, after))
        if recent != "true":
            rows = [row for row in rows if row[0][0] <= horizon]
        page, more = rows[:FEED], len(rows) > FEED
        ends = page[-1][0] if page else after
        if not more:
            ends = min(ends, (horizon, 0))
        body = {"hasMore": more, "continueFrom": _token(*ends), "data": [one for _, one in page]}
        return answer(body)

    return handle


def _rows(call: Call, collection: str, after: tuple[datetime, int]) -> list[Record]:
    return [one for one in call.store.all(collection) if (changed_at(one), one["id"]) > after]


def _position(given: str | None, lost: bool) -> tuple[datetime, int]:
    """Where to go on: a token, or a day from which on; 400 for anything else (the message is not documented)."""
    if given is None:
        return datetime.min.replace(tzinfo=UTC), 0
    try:
        told = json.loads(base64.urlsafe_b64decode(given))
        if not lost:
            return datetime.fromisoformat(told["at"]), int(told["id"])
    except (binascii.Error, ValueError, TypeError, KeyError):
        if not lost and given[:4].isdigit():
            return instant(given, "from"), -1
    raise problem(400, "Invalid continuation token", **{"from": "The continuation token is not valid."})


def _token(at: datetime, id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"at": at.isoformat(), "id": id}).encode()).decode()


def _asked(call: Call, shelf: Shelf, record: Record) -> bool:
    return (
        _is_active(call, shelf, record)
        and all(_is_dated(call, name, record, *rule) for name, rule in _DATES.items())
        and all(call.one(name) in (None, str(_at(record, path))) for name, path in shelf.equal.items())
        and all(
            call.one(name) is None or str(_at(record, path)) in ids(call, name)
            for name, path in {"ids": "id", **shelf.among}.items()
        )
        and external.matches(call, shelf.collection, record)
    )


def _is_active(call: Call, shelf: Shelf, record: Record) -> bool:
    if shelf.accounting:
        return {"ActiveOnly": True, "InactiveOnly": False}.get(
            call.one("activeState") or "ActiveOnly", record["active"]
        ) is bool(record["active"])
    wanted = {"true": True, "false": False}.get((call.one("active") or "True").lower(), record.get("active", True))
    return wanted is bool(record.get("active", True))


def _is_dated(call: Call, name: str, record: Record, member: str, after: bool) -> bool:
    given = call.one(name)
    if given is None or member not in record:
        return True
    at, limit = datetime.fromisoformat(record[member]), instant(given, name)
    return at >= limit if after else at < limit


def ids(call: Call, name: str) -> set[str]:
    """A parameter of many numbers; 400 when it names too many."""
    found = {one.strip() for one in (call.one(name) or "").split(",")}
    if len(found) > MOST_IDS:
        raise problem(400, **{name: f"The maximum number of {name} is {MOST_IDS}."})
    return found


def _sorted(rows: list[Record], order: str | None) -> list[Record]:
    """By id unless asked otherwise: ``+ModifiedOn``, whose sign a query may have turned into a blank."""
    given = (order or "+Id").strip()
    name = given.lstrip("+-").strip()
    member = {"Id": "id", "ModifiedOn": "modifiedOn", "CreatedOn": "createdOn"}.get(name)
    if member is None:
        raise problem(400, sort=f"The field '{name}' cannot be sorted by.")
    dated = member != "id"
    return sorted(
        rows, key=lambda one: (instant(one[member], member) if dated else 0, one["id"]), reverse=given[0] == "-"
    )


def _number(call: Call, name: str, usual: int) -> int:
    given = call.one(name)
    if given is not None and (not given.isdigit() or given == "0"):
        raise problem(400, **{name: f"The value '{given}' is not valid."})
    return int(given) if given else usual


def _at(record: Record, path: str) -> Any:
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value

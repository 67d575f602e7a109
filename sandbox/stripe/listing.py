"""Lists and searches: newest first by cursor, filters, and the search that trails behind.

Source: facts sheet "Streams", "Paging", "Idempotency, finding our record again".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.store import Store
from sandbox.stripe import forms
from sandbox.stripe.dialect import bad, listed, missing, now
from sandbox.stripe.ledger import moved
from sandbox.twin import Record

PAGE, MOST = 10, 100
LIST = frozenset({"limit", "starting_after", "ending_before", "expand"})
SEARCH_LAG = 60  # seconds until a change can be found
_CLAUSE = re.compile(
    r"(?P<not>-)?(?P<field>[a-z_]+(?:\['(?P<key>[^']+)'\])?)(?P<sign>:|~|>=|<=|>|<)(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<number>\d+))"
)


def page(store: Store, collection: str, given: Mapping[str, Any], records: Sequence[Record], url: str) -> Record:
    """One page of records that already passed the filters."""
    limit = forms.whole(given, "limit", PAGE) or 0
    if not 1 <= limit <= MOST:
        raise bad(f"Invalid limit: must be between 1 and {MOST}", "parameter_invalid_integer", "limit")
    if "starting_after" in given and "ending_before" in given:
        raise bad("You cannot parameterize both starting_after and ending_before", "parameters_exclusive")
    rows = newest_first(records)
    rest = _after(collection, rows, given)
    if "ending_before" in given:
        found, more = rest[-limit:], len(rest) > limit
    else:
        found, more = rest[:limit], len(rest) > limit
    if store.faults.take("truncated_page", "GET", url) is not None:
        found = found[: len(found) // 2]
    return listed(found, url, has_more=more)


def newest_first(records: Sequence[Record]) -> list[Record]:
    """By ``created`` descending; of one second, the later made first."""
    numbered = enumerate(records)  # in the order in which they were made
    return [one for _, one in sorted(numbered, key=lambda pair: (pair[1].get("created", 0), pair[0]), reverse=True)]


def _after(collection: str, rows: list[Record], given: Mapping[str, Any]) -> list[Record]:
    for name in ("starting_after", "ending_before"):
        if name in given:
            at = next((n for n, one in enumerate(rows) if one["id"] == given[name]), None)
            if at is None:
                raise missing(collection, str(given[name]), name, status=400)
            return rows[at + 1 :] if name == "starting_after" else rows[:at]
    return rows


def created_within(record: Record, given: Mapping[str, Any], name: str = "created") -> bool:
    """Whether an instant meets ``created[gte]=..`` or ``created=..``."""
    wanted, at = given.get(name), int(record.get(name) or 0)
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return at == forms.whole(given, name)
    forms.check_known(wanted, ("gt", "gte", "lt", "lte"))
    holds: Mapping[str, Callable[[int], bool]] = {
        "gt": lambda limit: at > limit,
        "gte": lambda limit: at >= limit,
        "lt": lambda limit: at < limit,
        "lte": lambda limit: at <= limit,
    }
    return all(holds[sign](forms.whole(wanted, sign) or 0) for sign in wanted)


def search(store: Store, given: Mapping[str, Any], records: Sequence[Record], url: str) -> Record:
    """Records that a query finds; what changed within the last minute is not there yet."""
    asked = str(forms.needed(given, "query"))
    limit = forms.whole(given, "limit", PAGE) or PAGE
    start = forms.whole(given, "page", 0) or 0
    latest = now(store) - SEARCH_LAG
    test = _query(asked)
    found = [one for one in newest_first(records) if moved(store, one) <= latest and test(one)]
    shown = found[start : start + limit]
    more = len(found) > start + limit
    next_page = str(start + limit) if more else None
    return {"object": "search_result", "data": shown, "has_more": more, "next_page": next_page, "url": url}


def _query(asked: str) -> Callable[[Record], bool]:
    parts = re.split(r"\s+(AND|OR)\s+", asked.strip())
    words = set(parts[1::2])
    clauses = [_CLAUSE.fullmatch(part) for part in parts[0::2]]
    if len(words) > 1 or not all(clauses):
        raise bad("We were unable to parse your search query.", "parameter_invalid", "query")
    tests = [_clause(one) for one in clauses if one]
    either = words == {"OR"}
    return lambda record: (any if either else all)(test(record) for test in tests)


def _clause(one: re.Match[str]) -> Callable[[Record], bool]:
    wanted = re.sub(r"\\(.)", r"\1", one["text"]) if one["text"] is not None else one["number"]

    def test(record: Record) -> bool:
        value = record.get("metadata", {}).get(one["key"]) if one["key"] else record.get(one["field"])
        if one["sign"] in (":", "~"):
            held = str(value or "").lower()
            return held == wanted.lower() if one["sign"] == ":" else wanted.lower() in held
        limits = {"gt" if one["sign"][0] == ">" else "lt": wanted}
        limits = {f"{name}e" if one["sign"].endswith("=") else name: text for name, text in limits.items()}
        return created_within(record, {one["field"]: limits}, one["field"])

    return (lambda record: not test(record)) if one["not"] else test

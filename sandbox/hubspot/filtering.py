"""The filters of a search: groups joined by OR, filters in a group by AND (facts: Incremental)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.dialect import invalid, milliseconds, moment
from sandbox.twin import Record

_GROUPS_MOST, _FILTERS_MOST, _ALL_FILTERS_MOST = 5, 10, 25

Value = Decimal | int | str
Match = Callable[[Record], bool]
Test = Callable[[Any], bool]


def matcher(kind: ObjectType, known: dict[str, Record], body: Record) -> Match:
    """The test of a search body on a record. Raises Failure 400 for too many or misunderstood filters."""
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
    if len(groups) > _GROUPS_MOST:
        raise invalid(f"{len(groups)} filterGroups were given, {_GROUPS_MOST} are allowed")
    if any(len(group) > _FILTERS_MOST for group in groups) or sum(map(len, groups)) > _ALL_FILTERS_MOST:
        raise invalid(f"{_FILTERS_MOST} filters in a group and {_ALL_FILTERS_MOST} in all are allowed")
    tests = [[_filter(known, each) for each in group] for group in groups]
    words = _tokens(body.get("query") or "")

    def matches(record: Record) -> bool:
        in_a_group = not tests or any(all(test(record) for test in group) for group in tests)
        return in_a_group and (not words or _mentions(kind, record, words))

    return matches


def comparable(shape: Record, text: str) -> Value:
    """A value in the order of its type: numbers, milliseconds for times, else lower-case text."""
    return _comparable(str(shape["type"]), text)


@lru_cache(maxsize=50_000)  # a search asks the same of every record, page after page
def _comparable(type_: str, text: str) -> Value:
    if type_ in ("datetime", "date"):
        found = moment(text)
        return text.lower() if found is None else milliseconds(found)
    if type_ == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            return text.lower()
    return text.lower()


def _filter(known: dict[str, Record], given: Record) -> Match:
    name, word = given.get("propertyName"), given.get("operator")
    if name not in known:
        raise invalid(f"There is no property '{name}' to filter by", context={"propertyName": [str(name)]})
    if word in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda record: (record["properties"].get(name) is not None) == (word == "HAS_PROPERTY")
    shape, test = known[name], _test(known[name], str(word), given)

    def matches(record: Record) -> bool:
        # an empty value meets no comparison, not even an unequal one (from memory)
        value = record["properties"].get(name)
        return value is not None and test(comparable(shape, value))

    return matches


def _test(shape: Record, word: str, given: Record) -> Test:
    if word in _COMPARISONS:
        operand = _operand(shape, given)
        return lambda value: bool(_COMPARISONS[word](value, operand))
    if word == "BETWEEN":
        low, high = _operand(shape, given), _operand(shape, given, "highValue")
        return lambda value: bool(low <= value <= high)
    if word in ("IN", "NOT_IN"):
        operands = _operands(shape, given)
        return lambda value: (value in operands) == (word == "IN")
    if word in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        has = _token_test(str(given.get("value") or "").lower())
        return lambda value: has(value) == (word == "CONTAINS_TOKEN")
    raise invalid(f"Invalid operator '{word}'", context={"operator": [word]})


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
}


def _operand(shape: Record, given: Record, field: str = "value") -> Any:
    text = given.get(field)
    if not isinstance(text, (str, int, float)):
        raise invalid(f"The filter on '{shape['name']}' needs a {field}")
    value = comparable(shape, str(text))
    if shape["type"] in ("datetime", "date", "number") and isinstance(value, str):
        raise invalid(f"'{text}' is not a {shape['type']} to compare '{shape['name']}' with")
    return value


def _operands(shape: Record, given: Record) -> set[Value]:
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise invalid(f"The filter on '{shape['name']}' needs values")
    return {_operand(shape, {"value": value}) for value in values}


def _token_test(wanted: str) -> Test:
    """Whole words of a text, or a pattern where the value has a ``*``."""
    pattern = re.compile(re.escape(wanted).replace(r"\*", r"\S*"))
    words = set(_tokens(wanted))

    def test(value: Any) -> bool:
        text = str(value)
        if "*" in wanted:
            return any(pattern.fullmatch(token) for token in [*text.split(), *_tokens(text)])
        return words <= set(_tokens(text))

    return test


def _mentions(kind: ObjectType, record: Record, words: list[str]) -> bool:
    tokens = _tokens(" ".join(str(record["properties"].get(name) or "") for name in kind.searched))
    return all(any(token.startswith(word) for token in tokens) for word in words)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())

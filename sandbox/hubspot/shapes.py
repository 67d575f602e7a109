"""The shapes of request bodies, checked before a handler looks at one: another shape is a 400, never a 500."""

from __future__ import annotations

from typing import Any

ANY = "anything"
TEXT = "a string"
SCALAR = "a string, a number or a boolean"

Shape = str | list[Any] | dict[str, Any]

_LINKS: Shape = [{"to": {"id": SCALAR}, "types": [{"associationTypeId": SCALAR}]}]
_ROW: Shape = {
    "id": SCALAR,
    "idProperty": TEXT,
    "objectWriteTraceId": TEXT,
    "properties": {},
    "associations": _LINKS,
}
_FILTER: Shape = {
    "propertyName": TEXT,
    "operator": TEXT,
    "value": SCALAR,
    "highValue": SCALAR,
    "values": [SCALAR],
}

WRITE: Shape = {"properties": {}, "associations": _LINKS}
BATCH: Shape = {"inputs": [_ROW]}
BATCH_READ: Shape = {
    "inputs": [{"id": SCALAR}],
    "idProperty": TEXT,
    "properties": [TEXT],
    "propertiesWithHistory": [TEXT],
}
MERGE: Shape = {"primaryObjectId": SCALAR, "objectIdToMerge": SCALAR}
SEARCH: Shape = {
    "query": TEXT,
    "limit": SCALAR,
    "after": SCALAR,
    "sorts": [ANY],
    "properties": [TEXT],
    "filterGroups": [{"filters": [_FILTER]}],
}
PROPERTY: Shape = {
    **dict.fromkeys(("name", "label", "type", "fieldType", "groupName", "description"), TEXT),
    "options": [{"label": TEXT, "value": TEXT}],
    "hasUniqueValue": SCALAR,
}
LINK_TYPES: Shape = [{"associationTypeId": SCALAR}]


def misfit(value: Any, shape: Shape, where: str = "the body") -> str | None:
    """What is wrong with a value, or None; members that are absent, null or not named in the shape are fine."""
    if value is None or shape == ANY:
        return None
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{where} must be an object"
        parts = ((value.get(name), part, f"'{name}'") for name, part in shape.items())
    elif isinstance(shape, list):
        if not isinstance(value, list) or None in value:
            return f"{where} must be a list"
        parts = ((item, shape[0], f"each of {where}") for item in value)
    else:
        scalar = isinstance(value, str) or (shape == SCALAR and isinstance(value, int | float))
        return None if scalar else f"{where} must be {shape}"
    return next((problem for each in parts if (problem := misfit(*each)) is not None), None)

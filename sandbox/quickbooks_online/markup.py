"""The same answer as XML, for clients that did not ask for JSON: the vendor's default.

Source: facts sheet "Base URL, auth" (headers); the form is that of the vendor's XML schemas, where a
reference is an element with a ``name`` attribute and ``domain`` and ``sparse`` are attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

_NAMESPACE = "http://schema.intuit.com/finance/v3"
_ATTRIBUTES = frozenset(
    {"domain", "sparse", "status", "startPosition", "maxResults", "totalCount", "time", "bId", "type", "code"}
)


def as_xml(content: Mapping[str, Any]) -> bytes:
    """An ``IntuitResponse`` document, UTF-8."""
    root = ET.Element("IntuitResponse", {"xmlns": _NAMESPACE})
    _fill(root, content)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _fill(element: ET.Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        if name in _ATTRIBUTES and not isinstance(value, (Mapping, list)):
            element.set(name, _text(value))
            continue
        for entry in value if isinstance(value, list) else [value]:
            _child(element, name, entry)


def _child(parent: ET.Element, name: str, value: Any) -> None:
    element = ET.SubElement(parent, name)
    if not isinstance(value, Mapping):
        element.text = _text(value)
    elif "value" in value and value.keys() <= {"value", "name"}:
        element.text = _text(value["value"])
        if "name" in value:
            element.set("name", _text(value["name"]))
    else:
        _fill(element, value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

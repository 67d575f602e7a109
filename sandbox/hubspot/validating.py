"""What HubSpot refuses in property values, and how it says so (facts: Errors; Idempotency, upsert)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.dialect import PORTAL, Failure, invalid, moment, stamp
from sandbox.hubspot.index import definitions, shelf
from sandbox.hubspot.stamping import text
from sandbox.store import Store
from sandbox.twin import Record

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def property_map(value: Any) -> dict[str, str]:
    """The ``properties`` of a body as strings; "" clears. Raises Failure 400 for anything but scalars."""
    if not isinstance(value, dict):
        raise invalid("Invalid input JSON on line 1, column 1: 'properties' must be an object")
    for name, item in value.items():
        if item is None or isinstance(item, (dict, list)):
            raise invalid(f"Invalid input JSON: the value of property '{name}' must be a string")
    return {name: text(item) for name, item in value.items()}


def cleaned(store: Store, kind: ObjectType, properties: Mapping[str, str]) -> dict[str, str]:
    """The values as HubSpot stores them. Raises one Failure 400 that names every bad property."""
    known = definitions(store, kind)
    problems: list[Record] = []
    values: dict[str, str] = {}
    for name, value in properties.items():
        try:
            values[name] = _value(store, known.get(name), name, value)
        except Failure as failure:
            problems.extend(failure.details)
    if problems:
        raise values_refused(problems)
    return values


def values_refused(problems: list[Record]) -> Failure:
    """The 400 for property values; its message carries the findings as JSON, as the vendor's does."""
    findings = [
        {
            "isValid": False,
            "message": problem["message"],
            "error": problem["code"],
            "name": problem["context"]["propertyName"][0],
            "localizedErrorMessage": problem["message"],
            "portalId": PORTAL,
        }
        for problem in problems
    ]
    message = f"Property values were not valid: {json.dumps(findings, separators=(',', ':'))}"
    return invalid(message, details=problems)


def bad_value(name: str, code: str, message: str) -> Failure:
    return invalid(message, details=[{"message": message, "code": code, "context": {"propertyName": [name]}}])


def refuse_clash(store: Store, kind: ObjectType, values: Mapping[str, str], own_id: str | None) -> None:
    """Raise when another live record holds one of these unique values: 409 for an e-mail, else 400."""
    held = shelf(store, kind)
    for name in sorted(held.unique & values.keys()):
        holder = held.holders.get((name, values[name])) if values[name] else None
        if holder is not None and holder != own_id:
            raise clash(kind, name, values[name], holder)


def clash(kind: ObjectType, name: str, value: str, holder: str) -> Failure:
    if name in kind.unique:
        message = f"{kind.singular.capitalize()} already exists. Existing ID: {holder}"
        return Failure(status=409, category="CONFLICT", message=message)
    problem = bad_value(name, "CONFLICTING_UNIQUE_VALUE", f"{holder} already has the value {value} for {name}")
    return values_refused(list(problem.details))


def refuse_incomplete(kind: ObjectType, values: Record) -> None:
    """Raise 400 when a new record lacks what HubSpot demands of its type."""
    if kind.name == "companies" and not (values.get("name") or values.get("domain")):
        raise values_refused(list(bad_value("name", "REQUIRED_FIELD", "a name or a domain is required").details))
    if kind.name in ("meetings", "tasks") and not values.get("hs_timestamp"):
        raise values_refused(list(bad_value("hs_timestamp", "REQUIRED_FIELD", "hs_timestamp is required").details))


def _value(store: Store, shape: Record | None, name: str, value: str) -> str:
    if shape is None:
        raise bad_value(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if shape["modificationMetadata"]["readOnlyValue"]:
        raise bad_value(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    if value == "":
        return value
    if name == "email":
        return _email(name, value)
    if name == "hubspot_owner_id":
        return _owner(store, name, value)
    return _READERS[shape["type"]](shape, name, value)


def _email(name: str, value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise bad_value(name, "INVALID_EMAIL", f"Email address {value} is invalid")
    return value.lower()


def _owner(store: Store, name: str, value: str) -> str:
    if store.get("owners", value) is None:
        raise bad_value(name, "INVALID_OPTION", f"{value} was not one of the allowed options: owners of this account")
    return value


def _any(_shape: Record, _name: str, value: str) -> str:
    return value


def _number(_shape: Record, name: str, value: str) -> str:
    try:
        Decimal(value)
    except InvalidOperation as problem:
        raise bad_value(name, "INVALID_NUMBER", f"{value} was not a valid number.") from problem
    return value


def _instant(_shape: Record, name: str, value: str) -> str:
    found = moment(value)
    if found is None:
        raise bad_value(name, "INVALID_DATE", f"{value} was not a valid long.")
    return stamp(found)


def _date(_shape: Record, name: str, value: str) -> str:
    found = moment(value)
    if found is None or (found.hour, found.minute, found.second) != (0, 0, 0):
        raise bad_value(name, "INVALID_DATE", f"{value} is not midnight UTC of a day.")
    return found.date().isoformat()


def _flag(_shape: Record, name: str, value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise bad_value(name, "INVALID_OPTION", f"{value} was not one of the allowed options: [true, false]")
    return value.lower()


def _option(shape: Record, name: str, value: str) -> str:
    allowed = [option["value"] for option in shape["options"]]
    chosen = [part for part in value.split(";") if part] if shape["fieldType"] == "checkbox" else [value]
    wrong = next((part for part in chosen if part not in allowed), None)
    if allowed and wrong is not None:
        message = f"{wrong} was not one of the allowed options: [{', '.join(allowed)}]"
        raise bad_value(name, "INVALID_OPTION", message)
    return value


_READERS: dict[str, Callable[[Record, str, str], str]] = {
    "string": _any,
    "number": _number,
    "datetime": _instant,
    "date": _date,
    "bool": _flag,
    "enumeration": _option,
}

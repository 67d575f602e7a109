"""Checks that follow from an entity's declaration: nobody writes them, a field brings its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from models.schema import Entity, Field, Type
from quality import rules
from quality.spec import Check, Kind, Severity

# Beyond these an amount is a slipped decimal point or a test record, not a sum a field-service company deals in.
AMOUNTS = (-10_000_000, 10_000_000)
# A day outside of these is an empty stamp read as a date (1 or 1970) or a slipped digit (20205).
DAYS = (date(1990, 1, 1), date(2100, 1, 1))
LATITUDES = (-90, 90)
LONGITUDES = (-180, 180)


def derive(entity: Entity) -> tuple[Check, ...]:
    """Every check that the declaration implies, named ``<entity>_<field>_<kind>``.

    Looked-up and joined fields are left out: the record that they come from was checked already.
    """
    identity = (
        _check(entity, "core_id", "not_null", "Every record has its own id.", "block"),
        _check(entity, "core_id", "unique", "One id is one record.", "block"),
    )
    return (*identity, *(check for one in entity.own_fields for check in _of(entity, one)))


def _of(entity: Entity, field: Field) -> Iterator[Check]:
    if field.required:
        why = f"A {entity.title.lower()} without {_spoken(field)} is of no use to any system."
        yield _check(entity, field.name, "not_null", why, "block")
    if field.one_of:
        yield _allowed(entity, field)
    if field.ref:
        why = f"{_spoken(field).capitalize()} must be a living {field.ref}."
        yield _check(entity, field.name, "reference", why, "warn", other=field.ref)
    bounds = _bounds(field)
    if bounds:
        why = f"{_spoken(field).capitalize()} outside of {bounds[0]} to {bounds[1]} is a slip, not a value."
        yield _check(entity, field.name, "range", why, "warn", low=bounds[0], high=bounds[1])


def _allowed(entity: Entity, field: Field) -> Check:
    """The check of a field's listed values; of labels, each one must be listed."""
    why = f"{_spoken(field).capitalize()} is one of: {', '.join(field.one_of)}."
    check = _check(entity, field.name, "one_of", why, "block", values=field.one_of)
    if field.type is Type.TAGS:
        return replace(check, kind="rule", test=rules.listed(field.name, field.one_of))
    return check


def _bounds(field: Field) -> tuple[Any, Any] | None:
    """The sensible bounds of a field by its type and unit; None when it has none."""
    if field.unit == "degrees":
        return LATITUDES if "latitude" in field.name else LONGITUDES
    if field.type is Type.MONEY:
        return AMOUNTS
    if field.type in {Type.INSTANT, Type.WALL, Type.DATE}:
        return DAYS
    return None


def _spoken(field: Field) -> str:
    return field.name.replace("_", " ")


def _check(entity: Entity, field: str, kind: Kind, why: str, severity: Severity, **more: Any) -> Check:
    name = f"{entity.name}_{field}_{kind}"
    return Check(name=name, entity=entity.name, field=field, kind=kind, why=why, severity=severity, **more)

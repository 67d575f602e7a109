"""Conditions: what must hold of a record, and of what it refers to, before it is made in another system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.errors import DeclarationError
from models.schema import Entity, Field, Model, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One demand on the value at a path: ``status``, or ``job.status`` of the job that the record refers to.

    ``allocations.invoice.status`` leads through a list: to the invoices that its elements point to.

    one_of   the value (of tags: any; through a list: every) is one of these; a value that nobody knows is none of them
    none_of  the value (of tags: each) is none of these; no value passes
    at_most  the amount is not above this one, or not above that at another path; both must be known
    """

    path: str
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_most: Decimal | str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Whose values are needed to judge it."""
        return (self.path, self.at_most) if isinstance(self.at_most, str) else (self.path,)


def unmet(conditions: Sequence[Condition], values: Mapping[str, Any]) -> str | None:
    """Why the record has to wait, path -> value given; None when everything holds."""
    said = [problem for one in conditions if (problem := _problem(one, values)) is not None]
    return "waits: " + ", and ".join(said) if said else None


def field_at(model: Model, entity: Entity, path: str) -> Field:
    """The field that a path names; DeclarationError or the model's own when there is none."""
    name, *way = path.split(".")
    field = entity.field(name)
    if not way:
        return field
    *keys, below = way
    parent = field.ref if not keys else field.refers.get(keys[0]) if len(keys) == 1 else None
    if parent is None:
        raise DeclarationError(f"{entity.name}.{name} refers to nothing, so there is no {path}")
    return model.entity(parent).field(below)


def check(model: Model, entity: Entity, one: Condition) -> None:
    """DeclarationError for a condition that no record could be held against."""
    field = field_at(model, entity, one.path)
    unknown = set(one.one_of + one.none_of) - set(field.one_of or ())
    if field.one_of and unknown:
        raise DeclarationError(f"{one.path} is never {min(unknown)!r}; it is one of {', '.join(field.one_of)}")
    amounts = [field_at(model, entity, path) for path in one.paths] if one.at_most is not None else []
    listed = [path for path in one.paths if path.count(".") > 1] if amounts else []
    if listed:
        raise DeclarationError(f"at_most compares one amount with another, and {listed[0]} leads through a list")
    for each in amounts:
        if each.type not in (Type.MONEY, Type.NUMBER):
            raise DeclarationError(f"at_most compares amounts, and {each.name} is none")


def _problem(one: Condition, values: Mapping[str, Any]) -> str | None:
    value = values[one.path]
    members = value if isinstance(value, list) else [] if value is None else [str(value)]
    shown = ", ".join(members) or "not known"
    told = set(members)
    if one.one_of and not (told and told <= set(one.one_of) if one.path.count(".") > 1 else told & set(one.one_of)):
        return f"{one.path} is {shown} and must be {' or '.join(one.one_of)}"
    if told & set(one.none_of):
        return f"{one.path} is {shown}"
    if one.at_most is None:
        return None
    limit = values[one.at_most] if isinstance(one.at_most, str) else one.at_most
    if value is None or limit is None:
        return f"{one.path if value is None else one.at_most} is not known"
    return f"{one.path} is {value}, above the {limit} allowed" if value > limit else None

"""Whether declarations fit together: maps with their entities, and entities with those that they point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.errors import DeclarationError, did_you_mean
from models.schema import Entity, Field, Map, Type


def check_map(one: Map, entity: Entity, owner: str) -> None:
    """Raise DeclarationError when a map names fields that its entity lacks; ``owner`` names the connector."""
    for name in (*one.fields, *one.instead.values(), *one.makes):
        try:
            entity.field(name)
        except DeclarationError as problem:
            raise DeclarationError(f"{owner}: map of {one.resource!r}: {problem}") from problem
    for name in (*one.instead, *one.takes):
        if name not in one.fields:
            raise DeclarationError(
                f"{owner}: map of {one.resource!r}: it says more of {name!r}, which it does not read"
            )


def check_entities(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Check references between entities and order them so that what is referred to comes first."""
    by_name = {e.name: e for e in entities}
    for entity in entities:
        for f in entity.fields:
            _check_reference(entity, f, by_name)
    ordered: dict[str, Entity] = {}

    def place(entity: Entity, *children: str) -> None:
        if entity.name in children:
            raise DeclarationError(f"entities refer to each other in a circle: {' -> '.join((*children, entity.name))}")
        for parent in entity.parents:
            if parent not in ordered:
                place(by_name[parent], *children, entity.name)
        ordered.setdefault(entity.name, entity)

    for entity in sorted(entities, key=lambda e: e.name):
        place(entity)
    return tuple(ordered.values())


def _check_reference(entity: Entity, f: Field, by_name: Mapping[str, Entity]) -> None:
    for named in (*([f.ref] if f.ref is not None else []), *f.refers.values()):
        if named not in by_name:
            raise DeclarationError(
                f"entity {entity.name}: field {f.name!r} refers to {named!r}; {did_you_mean(named, by_name)}"
            )
    if f.refers and (f.type is not Type.LINES or f not in entity.own_fields):
        raise DeclarationError(f"entity {entity.name}: only elements of a list that is read refer; {f.name!r} is none")
    if f.via is not None:
        through, _, target = f.via.partition(".")
        parent = entity.field(through).ref
        if parent is None or entity.field(through) not in entity.own_fields:
            raise DeclarationError(f"entity {entity.name}: {f.name!r} goes via {through!r}, which is no reference")
        by_name[parent].field(target)

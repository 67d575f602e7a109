"""Provenance: for each core field, the source record version and the rule that gave it its value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from models.change import Cause
from models.compile import provenance as compiled
from models.schema import Field, Model

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse


def causes(
    warehouse: Warehouse, model: Model, entity: str, core_ids: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, Cause]]:
    """core_id -> field -> cause, for the named fields; looked-up fields give the cause in their parent."""
    found: dict[str, dict[str, Cause]] = {core_id: {} for core_id in core_ids}
    if not core_ids:
        return found
    warehouse.set(core_ids=list(core_ids))
    declared = model.entity(entity)
    for name in fields:
        origin = origin_of(model, entity, declared.field(name))
        if not model.systems_of(origin.entity):
            continue  # no system supplies it, so it has no value that could have a cause
        rule = model.rule(origin.entity, origin.field).label
        query = warehouse.compiled(f"causes/{entity}/{name}", partial(compiled.sources, model, entity, name, origin))
        for row in warehouse.rows(query):
            found[row["core_id"]][name] = Cause(
                system=row["system"],
                source_id=row["source_id"],
                load=row["raw_load"],
                rule=rule,
            )
    return found


def origin_of(model: Model, entity: str, field: Field) -> compiled.Origin:
    """Follow lookups to the entity and field that systems supply; a joined field counts as its first part."""
    steps: list[tuple[str, str]] = []
    current = model.entity(entity)
    while field.via or field.joined:
        if field.joined:
            field = current.field(field.joined[0])
            continue
        ref, _, name = str(field.via).partition(".")
        parent = str(current.field(ref).ref)
        steps.append((ref, parent))
        current, field = model.entity(parent), model.entity(parent).field(name)
    return compiled.Origin(entity=current.name, field=field.name, steps=tuple(steps))

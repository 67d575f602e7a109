"""Provenance: for each core field, the source record version and the rule that gave it its value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from models.change import Cause
from models.compile import provenance as compiled
from models.schema import Field, Model

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse


def causes(
    warehouse: Warehouse, model: Model, entity: str, decided: Mapping[str, Mapping[str, str | None]]
) -> dict[str, dict[str, Cause]]:
    """core_id -> field -> cause; looked-up fields give the cause in their parent.

    decided  core_id -> field -> the system (or ``pin``) that gave core the value
    """
    declared = model.entity(entity)
    names = dict.fromkeys(name for fields in decided.values() for name in fields)
    found_in = {name: origin_of(model, entity, declared.field(name)) for name in names}
    # what no system supplies has no value that could have a cause
    origins = {name: origin for name, origin in found_in.items() if model.systems_of(origin.entity)}
    rules = {name: model.rule(origin.entity, origin.field).label for name, origin in origins.items()}
    warehouse.set(core_ids=list(decided))
    versions = {key: _versions(warehouse, model, entity, origin) for key, origin in _paths(origins).items()}
    found: dict[str, dict[str, Cause]] = {}
    for core_id, fields in decided.items():
        found[core_id] = {}
        for name, system in ((n, s) for n, s in fields.items() if n in origins):
            source_id, load = versions[_path(origins[name])].get((core_id, system), (None, None))
            found[core_id][name] = Cause(system=system, source_id=source_id, load=load, rule=rules[name])
    return found


Path = tuple[str, tuple[tuple[str, str], ...]]


def _path(origin: compiled.Origin) -> Path:
    return origin.entity, origin.steps


def _paths(origins: Mapping[str, compiled.Origin]) -> dict[Path, compiled.Origin]:
    """One origin for each way to a record: fields that lie there together are looked up together."""
    return {_path(origin): origin for origin in origins.values()}


def _versions(
    warehouse: Warehouse, model: Model, entity: str, origin: compiled.Origin
) -> dict[tuple[str, str | None], tuple[str, str]]:
    """(core_id, system) -> source_id and raw load of the record that the system's word comes from."""
    name = "/".join(("causes", entity, *(ref for ref, _ in origin.steps)))
    rows = warehouse.rows(warehouse.compiled(name, partial(compiled.versions, model, entity, origin)))
    return {(row["core_id"], row["system"]): (row["source_id"], row["raw_load"]) for row in rows}


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

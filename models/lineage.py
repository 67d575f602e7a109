"""Declared lineage: which columns each column is made of, read off the declarations instead of the SQL.

Parsing the compiled SQL gives the same answer a hundred times slower; a test proves that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.fields import Codec
from models.ownership import Ownership
from models.schema import Binding, Entity, Field, Map, Model

Layer = Literal["raw", "staged", "xref", "core", "pin"]
Role = Literal["value", "decides", "leads"]
Lineage = Mapping[str, tuple["Source", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One column that another one is made of.

    layer   the stage it stands in; ``pin`` is a person's override
    table   the entity; for raw the resource
    column  the column; for raw the path inside the record
    system  for raw and staged
    role    ``value``: it flows into the column · ``decides``: a condition on which value wins looks at it ·
            ``leads``: the record that holds the value is found by it
    """

    layer: Layer
    table: str
    column: str
    system: str | None = None
    role: Role = "value"


def staged(binding: Binding, entity: Entity) -> Lineage:
    """For each field of ``staged/<system>/<entity>`` and its ``source_id``: the resources and paths it is read from."""
    found: dict[str, dict[Source, None]] = {"source_id": {}}
    for one in binding.maps_to(entity.name):
        for path in (one.id,) if isinstance(one.id, str) else one.id.paths:
            found["source_id"][_raw(binding, one, path)] = None
        for name, codec in one.fields.items():
            found.setdefault(name, {}).update(dict.fromkeys(_paths(binding, one, codec)))
    return {name: tuple(sources) for name, sources in found.items()}


def _paths(binding: Binding, one: Map, codec: Codec) -> list[Source]:
    return [_raw(binding, one, path) for path in codec.paths]


def _raw(binding: Binding, one: Map, path: str) -> Source:
    """A path from the record's root: ``@.id`` in a map with ``each="crew"`` is ``crew[].id``."""
    inside = f"{one.each}[].{path.removeprefix('@.')}" if path.startswith("@.") else path
    return Source(layer="raw", system=binding.name, table=one.resource, column=inside)


def core(model: Model, entity: Entity) -> Lineage:
    """For each column of ``core/<entity>`` that belongs to a field (value, ``__from``, ``__at``): its sources."""
    found: dict[str, tuple[Source, ...]] = {}
    for field in entity.fields:
        for suffix in ("", "__from", "__at"):
            found[field.name + suffix] = _unique(_column(model, entity, field, suffix))
    return found


def _unique(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Each column once, in its strongest role."""
    kept: dict[tuple[str, str | None, str, str], Source] = {}
    for role in ("value", "decides", "leads"):
        for one in sources:
            if one.role == role:
                kept.setdefault((one.layer, one.system, one.table, one.column), one)
    return tuple(kept.values())


def _column(model: Model, entity: Entity, field: Field, suffix: str) -> list[Source]:
    if field.joined:
        return [one for name in field.joined for one in _column(model, entity, entity.field(name), suffix)]
    if field.via:
        ref, _, name = field.via.partition(".")
        leads = [_as(one, "leads") for one in _column(model, entity, entity.field(ref), "")]
        return [Source(layer="core", table=str(entity.field(ref).ref), column=name + suffix), *leads]
    return _decided(model, entity, field, suffix)


def _as(one: Source, role: Role) -> Source:
    """The same column in a weaker role; what only leads to a value stays that."""
    if one.role == "leads":
        return one
    return Source(layer=one.layer, table=one.table, column=one.column, system=one.system, role=role)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaker:
    """One system's say in a field: its value, its clocks, and the columns that tell whether it says anything.

    newest  the clocks by which it is compared with others: those of its whole group
    first   when we first read its record
    """

    values: tuple[Source, ...]
    clocks: tuple[Source, ...]
    present: tuple[Source, ...]
    newest: tuple[Source, ...]
    first: Source


def order(model: Model, entity: Entity, field: Field) -> Ownership:
    """The rule that decides a field, over systems; fields of one group follow the rule of its first field."""
    return model.rule(entity.name, field.name)


def _members(entity: Entity, field: Field) -> list[str]:
    return [f.name for f in entity.own_fields if f.group == field.group] if field.group else []


def _decided(model: Model, entity: Entity, field: Field, suffix: str) -> list[Source]:
    """The columns behind a field that systems supply: what wins, and what the rule looks at to say so."""
    rule = order(model, entity, field)
    speakers = [_speaker(model, entity, field, system) for system in rule.order]
    if speakers and (rule.clears or rule.nulls == "unknown" or rule.kind == "only"):
        owner = _owner(rule, entity, speakers[0], suffix)
        speakers = [owner] if rule.kind == "only" else [owner, *speakers[1:]]
    looked_at = [_as(one, "decides") for s in speakers for one in (*s.present, *_ranks(rule, s, len(speakers)))]
    flows = [one for s in speakers for one in (s.clocks if suffix == "__at" else s.values)]
    pin = [Source(layer="pin", table=entity.name, column=field.name)]
    if suffix == "__from":
        return [_as(one, "decides") for one in (*pin, *looked_at)]
    return (pin if suffix == "" else []) + flows + looked_at


def _owner(rule: Ownership, entity: Entity, speaker: _Speaker, suffix: str) -> _Speaker:
    """The owner under a policy for empty values: what tells that it speaks, or that it took its value away."""
    known = Source(layer="xref", table=entity.name, column="core_id", role="decides")
    present = (known,) if rule.kind == "only" or rule.nulls == "unknown" else speaker.present
    if rule.clears and rule.kind != "only":
        present = (*present, *speaker.newest, speaker.first)
    if rule.clears and suffix == "__at":
        present = (*present, *speaker.values, *speaker.clocks, *((speaker.first,) if speaker.clocks else ()))
    return replace(speaker, present=present)


def _ranks(rule: Ownership, speaker: _Speaker, rivals: int) -> tuple[Source, ...]:
    """What a rule compares, when there is somebody to compare with."""
    if rivals < 2:
        return ()
    if rule.accepts:
        return (*speaker.newest, speaker.first)
    return {"latest": speaker.newest, "furthest": speaker.values}.get(rule.kind, ())


def _speaker(model: Model, entity: Entity, field: Field, system: str) -> _Speaker:
    mapped = model.binding(system).fields_of(entity.name)
    members = [name for name in _members(entity, field) if name in mapped]
    known = field.name in mapped
    watched = members or ([field.name] if known else [])
    clocks = tuple(_staged(system, entity, f"{name}__at") for name in watched)
    return _Speaker(
        values=tuple(_value(entity, field.name, system)) if known else (),
        clocks=clocks if known else (),
        present=tuple(one for name in watched for one in _value(entity, name, system)),
        newest=clocks,
        first=_staged(system, entity, "first_read_at"),
    )


def _value(entity: Entity, name: str, system: str) -> list[Source]:
    """A field's value in one system's row; a reference is the core_id that the system's own id leads to."""
    ref = entity.field(name).ref
    if ref is None:
        return [_staged(system, entity, name)]
    return [Source(layer="xref", table=ref, column="core_id"), _as(_staged(system, entity, name), "leads")]


def _staged(system: str, entity: Entity, column: str) -> Source:
    return Source(layer="staged", system=system, table=entity.name, column=column)

"""Explain: why a field has its value, forwards from the canonical record and backwards from a target's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from models.compile import core as compiled
from models.compile import provenance
from models.errors import PlumblineError, did_you_mean
from models.schema import Entity, Model
from pipelines import ledger as books
from pipelines.ledger import Ledger
from pipelines.provenance import origin_of
from pipelines.warehouse import Warehouse

EVENTS = 20  # of a field, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldStory:
    """One field: its value, where it comes from, who said otherwise, how it got here and where it was written."""

    field: str
    value: Any
    system: str | None
    source_id: str | None
    raw_load: str | None
    loaded_at: Any
    changed_at: Any
    rule: str
    losers: Sequence[Mapping[str, Any]]
    override: Mapping[str, Any] | None
    events: Sequence[Mapping[str, Any]]
    written: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One canonical record: its source records, its field stories, and the receipts of what we wrote of it."""

    entity: str
    core_id: str
    deleted_at: Any
    records: Sequence[Mapping[str, Any]]
    fields: Sequence[FieldStory]
    receipts: Sequence[Mapping[str, Any]]


def locate(warehouse: Warehouse, model: Model, kind: str, id: str) -> tuple[Entity, str]:
    """The entity and core_id behind ``ENTITY ID`` or ``SYSTEM ID``; PlumblineError with a remedy when there is none.

    ID may be a core_id, one that was merged away, or any system's own id of the record.
    """
    entities = {entity.name: entity for entity in model.entities}
    systems = {binding.name for binding in model.bindings}
    if kind not in entities and kind not in systems:
        raise PlumblineError(f"there is no entity or system {kind!r}; {did_you_mean(kind, {*entities, *systems})}")
    warehouse.set(wanted_kind=kind, wanted_id=id)
    searches = _searches(
        warehouse, model, kind, columns=("core_id", "source_id") if kind in entities else ("source_id",)
    )
    rows: Sequence[Mapping[str, Any]] = next(filter(None, map(warehouse.rows, searches)), ())
    if not rows:
        raise PlumblineError(
            f"{kind} {id!r} is not known; give a core_id or a system's own id as the last sync read it"
        )
    return entities[rows[0]["entity"]], str(rows[0]["core_id"])


def _searches(warehouse: Warehouse, model: Model, kind: str, *, columns: Sequence[str]) -> Iterator[str]:
    """Ways to look for an id, each to be gone when the ones before found nothing: the last one reads everything."""
    for column in columns:
        yield warehouse.compiled(f"locate/{kind}/{column}", partial(provenance.located, model, kind, column))
    yield warehouse.statement("locate_within")


def explain(
    warehouse: Warehouse, ledger: Ledger, model: Model, entity: Entity, core_id: str, field: str | None
) -> Story:
    """The story of one record, or of one of its fields."""
    names = [field] if field else [f.name for f in entity.fields]
    for name in names:
        entity.field(name)
    found = _one(warehouse, entity, core_id, [*names, *_first_steps(model, entity, names)])
    if not found:
        raise PlumblineError(f"{entity.name} {core_id} is not in core: none of its owners has the record")
    row, records = found[0], _records(warehouse, model, entity.name, core_id)
    written = books.receipts_of_all(ledger, [b.name for b in model.bindings], entity.name, core_id)
    said = books.exchanges_of(ledger, [r.change_id for r in written])
    receipts = [
        {
            "system": r.system,
            "target_id": r.target_id,
            "action": r.action,
            "at": r.at,
            "version": r.version,
            "change_id": r.change_id,
            "pushed": dict(r.pushed),
            "observed": dict(r.observed),
            "exchanges": [asdict(one) for one in said[r.change_id]],
        }
        for r in written
    ]
    return Story(
        entity=entity.name,
        core_id=core_id,
        deleted_at=row["deleted_at"],
        records=records,
        fields=[
            _field(warehouse, model, entity, row, name, receipts, records)
            for name in names
            if field or row[name] is not None
        ],
        receipts=receipts,
    )


def _records(warehouse: Warehouse, model: Model, entity: str, core_id: str | None) -> list[dict[str, Any]]:
    """The source records of one core record; of a system's records the one that speaks is the last."""
    if core_id is None or not model.systems_of(entity):
        return []
    warehouse.set(core_id=core_id)
    return warehouse.rows(warehouse.compiled(f"explain/{entity}/records", partial(provenance.members, model, entity)))


def _one(warehouse: Warehouse, entity: Entity, core_id: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """The core record with these fields alone, if it is there: each column that is read takes time of its own."""
    warehouse.set(core_id=core_id)
    chosen = tuple(dict.fromkeys(names))
    key = "/".join(("explain", entity.name, *chosen))
    return warehouse.rows(warehouse.compiled(key, partial(compiled.one, entity, chosen)))


def _first_steps(model: Model, entity: Entity, names: Sequence[str]) -> list[str]:
    """The references through which fields are looked up."""
    return [ref for name in names for ref, _ in origin_of(model, entity.name, entity.field(name)).steps[:1]]


def _owner(warehouse: Warehouse, model: Model, origin: provenance.Origin, row: Mapping[str, Any]) -> str | None:
    """The core_id of the record in which a looked-up field is decided."""
    onwards = [ref for ref, _ in origin.steps[1:]]
    for depth, (ref, parent) in enumerate(origin.steps):
        found = _one(warehouse, model.entity(parent), row[ref], onwards[depth : depth + 1])
        if not found:
            return None
        row = found[0]
    return str(row["core_id"])


def _field(
    warehouse: Warehouse,
    model: Model,
    entity: Entity,
    row: Mapping[str, Any],
    name: str,
    receipts: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
) -> FieldStory:
    origin = origin_of(model, entity.name, entity.field(name))
    owner_id = _owner(warehouse, model, origin, row)
    found = _records(warehouse, model, origin.entity, owner_id) if origin.steps else records
    source: Mapping[str, Any] = next((r for r in reversed(found) if r["system"] == row[f"{name}__from"]), {})
    parent = {"entity": origin.entity, "core_id": owner_id, "field": origin.field}
    losers = warehouse.rows(
        'SELECT id, loser AS system, loser_value AS "value", loser_at AS "at", rule, state FROM core.conflicts '
        "WHERE entity = $entity AND core_id = $core_id AND field = $field ORDER BY first_seen DESC",
        parent,
    )
    pins = warehouse.rows(
        'SELECT who, why, "value", "at", until, until_source, problem FROM meta.pins '
        "WHERE entity = $entity AND core_id = $core_id AND field = $field",
        parent,
    )
    events = warehouse.rows(
        'SELECT old, "new", source, run, "at", backfill FROM core.changes '
        'WHERE entity = $entity AND core_id = $core_id AND field = $field ORDER BY "at" DESC',
        {"entity": entity.name, "core_id": row["core_id"], "field": name},
    )[:EVENTS]  # with a LIMIT the table would be read a second time
    written = [
        {k: r[k] for k in ("system", "target_id", "action", "at", "change_id")}
        | {"pushed": r["pushed"][name], "read_back": r["observed"].get(name)}
        for r in receipts
        if name in r["pushed"]
    ]
    return FieldStory(
        field=name,
        value=row[name],
        system=row[f"{name}__from"],
        source_id=source.get("source_id"),
        raw_load=source.get("raw_load"),
        loaded_at=source.get("read_at"),
        changed_at=row[f"{name}__at"],
        rule=model.rule(origin.entity, origin.field).label,
        losers=losers,
        override=pins[0] if pins else None,
        events=events,
        written=written,
    )

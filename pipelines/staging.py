"""Staging: new raw loads to the newest version of each source record, broken rows set aside with a reason.

Only loads that are not staged yet are read. Everything of one system happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from connectors.raw import Load
from models.change import digest
from models.compile import moving, seen
from models.compile import paused as pausing
from models.compile import staged as compiled
from models.compile import tables as t
from models.compile.extraction import read_once
from models.compile.paused import Rest
from models.schema import Map, Model
from pipelines import drift, rereading
from pipelines.comparing import stir
from pipelines.drift import Drift, Shape
from pipelines.warehouse import Warehouse

NOTHING: Mapping[str, Rest] = MappingProxyType({})
ARRIVED = "s.source_id IN (SELECT source_id FROM arrived)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What became of a system's new rows: read = staged + quarantined; ``moved`` rows changed the staged tables.

    drift  what is new about the shape of its records
    """

    read: int = 0
    staged: int = 0
    quarantined: int = 0
    moved: int = 0
    drift: tuple[Drift, ...] = ()


def stage_system(
    warehouse: Warehouse,
    model: Model,
    system: str,
    fresh: Sequence[Load],
    *,
    everything: Callable[[], Sequence[Load]],
    run: str,
    now: datetime,
) -> Staged:
    """Stage the loads of one system that are not staged yet. Nothing new: nothing is touched.

    ``everything`` gives all its completed loads: a map that changed is staged again from the beginning.
    """
    changed = _changed_maps(warehouse, model, system)
    if not fresh and not changed:
        return Staged()
    total = Staged()
    with warehouse.transaction():
        looked = warehouse.value("SELECT max(staged_at) FROM meta.loads WHERE system = ?", [system])
        warehouse.set(system=system, run=run, now=_naive(now), looked=looked)
        warehouse.set(fresh=[load.id for load in fresh])
        drift.forgive(warehouse, system, changed)
        inhabited = _inhabited(warehouse, model, system)
        for resource in dict.fromkeys(one.resource for one in model.binding(system).maps):
            again = any(one.resource == resource for one in changed)
            wanted = everything() if again else fresh
            speaking = [
                m for m in model.binding(system).maps if m.resource == resource and _speaks(m, wanted, inhabited)
            ]
            if speaking:
                total = _add(total, _stage_resource(warehouse, model, system, speaking, wanted, fresh))
        warehouse.insert_many("meta.loads", [[system, load.id, _naive(now)] for load in fresh])
        _remember(warehouse, model, system, changed)
    return total


def _naive(now: datetime) -> datetime:
    return now.replace(tzinfo=None)


def _add(one: Staged, two: Staged) -> Staged:
    return Staged(
        read=one.read + two.read,
        staged=one.staged + two.staged,
        quarantined=one.quarantined + two.quarantined,
        moved=one.moved + two.moved,
        drift=one.drift + two.drift,
    )


def _stage_resource(
    warehouse: Warehouse, model: Model, system: str, maps: Sequence[Map], loads: Sequence[Load], fresh: Sequence[Load]
) -> Staged:
    """The maps of one resource that have something to say."""
    resource = maps[0].resource
    files = [file for load in loads for file in load.files.get(resource, ())]
    full = [load.id for load in loads if resource in load.full]
    warehouse.set(resource=resource, files=files, full_load=max(full) if full else None, full_loads=full)
    warehouse.script("batch" if files else "no_batch")
    mark = rereading.fingerprint(warehouse, model, system, maps, loads) if files else None
    if mark is not None and loads is fresh and rereading.seen_again(warehouse, system, maps, mark):
        return _counted(warehouse, system, resource, fresh)
    before = drift.known(warehouse, system, resource)
    told = drift.look(warehouse, model, before) if files else ()
    shape, moved = drift.known(warehouse, system, resource) if told else before, 0
    for one in maps:
        if not drift.waits(shape, one):
            moved += _stage_map(warehouse, model, system, one, shape)
            told += drift.options(warehouse, model, shape, one)
            if drift.waits(before, one):
                _forget(warehouse, system, [one])
    already = {load.id for load in loads} - {load.id for load in fresh}
    if already:
        warehouse.run("DELETE FROM batch WHERE list_contains($ids, load_id)", {"ids": sorted(already)})
    rereading.remember(warehouse, None if before.held or shape.held else mark)
    return replace(_counted(warehouse, system, resource, fresh), moved=moved, drift=told)


def _counted(warehouse: Warehouse, system: str, resource: str, fresh: Sequence[Load]) -> Staged:
    """Keep the books of the batch; what of it came with the fresh loads."""
    warehouse.script("counts")
    counted = warehouse.rows(
        "SELECT coalesce(sum(read), 0)::BIGINT AS read, coalesce(sum(staged), 0)::BIGINT AS staged, "
        "coalesce(sum(quarantined), 0)::BIGINT AS quarantined FROM meta.staging "
        "WHERE system = ? AND resource = ? AND list_contains(?, load_id)",
        [system, resource, [load.id for load in fresh]],
    )[0]
    return Staged(**counted)


def _speaks(one: Map, loads: Sequence[Load], inhabited: set[tuple[str, str]]) -> bool:
    """Whether the loads have rows for a map, or a whole read of nothing where there was something."""
    if any(load.files.get(one.resource) for load in loads):
        return True
    return (one.resource, one.to) in inhabited and any(one.resource in load.full for load in loads)


def _inhabited(warehouse: Warehouse, model: Model, system: str) -> set[tuple[str, str]]:
    """The resources with their entities of which there is anything that an empty read could take away."""
    text = warehouse.compiled(f"map/{system}/inhabited", lambda: seen.inhabited(model, system))
    return {(row["resource"], row["entity"]) for row in warehouse.rows(text)}


def _stage_map(warehouse: Warehouse, model: Model, system: str, one: Map, shape: Shape) -> int:
    """One map's rows: sort, compare, store; returns how many staged rows changed. What pauses stays as it is."""
    entity = model.entity(one.to)
    warehouse.set(entity=entity.name, each=one.each is not None)
    name, sql = _map_name(system, one), warehouse.compiled
    warehouse.replace_table("candidates", _rows(warehouse, model, system, one, drift.rests(shape, one)))
    warehouse.script("passed")
    warehouse.replace_view("previous", sql(f"{name}/technical", lambda: compiled.technical(system, entity)))
    warehouse.script("departed")
    arrivals = sql(f"{name}/arrivals", lambda: compiled.arrivals(model, system, one))
    arrived = warehouse.replace_table("arrived", arrivals)
    warehouse.script("touched")
    stir(warehouse, sql(f"{name}/places", lambda: moving.places(system, entity, "newly_touched")))
    stir(warehouse, sql(f"{name}/arrived", lambda: seen.read_back(system, entity.name, ARRIVED)))
    if arrived:
        _store(warehouse, model, system, one)
    warehouse.run(sql(f"{name}/bury", lambda: compiled.bury(system, entity)))
    return int(warehouse.value("SELECT count(*) FROM newly_touched"))


def _store(warehouse: Warehouse, model: Model, system: str, one: Map) -> None:
    """The rows of ``arrived`` in the place of those that stood there."""
    entity, name, sql = model.entity(one.to), _map_name(system, one), warehouse.compiled
    table, columns = t.staged(system, entity.name), list(t.staged_columns(model, system, entity))
    warehouse.run(sql(f"{name}/replaced", lambda: t.delete(table, "source_id IN (SELECT source_id FROM arrived)")))
    warehouse.run(sql(f"{name}/stored", lambda: t.insert(table, columns, compiled.stored(model, system, entity, one))))


def _changed_maps(warehouse: Warehouse, model: Model, system: str) -> list[Map]:
    """Maps whose SQL is not the one their rows were staged with: their raw rows are staged again."""
    known = {row["name"]: row["hash"] for row in warehouse.rows("SELECT name, hash FROM meta.compiled")}
    maps = model.binding(system).maps
    return [one for one in maps if known.get(_map_name(system, one)) != _map_hash(warehouse, model, system, one)]


def _forget(warehouse: Warehouse, system: str, maps: Sequence[Map]) -> None:
    """Let the next sync stage maps from the beginning: what was read while they paused is not staged."""
    names = [_map_name(system, one) for one in maps]
    warehouse.run("DELETE FROM meta.compiled WHERE list_contains(?, name)", [names])


def _remember(warehouse: Warehouse, model: Model, system: str, maps: Sequence[Map]) -> None:
    if maps:
        _forget(warehouse, system, maps)
        rows = [[_map_name(system, one), _map_hash(warehouse, model, system, one)] for one in maps]
        warehouse.insert_many("meta.compiled", rows)


def _map_name(system: str, one: Map) -> str:
    """A map's own name: no two maps of a system read the same entity from the same resource."""
    return f"map/{system}/{one.resource}/{one.to}"


def _rows(warehouse: Warehouse, model: Model, system: str, one: Map, rests: Mapping[str, Rest] = NOTHING) -> str:
    marks = [f"{name} {rest.hold} {' '.join(rest.paths)}" for name, rest in rests.items()]
    read = pausing.paused(system, one, rests) if rests else one
    return warehouse.compiled(
        "/".join([_map_name(system, one), "rows", *marks]), lambda: read_once(compiled.rows(model, system, read))
    )


def _map_hash(warehouse: Warehouse, model: Model, system: str, one: Map) -> str:
    return digest(_rows(warehouse, model, system, one))

"""What must hold: after a sync that reached everybody, and once edits have stopped. ``Broken`` names the law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.simulator.company import World, open_empty
from benchmarks.simulator.connectors import MAPS, WRITES
from benchmarks.simulator.oracle import Edit, Oracle, fold
from benchmarks.simulator.systems import Broken, Store
from models.compile import core as compiled
from models.schema import Entity
from pipelines.identify import identify
from pipelines.links import load_links
from pipelines.reconcile import reconcile
from pipelines.session import Session
from pipelines.staging import stage_system
from pipelines.sync import draw_plan

Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Picture:
    """What the warehouse says of one entity: core, where each source record belongs and which are dead, conflicts."""

    core: dict[str, Row]
    place: dict[tuple[str, str], str]
    dead: set[tuple[str, str]]
    overruled: set[tuple[str, str, str, Any]]  # core_id, field, loser, its value folded

    def members(self) -> dict[str, list[tuple[str, str]]]:
        """core_id -> its source records."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for ref, core_id in self.place.items():
            found[core_id].append(ref)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The source records that a core record stands for: what it is, whatever it is called."""

    entity: str
    of: tuple[str, ...]


def picture(world: World, entity: str) -> Picture:
    rows = world.warehouse.rows
    conflicts = rows("SELECT core_id, field, loser, loser_value FROM core.conflicts WHERE entity = ?", [entity])
    return Picture(
        core={row["core_id"]: row for row in rows(f'SELECT * FROM core."{entity}"')},  # noqa: S608 - our own names
        place={(r["system"], r["source_id"]): r["core_id"] for r in rows(f'SELECT * FROM xref."{entity}"')},  # noqa: S608
        dead={(r["system"], r["source_id"]) for r in rows(f'FROM xref."{entity}__nodes" WHERE dead')},
        overruled={(c["core_id"], c["field"], c["loser"], fold(c["field"], c["loser_value"])) for c in conflicts},
    )


# --- after a sync --------------------------------------------------------------------------------------------


def after_sync(world: World, oracle: Oracle, session: Session, *, raced: bool) -> None:
    """The laws that each sync keeps, whatever went wrong in it; ``raced``: people edited while it ran."""
    conserved(session)
    if not raced:
        read_back(session)
    made_once(world)
    for entity in ("customer", "invoice", "assignment"):
        if entity in world.entities:
            seen = picture(world, entity)
            refused_to_empty(oracle, entity, seen)
            not_there_no_more(world, oracle, entity)
            no_edit_lost(oracle, entity, seen)
            newest_wins(oracle, entity, seen)


def conserved(session: Session) -> None:
    """Every row read is staged or set aside; every change planned is delivered, held or rejected."""
    for system, said in session.staged.items():
        read = sum(r.rows + r.deleted for r in session.reports.get(system, ()))
        if read != said.read or said.read != said.staged + said.quarantined:
            raise Broken("conservation", f"{system}: {read} rows read, {said}")
    for plan in session.plans:
        done = session.deliveries[plan.handoff]
        if done.planned != len(plan.changes) + len(plan.held):
            raise Broken("conservation", f"{plan.handoff}: {len(plan.changes)} planned, {done}")


def read_back(session: Session) -> None:
    """What was written reads back as it was meant, in the system's own form."""
    for delivery in session.deliveries.values():
        for receipt in delivery.delivered:
            for name, value in receipt.pushed.items():
                if receipt.action != "delete" and name in receipt.observed and name not in ("customer", "technician"):
                    was, now = fold(name, value), fold(name, receipt.observed[name])
                    if was != now:
                        raise Broken("round trip", f"{receipt.system} {receipt.target_id} {name}: {was!r} came {now!r}")


def made_once(world: World) -> None:
    """Nothing that we made stands twice in a system."""
    for store in world.stores.values():
        for _, collection, *_ in WRITES[store.name]:
            marks = [r["mark"] for r in store.living(collection).values() if r.get("mark")]
            if len(marks) != len(set(marks)):
                raise Broken("exactly-once effect", f"{store.name} {collection}: {sorted(marks)}")


def refused_to_empty(oracle: Oracle, entity: str, seen: Picture) -> None:
    """A core record is deleted only when somebody deleted a record of it."""
    members = seen.members()
    for core_id, row in seen.core.items():
        if row["deleted_at"] is not None and not any(ref in oracle.buried for ref in members[core_id]):
            raise Broken("refuse to empty", f"{entity} {core_id} of {members[core_id]} was deleted by nobody")


def not_there_no_more(world: World, oracle: Oracle, entity: str) -> None:
    """A source record counts as deleted only when it is, or was: what a list leaves out is not gone."""
    for system, store in world.stores.items():
        for one in MAPS[system]:
            if one.to == entity and one.each is None:
                gone = f'SELECT source_id FROM staged."{system}__{entity}" WHERE deleted_at IS NOT NULL'  # noqa: S608
                there = {row["source_id"] for row in world.warehouse.rows(gone)} & store.living(one.resource).keys()
                if wrong := {id for id in there if (system, id) not in oracle.buried}:
                    raise Broken("refuse to empty", f"{system} {sorted(wrong)} are there and count as deleted")


def no_edit_lost(oracle: Oracle, entity: str, seen: Picture) -> None:
    """An edit that was read is applied, or a conflict says that it was overruled, or its record is gone."""
    for edit in oracle.edits.values():
        if edit.entity == entity and edit.seen is not None and edit.fate is None:
            edit.fate = _fate(edit, seen)
            if edit.fate is None:
                core_id = seen.place.get((edit.system, edit.id))
                row = seen.core.get(str(core_id), {})
                there = {n: row.get(n) for n in (edit.field, f"{edit.field}__from", f"{edit.field}__at")}
                raise Broken("no edit lost", f"{edit}; core {core_id} says {there}")


def _fate(edit: Edit, seen: Picture) -> str | None:
    core_id = seen.place.get((edit.system, edit.id))
    row = seen.core.get(str(core_id))
    if core_id is None or row is None:
        return None
    if row["deleted_at"] is not None:
        return "removed"
    if fold(edit.field, row[edit.field]) == edit.value:
        return "applied"
    if (core_id, edit.field, edit.system, edit.value) in seen.overruled:
        return "overruled"
    return None


def newest_wins(oracle: Oracle, entity: str, seen: Picture) -> None:
    """Where the newest edit decides, none wins that was certainly made before another one."""
    rivals: dict[str, list[Edit]] = defaultdict(list)
    for edit in oracle.edits.values():
        if entity == edit.entity == "customer" and edit.field == "given_name" and edit.fate:
            rivals[seen.place.get((edit.system, edit.id), "")].append(edit)
    for core_id, edits in rivals.items():
        row = seen.core.get(core_id)
        if row is not None and row["deleted_at"] is None:
            newest = max(edits, key=lambda edit: edit.since)
            value = fold("given_name", row["given_name"])
            same = [e for e in (*oracle.edits.values(), *oracle.past) if e.field == "given_name" and e.value == value]
            if same and all(e.seen is not None and e.seen <= newest.since for e in same):
                raise Broken("no echo", f"{core_id}: {row['given_name__from']} wins by {same}, over {newest}")


# --- at rest -------------------------------------------------------------------------------------------------


def agreed(world: World) -> None:
    """Every living core record stands in every system that we write, with the same values."""
    session = _session(world)
    held = {
        (h.change.system, h.change.entity, h.change.core_id) for done in session.deliveries.values() for h in done.held
    }
    for system, store in world.stores.items():
        for entity, collection, *_ in WRITES[system]:
            if entity in world.entities:
                seen = picture(world, entity)
                for core_id, row in seen.core.items():
                    if row["deleted_at"] is None and (system, entity, core_id) not in held:
                        _same(store, collection, entity, core_id, row, seen)


def _same(store: Store, collection: str, entity: str, core_id: str, row: Row, seen: Picture) -> None:
    """A core record stands once in a system: what was read stands where the crosswalk has it, whatever its mark says.

    A record of ours that was spoiled when a person entered the same customer again stands for something else once it
    can be read: two living records of a system are never one. A mark alone counts of what we made a moment ago.
    """
    records = store.living(collection)
    places = {i: seen.place.get((store.name, i)) for i in records}
    made = {i for i, record in records.items() if record.get("mark") == core_id and places[i] is None}
    ids = sorted(made | {i for i, place in places.items() if place == core_id})
    if len(ids) != 1:
        if entity == "assignment" and row["starts_at"] is None:
            return
        raise Broken("convergence", f"{entity} {core_id} stands {len(ids)} times in {store.name}: {row}")
    for name, wire in _written(store.name, entity):
        wanted, there = fold(name, row[name]), fold(name, records[ids[0]].get(wire))
        if wanted is not None and wanted != there:
            raise Broken("convergence", f"{store.name} {ids[0]} {name}: {there!r}, core {core_id} says {wanted!r}")


def _written(system: str, entity: str) -> Iterator[tuple[str, str]]:
    for one in MAPS[system]:
        if one.to == entity:
            yield from ((n, c.paths[0]) for n, c in one.fields.items() if c.kind != "ref" and n in one.writable())


def still(world: World) -> None:
    """With nobody editing, nothing is sent and nothing moves; what is held waits for a person."""
    for name, done in _session(world).deliveries.items():
        if done.delivered or done.rejected:
            raise Broken("fixpoint", f"{name}: {done.delivered[:2]} {done.rejected[:2]}")
    changed = {name: done.changed for name, done in _session(world).reconciled.items() if done.changed}
    if changed:
        raise Broken("fixpoint", f"core still moves: {changed}")


def overlooked(world: World) -> None:
    """A plan of everything is the plan of what moved: comparing less overlooks nothing."""
    session = _session(world)
    for handoff in world.company.handoffs():
        last = next(plan for plan in reversed(session.plans) if plan.handoff == handoff.name)
        world.warehouse.set(handoff=handoff.name)
        world.warehouse.script("forgotten")
        was, whole = (
            [*plan.changes, *(h.change for h in plan.held)]
            for plan in (last, draw_plan(session, world.warehouse, handoff))
        )
        if {change.id for change in was} != {change.id for change in whole}:
            raise Broken("determinism", f"{handoff.name} was {was}, compared as a whole it is {whole}")


def pure(world: World) -> None:
    """Core is what staged says: looking at everything again finds nothing new."""
    warehouse, model = world.warehouse, world.company.model
    for entity in model.active():
        for system in model.systems_of(entity.name):
            again = f'INSERT INTO meta.touched SELECT ?, ?, source_id FROM staged."{system}__{entity.name}"'  # noqa: S608
            warehouse.run(again, [system, entity.name])
        moved = identify(warehouse, model, entity, now=world.clock.now)
        _decide_all(world, entity)
        if moved:
            raise Broken("determinism", f"{moved} links of {entity.name} move when they are looked at again")


def _decide_all(world: World, entity: Entity) -> None:
    touch = "INSERT INTO meta.touched_core SELECT ?, core_id FROM ("
    world.warehouse.run(touch + compiled.all_ids(entity).sql("duckdb") + ")", [entity.name])
    done = reconcile(
        world.warehouse, world.company.model, entity, check=lambda *_: (), run="again", now=world.clock.now
    )
    if done.changed:
        rows = world.warehouse.rows("SELECT * FROM core.changes WHERE run = 'again'")
        raise Broken("determinism", f"{entity.name} decided again is something else: {rows[:3]}")


def rebuilt(world: World) -> None:
    """From raw and ledger alone, though it all arrives at once, the same records live, and core says the same of them.

    Links whose evidence moved since are known to the warehouse alone, and so is what they and deleted records brought
    to a core record: what stands for other source records now is not compared, nor is a reference to it. Who arrived
    first gave a record its core_id: what refers to it is compared by the source records behind that.
    """
    kept, company = world.warehouse, world.company
    world.warehouse = empty = open_empty(company, world.shape)
    try:
        load_links(empty, world.ledger, company.model)
        for system in world.stores:
            loads = world.lake.loads("", system)
            everything = partial(list, loads)
            stage_system(empty, company.model, system, loads, everything=everything, run="again", now=world.clock.now)
        for entity in company.model.active():
            identify(empty, company.model, entity, now=world.clock.now)
            reconcile(empty, company.model, entity, check=lambda *_: (), run="again", now=world.clock.now)
        there_after, after = _there(world), _living(world)
    finally:
        world.warehouse = kept
        empty.close()
    there, before = _there(world), _living(world)
    if there != there_after:
        raise Broken("determinism", f"{sorted(there ^ there_after)} live in one of warehouse and raw with ledger alone")
    for key in before.keys() & after.keys():
        for name, was in before[key].items():
            if was != after[key][name] and (not isinstance(was, Behind) or was in after):
                raise Broken("determinism", f"{key} {name} was {was}, and is {after[key][name]} from raw and ledger")


def _there(world: World) -> set[tuple[str, str, str]]:
    """What is staged as living: system, entity and source record."""
    pairs = [(s, e) for e in world.entities for s in world.company.model.systems_of(e)]
    living = 'SELECT source_id FROM staged."{}__{}" WHERE deleted_at IS NULL'
    return {(s, e, row["source_id"]) for s, e in pairs for row in world.warehouse.rows(living.format(s, e))}


def _living(world: World) -> dict[Behind, Row]:
    """What core says, folded, of records nowhere deleted; a reference as what stands behind it."""
    seen = {name: picture(world, name) for name in world.entities}
    behind = {
        core_id: Behind(entity=name, of=tuple(sorted(f"{system} {id}" for system, id in refs)))
        for name, one in seen.items()
        for core_id, refs in one.members().items()
    }
    once = {name: {one.place[ref] for ref in one.dead if ref in one.place} for name, one in seen.items()}
    return {
        behind[core_id]: {
            field.name: behind.get(row[field.name]) if field.ref else fold(field.name, row[field.name])
            for field in world.company.model.entity(name).own_fields
        }
        for name, one in seen.items()
        for core_id, row in one.core.items()
        if row["deleted_at"] is None and core_id not in once[name]
    }


def _session(world: World) -> Session:
    if world.session is None:
        raise Broken("rest", "the last sync did not end")
    return world.session

"""Core: decide the touched records of each entity by ownership, check them, then let them be seen.

Write, audit, publish: the next rows are built beside the table, checked, and swapped in last. Rows that
a blocking check refuses stay out, and stay touched, until the cause is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from models.change import digest
from models.compile import conflicts as disagreement
from models.compile import core as compiled
from models.compile import spine
from models.compile import tables as t
from models.schema import Entity, Model
from pipelines.comparing import stir
from pipelines.standing import remember, standing
from pipelines.warehouse import Warehouse
from quality.spec import Verdict

if TYPE_CHECKING:
    import pandas as pd

Check = Callable[[Entity, "pd.DataFrame", "References"], Sequence[Verdict]]
References = Callable[[str], "pd.Series[str]"]

RESTS = (
    "SELECT (SELECT hash FROM meta.compiled WHERE name = $rules) AS rules, "
    "EXISTS (SELECT 1 FROM meta.touched_core WHERE entity = $entity) AS touched, "
    "EXISTS (SELECT 1 FROM meta.violations WHERE entity = $entity) AS violated"
)
# whether a conflict of what is decided now stands
STAND = (
    "SELECT EXISTS (SELECT 1 FROM core.conflicts "
    "WHERE entity = ? AND settled_at IS NULL AND core_id IN (SELECT core_id FROM scope))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What one pass over an entity did: records decided, fields changed, and what the checks said."""

    decided: int = 0
    changed: int = 0
    verdicts: tuple[Verdict, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(v.blocks for v in self.verdicts)


def reconcile(
    warehouse: Warehouse, model: Model, entity: Entity, *, check: Check | None, run: str, now: datetime
) -> Reconciled:
    """Decide again every touched record of one entity; all when its rules changed. ``check`` may keep them out."""
    text = warehouse.compiled(f"core/{entity.name}/records", lambda: compiled.records(model, entity))
    if _rests(warehouse, entity, text):
        return Reconciled()
    with warehouse.transaction():
        warehouse.set(entity=entity.name, run=run, now=now.replace(tzinfo=None))
        if not _scope(warehouse, entity, text):
            _remember(warehouse, entity, text)
            return Reconciled(verdicts=standing(warehouse, entity))
        stir(warehouse, "SELECT getvariable('entity') AS entity, core_id FROM scope")
        _place(warehouse, model, entity)
        # in order, so that the history of one record stands in few blocks
        decided = warehouse.replace_table("next", f"SELECT * FROM ({text}) ORDER BY core_id")  # noqa: S608 - ours
        verdicts = tuple(check(entity, warehouse.frame("SELECT * FROM next"), _references(warehouse))) if check else ()
        if any(v.blocks for v in verdicts):
            return Reconciled(decided=decided, verdicts=verdicts)
        changed = _publish(warehouse, model, entity)
        remember(warehouse, entity, verdicts)
        _remember(warehouse, entity, text)
        return Reconciled(decided=decided, changed=changed, verdicts=standing(warehouse, entity, verdicts))


def _rests(warehouse: Warehouse, entity: Entity, text: str) -> bool:
    """Whether there is nothing to decide and nothing to tell of an entity whose rules are what they were."""
    [found] = warehouse.rows(RESTS, {"entity": entity.name, "rules": f"core/{entity.name}"})
    return found["rules"] == digest(text) and not (found["touched"] or found["violated"])


def _scope(warehouse: Warehouse, entity: Entity, text: str) -> int:
    """Fill ``scope`` with the core_ids to decide; returns how many."""
    known = warehouse.value("SELECT hash FROM meta.compiled WHERE name = ?", [f"core/{entity.name}"])
    if known is not None and known != digest(text):
        warehouse.replace_table("scope", compiled.all_ids(entity).sql("duckdb"))
    else:
        warehouse.run(
            "CREATE OR REPLACE TEMP TABLE scope AS SELECT DISTINCT core_id FROM meta.touched_core WHERE entity = ?",
            [entity.name],
        )
    return int(warehouse.value("SELECT count(*) FROM scope"))


def _place(warehouse: Warehouse, model: Model, entity: Entity) -> None:
    """Fill ``placed`` with the source records of the scope, and ``spine`` with the records that there are."""
    name, sql = f"core/{entity.name}", warehouse.compiled
    text = sql(f"{name}/placed", lambda: spine.placed(model, entity))
    warehouse.run(f"CREATE OR REPLACE TEMP TABLE placed AS {text}")
    if warehouse.value(sql("core/several", spine.several)):
        warehouse.run(sql("core/behind", spine.behind))
    text = sql(f"{name}/spine", lambda: spine.spine(model, entity))
    warehouse.run(f"CREATE OR REPLACE TEMP TABLE spine AS {text}")


def _remember(warehouse: Warehouse, entity: Entity, text: str) -> None:
    name = f"core/{entity.name}"
    if warehouse.value("SELECT hash FROM meta.compiled WHERE name = ?", [name]) != digest(text):
        warehouse.run("DELETE FROM meta.compiled WHERE name = ?", [name])
        warehouse.run("INSERT INTO meta.compiled VALUES (?, ?)", [name, digest(text)])


def _references(warehouse: Warehouse) -> References:
    """The living core_ids of another entity, for reference checks."""

    def living(entity: str) -> pd.Series[str]:
        return warehouse.frame(compiled.living(entity))["core_id"]

    return living


def _publish(warehouse: Warehouse, model: Model, entity: Entity) -> int:
    """Swap the next rows in; record events and conflicts; touch what looks things up here. Returns changed fields."""
    table, name, sql = t.core(entity.name), f"core/{entity.name}", warehouse.compiled
    warehouse.set(
        backfill=warehouse.value(sql(f"{name}/count", lambda: t.count_of(table))) == 0,
        newcomers=_newcomers(warehouse, model, entity),
    )
    changed = warehouse.replace_table("moved_fields", sql(f"{name}/changes", lambda: compiled.changes(entity)))
    warehouse.script("events")
    warehouse.run(sql(f"{name}/replaced", lambda: t.delete(table, "core_id IN (SELECT core_id FROM scope)")))
    columns = list(t.core_columns(entity))
    warehouse.run(sql(f"{name}/insert", lambda: t.insert(table, columns, t.everything(t.plain("next")))))
    _conflicts(warehouse, model, entity)
    for child in model.active():
        for ref in {f.via.partition(".")[0] for f in child.fields if f.via}:
            if child.field(ref).ref == entity.name:
                warehouse.run(_dependents(warehouse, child, ref))
    warehouse.run("DELETE FROM meta.touched_core WHERE entity = ?", [entity.name])
    return changed


def _newcomers(warehouse: Warehouse, model: Model, entity: Entity) -> list[str]:
    """Systems whose first records of this entity arrive in this run: they may have been there for years."""
    first = {(row["system"], row["resource"]) for row in warehouse.rows(warehouse.statement("newcomers"))}
    return [
        binding.name
        for binding in model.bindings
        if (maps := binding.maps_to(entity.name)) and all((binding.name, one.resource) in first for one in maps)
    ]


def _conflicts(warehouse: Warehouse, model: Model, entity: Entity) -> None:
    """Bring the conflicts of the scope up to date: about fields, and about deletions."""
    name, sql = f"core/{entity.name}", warehouse.compiled
    text = sql(f"{name}/conflicts", lambda: disagreement.fields(model, entity))
    found = warehouse.replace_table("found_conflicts", text)
    deleted = sql(f"{name}/deleted", lambda: disagreement.deleted_rows(model, entity))
    lost = warehouse.replace_table("deleted_rows", deleted)
    if not (found or lost or warehouse.value(STAND, [entity.name])):
        return
    if lost:
        warehouse.set(policy=model.owner(entity.name).when_deleted or "ask")
        warehouse.replace_table("living_rows", sql(f"{name}/alive", lambda: disagreement.living_rows(model, entity)))
        warehouse.replace_view("lives", sql(f"{name}/lives", lambda: disagreement.lives(entity)))
    warehouse.script("deletions" if lost else "no_deletions")
    warehouse.script("found")
    for row in warehouse.rows("SELECT DISTINCT loser, field FROM gone WHERE state = 'open' ORDER BY ALL"):
        _written_back(warehouse, model, entity, row["loser"], row["field"])
    warehouse.script("conflicts")


def _written_back(warehouse: Warehouse, model: Model, entity: Entity, system: str, field: str) -> None:
    """Note which of the conflicts that are gone ended because the loser now says what we wrote."""
    known = {binding.name: binding for binding in model.bindings}
    if system in known and field in known[system].fields_of(entity.name):
        rows = warehouse.rows(disagreement.written_back(system, entity, field))
        warehouse.insert_many("written_back", [[row["core_id"], field, system] for row in rows])


def _dependents(warehouse: Warehouse, child: Entity, ref: str) -> str:
    return warehouse.compiled(f"core/{child.name}/dependents/{ref}", lambda: compiled.dependents(child, ref))

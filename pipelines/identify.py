"""Identity: each touched source record's place in the crosswalk, and a core_id that stays.

Only records whose evidence leads to others are looked at one by one; all others are placed in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from models.clusters import LEAST
from models.compile import tables as t
from models.compile import xref as compiled
from models.identity import COMMON, Link, Node, Resolution, Two, resolve, two
from models.likeness import LIKENESS
from models.schema import Entity, Model
from pipelines.comparing import stir
from pipelines.likeness import compare
from pipelines.warehouse import Warehouse

# core records of which a receipt went or came
FOLLOWED = "SELECT getvariable('entity') AS entity, unnest([core_id, before]) AS core_id FROM following"
# Up to so many records are sooner resolved one by one than sorted by what exact keys alone decide.
FEW = 200


def identify(warehouse: Warehouse, model: Model, entity: Entity, *, now: datetime) -> int:
    """Place the touched records of one entity; returns how many links are new or moved."""
    systems = [
        row["system"]
        for row in warehouse.rows("SELECT DISTINCT system FROM meta.touched WHERE entity = ? ORDER BY 1", [entity.name])
    ]
    if not systems:
        return 0
    with warehouse.transaction():
        warehouse.set(entity=entity.name, prefix=entity.prefix, now=now.replace(tzinfo=None))
        warehouse.set(common=COMMON, least=LEAST)
        for view, source, query in (
            ("node", t.nodes(entity.name), t.placed),
            ("crosswalk", t.xref(entity.name), t.everything),
        ):
            warehouse.replace_view(view, warehouse.compiled(f"{source.db}/{source.name}/all", partial(query, source)))
        first = not warehouse.value("SELECT count(*) FROM crosswalk")  # nobody was placed before: all was touched
        _meet(warehouse, model, entity, sorted(set(systems) & {b.name for b in model.bindings}))
        compare(warehouse, model, entity)
        moved = _place(warehouse, entity, now, first=first)
        _touch_referrers(warehouse, model, entity)
        warehouse.run("DELETE FROM meta.touched WHERE entity = ?", [entity.name])
    return moved


def _meet(warehouse: Warehouse, model: Model, entity: Entity, systems: Sequence[str]) -> None:
    """Fill ``met`` with the evidence of the touched records as it is now, and put it in the place of the former."""
    warehouse.script("touched_refs")
    name, table, columns = f"xref/{entity.name}", t.nodes(entity.name), list(compiled.NODE_COLUMNS)
    evidence = warehouse.compiled(f"{name}/met/{'+'.join(systems)}", lambda: compiled.evidence(model, systems, entity))
    warehouse.replace_table("met", evidence)
    former = "rowid IN (SELECT place FROM former)"
    warehouse.run(warehouse.compiled(f"{name}/former", lambda: t.delete(table, former)))
    warehouse.run(warehouse.compiled(f"{name}/nodes", lambda: t.fill(table, columns, "met")))
    warehouse.script("moved_evidence")


def _place(warehouse: Warehouse, entity: Entity, now: datetime, *, first: bool) -> int:
    """Links for every touched record; links that moved are replaced, aliases kept."""
    warehouse.script("entangled")
    while warehouse.value("SELECT count(*) FROM frontier"):
        warehouse.script("first_holders" if first else "holders")
        warehouse.script("entangle")
    warehouse.script("singles")
    few = warehouse.value("SELECT count(*) FROM entangled") <= FEW
    warehouse.script("none_plain" if few else "plain")
    resolution = _resolve(warehouse, entity)
    warehouse.run("CREATE OR REPLACE TEMP TABLE new_links AS FROM singles UNION ALL FROM plain")
    warehouse.insert_many("new_links", [_row(link, now) for link in resolution.links])
    warehouse.run("CREATE OR REPLACE TEMP TABLE new_aliases (alias VARCHAR, core_id VARCHAR)")
    warehouse.insert_many("new_aliases", [list(pair) for pair in resolution.aliases.items()])
    warehouse.script("moved_links")
    moved = int(warehouse.value("SELECT count(*) FROM moved_links"))
    if moved or resolution.aliases:
        warehouse.script("followed")
        stir(warehouse, FOLLOWED)
        _relink(warehouse, entity)
    return moved


def _relink(warehouse: Warehouse, entity: Entity) -> None:
    table, columns, name = t.xref(entity.name), list(compiled.XREF_COLUMNS), f"xref/{entity.name}"
    former = "(system, source_id) IN (SELECT (system, source_id) FROM moved_links)"
    warehouse.run(warehouse.compiled(f"{name}/unlinked", lambda: t.delete(table, former)))
    warehouse.run(warehouse.compiled(f"{name}/linked", lambda: t.insert(table, columns, compiled.moved())))


def _resolve(warehouse: Warehouse, entity: Entity) -> Resolution:
    """Cluster the entangled records by everything that is known of them."""
    nodes = [_node(row) for row in warehouse.rows(warehouse.statement("evidence"))]
    pairs = "(left_system, left_id) IN (SELECT (system, source_id) FROM entangled)"
    likely = warehouse.rows(f"SELECT * EXCLUDE (bits) FROM pair WHERE {pairs}")  # noqa: S608 - our own words
    decided = warehouse.rows(f"SELECT * FROM meta.verdicts WHERE entity = ? AND {pairs}", [entity.name])  # noqa: S608
    taken = warehouse.rows(warehouse.statement("taken"))
    return resolve(
        entity.prefix,
        nodes,
        likely={_pair(row): float(row["weight"]) for row in likely},
        verdicts={_pair(row): bool(row["same"]) for row in decided},
        taken=frozenset(str(row["core_id"]) for row in taken),
    )


def _pair(row: dict[str, object]) -> Two:
    return two(
        (str(row["left_system"]), str(row["left_id"])),
        (str(row["right_system"]), str(row["right_id"])),
    )


def _node(row: dict[str, object]) -> Node:
    peers = row["peers"] or {}
    assert isinstance(peers, dict)  # noqa: S101 - DuckDB gives a MAP as a dict
    keys = row["keys"] or []
    assert isinstance(keys, list)  # noqa: S101 - and a list as a list
    return Node(
        system=str(row["system"]),
        source_id=str(row["source_id"]),
        own=str(row["own"]) if row["own"] else None,
        known=str(row["known"]) if row["known"] else None,
        moved=bool(row["moved"]),
        into=str(row["merged_into"]) if row["merged_into"] else None,
        peers=tuple(sorted((str(s), str(i)) for s, i in peers.items() if i)),
        keys=tuple(str(k) for k in keys),
        dead=bool(row["dead"]),
    )


def _row(link: Link, now: datetime) -> list[object]:
    return [link.core_id, link.system, link.source_id, link.method, now.replace(tzinfo=None)]


def _touch_referrers(warehouse: Warehouse, model: Model, entity: Entity) -> None:
    """Records that point at a source record whose core_id is new or moved are to be decided again.

    Those that are identified by whom they point at are to be identified again.
    """
    for child in model.active():
        for field in child.refs:
            if field.ref != entity.name:
                continue
            for system in model.systems_of(child.name):
                if field.name in model.binding(system).fields_of(child.name):
                    warehouse.run(_referrers(warehouse, system, child, field.name))
                    if _identifies(child, field.name):
                        warehouse.run(_again(warehouse, system, child, field.name))
        for field, key in ((f, key) for f in child.lists for key, parent in f.refers.items() if parent == entity.name):
            for system in model.systems_of(child.name):
                if field.name in model.binding(system).fields_of(child.name):
                    warehouse.run(_referrers(warehouse, system, child, field.name, key))


def _identifies(child: Entity, field: str) -> bool:
    likeness = LIKENESS.get(child.name)
    return any(field in key for key in child.keys) or (likeness is not None and field in likeness.columns.values())


def _referrers(warehouse: Warehouse, system: str, child: Entity, field: str, key: str | None = None) -> str:
    name = "/".join(("xref", child.name, system, "referrers", field, *([key] if key else [])))
    return warehouse.compiled(name, lambda: compiled.referrers(system, child, field, key))


def _again(warehouse: Warehouse, system: str, child: Entity, field: str) -> str:
    name = f"xref/{child.name}/{system}/again/{field}"
    return warehouse.compiled(name, lambda: compiled.again(system, child, field))

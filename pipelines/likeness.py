"""Likeness: scored pairs of records, kept as a pure function of what the records say.

What a record is compared by stands in ``xref.<entity>__traits``, the pairs in ``xref.<entity>__pairs``. Only records
whose compared values moved are compared again, the few of an ordinary sync without so much as an import of Splink.
The same records therefore have the same pairs, in whatever order they arrived.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from models.clusters import FLOOR
from models.compile import likeness as compiled
from models.compile import tables as t
from models.likeness import LIKENESS
from models.schema import Entity, Model
from pipelines.matching import Kind, pairs, weights
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

# Up to so many fresh records are scored in the warehouse; for more, Splink's start is worth its while.
FEW = 2_000
# of a kind that one system alone has, nothing can be a pair
FRESH = (
    "SELECT count(*) FROM fresh_traits WHERE kind = getvariable('kind') "
    "AND (SELECT count(DISTINCT system) > 1 FROM trait WHERE kind = getvariable('kind'))"
)
NO_PAIRS = ", ".join(f"NULL::{type_} AS {name}" for name, type_ in compiled.PAIR_COLUMNS.items())


def compare(warehouse: Warehouse, model: Model, entity: Entity) -> None:
    """Score the touched records of one entity against all others; leaves the view ``pair``.

    Reads ``touched_refs``. An entity that is not compared, or that one system alone has, has no pairs.
    """
    likeness = LIKENESS.get(entity.name)
    if likeness is None or len(model.systems_of(entity.name)) < 2:
        warehouse.replace_view("pair", f"SELECT {NO_PAIRS} WHERE false")
        return
    name, sql = f"xref/{entity.name}", warehouse.compiled
    warehouse.replace_view("pair", sql(f"{name}/pair", lambda: t.everything(t.pairs(entity.name))))
    warehouse.replace_view("trait", sql(f"{name}/trait", lambda: t.everything(t.traits(entity.name))))
    warehouse.replace_table("records", sql(f"{name}/compared", lambda: compiled.records(model, entity, likeness)))
    warehouse.script("matching")
    warehouse.script("traits")
    _keep(warehouse, entity)
    for kind in likeness.kinds:
        warehouse.set(kind=kind)
        fresh = int(warehouse.value(FRESH))
        if fresh > FEW:
            warehouse.take("scored", _by_splink(warehouse, kind, fresh))
        elif fresh:
            text = sql(f"likeness/{kind}", partial(compiled.scored, kind, weights(kind), FLOOR))
            warehouse.replace_table("scored", text)
        if fresh:
            warehouse.run(sql(f"{name}/scored", lambda: t.fill(t.pairs(entity.name), compiled.PAIR_COLUMNS, "scored")))


def _keep(warehouse: Warehouse, entity: Entity) -> None:
    """Store what the records say now, and forget the pairs of those that say something else."""
    gone, name, sql = "IN (SELECT (system, source_id) FROM stale_traits)", f"xref/{entity.name}", warehouse.compiled
    lost, table = f"(left_system, left_id) {gone} OR (right_system, right_id) {gone}", t.traits(entity.name)
    warehouse.run(sql(f"{name}/lost_pairs", lambda: t.delete(t.pairs(entity.name), lost)))
    stale = "unique_id IN (SELECT unique_id FROM stale_traits)"
    warehouse.run(sql(f"{name}/stale_traits", lambda: t.delete(table, stale)))
    warehouse.run(sql(f"{name}/fresh_traits", lambda: t.fill(table, compiled.TRAIT_COLUMNS, "fresh_traits")))


def _by_splink(warehouse: Warehouse, kind: Kind, fresh: int) -> pa.Table:
    """The pairs of many fresh records of one kind."""
    traits = warehouse.arrow("SELECT * EXCLUDE (kind) FROM trait WHERE kind = getvariable('kind') ORDER BY unique_id")
    wanted = warehouse.arrow("SELECT unique_id FROM fresh_traits WHERE kind = getvariable('kind')")
    return pairs(kind, traits, fresh=None if fresh == len(traits) else wanted)

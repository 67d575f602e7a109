"""A whole read that says again what the last one said: its records are what they were, and were only seen once more.

Of each resource the warehouse knows the hash of the last whole read that was staged with nothing left open
(``meta.reread``). Another read with that hash cannot move a record, a clock or a shape: only the load in which its
rows were last seen, and when, is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from connectors.raw import Load
from models.compile import seen as compiled
from models.schema import Map, Model
from pipelines.comparing import stir
from pipelines.warehouse import Warehouse

PLACE = "WHERE system = getvariable('system') AND resource = getvariable('resource')"

SHOWN = "s.parent_id IN (SELECT id FROM last_word)"


def fingerprint(
    warehouse: Warehouse, model: Model, system: str, maps: Sequence[Map], loads: Sequence[Load]
) -> str | None:
    """The hash of ``batch``, when it is one whole read and no other resource fills the same rows; else None."""
    one = model.binding(system)
    if len(loads) != 1 or maps[0].resource not in loads[0].full or any(len(one.maps_to(m.to)) > 1 for m in maps):
        return None
    return str(warehouse.value(warehouse.statement("fingerprint")))


def seen_again(warehouse: Warehouse, system: str, maps: Sequence[Map], mark: str) -> bool:
    """Whether the last whole read was the same; then its rows are dated as seen again. Variables: as in staging."""
    rows = warehouse.rows(f"SELECT load_id, fingerprint FROM meta.reread {PLACE}")  # noqa: S608 - our own words
    if not rows or rows[0]["fingerprint"] != mark:
        return False
    warehouse.set(seen_load=rows[0]["load_id"])
    for map_ in maps:
        name, sql = f"map/{system}/{map_.resource}/{map_.to}", warehouse.compiled
        stir(warehouse, sql(f"{name}/read_back", partial(compiled.read_back, system, map_.to, SHOWN)))
        warehouse.run(sql(f"{name}/seen", partial(compiled.seen_again, system, map_.to)))
    warehouse.run(f"UPDATE meta.reread SET load_id = getvariable('full_load') {PLACE}")  # noqa: S608
    return True


def remember(warehouse: Warehouse, mark: str | None) -> None:
    """Keep the hash of what was just staged; None where something of it stays open."""
    warehouse.run(f"DELETE FROM meta.reread {PLACE}")  # noqa: S608 - our own words
    if mark is not None and not warehouse.value("SELECT count(*) FROM broken_rows"):
        place = "getvariable('system'), getvariable('resource')"
        warehouse.run(f"INSERT INTO meta.reread SELECT {place}, getvariable('full_load'), ?", [mark])

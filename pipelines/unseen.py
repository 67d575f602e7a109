"""Records that we made and that no read ever showed: each is asked for by its id, and buried when it is gone.

What somebody deletes before we read it leaves nothing but our receipt. Its burial makes it a deletion like any other,
which ``when_deleted`` or a person decides. A list that lacks it proves nothing, because lists may lag behind writes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from models.compile import moving
from models.compile import seen as compiled
from models.errors import SystemFailure
from models.schema import Entity
from pipelines.comparing import stir
from pipelines.target import Target, fetched
from pipelines.warehouse import Warehouse

log = logging.getLogger(__name__)


def bury_unseen(warehouse: Warehouse, entity: Entity, target: Target, *, now: datetime) -> int:
    """Ask for what no read showed of one entity in a system; returns how many are gone. A failure is asked again."""
    system = target.api.system
    name = f"map/{system}/{target.map.resource}/{entity.name}"
    made = warehouse.compiled(f"{name}/unseen", lambda: compiled.unseen(system, entity))
    written = {str(row["target_id"]): row["at"] for row in warehouse.rows(made)}
    if not written:
        return 0
    try:
        there = fetched(target, list(written))
    except SystemFailure as problem:
        log.warning("%s: whether %d records of %s are there stays open: %s", system, len(written), entity.name, problem)
        return 0
    gone = {id: at for id, at in written.items() if id not in there}
    if gone:
        _bury(warehouse, entity, target, gone, now)
    return len(gone)


def _bury(warehouse: Warehouse, entity: Entity, target: Target, gone: Mapping[str, datetime], now: datetime) -> None:
    """Stage them as deleted; they were last there when we wrote them."""
    system, rows = target.api.system, [[id, at] for id, at in sorted(gone.items())]
    with warehouse.transaction():
        warehouse.set(system=system, entity=entity.name, resource=target.map.resource, now=now)
        _vanished(warehouse, rows)
        name = f"xref/{entity.name}/{system}/vanished"
        stir(warehouse, warehouse.compiled(name, lambda: moving.places(system, entity, "vanished")))
        warehouse.run(compiled.bury_unseen(system, entity))
        warehouse.run(
            "INSERT INTO meta.touched SELECT getvariable('system'), getvariable('entity'), source_id FROM vanished"
        )


def _vanished(warehouse: Warehouse, rows: Sequence[Sequence[object]]) -> None:
    warehouse.run('CREATE OR REPLACE TEMP TABLE vanished (source_id VARCHAR, "at" TIMESTAMP)')
    warehouse.insert_many("vanished", rows)

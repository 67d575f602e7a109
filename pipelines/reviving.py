"""Records that somebody deleted in a target though they live: what was decided about each, before it is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.handoff import Handoff

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse

Row = Mapping[str, Any]


def revived(warehouse: Warehouse, handoff: Handoff, rows: Sequence[Row]) -> list[Row]:
    """The rows of a plan, ``revive`` ones as decided: made again, left out, or with the conflict that waits."""
    if not any(row["action"] == "revive" for row in rows):
        return list(rows)
    known = {
        row["core_id"]: (row["id"], row["state"])
        for row in warehouse.rows(
            "SELECT core_id, id, state FROM core.conflicts "
            "WHERE entity = ? AND loser = ? AND field = 'deleted_at' AND settled_at IS NULL",
            [handoff.entity, handoff.system],
        )
    }
    judged = (_judged(row, known) for row in rows)
    return [row for row in judged if row is not None]


def _judged(row: Row, known: Mapping[str, tuple[str, str]]) -> Row | None:
    if row["action"] != "revive" or row["core_id"] not in known:
        return row
    conflict, state = known[row["core_id"]]
    if state == "accepted":
        return None
    return {**row, "conflict": conflict, "action": "remake" if state == "reverted" else "revive"}

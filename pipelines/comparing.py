"""Which records of a handoff are compared: those that moved since the last time, and what was to be written then.

Whoever moves what plans are made of (staged rows, identity, core, links) says which records it moved, in the same
transaction: ``stir``. What else a plan hangs on stands in its text, and another text compares everything. A window
moves with the clock: what it takes in anew is compared too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.change import digest
from models.compile import moving
from models.handoff import Handoff
from models.schema import Entity

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse

Row = Mapping[str, Any]

# Of so many records that wait, for a comparison or to be written, it is sooner compared as a whole.
MANY = 50_000

# When and how a handoff was compared last, and whether anything is known to be compared again.
LAST = (
    "SELECT max(hash) AS hash, max(starts) AS starts, max(ends) AS ends, "
    "(SELECT count(*) FROM meta.stirred WHERE handoff = $handoff) AS stirred, "
    "(SELECT count(*) FROM meta.unequal WHERE handoff = $handoff) AS unequal "
    "FROM meta.compared WHERE handoff = $handoff"
)


def stir(warehouse: Warehouse, moved: str) -> None:
    """These records moved (``moved`` selects entity and core_id): every handoff that hears of them compares them."""
    warehouse.run(
        "INSERT INTO meta.stirred SELECT c.handoff, m.entity, m.core_id "  # noqa: S608 - compiled, or our own words
        f"FROM meta.compared AS c JOIN ({moved}) AS m ON list_contains(c.hears, m.entity)"
    )


def compare(warehouse: Warehouse, entity: Entity, handoff: Handoff, text: str) -> list[Row]:
    """The rows of a plan, whose SQL is ``text``: records of which something is to be written."""
    [last] = warehouse.rows(LAST, {"handoff": handoff.name})
    whole = last["hash"] != digest(text) or last["stirred"] > MANY
    if not (whole or last["stirred"] or last["unequal"] or moving.windowed(handoff)):
        return []
    with warehouse.transaction():
        warehouse.set(window_starts=handoff.starts, window_ends=handoff.ends)
        wanted = warehouse.replace_table("scope", _scope(warehouse, entity, handoff, last, whole=whole))
        rows: list[Row] = [*warehouse.rows(text)] if wanted else []
        _remember(warehouse, entity, handoff, digest(text), [row["core_id"] for row in rows])
    return rows


def _remember(warehouse: Warehouse, entity: Entity, handoff: Handoff, mark: str, unequal: Sequence[str]) -> None:
    """Nothing of the handoff waits any more but what is to be written. Where that is much, nothing is remembered."""
    warehouse.set(handoff=handoff.name)
    warehouse.script("forgotten")
    if len(unequal) <= MANY:
        known = [handoff.name, list(moving.heard(entity)), mark, handoff.starts, handoff.ends]
        warehouse.run("INSERT INTO meta.compared VALUES (?, ?, ?, ?, ?)", known)
        warehouse.insert_many("meta.unequal", [[handoff.name, core_id] for core_id in unequal])


def _scope(warehouse: Warehouse, entity: Entity, handoff: Handoff, last: Row, *, whole: bool) -> str:
    """The SQL of what is to be compared, whose variables are set."""
    if whole:
        return warehouse.compiled(f"core/{entity.name}/ids", lambda: moving.everything(entity))
    warehouse.set(handoff=handoff.name, former_starts=last["starts"], former_ends=last["ends"])
    bounds = [name for name in ("starts", "ends") if getattr(handoff, name) is not None]
    return warehouse.compiled("/".join([f"core/{entity.name}/scope", *bounds]), lambda: moving.scope(entity, handoff))

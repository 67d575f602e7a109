"""The warehouse's copy of the ledger's links (newest receipts). Derived, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import simplejson

from models.change import to_json
from models.schema import Model
from pipelines import ledger as books
from pipelines.comparing import stir
from pipelines.ledger import Ledger, Link
from pipelines.warehouse import Warehouse

NEWEST = "SELECT system, entity, max(receipt) AS receipt FROM meta.links GROUP BY ALL"


def load_links(warehouse: Warehouse, ledger: Ledger, model: Model) -> int:
    """Bring in the links that the warehouse does not have yet; returns how many."""
    stands = {(row["system"], row["entity"]): row["receipt"] for row in warehouse.rows(NEWEST)}
    wanted = [(binding.name, one.to) for binding in model.bindings for one in binding.maps]
    fresh = books.list_links(ledger, {place: stands.get(place, 0) for place in wanted})
    if fresh:
        with warehouse.transaction():
            _store(warehouse, fresh)
    return len(fresh)


def _store(warehouse: Warehouse, links: Sequence[Link]) -> None:
    """Replace the links of these core records. Targets are to be looked at: a link is evidence of identity."""
    warehouse.run("CREATE OR REPLACE TEMP TABLE fresh_links AS SELECT * FROM meta.links LIMIT 0")
    warehouse.insert_many("fresh_links", [_row(link) for link in links])
    warehouse.script("links")
    stir(warehouse, "SELECT DISTINCT entity, core_id FROM fresh_links")


def _row(link: Link) -> list[Any]:
    return [
        link.system,
        link.entity,
        link.core_id,
        link.target_id,
        "delete" if link.deleted else "create" if link.made else "update",
        link.version,
        simplejson.dumps(to_json(link.pushed)),
        simplejson.dumps(to_json(link.observed)),
        link.change_id,
        link.at,
        link.receipt,
        simplejson.dumps(to_json(link.earlier)) if link.earlier else None,
    ]

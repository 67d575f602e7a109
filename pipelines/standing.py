"""Standing violations: what checks that warn said of records that nothing has touched since.

A sync checks what it decides. A record that broke a check is remembered until it is decided again, so that a sync of
other records does not read as if all were well. What blocks needs no memory: its records stay touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.schema import Entity
from pipelines.warehouse import Warehouse
from quality.checks import checks_of
from quality.spec import Verdict


def remember(warehouse: Warehouse, entity: Entity, verdicts: Sequence[Verdict]) -> None:
    """Keep which of the records decided now (``scope``) break which check; touch those that pointed to one of them."""
    rows = [[entity.name, id, v.check.name, refers] for v in verdicts for id, refers in v.violators.items()]
    warehouse.run("CREATE OR REPLACE TEMP TABLE broke AS FROM meta.violations LIMIT 0")
    warehouse.insert_many("broke", rows)
    warehouse.script("violations")


def standing(warehouse: Warehouse, entity: Entity, verdicts: Sequence[Verdict] = ()) -> tuple[Verdict, ...]:
    """The verdicts with what stands besides; of checks that did not run now, those that have something standing.

    Reads ``scope``: what was decided now is in the verdicts themselves.
    """
    rows = warehouse.rows(warehouse.statement("standing"), [entity.name])
    counts = {row["check_name"]: int(row["records"]) for row in rows}
    if not verdicts:
        verdicts = [Verdict(check=one, outcome="pass") for one in checks_of(entity) if one.name in counts]
    return tuple(_with(one, counts.get(one.check.name, 0)) for one in verdicts)


def _with(verdict: Verdict, records: int) -> Verdict:
    if not records:
        return verdict
    outcome = "fail" if verdict.outcome == "pass" else verdict.outcome
    return replace(verdict, outcome=outcome, standing=records)

"""Looking without touching: what the published snapshot and the ledger say, for people and ``--json``."""

from __future__ import annotations

from typing import Any

from models.compile import core as compiled
from models.handoff import Handoff
from pipelines import drift
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.explain import Story, explain, locate
from pipelines.holding import stopped, unsigned
from pipelines.warehouse import open_snapshot


def story(company: Company, kind: str, id: str, field: str | None) -> Story:
    """Why the fields of a record have their values."""
    with open_snapshot(company.snapshot) as warehouse, open_books(company) as ledger:
        entity, core_id = locate(warehouse, company.model, kind, id)
        return explain(warehouse, ledger, company.model, entity, core_id, field)


def conflicts(company: Company, *, settled: bool) -> list[dict[str, Any]]:
    """Where systems disagree, each with its changes of state, waiting ones first; settled ones too when asked."""
    with open_snapshot(company.snapshot) as warehouse:
        rows = warehouse.rows(warehouse.statement("list_conflicts"))
    return [row for row in rows if settled or row["settled_at"] is None]


def quarantined(company: Company) -> list[dict[str, Any]]:
    """Records set aside, with the reason and the raw pointer."""
    with open_snapshot(company.snapshot) as warehouse:
        return warehouse.rows(
            "SELECT system, entity, resource, raw_id, reason, raw_load, read_at FROM quarantine.records ORDER BY ALL"
        )


def drifted(company: Company) -> list[dict[str, Any]]:
    """How the records of systems changed their shape, and what pauses because of it."""
    with open_snapshot(company.snapshot) as warehouse:
        return drift.listed(warehouse)


def rejected(company: Company) -> list[dict[str, Any]]:
    """Changes that systems refused for good."""
    with open_books(company) as ledger:
        return [
            {
                "system": r.change.system,
                "entity": r.change.entity,
                "core_id": r.change.core_id,
                "action": r.change.action,
                "change": r.change.id,
                "reason": r.reason,
                "run": r.run,
            }
            for r in books.list_rejected(ledger)
        ]


def overview(company: Company) -> dict[str, list[dict[str, Any]]]:
    """The last runs, the handoffs with their newest plans, the records, and what waits for a person."""
    with open_snapshot(company.snapshot) as warehouse, open_books(company) as ledger:
        records = [
            {"entity": name, "records": int(n)}
            for row in warehouse.rows(compiled.census(company.model.active()))
            for name, n in row.items()
        ]
        open_conflicts = warehouse.value("SELECT count(*) FROM core.conflicts WHERE state IN ('open', 'waiting')")
        aside = warehouse.value("SELECT count(*) FROM quarantine.records")
        paused = warehouse.value("SELECT count(*) FROM meta.drift WHERE until IS NULL AND hold IS NOT NULL")
        double = warehouse.value("SELECT count(*) FROM core.double_bookings WHERE NOT allowed")
        runs = [
            {"run": r.id, "kind": r.kind, "started_at": r.started_at, "status": r.status, "error": r.error}
            for r in books.list_runs(ledger, limit=5)
        ]
        handoffs = [_handoff(company, ledger, h) for h in company.handoffs()]
        refused = len(books.list_rejected(ledger))
    waiting = [
        {"what": "open conflicts", "count": int(open_conflicts)},
        {"what": "records in quarantine", "count": int(aside)},
        {"what": "paused fields", "count": int(paused)},
        {"what": "double bookings", "count": int(double)},
        {"what": "rejected changes", "count": refused},
    ]
    return {"runs": runs, "handoffs": handoffs, "records": records, "waiting": waiting}


def _handoff(company: Company, ledger: books.Ledger, handoff: Handoff) -> dict[str, Any]:
    newest = next(iter(books.list_plans(ledger, handoff=handoff.name, limit=1)), None)
    signed = next((one for one in books.list_signoffs(ledger) if one.handoff == handoff.name), None)
    row: dict[str, Any] = {"handoff": handoff.name, "mode": handoff.mode, "plan": None, "state": None, "hold": None}
    row |= {"owner": company.stack.handoffs[handoff.name].owner, "signed_by": signed.by if signed else None}
    if newest is not None:
        row |= {"plan": newest.id, "state": newest.state, "hold": newest.hold}
        row |= {"creates": newest.creates, "updates": newest.updates, "deletes": newest.deletes, "held": newest.held}
    row["hold"] = stopped(ledger, handoff.name) or unsigned(company, ledger, handoff) or row["hold"]
    return row

"""Commands that run the main job: sync, plan, apply."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import show
from pipelines.commands.options import DEFAULT, Believe, Json, Limit, StackFile, Systems, company, progress
from pipelines.exits import DONE, FAILED, HELD


def sync(stack: StackFile = DEFAULT, system: Systems = None, believe: Believe = None, as_json: Json = False) -> None:
    """Read, reconcile, plan and push, once."""
    said, _ = _run(stack, system, as_json, write=True, believe=believe or ())
    if as_json:
        show.as_json(said)
    else:
        show.sync(said)
    raise typer.Exit(_code(said))


def plan(stack: StackFile = DEFAULT, system: Systems = None, as_json: Json = False, limit: Limit = 50) -> None:
    """Read and show the exact rows that a sync would write; nothing is sent."""
    said, current = _run(stack, system, as_json, write=False)
    rows = [
        {
            "handoff": p.handoff,
            "plan": p.id,
            "action": c.action,
            "core_id": c.core_id,
            "target_id": c.target_id,
            "before": dict(c.before),
            "after": dict(c.after),
            "hold": p.hold,
        }
        for p in current.plans
        for c in p.changes
    ]
    held = [
        {"handoff": p.handoff, "action": h.change.action, "core_id": h.change.core_id, "reason": h.reason}
        for p in current.plans
        for h in p.held
    ]
    if as_json:
        show.as_json(said | {"changes": rows, "held": held})
    else:
        show.sync(said)
        show.table("Changes", rows[:limit], ["handoff", "action", "core_id", "target_id", "before", "after"])
        if len(rows) > limit:
            show.out.print(f"… and {len(rows) - limit} more; --limit shows them, --json all")
        show.table("Held", held[:limit])
    raise typer.Exit(_code(said))


def _run(
    stack: Path, systems: list[str] | None, quiet: bool, *, write: bool, believe: Sequence[str] = ()
) -> tuple[dict[str, Any], Any]:
    from pipelines.checks import check, expect_work
    from pipelines.report import account
    from pipelines.sync import run_sync

    started = time.monotonic()
    found = company(stack)
    expect_work(found)
    current = run_sync(
        found, check=check, systems=systems, progress=progress(quiet=quiet), write=write, believe=believe
    )
    return account(current, time.monotonic() - started), current


def _code(said: dict[str, Any]) -> int:
    from pipelines.report import exit_status

    return exit_status(said)


def apply(
    plan_id: Annotated[str, typer.Argument(help="A plan's id.")], stack: StackFile = DEFAULT, as_json: Json = False
) -> None:
    """Send a frozen plan: exactly the rows that were shown, if they still may be sent."""
    from pipelines.applying import apply_plan

    delivery = apply_plan(company(stack), plan_id)
    said = {
        "plan": plan_id,
        "delivered": len(delivery.delivered),
        "held": len(delivery.held),
        "rejected": len(delivery.rejected),
        "reasons": sorted({h.reason for h in delivery.held} | {r.reason for r in delivery.rejected}),
    }
    if as_json:
        show.as_json(said)
    else:
        show.table("Applied", [said])
    raise typer.Exit(FAILED if delivery.rejected else HELD if delivery.held else DONE)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (sync, plan, apply):
        app.command()(command)

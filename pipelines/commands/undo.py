"""The command ``plumbline undo``: take a pushed plan back."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines import show
from pipelines.commands.options import DEFAULT, By, Json, Limit, StackFile, company


def undo(
    plan_id: Annotated[str, typer.Argument(help="The id of a plan that was sent.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="The reason, for those who ask later.")],
    stack: StackFile = DEFAULT,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Plan the reverse of what a plan wrote, keeping later edits, and hold its handoff; `apply` sends it."""
    from pipelines.undo import undo as plan_back

    plan = plan_back(company(stack), plan_id, by=by, why=why)
    rows = [
        {"action": c.action, "target_id": c.target_id, "before": dict(c.before), "after": dict(c.after)}
        for c in plan.changes
    ]
    held = [
        {"action": h.change.action, "target_id": h.change.target_id or h.change.core_id, "reason": h.reason}
        for h in plan.held
    ]
    if as_json:
        show.as_json({"plan": plan.id, "undoes": plan_id, "handoff": plan.handoff, "changes": rows, "held": held})
        return
    show.table("Changes", rows[:limit])
    show.table("Left as they are", held[:limit])
    show.out.print(f"{plan.handoff} is held; `plumbline apply {plan.id}` takes {plan_id} back")


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(undo)

"""Commands by which people decide: approve, signoff."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.options import DEFAULT, By, Json, StackFile, company, plain_now, say


def approve(
    plan_id: Annotated[str, typer.Argument(help="A plan's id.")],
    by: By,
    reason: Annotated[str, typer.Option()] = "",
    change: Annotated[list[str] | None, typer.Option(help="Only this change; may be given several times.")] = None,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Release exactly the rows of a plan that waits for review or was held by a guard."""
    from pipelines import ledger as books
    from pipelines.company import open_books

    found = company(stack)
    with open_books(found) as ledger:
        books.approve(ledger, plan_id, by=by, at=plain_now(found), reason=reason, only=change or ())
    what = f"{len(change)} of {plan_id}" if change else plan_id
    say(
        {"plan": plan_id, "approved_by": by, "changes": change},
        f"{what} approved by {by}; `plumbline apply {plan_id}` sends it",
        as_json=as_json,
    )


def signoff(
    handoff: Annotated[str, typer.Argument(help="system.entity")],
    by: By,
    note: Annotated[str, typer.Option()] = "",
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Sign off a handoff as it is configured and validated now, so that it may write."""
    from pipelines.deciding import sign

    one = sign(company(stack), handoff, by=by, note=note)
    said = {"handoff": handoff, "by": by, "configuration": one.configuration, "validation": one.validation}
    say(said, f"{handoff} is signed off by {by}", as_json=as_json)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (approve, signoff):
        app.command()(command)

"""Commands by which people stop, release and trust, and the trail of what was decided: hold, release, trust, audit."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pipelines.commands.options import DEFAULT, By, Json, Limit, StackFile, company, say, tell_rows
from pipelines.exits import DONE, FAILED

Why = Annotated[str, typer.Option("--why", help="The reason, for those who ask later.")]
HandoffName = Annotated[str, typer.Argument(help="system.entity")]


def hold(handoff: HandoffName, by: By, why: Why, stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Stop a handoff: it plans, and sends nothing until somebody releases it."""
    from pipelines.deciding import stop

    stop(company(stack), handoff, by=by, why=why)
    say({"handoff": handoff, "held_by": by, "why": why}, f"{handoff} is held by {by}", as_json=as_json)


def release(handoff: HandoffName, by: By, why: Why, stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Let a handoff that a person stopped go on."""
    from pipelines.deciding import let_go

    let_go(company(stack), handoff, by=by, why=why)
    say({"handoff": handoff, "released_by": by, "why": why}, f"{handoff} goes on", as_json=as_json)


def trust(
    system: Annotated[str, typer.Argument(help="A system of the stack.")],
    by: By,
    why: Why,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Accept the account that a system leads to now, where it is another one than before."""
    from pipelines.deciding import trust_present

    seen = trust_present(company(stack), system, by=by, why=why)
    said = {"system": system, "account": seen.account, "name": seen.name, "environment": seen.environment, "by": by}
    say(said, f"{system} is {seen.name} ({seen.account}) from now on", as_json=as_json)


def audit(
    action: Annotated[Literal["list", "verify"], typer.Argument(help="list, or verify.")] = "list",
    head: Annotated[str | None, typer.Option(help="A hash noted earlier that must still be in the trail.")] = None,
    stack: StackFile = DEFAULT,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """What people decided, and the proof that nobody changed it since."""
    from pipelines.deciding import decisions, proof

    if action == "list":
        tell_rows("Decisions", decisions(company(stack), limit=limit), limit, as_json=as_json)
        return
    found = proof(company(stack), head=head)
    sentence = found.problem or f"{found.entries} entries, unbroken; the last is {found.head}"
    say({"entries": found.entries, "head": found.head, "problem": found.problem}, sentence, as_json=as_json)
    raise typer.Exit(FAILED if found.problem else DONE)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (hold, release, trust, audit):
        app.command()(command)

"""Commands that show what is: nothing is changed by them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines import show
from pipelines.commands.options import DEFAULT, Json, Limit, StackFile, company, say, tell_rows
from pipelines.exits import DONE, FAILED


def doctor(stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Can each system be reached, which account is it, which environment."""
    from pipelines.doctor import examine

    rows = examine(company(stack))
    if as_json:
        show.as_json(rows)
    else:
        show.table("Systems", rows)
    raise typer.Exit(FAILED if any(row["status"] != "ok" for row in rows) else DONE)


def status(stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Where everything stands: the last runs, handoffs, records, conflicts and what waits."""
    from pipelines.looking import overview

    said = overview(company(stack))
    if as_json:
        show.as_json(said)
        return
    for title in ("runs", "handoffs", "records", "waiting"):
        show.table(title.capitalize(), said[title])


def explain(
    kind: Annotated[str, typer.Argument(help="An entity, or a system for its own id.")],
    id: Annotated[str, typer.Argument(help="A core_id or a system's own id.")],
    field: Annotated[str | None, typer.Argument(help="One field; all without it.")] = None,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Why a record's fields have their values, forwards and backwards."""
    from pipelines.looking import story

    said = asdict(story(company(stack), kind, id, field))
    if as_json:
        show.as_json(said)
    else:
        show.story(said)


def conflicts(
    stack: StackFile = DEFAULT,
    as_json: Json = False,
    limit: Limit = 50,
    settled: Annotated[bool, typer.Option("--settled", help="Show settled ones too.")] = False,
) -> None:
    """Where systems disagree, who wins and why."""
    from pipelines.looking import conflicts as found

    columns = ["id", "entity", "core_id", "field", "winner", "winner_value", "loser", "loser_value", "rule", "state"]
    tell_rows("Conflicts", found(company(stack), settled=settled), limit, columns, as_json=as_json)


def quarantine(stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """Records that were set aside, and why."""
    from pipelines.looking import quarantined

    tell_rows("Quarantine", quarantined(company(stack)), limit, as_json=as_json)


def drift(stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """Fields that appeared, vanished or changed in a system's records, and what pauses because of it."""
    from pipelines.looking import drifted

    tell_rows("Drift", drifted(company(stack)), limit, as_json=as_json)


def rejected(
    stack: StackFile = DEFAULT,
    as_json: Json = False,
    limit: Limit = 50,
    dismiss: Annotated[str | None, typer.Option(help="A change not to be tried again; with --by and --why.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason.")] = "",
) -> None:
    """Changes that a system refused; they are tried again with every sync until somebody dismisses them."""
    from pipelines.deciding import dismiss as give_up
    from pipelines.looking import rejected as found

    if dismiss is not None:
        give_up(company(stack), dismiss, by=by, why=why)
        say({"change": dismiss, "dismissed_by": by, "why": why}, f"{dismiss} is not tried again", as_json=as_json)
        return
    tell_rows("Rejected", found(company(stack)), limit, as_json=as_json)


def connectors(as_json: Json = False) -> None:
    """The systems that can be connected, and what each can do."""
    from pipelines.catalogue import rows

    tell_rows("Connectors", rows(), 1000, as_json=as_json)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (doctor, status, explain, conflicts, quarantine, drift, rejected, connectors):
        app.command()(command)

"""Commands by which people decide about single values and records: override, decide."""

from __future__ import annotations

from typing import Annotated

import typer

from models.errors import StackError
from pipelines.commands.options import DEFAULT, By, Json, StackFile, company, say, tell_rows

SHOWN = ["entity", "core_id", "field", "value", "by", "why", "at", "until", "set_aside"]


def override(
    entity: Annotated[str | None, typer.Argument()] = None,
    core_id: Annotated[str | None, typer.Argument(help="A core_id, or a system's own id.")] = None,
    field: Annotated[str | None, typer.Argument()] = None,
    value: Annotated[str | None, typer.Argument()] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    why: Annotated[str, typer.Option("--why", help="Why; people will ask for it.")] = "",
    until: Annotated[str | None, typer.Option(help="UTC instant at which it ends.")] = None,
    until_source_speaks: Annotated[
        bool, typer.Option("--until-source-speaks", help="It ends when its owner changes the value.")
    ] = False,
    end: Annotated[bool, typer.Option("--end", help="Let the rules decide this field again.")] = False,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Set a field by hand, above all rules; end that with --end; without arguments list what is set, who and why."""
    from pipelines.overruling import pin, pins, unpin

    found = company(stack)
    if entity is None:
        tell_rows("Overrides", pins(found), 1000, SHOWN, as_json=as_json)
        return
    if core_id is None or field is None or (value is None) != end:
        raise StackError("an override is ENTITY CORE_ID FIELD VALUE, its end ENTITY CORE_ID FIELD --end")
    if value is None:
        unpin(found, entity, core_id, field, by=by)
    else:
        pin(found, entity, core_id, field, value, by=by, why=why, until=until, until_source=until_source_speaks)
    data = {"entity": entity, "core_id": core_id, "field": field, "value": value, "ended": end}
    say(data, "ended; the next sync follows the rules" if end else "set; the next sync applies it", as_json=as_json)


def decide(
    conflict: Annotated[str, typer.Argument(help="The id of a conflict that waits.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; people will ask for it.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="The record lives: it is made again where it was deleted.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="The deletion stands.")] = False,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Decide about a record that was deleted in one system and edited, or owned, in another."""
    from pipelines.overruling import decide as judge

    if keep == delete:
        raise StackError("say --keep or --delete")
    choice = "keep" if keep else "delete"
    row = judge(company(stack), conflict, "keep" if keep else "delete", by=by, why=why)
    data = {"conflict": conflict, "choice": choice, "entity": row["entity"], "core_id": row["core_id"]}
    say(data, f"{row['entity']} {row['core_id']}: {choice}; the next sync follows it", as_json=as_json)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (override, decide):
        app.command()(command)

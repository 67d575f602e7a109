"""The command ``plumbline match``: records that may be one thing, and what a person says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from models.errors import StackError
from pipelines import show
from pipelines.commands.options import DEFAULT, Json, Limit, StackFile, company, say


def match(
    action: Annotated[
        Literal["list", "accept", "refuse"], typer.Argument(help="list; accept: one thing; refuse: two things.")
    ] = "list",
    names: Annotated[
        list[str] | None, typer.Argument(help="A candidate's id, or two records as SYSTEM:ID SYSTEM:ID.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason, for those who ask later.")] = "",
    stack: StackFile = DEFAULT,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Records that may be the same customer or place, side by side; accept or refuse a pair, also a joined one."""
    from pipelines.candidates import candidates, decide

    if action == "list":
        found = candidates(company(stack))
        if as_json:
            show.as_json(found)
        else:
            _display(found, limit)
        return
    if len(names or ()) not in (1, 2):
        raise StackError(f"`plumbline match {action}` takes a candidate's id, or two records as SYSTEM:ID SYSTEM:ID")
    verdict = decide(company(stack), names or (), same=action == "accept", by=by, why=why)
    left, right = f"{verdict.left_system} {verdict.left_id}", f"{verdict.right_system} {verdict.right_id}"
    said = {"entity": verdict.entity, "left": left, "right": right, "same": verdict.same, "by": by, "why": why}
    meaning = (
        "are one from the next sync on" if verdict.same else "are two from the next sync on, whatever speaks for it"
    )
    say(said, f"{verdict.entity} {left} and {right} {meaning}", as_json=as_json)


def _display(found: list[dict[str, Any]], limit: int) -> None:
    if not found:
        show.out.print("No pair of records waits for a person.")
    for one in found[:limit]:
        _side_by_side(one)
    if len(found) > limit:
        show.out.print(f"… and {len(found) - limit} more; --limit shows them, --json all")


def _side_by_side(one: Mapping[str, Any]) -> None:
    """One candidate: each compared field on both sides, and how many bits it speaks for or against."""
    left, right = (f"{one[side]['system']} {one[side]['source_id']}" for side in ("left", "right"))
    rows = [{"field": f["field"], left: f["left"], right: f["right"], "bits": f["bits"]} for f in one["fields"]]
    show.table(f"{one['id']}: {one['entity']}, {one['probability']:.0%} likely the same", rows)
    if one["twice"]:
        show.out.print(f"  {', '.join(one['twice'])} has a record of both: merge them there")


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(match)

"""The command ``plumbline stack``: propose a stack, and say everything that is wrong with one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from models.errors import StackError
from pipelines import show
from pipelines.commands.options import DEFAULT, Json, StackFile, company, progress, tell_rows
from pipelines.exits import DONE, WRONG


def stack(
    action: Annotated[Literal["check", "init"], typer.Argument(help="check a stack, or propose one (init).")],
    stack: StackFile = DEFAULT,
    out: Annotated[Path, typer.Option(help="init: where the proposal is written.")] = Path("stack.proposed.yml"),
    as_json: Json = False,
) -> None:
    """Say everything that is wrong or odd in a stack; or propose one from the systems that a file names."""
    if action == "check":
        _check(stack, as_json=as_json)
    else:
        _init(stack, out, as_json=as_json)


def _check(path: Path, *, as_json: bool) -> None:
    from pipelines.stack_check import check_stack

    found = [asdict(one) for one in check_stack(path)]
    if found or as_json:
        tell_rows("What to look at", found, len(found), as_json=as_json)
    else:
        show.out.print(f"{path} is fine.", markup=False)
    raise typer.Exit(WRONG if any(one["severity"] == "problem" for one in found) else DONE)


def _init(path: Path, out: Path, *, as_json: bool) -> None:
    from pipelines.checks import check
    from pipelines.stack_init import propose, write_proposal

    if out.exists():
        raise StackError(f"{out} is there already; name another file with --out")
    found = company(path)
    if found.stack.ownership or found.stack.handoffs:
        raise StackError(f"{path} has ownership or handoffs already; init starts from systems and credentials alone")
    looked, proposals = propose(found, check=check, progress=progress(quiet=as_json))
    write_proposal(found, path, out, looked, proposals)
    rows = [
        {
            "field": f"{p.entity}.{p.field}",
            "believe": ", then ".join(p.order),
            "because": "; ".join(s.told for s in p.shares),
        }
        for p in proposals
    ]
    if as_json:
        show.as_json({"file": str(out), "fields": rows, "unread": dict(looked.unread)})
        return
    show.table("Who should own what", rows)
    show.out.print(f"{out} has it, with every handoff in shadow; look at it with `plumbline validate --stack {out}`")


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(stack)

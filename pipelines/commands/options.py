"""What many commands share: their options, the company behind a stack file, and how rows are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines import show

if TYPE_CHECKING:
    from datetime import datetime

StackFile = Annotated[Path, typer.Option("--stack", help="The company's stack.yml.", envvar="PLUMBLINE_STACK")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Only this system; may be given several times.")]
Believe = Annotated[list[str] | None, typer.Option(help="system.resource: accept its smaller read; you looked.")]
Limit = Annotated[int, typer.Option(help="At most so many rows.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
DEFAULT = Path("stack.yml")


def company(stack: Path) -> Any:
    """The company behind a stack file."""
    from pipelines.company import assemble
    from pipelines.settings import load

    return assemble(load(stack))


def progress(*, quiet: bool) -> Any:
    """Says where the work is: a status line on a terminal, plain lines on standard error elsewhere."""
    from pipelines.session import no_progress

    if quiet and not show.err.is_terminal:
        return no_progress
    return lambda stage, text: show.err.print(f"[dim]{stage:>7}[/dim]  {text}")


def plain_now(found: Any) -> datetime:
    """The company's present instant, UTC, without zone, as the ledger keeps it."""
    at: datetime = found.clock().replace(tzinfo=None)
    return at


def say(data: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """Data for a program, a sentence for a person."""
    if as_json:
        show.as_json(data)
    else:
        show.out.print(sentence)


def tell_rows(
    title: str, rows: list[dict[str, Any]], limit: int, columns: list[str] | None = None, *, as_json: bool
) -> None:
    """Rows as JSON, or a table of the first of them."""
    if as_json:
        show.as_json(rows)
        return
    show.table(title, rows[:limit], columns)
    if len(rows) > limit:
        show.out.print(f"… and {len(rows) - limit} more; --limit shows them, --json all")

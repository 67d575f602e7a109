"""The command that shows what meets in one technician's time."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.commands.options import DEFAULT, Json, Limit, StackFile, company, tell_rows

TOGETHER = ["technician_name", "kind", "minutes", "first_title", "first_starts", "second_title", "second_starts"]
TOGETHER += ["allowed", "known", "since"]


def bookings(
    stack: StackFile = DEFAULT,
    as_json: Json = False,
    limit: Limit = 50,
    coverage: Annotated[bool, typer.Option("--coverage", help="Which time is watched, and which is not.")] = False,
) -> None:
    """Coming appointments that meet another one, the way to it, busy time, or the end of a shift."""
    from pipelines.bookings import coverage as watched
    from pipelines.bookings import listing

    if coverage:
        tell_rows("Coverage", watched(company(stack)), limit, as_json=as_json)
    else:
        tell_rows("Double bookings", listing(company(stack)), limit, TOGETHER, as_json=as_json)


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(bookings)

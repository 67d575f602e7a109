"""The command ``plumbline report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import show
from pipelines.commands.options import DEFAULT, Json, Limit, StackFile, company, tell_rows
from pipelines.exits import DONE, FAILED


def report(
    name: Annotated[str, typer.Argument(help="finance, or one table of it.")],
    stack: StackFile = DEFAULT,
    format: Annotated[
        str | None, typer.Option(help="Write a file: html, json, xlsx, csv (a folder) or parquet (one).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write it; else here, under the report's name.")] = None,
    as_json: Json = False,
    limit: Limit = 50,
) -> None:
    """A report from the published snapshot; fails when its totals do not agree with the sources."""
    found = company(stack)
    if format is not None or out is not None:
        _write(found, name, format or "html", out, as_json=as_json)
    elif name == "finance":
        _tell(found, as_json=as_json)
    else:
        from pipelines.reports.listing import rows

        tell_rows(name.replace("_", " ").capitalize(), rows(found, name), limit, as_json=as_json)


def _write(found: Any, name: str, format: str, out: Path | None, *, as_json: bool) -> None:
    from pipelines.reports.writing import report as made
    from pipelines.reports.writing import write

    one = made(found, name)
    target = write(one, format, out)
    if as_json:
        show.as_json({"report": name, "format": format, "path": str(target), "adds_up": one.adds_up})
    else:
        _verdict(one)
        show.out.print(f"{one.title}: {target}", markup=False)
    raise typer.Exit(DONE if one.adds_up else FAILED)


def _tell(found: Any, *, as_json: bool) -> None:
    """The verdict, and each total with its difference; as JSON everything."""
    from dataclasses import asdict

    from pipelines.reports.finance import finance

    one = finance(found)
    if as_json:
        show.as_json(asdict(one) | {"adds_up": one.adds_up})
    else:
        _verdict(one)
        sums = [
            {
                "total": e.title,
                "amount": e.total,
                "made of": ", ".join(n for n, _ in e.parts),
                "difference": e.difference,
            }
            for e in one.equations
        ]
        show.table("Does it add up?", sums)
        show.out.print("`plumbline report finance --format html` (or xlsx, csv, parquet) has the rows.")
    raise typer.Exit(DONE if one.adds_up else FAILED)


def _verdict(one: Any) -> None:
    for line in one.verdict:
        show.out.print(line, markup=False)


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(report)

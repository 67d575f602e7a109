"""The command ``plumbline validate``: look at everything, write nothing, and say what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import show
from pipelines.commands.options import DEFAULT, Json, StackFile, company, progress
from pipelines.exits import DONE, HELD

FORMS = ("html", "json", "xlsx")


def validate(
    stack: StackFile = DEFAULT,
    out: Annotated[Path, typer.Option(help="The folder for the page, the JSON and the workbook.")] = Path("validation"),
    format: Annotated[list[str] | None, typer.Option(help="html, json or xlsx; all three without it.")] = None,
    as_json: Json = False,
) -> None:
    """Read everything into staging, match, check and plan; write nothing but a page for those who sign it off."""
    from pipelines.checks import check, expect_work
    from pipelines.reports.staging import validation_report, verdict
    from pipelines.validation import validate as look_at

    found = company(stack)
    expect_work(found)
    looked, kept = look_at(found, check=check, progress=progress(quiet=as_json))
    report = validation_report(found, looked)
    paths = _write(report, out, format or list(FORMS))
    worst = verdict(looked)
    said = {"verdict": worst, "handoffs": {one.handoff: one.verdict for one in kept}, "files": [str(p) for p in paths]}
    if as_json:
        show.as_json(said | {"sections": {part.name: len(part.rows) for part in report.sections}})
    else:
        _tell(report, paths)
    raise typer.Exit(HELD if worst == "fail" else DONE)


def _write(report: Any, folder: Path, forms: list[str]) -> list[Path]:
    from pipelines.reports.writing import write

    folder.mkdir(parents=True, exist_ok=True)
    return [write(report, form, folder / f"{report.name}.{form}") for form in forms]


def _tell(report: Any, paths: list[Path]) -> None:
    for line in report.verdict:
        show.out.print(line, markup=False)
    show.table("What to do next", [dict(row.values) for row in report.section("next").rows[:15]])
    for path in paths:
        show.out.print(f"{path}", markup=False)


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(validate)

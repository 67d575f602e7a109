"""The command ``plumbline report``."""

from __future__ import annotations

import typer

from pipelines.commands.options import DEFAULT, Json, Limit, StackFile, company, tell_rows


def report(name: str, stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """A report from the published snapshot: receivables, ageing, unapplied, revenue_by_month and others."""
    from pipelines.reports.listing import rows

    tell_rows(name.replace("_", " ").capitalize(), rows(company(stack), name), limit, as_json=as_json)


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(report)

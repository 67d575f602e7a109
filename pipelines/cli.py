"""The command line: ``plumbline``. Exit status 0 done, 1 failed, 2 wrong use, 3 held."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.core import TyperGroup

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from pipelines.commands import add_all
from pipelines.exits import hush, told

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=TyperGroup,
    help="Keeps every system that a field-service business runs on in agreement.",
)


@app.callback()
def settings(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the log.")] = False,
) -> None:
    """Options that hold for every command."""
    context.obj = {"debug": debug}
    hush(debug=debug)


add_all(app)


def main() -> None:
    """Run the command line; an error of ours is one sentence and an exit status."""
    try:
        app()
    except Exception as problem:
        if "--debug" in sys.argv:
            raise
        sys.exit(told(problem))

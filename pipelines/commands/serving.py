"""Commands that start something beside the main job, and what is generated."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines import show
from pipelines.commands.options import Json
from pipelines.exits import DONE, FAILED


def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 picks one.")] = 8700,
    seed: Annotated[int, typer.Option(help="Which company.")] = 1,
    headroom: Annotated[int, typer.Option(help="Times the vendors' published limits.")] = 20,
) -> None:
    """Serve the twins of all systems on this machine."""
    options = {"--port": port, "--seed": seed, "--headroom": headroom}
    words = [str(word) for option in options.items() for word in option]
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *words])  # noqa: S606


def demo(
    folder: Annotated[Path | None, typer.Option(help="Where to work; a new temporary folder without it.")] = None,
    seed: Annotated[int, typer.Option(help="Which company.")] = 1,
    as_json: Json = False,
) -> None:
    """The main job on the demo company: sync, sync again, edit as people, sync, explain, and stop."""
    from pipelines.demo import run

    raise typer.Exit(run(folder=folder, seed=seed, as_json=as_json))


def ui(
    port: Annotated[int, typer.Option(help="Port of Dagster.")] = 3000,
    sandbox_port: Annotated[int, typer.Option(help="Port of the sandbox.")] = 8700,
) -> None:
    """Open Dagster on the demo company with the sandbox beside it."""
    from pipelines.demo import open_ui

    raise typer.Exit(open_ui(port, sandbox_port))


def generate(check: Annotated[bool, typer.Option(help="Only say whether they are up to date.")] = False) -> None:
    """Write the generated parts: the README's table of connectors and the JSON Schema of stack.yml."""
    from pipelines.catalogue import write_generated

    stale = write_generated(Path.cwd(), check=check)
    for name in stale:
        show.out.print(f"{name} {'is out of date' if check else 'written'}")
    raise typer.Exit(FAILED if check and stale else DONE)


def add(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (sandbox, demo, ui, generate):
        app.command()(command)

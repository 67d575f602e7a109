"""The commands, a module each group. A module in this folder with an ``add(app)`` is found; nothing else is edited."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import typer


def add_all(app: typer.Typer) -> None:
    """Add every module's commands, in the order of their names."""
    for found in sorted(iter_modules(__path__), key=lambda one: one.name):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "add"):
            module.add(app)

"""Finds the twins: every sub-package of ``sandbox`` that defines ``TWIN``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

import sandbox
from sandbox.twin import Twin


def twins(only: Sequence[str] | None = None) -> dict[str, Twin]:
    """All twins by name, or ``only`` these (nothing else is imported). Unknown names are a ValueError."""
    packages = sorted(module.name for module in pkgutil.iter_modules(sandbox.__path__) if module.ispkg)
    if only is not None and (unknown := sorted(set(only) - set(packages))):
        raise ValueError(f"no twin called {', '.join(unknown)}; there are {', '.join(packages)}")
    found = (_twin(name) for name in packages if only is None or name in only)
    return {twin.name: twin for twin in found if twin is not None}


def _twin(package: str) -> Twin | None:
    twin = getattr(importlib.import_module(f"sandbox.{package}"), "TWIN", None)
    return twin if isinstance(twin, Twin) else None

"""Reports that are one query: ``<name>.sql`` beside this file, run on the published snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.errors import PlumblineError, did_you_mean
from pipelines.company import Company
from pipelines.warehouse import open_snapshot

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Every report there is."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))


def rows(company: Company, name: str) -> list[dict[str, Any]]:
    """The rows of a report; PlumblineError with a suggestion when there is none of this name."""
    if name not in names():
        raise PlumblineError(f"there is no report {name!r}; {did_you_mean(name, names())}")
    with open_snapshot(company.snapshot) as warehouse:
        return warehouse.rows((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))

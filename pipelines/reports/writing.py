"""From a report's name to a file: which reports there are, and the forms that each can take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from models.change import to_json
from models.errors import PlumblineError, did_you_mean
from pipelines.company import Company
from pipelines.reports.finance import finance
from pipelines.reports.folders import write_csv, write_parquet
from pipelines.reports.listing import TABLES, rows
from pipelines.reports.listing import names as single_names
from pipelines.reports.page import report_page
from pipelines.reports.sections import generic
from pipelines.reports.shape import Report
from pipelines.reports.workbook import write_workbook


def names() -> tuple[str, ...]:
    """Every report: the whole of finance, and each table alone."""
    return ("finance", *single_names())


def report(company: Company, name: str) -> Report:
    """A report as data; PlumblineError with a suggestion when there is none of this name."""
    if name == "finance":
        return finance(company)
    if name not in names():
        raise PlumblineError(f"there is no report {name!r}; {did_you_mean(name, names())}")
    about_money = (TABLES / f"{name}.sql").exists()
    section = finance(company).section(name) if about_money else generic(name, rows(company, name))
    stack = company.stack
    return Report(
        name=name,
        title=section.title,
        company=stack.company,
        currency=stack.currency,
        at=company.clock(),
        verdict=(),
        equations=(),
        sections=(replace(section, drill=None),),
    )


def _page(found: Report, target: Path) -> Path:
    target.write_text(report_page(found), encoding="utf-8")
    return target


def _json(found: Report, target: Path) -> Path:
    """Everything that the page shows, for programs."""
    data = asdict(found) | {"good": found.good}
    target.write_text(json.dumps(to_json(data), ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    return target


WRITERS: Mapping[str, Callable[[Report, Path], Path]] = {
    "html": _page,
    "json": _json,
    "xlsx": write_workbook,
    "csv": write_csv,
    "parquet": write_parquet,
}
FOLDERS = ("csv", "parquet")


def write(found: Report, form: str, out: Path | None = None) -> Path:
    """Write a report in a form of ``WRITERS``; without ``out`` it is called like the report, here. Returns the path."""
    if form not in WRITERS:
        raise PlumblineError(f"a report cannot be written as {form!r}; {did_you_mean(form, WRITERS)}")
    target = out or Path(found.name if form in FOLDERS else f"{found.name}.{form}")
    target.parent.mkdir(parents=True, exist_ok=True)
    return WRITERS[form](found, target)

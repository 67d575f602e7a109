"""A report as a folder of files, one for each section and one for the checks: CSV for people, Parquet for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.reports.shape import Column, Report, Section

TRACED = ("entity", "core_id", "sources")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHECKS = ("title", "total", "part", "amount")


def write_csv(report: Report, folder: Path) -> Path:
    """``<section>.csv`` and ``checks.csv``, UTF-8 with a mark so that spreadsheets know it; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for section in report.sections:
        names = [column.name for column in section.columns]
        _csv(folder / f"{section.name}.csv", [*names, *TRACED], list(_lines(section)))
    _csv(folder / "checks.csv", list(CHECKS), _checks(report))
    return folder


def _csv(path: Path, names: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)


def _text(value: Any) -> str:
    """A value as text: amounts with decimals; a leading quote where a spreadsheet would take text for a formula."""
    if isinstance(value, Decimal):
        return f"{value:.4f}".removesuffix("00")
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def write_parquet(report: Report, folder: Path) -> Path:
    """``<section>.parquet`` and ``checks.parquet``, amounts as decimal(19, 4), days as dates; returns the folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for section in report.sections:
        fields = [(column.name, _type(column)) for column in section.columns] + [(name, pa.string()) for name in TRACED]
        pq.write_table(
            pa.Table.from_pylist(list(_lines(section)), pa.schema(fields)), folder / f"{section.name}.parquet"
        )
    checks = pa.schema(
        [(name, pa.decimal128(19, 4) if name in ("total", "amount") else pa.string()) for name in CHECKS]
    )
    pq.write_table(pa.Table.from_pylist(_checks(report), checks), folder / "checks.parquet")
    return folder


def _type(column: Column) -> Any:
    import pyarrow as pa

    kinds: Mapping[str, Any] = {
        "money": pa.decimal128(19, 4),
        "count": pa.int64(),
        "days": pa.int64(),
        "date": pa.date32(),
    }
    return kinds.get(column.kind, pa.string())


def _lines(section: Section) -> Iterator[dict[str, Any]]:
    """The rows with where they come from: ``system id load`` of each source, separated by semicolons."""
    for row in section.rows:
        values = {column.name: row.values[column.name] for column in section.columns}
        sources = "; ".join(f"{one.system} {one.source_id} {one.raw_load}" for one in row.sources)
        yield values | {"entity": row.entity, "core_id": row.core_id, "sources": sources}


def _checks(report: Report) -> list[dict[str, Any]]:
    """One line for each part of an equation, and one for its difference."""
    return [
        {"title": one.title, "total": one.total, "part": part, "amount": amount}
        for one in report.equations
        for part, amount in (*one.parts, ("difference", one.difference))
    ]

"""A report as a workbook: a sheet for each section, amounts as numbers, totals as formulas over the rows above them.

Each formula is written with its result, so that a viewer that does not calculate shows the same number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.reports.shape import Column, Equation, Report, Row, Section

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {"valign": "top"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "money": {"num_format": "#,##0.00##;[Red]-#,##0.00##", "valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "days": {"num_format": "#,##0", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},
    "total": {"bold": True, "top": 1, "num_format": "#,##0.00##;[Red]-#,##0.00##"},
    "total_count": {"bold": True, "top": 1, "num_format": "#,##0"},
}
LINEAGE = ("record", "comes from")
FIRST = 3  # rows above a sheet's table: title, sentence, headings
Formats = Mapping[str, "Format"]


def write_workbook(report: Report, target: Path) -> Path:
    """Write the workbook; returns its path."""
    import xlsxwriter

    options = {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"title": f"{report.company}: {report.title}", "created": report.at.astimezone(UTC)})
        formats = {name: book.add_format(dict(properties)) for name, properties in FORMATS.items()}
        _summary(book, report, formats)
        for section in report.sections:
            _sheet(book, section, formats)
    return target


def sheet_name(section: Section) -> str:
    """The section's title as a sheet may be called: at most 31 characters, without the seven that are forbidden."""
    return re.sub(r"[\[\]:*?/\\]", "", section.title)[:31].strip()


def _summary(book: Workbook, report: Report, formats: Formats) -> None:
    """The verdict, then every equation with its difference as a formula."""
    sheet = book.add_worksheet("Summary")
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 2, 18)
    sheet.write_string(0, 0, f"{report.company}: {report.title}", formats["title"])
    sheet.write_string(1, 0, f"As of {report.at:%Y-%m-%d %H:%M %Z}, in {report.currency}")
    for place, line in enumerate(report.verdict, start=3):
        sheet.write_string(place, 0, line, formats["wrap"])
    at = 4 + len(report.verdict)
    for equation in report.equations:
        at = _equation(sheet, at, equation, formats) + 1


def _equation(sheet: Worksheet, at: int, equation: Equation, formats: Formats) -> int:
    """Total, parts, difference; returns the row below."""
    sheet.write_string(at, 0, equation.title, formats["head"])
    sheet.write_number(at, 1, equation.total, formats["money"])
    for place, (name, amount) in enumerate(equation.parts, start=at + 1):
        sheet.write_string(place, 0, f"    {name}", formats["text"])
        sheet.write_number(place, 1, amount, formats["money"])
    end = at + 1 + len(equation.parts)
    formula = f"=ROUND(B{at + 1}-SUM(B{at + 2}:B{end}),4)"
    sheet.write_string(end, 0, "difference", formats["text"])
    sheet.write_formula(end, 1, formula, formats["total"], equation.difference)
    return end + 1


def _sheet(book: Workbook, section: Section, formats: Formats) -> None:
    sheet = book.add_worksheet(sheet_name(section))
    sheet.write_string(0, 0, section.title, formats["title"])
    sheet.write_string(1, 0, section.sentence)
    traced = any(row.core_id for row in section.rows)
    titles = [column.title for column in section.columns] + (list(LINEAGE) if traced else [])
    for place, title in enumerate(titles):
        sheet.write_string(FIRST - 1, place, title, formats["head"])
        sheet.set_column(place, place, _width(section, place))
    for number, row in enumerate(section.rows, start=FIRST):
        _row(sheet, number, section, row, formats)
    if section.rows:
        _totals(sheet, section, formats)
        sheet.autofilter(FIRST - 1, 0, FIRST + len(section.rows) - 1, len(titles) - 1)
    sheet.freeze_panes(FIRST, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(FIRST - 1)


def _width(section: Section, place: int) -> float:
    if place >= len(section.columns):
        return 30
    name, title = section.columns[place].name, section.columns[place].title
    longest = max((len(str(row.values[name] or "")) for row in section.rows[:500]), default=0)
    return min(60, max(10, len(title) + 3, longest + 2))


def _row(sheet: Worksheet, number: int, section: Section, row: Row, formats: Formats) -> None:
    for place, column in enumerate(section.columns):
        _cell(sheet, number, place, column, row.values[column.name], formats)
    if row.core_id:
        at = len(section.columns)
        sheet.write_string(number, at, f"plumbline explain {row.entity} {row.core_id}", formats["text"])
        said = "; ".join(f"{one.system} {one.source_id} (load {one.raw_load})" for one in row.sources)
        sheet.write_string(number, at + 1, said, formats["text"])


def _cell(sheet: Worksheet, number: int, place: int, column: Column, value: Any, formats: Formats) -> None:
    if value is None:
        return
    if column.kind in ("money", "count", "days"):
        sheet.write_number(number, place, value, formats[column.kind])
    elif column.kind == "date":
        sheet.write_datetime(number, place, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001 - a day
    else:
        sheet.write_string(number, place, str(value), formats["text"])


def _totals(sheet: Worksheet, section: Section, formats: Formats) -> None:
    """Sums as SUBTOTAL, which adds what the filter shows."""
    from xlsxwriter.utility import xl_rowcol_to_cell as at

    last = FIRST + len(section.rows) - 1
    for place, column in enumerate(section.columns):
        if column.total:
            formula = f"=SUBTOTAL(9,{at(FIRST, place)}:{at(last, place)})"
            style = formats["total" if column.kind == "money" else "total_count"]
            sheet.write_formula(last + 1, place, formula, style, Decimal(section.total(column.name)))
    if any(column.total for column in section.columns) and not section.columns[0].total:
        sheet.write_string(last + 1, 0, "total", formats["total"])

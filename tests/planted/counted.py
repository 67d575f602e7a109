"""How many rows of each section the three forms of a report show, counted in the files themselves."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from pipelines.reports.shape import Report
from pipelines.reports.workbook import sheet_name
from pipelines.reports.writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows of one section: of the report, and of each form of it."""

    section: str
    report: int
    page: int
    json: int
    workbook: int

    @property
    def equal(self) -> bool:
        return self.report == self.page == self.json == self.workbook


def counted(report: Report, folder: Path) -> list[Counted]:
    """Write all forms and count; heads and totals are no rows."""
    parts = json.loads(write(report, "json", folder / "v.json").read_text())["sections"]
    page = write(report, "html", folder / "v.html").read_text()
    blocks = dict(re.findall(r'<section id="([^"]+)">(.*?)</section>', page, re.DOTALL))
    book = openpyxl.load_workbook(write(report, "xlsx", folder / "v.xlsx"), read_only=True)
    told = []
    for part, section in zip(parts, report.sections, strict=True):
        total = bool(section.rows) and any(column.total for column in section.columns)
        sheet = book[sheet_name(section)].iter_rows(min_row=4, values_only=True)
        told.append(
            Counted(
                section=section.name,
                report=len(section.rows),
                page=blocks[section.name].count("<tr>") - (total + 1 if section.rows else 0),
                json=len(part["rows"]),
                workbook=sum(any(row) for row in sheet) - total,
            )
        )
    return told

"""Pages: one self-contained HTML file each. To make another kind of page, extend ``page.html.j2`` and call ``render``.

The shell brings the style (light, dark, narrow, wide, print) and the script that sorts and filters tables;
``parts.html.j2`` has the macros ``bars`` (a chart) and ``grid`` (a section's table with its totals and lineage).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.reports.shape import Report
from pipelines.reports.words import money
from pipelines.show import plain

TEMPLATES = Path(__file__).parent
MOST_ROWS = 5000  # a longer table makes a browser slow; the other formats have every row


def environment() -> Environment:
    """Templates of this folder, everything escaped, a missing value an error."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    found.filters |= {"plain": plain, "shown": shown, "share": share}
    return found


def render(template: str, **values: Any) -> str:
    """The text of a page; ``company`` and ``title`` are what every page needs."""
    return environment().get_template(template).render(**values)


def report_page(report: Report) -> str:
    """A report as a page."""
    places = {one.name: [column.name for column in one.columns] for one in report.sections}
    at = report.at.strftime("%Y-%m-%d %H:%M %Z")
    values = {"report": report, "at": at, "places": places, "most": MOST_ROWS}
    return render("report.html.j2", company=report.company, title=report.title, **values)


def shown(value: Any, kind: str) -> str:
    """A value as people read it; nothing for none."""
    if value is None:
        return ""
    if kind == "money" and isinstance(value, Decimal):
        return money(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def share(part: Decimal, whole: Decimal) -> str:
    """A bar's length in percent of the longest."""
    return f"{max(part, Decimal(0)) / whole * 100:.1f}" if whole > 0 else "0"

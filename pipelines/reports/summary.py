"""The HTML summary of a run: one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.bookings import coverage, listing
from pipelines.company import Company
from pipelines.looking import conflicts, quarantined
from pipelines.show import plain

TEMPLATES = Path(__file__).parent


def write_summary(
    company: Company,
    syncs: Mapping[str, Mapping[str, Any]],
    *,
    edits: Sequence[Mapping[str, Any]],
    story: Mapping[str, Any] | None,
    target: Path,
) -> Path:
    """Write the page; returns its path."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["plain"] = plain
    page = environment.get_template("summary.html.j2").render(
        company=company.stack.company,
        at=company.clock(),
        syncs=syncs,
        edits=edits,
        story=story,
        conflicts=conflicts(company, settled=False)[:200],
        quarantined=quarantined(company)[:200],
        bookings=listing(company)[:200],
        uncovered=[row for row in coverage(company) if not row["covered"]],
        owners=_owners(company),
    )
    target.write_text(page, encoding="utf-8")
    return target


def _owners(company: Company) -> list[dict[str, str]]:
    """Which system decides each field that more than one system knows."""
    rows = []
    for entity in company.model.active():
        for field in entity.own_fields:
            rule = company.model.rule(entity.name, field.name)
            if len(rule.order) > 1:
                rows.append({"field": f"{entity.name}.{field.name}", "rule": rule.label, "meaning": field.description})
    return rows

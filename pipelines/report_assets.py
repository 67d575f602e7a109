"""The finance report as assets: one op over the published snapshot, an asset for the whole and one for each table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines import keys
from pipelines.automation import condition
from pipelines.company import Company
from pipelines.reports.sections import SPECS
from pipelines.reports.words import MISMATCHES, money

if TYPE_CHECKING:  # writing one opens the warehouse, and definitions load without it
    from pipelines.reports.shape import Report, Section

ADDS_UP = "adds_up"
PREVIEW = 10
TABLES = {spec.name: spec.title for spec in SPECS} | {"money_mismatches": MISMATCHES}
Results = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]


def finance(company: Company, *, pool: str) -> dg.AssetsDefinition:
    """The op that writes the page and the workbook; each table is an asset of its own, with a history."""
    whole = keys.report("finance")
    texts = {whole: "Finance: the page and the workbook, each total held against the sources."}
    texts |= {keys.report(name): f"{title}: `plumbline report {name}`." for name, title in TABLES.items()}
    specs = [_spec(key, text) for key, text in texts.items()]
    proof = dg.AssetCheckSpec(ADDS_UP, asset=whole, description="Every total agrees with its sources to the cent.")

    @dg.multi_asset(name="report_finance", specs=specs, check_specs=[proof], can_subset=True, pool=pool)
    def report(context: dg.AssetExecutionContext) -> Results:
        from pipelines.reports.finance import finance as made

        found = made(company)
        for name in TABLES:
            if keys.report(name) in context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=keys.report(name), metadata=_rows(found.section(name)))
        if whole in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=whole, metadata=_files(company, found))
        if context.selected_asset_check_keys:
            wrong = [one.title for one in found.equations if one.difference]
            yield dg.AssetCheckResult(
                asset_key=whole,
                check_name=ADDS_UP,
                passed=not wrong,
                metadata={"checks": len(found.equations), "wrong": wrong},
            )

    return report


def _spec(key: dg.AssetKey, text: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=text,
        deps=[keys.report("summary")],
        group_name="reports",
        kinds={"duckdb", "sql"},
        owners=["team:finance"],
        automation_condition=condition("report"),
    )


def _rows(section: "Section") -> dict[str, Any]:
    """The number of rows, what the section says, its sums, and its first rows as a table."""
    sums = {f"sum of {c.title}": money(section.total(c.name)) for c in section.columns if c.kind == "money" and c.total}
    said = {"dagster/row_count": len(section.rows), "says": section.sentence}
    return said | sums | {"preview": dg.MetadataValue.md(_preview(section))}


def _preview(section: "Section") -> str:
    from pipelines.reports.page import shown

    lines = [[column.title for column in section.columns], ["---"] * len(section.columns)]
    lines += [
        [shown(row.values[c.name], c.kind).replace("|", "/") for c in section.columns] for row in section.rows[:PREVIEW]
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _files(company: Company, found: "Report") -> dict[str, Any]:
    """Write page and workbook beside the snapshot; where they are, and the verdict."""
    from pipelines.reports.writing import write

    folder = company.stack.home / "reports"
    paths = {form: dg.MetadataValue.path(write(found, form, folder / f"finance.{form}")) for form in ("html", "xlsx")}
    rows = sum(len(section.rows) for section in found.sections)
    return {"dagster/row_count": rows, "verdict": dg.MetadataValue.md("\n\n".join(found.verdict)), **paths}

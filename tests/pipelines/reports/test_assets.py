"""The report in Dagster: page and workbook, an asset for each table with its rows, and the check that it adds up."""

from __future__ import annotations

from decimal import Decimal

import dagster as dg
import pytest

from pipelines import keys
from pipelines.company import Company
from pipelines.report_assets import TABLES, finance
from pipelines.reports.shape import Equation, Report


def run(company: Company) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize([finance(company, pool="warehouse")], instance=instance)


def test_each_table_has_its_rows_and_the_whole_its_files(company: Company, report: Report) -> None:
    events = {
        event.asset_key: event.materialization.metadata for event in run(company).get_asset_materialization_events()
    }
    assert set(events) == {keys.report("finance"), *map(keys.report, TABLES)}
    for name in TABLES:
        assert events[keys.report(name)]["dagster/row_count"].value == len(report.section(name).rows)
    assert events[keys.report("ageing")]["sum of still open"].value == "160.00"
    assert "| 1002 | Bob Ray |" in str(events[keys.report("ageing")]["preview"].value)
    assert "adds up to the cent" in str(events[keys.report("finance")]["verdict"].value)
    assert {path.name for path in (company.stack.home / "reports").iterdir()} == {"finance.html", "finance.xlsx"}


@pytest.mark.parametrize("total", [0, 1])
def test_the_check_fails_when_a_total_does_not_agree(
    company: Company, monkeypatch: pytest.MonkeyPatch, total: int
) -> None:
    proof = Equation(title="Billed", total=Decimal(total), parts=())
    monkeypatch.setattr("pipelines.reports.finance.equations", lambda *_: (proof,))
    (said,) = run(company).get_asset_check_evaluations()
    assert (said.check_name, said.passed) == ("adds_up", not total)

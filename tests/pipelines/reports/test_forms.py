"""The forms of a report: each says the same numbers, in the kind of value that its reader expects."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from models.errors import PlumblineError
from pipelines import cli
from pipelines.company import Company
from pipelines.reports import listing
from pipelines.reports.page import shown
from pipelines.reports.sections import generic
from pipelines.reports.shape import Equation, Report
from pipelines.reports.workbook import sheet_name
from pipelines.reports.writing import names, report, write


def test_a_workbook_has_real_numbers_and_totals_that_calculate_to_what_they_show(
    report: Report, tmp_path: Path
) -> None:
    path = write(report, "xlsx", tmp_path / "finance.xlsx")
    values, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    assert formulas.sheetnames == ["Summary", *(sheet_name(section) for section in report.sections)]
    for section in report.sections:
        sheet = values[sheet_name(section)]
        last = 3 + len(section.rows)
        for place, column in enumerate(section.columns, start=1):
            cells = [sheet.cell(row, place).value for row in range(4, last + 1)]
            expected = [row.values[column.name] for row in section.rows]
            assert [as_read(cell) for cell in cells] == [as_read(value) for value in expected], column.name
            if column.total and section.rows:
                total = formulas[sheet_name(section)].cell(last + 1, place)
                letter = total.column_letter
                assert total.value == f"=SUBTOTAL(9,{letter}4:{letter}{last})"
                assert as_read(sheet.cell(last + 1, place).value) == as_read(section.total(column.name))


def as_read(value: Any) -> Any:
    """A workbook has one kind of number; amounts are compared by their four decimals."""
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value)).quantize(Decimal("0.0001"))
    return value.date() if hasattr(value, "date") else value


def test_the_differences_of_a_workbook_are_formulas_over_the_parts(report: Report, tmp_path: Path) -> None:
    wrong = Equation(title="Billed", total=Decimal(10), parts=(("paid", Decimal(4)), ("open", Decimal(5))))
    path = write(replace(report, equations=(wrong,)), "xlsx", tmp_path / "finance.xlsx")
    first = 5 + len(report.verdict)
    for data_only, expected in ((True, 1), (False, f"=ROUND(B{first}-SUM(B{first + 1}:B{first + 2}),4)")):
        sheet = openpyxl.load_workbook(path, data_only=data_only)["Summary"]
        (found,) = [row[1].value for row in sheet.iter_rows() if row[0].value == "difference"]
        assert found == expected


def test_csv_keeps_decimals_and_disarms_formulas(report: Report, tmp_path: Path) -> None:
    invoices = report.section("invoices")
    first, *rest = invoices.rows
    odd = replace(first, values={**first.values, "customer": "=1+1"})
    others = tuple(one for one in report.sections if one.name != "invoices")
    folder = write(
        replace(report, sections=(replace(invoices, rows=(odd, *rest)), *others)), "csv", tmp_path / "finance"
    )
    rows = list(csv.DictReader((folder / "invoices.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0]["customer"] == "'=1+1"
    by_number = {row["number"]: row for row in rows}
    assert (by_number["1052"]["total"], by_number["1052"]["job"]) == ("4943.55", "")
    assert by_number["1052"]["core_id"].startswith("inv_")
    assert by_number["1052"]["sources"].startswith("books i1052 ")
    checks = list(csv.DictReader((folder / "checks.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["amount"] for row in checks if row["part"] == "difference"} == {"0.00"}
    assert len(list(folder.iterdir())) == len(report.sections) + 1


def test_parquet_keeps_types(report: Report, tmp_path: Path) -> None:
    folder = write(report, "parquet", tmp_path / "finance")
    table = pq.read_table(folder / "invoices.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert (kinds["total"], kinds["issued_on"], kinds["number"]) == ("decimal128(19, 4)", "date32[day]", "string")
    assert sum(table.column("total").to_pylist()) == report.section("invoices").total("total")
    assert sum(pq.read_table(folder / "unapplied.parquet").column("days_old").to_pylist()) == 66


def test_a_table_alone_is_the_section_of_the_whole(company: Company) -> None:
    alone = report_of(company, "ageing")
    assert [section.name for section in alone.sections] == ["ageing"]
    assert "<h2>Who owes us" in write(alone, "html", company.stack.home / "ageing.html").read_text()


def report_of(company: Company, name: str) -> Report:
    return report(company, name)


def test_a_report_of_a_companys_own_is_written_too(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "due.sql").write_text(
        "SELECT number, total, due_on, deleted_at IS NULL AS alive FROM core.invoice ORDER BY 1"
    )
    monkeypatch.setattr(listing, "FOLDER", tmp_path)
    assert "due" in names()
    (section,) = report_of(company, "due").sections
    assert [column.kind for column in section.columns] == ["text", "money", "date", "text"]
    assert write(report_of(company, "due"), "xlsx", tmp_path / "due.xlsx").exists()
    assert generic("due", []).columns == ()


def test_wrong_names_are_told_with_the_right_ones(company: Company, report: Report) -> None:
    with pytest.raises(PlumblineError, match="did you mean 'finance'"):
        report_of(company, "finanse")
    with pytest.raises(PlumblineError, match="did you mean 'xlsx'"):
        write(report, "xls")


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "money", ""),
        (Decimal("2.5000"), "money", "2.50"),
        (1234, "count", "1,234"),
        (date(2026, 3, 1), "date", "2026-03-01"),
    ],
)
def test_values_are_shown_as_people_read_them(value: Any, kind: str, text: str) -> None:
    assert shown(value, kind) == text


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def command(company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``plumbline report`` on the planted company: exit status and output."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("pipelines.commands.report.company", lambda _: company)
        monkeypatch.setattr("sys.argv", ["plumbline", "report", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_the_command_writes_says_and_fails_when_the_books_do_not_agree(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out = command("finance", "--format", "html", "--out", str(tmp_path / "deep" / "f.html"), "--json")
    assert (status, json.loads(out)["adds_up"], (tmp_path / "deep" / "f.html").exists()) == (0, True, True)
    status, out = command("finance")
    assert (status, "Everything adds up to the cent" in out) == (0, True)
    status, out = command("finance", "--json")
    assert (status, json.loads(out)["adds_up"]) == (0, True)
    status, out = command("unapplied", "--json")
    assert (status, [row["reference"] for row in json.loads(out)]) == (0, ["P5", "P10"])
    wrong = Equation(title="Billed", total=Decimal(10), parts=())
    monkeypatch.setattr("pipelines.reports.finance.equations", lambda *_: (wrong,))
    assert command("finance")[0] == 1
